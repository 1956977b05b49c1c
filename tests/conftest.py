"""What all tests share."""

from __future__ import annotations

import gc

import pytest


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Thousands of tests live as long as the process: no collection walks them again, while some test measures time."""
    gc.collect()
    gc.freeze()
