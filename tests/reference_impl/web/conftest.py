from __future__ import annotations

import signal
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.chromium import Chromium, chromium

from ..devices import server as serving
from .pages import Process, process


@pytest_asyncio.fixture(loop_scope="package", scope="package")
async def running(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Chromium]:
    async with chromium(tmp_path_factory.mktemp("profile")) as browser:
        yield browser


@pytest_asyncio.fixture(loop_scope="package")
async def browser(running: Chromium) -> AsyncIterator[Chromium]:
    """Without the tabs of the test before, which would go on to draw."""
    yield running
    for page in running.pages.values():
        await page.send("Page.close")
    running.pages.clear()


@pytest_asyncio.fixture(loop_scope="package", scope="package")
async def url() -> AsyncIterator[str]:
    async with serving() as listening:
        yield listening


@pytest_asyncio.fixture(loop_scope="package", scope="package")
async def started(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Process]:
    async with process(tmp_path_factory.mktemp("server") / "sessions.db") as listening:
        yield listening


@pytest_asyncio.fixture(loop_scope="package")
async def server(started: Process) -> AsyncIterator[Process]:
    """A server in a process of its own, which runs whatever the test before did to it."""
    if not started.runs:
        await started.start()
    yield started
    if started.runs:
        started.tell(signal.SIGCONT)
