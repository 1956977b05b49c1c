from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from .devices import Client, client, server


@pytest.fixture
async def phone() -> AsyncIterator[Client]:
    """A client of a fresh server with default settings, in memory."""
    async with server() as url, client(url) as ready:
        yield ready
