"""The load report in a real Chromium: its charts draw, it is quiet, asks for nothing, and works without its script."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from reports.load import render
from tests.chromium import Chromium, Page, chromium

from . import load_runs
from .test_load_outlook import OUTLOOK

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

PAGES = {
    "lossy": (load_runs.lossy(), load_runs.reference(), load_runs.earlier()),
    "stormy": (load_runs.stormy(),),
    "deployed": (load_runs.deployed(),),
    "void": (load_runs.void(),),
    "empty": (load_runs.empty(),),
    "hostile": (load_runs.hostile(), load_runs.hostile()),
    "long": (load_runs.long(),),
}
OPEN_ALL = "document.querySelectorAll('details').forEach(details => details.open = true)"
# How many pixels of each canvas have the color of a token, give or take the smoothing of edges: those that cover, and
# those of an area, through which one sees.
PAINTED = """
((token, covers = true) => {
  const probe = document.body.appendChild(document.createElement('i'));
  probe.style.color = `var(--${token})`;
  const [r, g, b] = getComputedStyle(probe).color.match(/\\d+/g).map(Number);
  probe.remove();
  return [...document.querySelectorAll('.plot')].map(plot => {
    const canvas = plot.querySelector('canvas');
    const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
    let found = 0;
    for (let at = 0; at < data.length; at += 4) {
      const off = Math.abs(data[at] - r) + Math.abs(data[at + 1] - g) + Math.abs(data[at + 2] - b);
      const seen = covers ? data[at + 3] > 200 : data[at + 3] > 15 && data[at + 3] < 100;
      if (seen && off < 12) found++;
    }
    return found;
  });
})('%s')
"""
AREAS = PAINTED.replace("('%s')", "('%s', false)")
STILLS = "[...document.querySelectorAll('.still')].map(still => getComputedStyle(still).display)"
NOT_FILLED = """
[...document.querySelectorAll('.plot')].filter(plot => plot.clientWidth !== plot.querySelector('.u-wrap').offsetWidth)
"""
FOCUS = "document.querySelector('[data-plot=words]').focus()"
VALUE = "document.querySelector('[data-plot=%s]').getAttribute('aria-valuetext')"
KEYS = {"End": 35, "Home": 36, "ArrowLeft": 37, "ArrowRight": 39, "PageUp": 33, "Escape": 27}


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def browser(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Chromium]:
    async with chromium(tmp_path_factory.mktemp("profile")) as running:
        yield running


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("pages")
    for name, results in PAGES.items():
        outlook = OUTLOOK if name == "stormy" else None
        (found / f"{name}.html").write_text(render(*results, outlook=outlook), encoding="utf-8")
    return found


async def opened(browser: Chromium, folder: Path, name: str, width: int = 1280, scheme: str = "light") -> Page:
    page = await browser.page()
    await page.size(width, 900)
    await page.media(prefers_color_scheme=scheme, prefers_reduced_motion="reduce")
    await page.open((folder / f"{name}.html").as_uri())
    return page


async def painted(page: Page) -> None:
    """Wait until what has happened so far is on the screen."""
    frames = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
    await page.send("Runtime.evaluate", expression=frames, awaitPromise=True)


async def press(page: Page, key: str) -> None:
    for kind in ("keyDown", "keyUp"):
        await page.send("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=KEYS[key])


@pytest.mark.parametrize(
    ("name", "width", "scheme"),
    [
        *((name, 1280, "light") for name in PAGES),
        *(
            (name, width, scheme)
            for name in ("stormy", "deployed", "hostile")
            for width, scheme in ((1280, "dark"), (360, "light"))
        ),
    ],
)
async def test_it_draws_is_quiet_asks_for_nothing_and_fits(
    browser: Chromium, folder: Path, name: str, width: int, scheme: str
) -> None:
    page = await opened(browser, folder, name, width, scheme)
    plots = await page.evaluate("document.querySelectorAll('.plot').length")
    assert plots == (0 if name == "empty" else await page.evaluate("document.querySelectorAll('.plot canvas').length"))
    assert all(pixels > 50 for pixels in await page.evaluate(PAINTED % "muted"))  # the axes
    await page.evaluate(OPEN_ALL)
    assert await page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert page.noise() == []
    assert page.requests() == [(folder / f"{name}.html").as_uri()]
    assert (folder / f"{name}.html").stat().st_size < 1_000_000


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_lines_bands_and_marks_are_painted(browser: Chromium, folder: Path, scheme: str) -> None:
    page = await opened(browser, folder, "lossy", scheme=scheme)
    devices, words, resumes, faults, *delays = await page.evaluate(PAINTED % "accent")
    assert devices == faults == 0
    assert min(words, resumes, *delays) > 200
    assert min((await page.evaluate(AREAS % "accent"))[4:]) > 5_000
    assert (await page.evaluate(PAINTED % "ink"))[0] > 200
    assert (await page.evaluate(PAINTED % "gap"))[3] > 100


async def test_storms_are_shaded(browser: Chromium, folder: Path) -> None:
    stormy = await (await opened(browser, folder, "stormy")).evaluate(PAINTED % "shade")
    calm = await (await opened(browser, folder, "lossy")).evaluate(PAINTED % "shade")
    assert min(stormy) > 20_000
    assert max(calm[:3]) < 2_000


async def test_deploys_and_whiskers_are_painted(browser: Chromium, folder: Path) -> None:
    page = await opened(browser, folder, "deployed", scheme="dark")
    assert min((await page.evaluate(PAINTED % "ink"))[1:]) > 100  # the line of the deploy that went well
    assert min(await page.evaluate(PAINTED % "gap")) > 100  # and of the one that did not
    await page.send("Page.bringToFront")
    await page.evaluate("document.querySelector('[data-plot=delay0]').focus()")
    await press(page, "Home")
    assert "p95 39.2 ms (35.3–43.1)" in str(await page.evaluate(VALUE % "delay0"))


async def test_the_charts_follow_the_color_scheme_and_the_width(browser: Chromium, folder: Path) -> None:
    page = await opened(browser, folder, "lossy")
    await page.media(prefers_color_scheme="dark")
    await page.size(800, 900)
    await painted(page)
    assert (await page.evaluate(PAINTED % "accent"))[1] > 200
    assert await page.evaluate(NOT_FILLED) == []


async def test_the_keyboard_moves_all_charts_and_reads_them_out(browser: Chromium, folder: Path) -> None:
    page = await opened(browser, folder, "lossy")
    await page.send("Page.bringToFront")
    await page.evaluate(FOCUS)
    await press(page, "Home")
    assert await page.evaluate(VALUE % "words") == "0:00 – 0:10: words/s 9,800, reference 9,800, earlier 9,800"
    for _ in range(3):
        await press(page, "ArrowRight")
    assert await page.evaluate(VALUE % "faults") == "0:30 – 0:40: lost 7, repeated 0, reordered 0"
    await press(page, "End")
    await press(page, "ArrowLeft")
    assert str(await page.evaluate(VALUE % "devices")).startswith("4:40 – 4:50: devices 5,000")
    shown = "[...document.querySelectorAll('.instant')].map(slot => slot.textContent)"
    assert set(await page.evaluate(shown)) == {"4:40 – 4:50"}
    await press(page, "Escape")
    assert set(await page.evaluate(shown)) == {""}
    assert await page.evaluate("document.activeElement.getAttribute('role')") == "slider"


async def test_the_mouse_shows_the_values_under_it(browser: Chromium, folder: Path) -> None:
    page = await opened(browser, folder, "lossy")
    await page.send("Page.bringToFront")
    await page.evaluate("document.querySelector('[data-plot=words]').scrollIntoView({block: 'center'})")
    x, y = await page.evaluate(
        "(box => [box.left + box.width / 2, box.top + 50])(document.querySelector('[data-plot=words] .u-over')"
        ".getBoundingClientRect())"
    )
    await page.send("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)
    now = "document.querySelector('[data-plot=words]').parentNode.querySelector('.now').textContent"
    await painted(page)
    assert 10_000 < int(str(await page.evaluate(now)).replace(",", "")) < 40_000


async def test_without_script_the_pictures_and_tables_are_there(browser: Chromium, folder: Path) -> None:
    page = await browser.page()
    await page.send("Emulation.setScriptExecutionDisabled", value=True)
    await page.size(1280, 900)
    await page.open((folder / "lossy.html").as_uri())
    assert await page.evaluate("document.querySelectorAll('canvas').length") == 0
    assert set(await page.evaluate(STILLS)) == {"block"}
    assert (
        await page.evaluate("document.querySelector('.when-drawn').checkVisibility({visibilityProperty: true})")
        is False
    )
    assert await page.evaluate("document.querySelectorAll('.numbers tbody tr').length") == 300


async def test_paper_shows_the_still_pictures_in_light(browser: Chromium, folder: Path) -> None:
    page = await opened(browser, folder, "lossy", scheme="dark")
    assert set(await page.evaluate(STILLS)) == {"none"}
    await page.media("print", prefers_color_scheme="dark")
    assert set(await page.evaluate(STILLS)) == {"block"}
    assert await page.evaluate("getComputedStyle(document.querySelector('.uplot')).display") == "none"
    assert await page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert (await page.pdf(folder / "lossy.pdf")).startswith(b"%PDF-")


async def test_void_is_the_first_thing_on_the_page(browser: Chromium, folder: Path) -> None:
    page = await opened(browser, folder, "void")
    first = "document.querySelector('main').firstElementChild.textContent.trim().startsWith('Void')"
    assert await page.evaluate(first)
    assert await page.evaluate("document.querySelector('.void').getBoundingClientRect().bottom") < 900
