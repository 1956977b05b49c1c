"""The capacity report in a real Chromium: its charts draw, it is quiet, asks for nothing, and fits."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from reports.capacity import render
from tests.chromium import Chromium, Page, chromium

from . import capacity_runs
from .test_load_pages import AREAS, OPEN_ALL, PAINTED

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

PAGES = {
    "broke": capacity_runs.broke(),
    "held": capacity_runs.held(),
    "empty": capacity_runs.empty(),
    "hostile": capacity_runs.hostile(),
}


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def browser(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Chromium]:
    async with chromium(tmp_path_factory.mktemp("profile")) as running:
        yield running


async def opened(browser: Chromium, folder: Path, name: str, width: int = 1280, scheme: str = "light") -> Page:
    path = folder / f"{name}.html"
    path.write_text(render(PAGES[name]), encoding="utf-8")
    page = await browser.page()
    await page.size(width, 900)
    await page.media(prefers_color_scheme=scheme, prefers_reduced_motion="reduce")
    await page.open(path.as_uri())
    return page


@pytest.mark.parametrize(
    ("name", "width", "scheme"),
    [*((name, 1280, "light") for name in PAGES), ("broke", 360, "light"), ("hostile", 360, "dark")],
)
async def test_it_draws_is_quiet_asks_for_nothing_and_fits(
    browser: Chromium, tmp_path: Path, name: str, width: int, scheme: str
) -> None:
    page = await opened(browser, tmp_path, name, width, scheme)
    wanted = 0 if name == "empty" else 2
    assert await page.evaluate("document.querySelectorAll('.plot canvas').length") == wanted
    await page.evaluate(OPEN_ALL)
    assert await page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert page.noise() == []
    assert page.requests() == [(tmp_path / f"{name}.html").as_uri()]
    assert (tmp_path / f"{name}.html").stat().st_size < 1_000_000


async def test_the_curve_its_band_the_dots_and_the_knee_are_painted(browser: Chromium, tmp_path: Path) -> None:
    page = await opened(browser, tmp_path, "broke")
    throughput, delay = await page.evaluate(PAINTED % "accent")
    assert throughput > 500 and delay > 20
    assert (await page.evaluate(AREAS % "accent"))[0] > 500
    assert min(await page.evaluate(PAINTED % "ink")) > 20
    assert min(await page.evaluate(PAINTED % "shade")) > 5_000


async def test_without_a_model_there_are_dots_alone(browser: Chromium, tmp_path: Path) -> None:
    page = await opened(browser, tmp_path, "held")
    assert (await page.evaluate(PAINTED % "accent"))[0] == 0
    assert (await page.evaluate(PAINTED % "ink"))[0] > 20
