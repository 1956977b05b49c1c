"""The page of a comparison in a real Chromium: quiet, self-contained, and no wider than the window."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from reports.compare_html import render
from tests.chromium import Chromium, chromium

from .test_compare_pages import CASES

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def browser(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Chromium]:
    async with chromium(tmp_path_factory.mktemp("profile")) as running:
        yield running


@pytest.mark.parametrize("name", ["changed", "hostile after"])
@pytest.mark.parametrize(("width", "scheme"), [(1280, "dark"), (360, "light")])
async def test_it_is_quiet_asks_for_nothing_and_fits(
    browser: Chromium, tmp_path: Path, name: str, width: int, scheme: str
) -> None:
    path = tmp_path / "compare.html"
    path.write_text(render(CASES[name]), encoding="utf-8")
    page = await browser.page()
    await page.size(width, 900)
    await page.media(prefers_color_scheme=scheme, prefers_reduced_motion="reduce")
    await page.open(path.as_uri())
    assert len(await page.screenshot(tmp_path / "compare.png")) > 10_000
    assert await page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert page.noise() == []
    assert page.requests() == [path.as_uri()]
    assert await page.evaluate("document.scripts.length") == 0
