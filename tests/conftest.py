"""What all tests share."""

from __future__ import annotations

import gc

import pytest

LONG = (
    "tests/test_storages.py", "tests/test_two_nodes.py", "tests/test_wheel.py", "tests/third_party/",
    "tests/audit/load/test_load_command.py", "tests/audit/load/test_planted.py", "tests/test_matrix.py",
)  # fmt: skip
"""Files that take long begin first, so that no worker sits over one of them alone at the end."""


REAL = ("sockets", "browser", "third_party")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files stay whole and in order. What runs real servers, networks and browsers and holds them to times gets a
    second try, which the summary shows: a machine that is busy with something else is no defect; a defect fails again.
    """
    items.sort(key=lambda item: not item.nodeid.startswith(LONG))
    for item in items:
        if any(map(item.get_closest_marker, REAL)):
            item.add_marker(pytest.mark.flaky(reruns=1, reruns_delay=1))


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Thousands of tests live as long as the process: no collection walks them again, while some test measures time."""
    gc.collect()
    gc.freeze()
