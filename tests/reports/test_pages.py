"""The gap report in a real Chromium: quiet, self-contained, legible at every width, on paper and by keyboard."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from reports.html import render
from tests.chromium import Chromium, Page, chromium

from . import samples

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

PAGES = {
    "many": [samples.bad(), samples.reference(), samples.inconclusive()],
    "hostile": [samples.hostile(), samples.bad()],
}
OPEN_ALL = "document.querySelectorAll('details').forEach(details => details.open = true)"
FOLDED = """
[...document.querySelectorAll('details:not([open])')]
  .map(details => getComputedStyle(details, '::details-content').contentVisibility)
"""
OVERLAPS = """
[...document.querySelectorAll('svg.lanes')].flatMap(svg => {
  const labels = [...svg.querySelectorAll('.lab, .time')];
  const boxes = labels.map(label => [label.getBoundingClientRect(), label.textContent]);
  return boxes.flatMap(([a, told], at) => boxes.slice(at + 1)
    .filter(([b]) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 4 && b.top < a.bottom - 4)
    .map(([, other]) => told + ' / ' + other));
})
"""

SPILLED = """
[...document.querySelectorAll('svg.ways')].flatMap(svg => {
  const boxes = [...svg.querySelectorAll('.box')].map(box => box.getBoundingClientRect());
  return [...svg.querySelectorAll('.box-name')].map(text => [text.getBoundingClientRect(), text.textContent])
    .filter(([a]) => !boxes.some(b => b.left <= a.left && a.right <= b.right && b.top <= a.top && a.bottom <= b.bottom))
    .map(([, told]) => told);
})
"""


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def browser(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Chromium]:
    async with chromium(tmp_path_factory.mktemp("profile")) as running:
        yield running


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("pages")
    for name, results in PAGES.items():
        (found / f"{name}.html").write_text(render(results), encoding="utf-8")
    return found


async def opened(browser: Chromium, folder: Path, name: str = "many", width: int = 1280, scheme: str = "light") -> Page:
    page = await browser.page()
    await page.size(width, 900)
    await page.media(prefers_color_scheme=scheme, prefers_reduced_motion="reduce")
    await page.open((folder / f"{name}.html").as_uri())
    return page


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (1280, "dark"), (360, "light")])
async def test_it_is_quiet_asks_for_nothing_and_fits(
    browser: Chromium, folder: Path, name: str, width: int, scheme: str
) -> None:
    page = await opened(browser, folder, name, width, scheme)
    picture = await page.screenshot(folder / f"{name}-{width}-{scheme}.png", whole=name == "many")
    assert len(picture) > 20_000
    await page.evaluate(OPEN_ALL)
    assert await page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert page.noise() == []
    assert page.requests() == [(folder / f"{name}.html").as_uri()]
    assert await page.evaluate("document.scripts.length") == 0


async def test_the_dark_page_is_dark(browser: Chromium, folder: Path) -> None:
    ground = "getComputedStyle(document.body).backgroundColor"
    light = await (await opened(browser, folder)).evaluate(ground)
    dark = await (await opened(browser, folder, scheme="dark")).evaluate(ground)
    assert (light, dark) == ("rgb(255, 255, 255)", "rgb(15, 19, 23)")


async def test_labels_of_timelines_do_not_cover_each_other(browser: Chromium, folder: Path) -> None:
    page = await opened(browser, folder)
    await page.evaluate(OPEN_ALL)
    assert await page.evaluate("document.querySelectorAll('svg.lanes .lab').length") > 50
    assert await page.evaluate(OVERLAPS) == []


@pytest.mark.parametrize("name", PAGES)
async def test_a_design_is_drawn_legibly_and_scrolls_in_its_own_box(browser: Chromium, folder: Path, name: str) -> None:
    page = await opened(browser, folder, name, 360)
    assert await page.evaluate("document.querySelectorAll('svg.ways').length") >= 2
    smallest = "Math.min(...[...document.querySelectorAll('svg.ways')].map(svg => svg.getBoundingClientRect().width))"
    assert await page.evaluate(smallest) >= 600  # units of 14 px letters
    assert await page.evaluate(SPILLED) == []


async def test_paper_shows_what_is_folded_and_is_never_dark(browser: Chromium, folder: Path) -> None:
    page = await opened(browser, folder, scheme="dark")
    assert set(await page.evaluate(FOLDED)) == {"hidden"}
    await page.media("print", prefers_color_scheme="dark")
    assert set(await page.evaluate(FOLDED)) == {"visible"}
    assert await page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert await page.evaluate("getComputedStyle(document.querySelector('.bar')).display") == "none"
    paper = await page.pdf(folder / "many.pdf")
    assert paper.startswith(b"%PDF-")
    assert len(paper) > 50_000


async def test_a_link_to_a_folded_gap_unfolds_it(browser: Chromium, folder: Path) -> None:
    page = await opened(browser, folder)
    target = "document.getElementById('t1g1-2')"
    assert await page.evaluate(f"{target}.closest('details').open") is False
    await page.evaluate("document.querySelector('a[href=\"#t1g1-2\"]').click()")
    assert await page.evaluate(f"{target}.closest('details').open") is True
    top = await page.evaluate(f"{target}.getBoundingClientRect().top")
    assert 0 < top < 900  # below the sticky header, in view


async def press_tab(page: Page) -> None:
    for kind in ("keyDown", "keyUp"):
        await page.send("Input.dispatchKeyEvent", type=kind, key="Tab", code="Tab", windowsVirtualKeyCode=9)


async def test_the_keyboard_reaches_everything_and_is_never_trapped(browser: Chromium, folder: Path) -> None:
    page = await opened(browser, folder)
    await page.send("Page.bringToFront")
    await press_tab(page)
    assert await page.evaluate("document.activeElement.className") == "skip"
    assert await page.evaluate("document.activeElement.getBoundingClientRect().left >= 0")
    stops = "document.querySelectorAll('main a[href], main summary, main [tabindex=\"0\"]').length"
    assert await page.evaluate(stops) > 50
    for _ in range(30):
        await press_tab(page)
    where = "document.activeElement.closest('main') !== null && document.activeElement.matches(':focus-visible')"
    assert await page.evaluate(where)


async def test_wide_things_scroll_inside_their_own_box(browser: Chromium, folder: Path) -> None:
    page = await opened(browser, folder, width=360)
    wider = "[...document.querySelectorAll('.scroll')].filter(box => box.scrollWidth > box.clientWidth).length"
    assert await page.evaluate(wider) >= 3
    drawn = "document.querySelector('svg.lanes').getBoundingClientRect().width"
    assert await page.evaluate(drawn) >= 800  # legible, not shrunk to the phone
