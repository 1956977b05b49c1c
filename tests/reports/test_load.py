"""The load report as a document: inert, complete, self-contained, small."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import zipfile
from base64 import b64encode
from dataclasses import replace
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from time import process_time

import pytest

import audit
import reports
from audit.load.result import GateResult, LoadResult
from reports import load
from reports.load import render
from reports.text import visible

from . import load_runs
from .parsed import Parsed, parse
from .samples import NASTY
from .test_html import BARE, VOCABULARY

# What the load report has beyond the gap report's elements and attributes.
OURS = {
    "script": {"type", "id"},
    "div": {"id", "class", "tabindex", "role", "aria-label", "data-plot"},
    "figure": {"class", "aria-labelledby"},
    "figcaption": {"class"},
    "circle": {"class", "cx", "cy", "r"},
    "g": {"class", "transform"},
    "path": {"class", "d"},
    "dl": {"class"},
    "b": {"class"},
}
ALLOWED = VOCABULARY | {tag: VOCABULARY.get(tag, set()) | more for tag, more in OURS.items()}
RUNS = {
    "held": (load_runs.held(),),
    "lossy": (load_runs.lossy(),),
    "compared": (load_runs.lossy(), load_runs.reference(), load_runs.earlier()),
    "stormy": (load_runs.stormy(),),
    "deployed": (load_runs.deployed(),),
    "void": (load_runs.void(),),
    "empty": (load_runs.empty(),),
    "hostile": (load_runs.hostile(), load_runs.hostile(), load_runs.hostile()),
    "one window": (replace(load_runs.held(), windows=load_runs.held().windows[:1], seconds=10.0),),
}


@pytest.fixture(scope="module", params=RUNS)
def parsed(request: pytest.FixtureRequest) -> Parsed:
    return parse(render(*RUNS[request.param]))


def text_of(*results: LoadResult) -> str:
    return parse(render(*results)).one("main").text


def test_nothing_but_the_templates_own_elements_and_attributes(parsed: Parsed) -> None:
    for element in parsed.elements:
        assert element.tag in ALLOWED.keys() | BARE
        assert element.attributes.keys() <= ALLOWED.get(element.tag, set()), element.tag
    assert parsed.declarations == ["doctype html"]


def test_links_stay_on_the_page(parsed: Parsed) -> None:
    ids = [element.attributes["id"] for element in parsed.elements if "id" in element.attributes]
    assert len(set(ids)) == len(ids)
    for element in parsed.elements:
        href = element.attributes.get("href", "data:,")
        assert href == "data:," or href[1:] in ids
        assert set(element.attributes.get("aria-labelledby", "").split()) <= set(ids)


def test_headings_never_skip_a_level(parsed: Parsed) -> None:
    levels = [int(element.tag[1]) for element in parsed.elements if re.fullmatch("h[1-6]", element.tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_tables_pictures_and_regions_are_named(parsed: Parsed) -> None:
    assert len(parsed.all("table")) == len(parsed.all("caption"))
    assert all("scope" in cell.attributes for cell in parsed.all("th"))
    for picture in parsed.all("svg"):
        told = picture.attributes
        assert told.get("aria-hidden") == "true" or (told["role"] == "img" and told["aria-label"])
    for box in parsed.has_class("scroll"):
        assert box.attributes["tabindex"] == "0"
        assert box.attributes["aria-label"]


def test_the_policy_allows_this_style_and_this_script_and_nothing_else(parsed: Parsed) -> None:
    policy = parsed.one("meta", **{"http-equiv": "Content-Security-Policy"}).attributes["content"]
    (running,) = (script for script in parsed.all("script") if "type" not in script.attributes)
    style, script = (
        b64encode(sha256(text.encode()).digest()).decode() for text in (parsed.one("style").text, running.text)
    )
    assert policy == (
        f"default-src 'none'; script-src 'sha256-{script}'; style-src 'sha256-{style}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def test_the_style_and_the_script_ask_for_nothing_and_cannot_be_ended() -> None:
    assert not re.search(r"@import|@font-face|https?:|url\(", load.style())
    assert not re.search(r"fetch\(|XMLHttpRequest|import\(|WebSocket|innerHTML|</script|<!--|eval\(", load.script())


def test_the_chart_library_is_whole_and_carries_its_license() -> None:
    folder = Path(load.__file__).parent / "assets" / "uplot"
    assert "v1.6.32" in (folder / "uPlot.iife.min.js").read_text()[:100]
    for name in ("uPlot.iife.min.js", "LICENSE"):
        assert (folder / name).read_text().strip() in load.script()
    notice = (folder.parents[2] / "NOTICE").read_text()
    assert "uPlot 1.6.32" in notice and "Leon Sorokin" in notice


@pytest.mark.parametrize("name", RUNS)
def test_what_a_page_holds_can_be_written_and_seen(name: str) -> None:
    page = render(*RUNS[name]).replace(load.script(), "")
    page.encode()
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]", page)


@pytest.mark.parametrize("nasty", NASTY)
def test_hostile_text_is_shown_as_text(nasty: str) -> None:
    (why, *_) = parse(render(replace(load_runs.held(), void=f"said {nasty}"))).has_class("void-why")
    assert why.text.removeprefix("This run proves nothing: ") == visible(f"said {nasty}")


@pytest.mark.parametrize("nasty", NASTY)
def test_hostile_texts_cannot_end_the_data_block(nasty: str) -> None:
    windows = tuple(
        replace(window, measures={**window.measures, nasty[:200]: load_runs.quantiles(3.0)})
        for window in load_runs.held().windows
    )
    measures = {nasty[:200]: load_runs.quantiles(3.0)}
    page = parse(render(replace(load_runs.held(), windows=windows, measures=measures)))
    block = page.one("script", type="application/json").text
    assert not re.search("[<>&\u2028\u2029]", block)
    assert len(json.loads(block)["plots"]) == 4


def test_a_hostile_result_cannot_grow_the_page() -> None:
    assert len(render(*RUNS["hostile"]).encode()) < 400_000


def test_eight_hours_side_by_side_are_small_and_quick() -> None:
    long = load_runs.long()
    before = process_time()
    page = render(long, long, long)
    assert process_time() - before < 2.0
    assert len(page.encode()) < 600_000
    assert "A point stands for 16 windows" in page


def test_void_comes_first_and_nothing_in_it_shows_green() -> None:
    page = render(load_runs.void())
    assert page.index("the event loop was late by 412 ms") < page.index("<h1")
    found = parse(page)
    assert found.has_class("void-word")[0].text == "Void"
    assert not found.has_class("grade-good")
    idle = replace(load_runs.void(), health=load_runs.held().health)
    for run in (load_runs.void(), idle):
        green = [mark.text for mark in parse(render(run)).has_class("v-pass")]
        assert green == ["✓ met"]  # in the key of marks
    gates = page[page.index('id="gates"') : page.index('id="time"')]
    assert "v-pass" not in gates
    assert gates.count("not judged (void)") == 4
    assert found.has_class("meaning")[0].text == "This run proves nothing, neither good nor bad."


def test_the_verdict_in_words() -> None:
    assert "5,000 devices, 119,777 resumes: nothing lost, repeated or reordered." in text_of(load_runs.held())
    lossy = text_of(load_runs.lossy())
    assert "70 words lost, 6 words repeated, 12 words out of order, 2 runs never ended." in lossy


def test_gates_have_a_symbol_a_word_and_a_color() -> None:
    page = render(load_runs.lossy())
    table = page[page.index('class="grid gates"') : page.index('id="time"')]
    rows = re.findall(r"<tr><th.*?</tr>", table, re.S)[1:]
    told = [re.sub(r"<[^>]+>", " ", row).split() for row in rows]
    assert [row[0] for row in told] == ["lost", "resume_delay_p95_ms", "stop_delay_p99_ms", "stop_delay_p95_ms"]
    for row, (tone, symbol, word) in zip(
        rows,
        (("gap", "✗", "failed"), ("gap", "✗", "failed"), ("inconclusive", "?", "judged"), ("pass", "✓", "met")),
        strict=True,
    ):
        assert f"v-{tone}" in row and symbol in row and word in row


def test_every_chart_has_a_picture_without_script_and_a_table() -> None:
    page = parse(render(load_runs.lossy()))
    keys = [place.attributes["data-plot"] for place in page.has_class("plot")]
    assert keys == ["devices", "words", "resumes", "faults", *(f"delay{number}" for number in range(6))]
    assert len(page.has_class("still")) == len(page.has_class("numbers")) == len(keys)
    assert all(len(table.text.split("\n")) > 30 for table in page.has_class("numbers"))
    assert set(json.loads(page.one("script", id="data").text)["plots"]) == set(keys)


def test_storms_are_shaded_and_told() -> None:
    page, text = parse(render(load_runs.stormy())), text_of(load_runs.stormy())
    assert len(page.has_class("storm")) == 2 * len(page.has_class("plot"))
    assert "At 20 s: 5,000 devices cut at once" in text
    assert "99 % of them had everything again after 3.21 s, 41 resumes refused." in text
    assert "99 % of them never had everything again before the run ended, 890 resumes refused." in text
    assert len(page.has_class("way")) == 1


def test_hooks_are_marked_and_told() -> None:
    page, text = parse(render(load_runs.deployed())), text_of(load_runs.deployed())
    assert len(page.has_class("pole")) == 3 * len(page.has_class("plot"))  # two deploys, and the end of the plan
    assert "It returned after 3.2 s with exit code 0." in text
    assert "replacing pod 19" in text and "10 earlier lines in the JSON result" in text and "pulling v2" not in text
    assert "It had not returned after 60 s and was given up; it began 2.5 s late." in text
    assert "Hooks" not in text_of(load_runs.held())


def test_intervals_stand_below_their_figures_and_as_whiskers() -> None:
    page, text = parse(render(load_runs.deployed())), text_of(load_runs.deployed())
    assert "(12.6–15.4)" in text and "resume delay, p95 (35.3–43.1)" in text
    assert "Whiskers: where p95 lies" in text
    assert len(page.has_class("whisker")) == len(load_runs.SCALES)
    assert "Whiskers" not in text_of(load_runs.held())


def test_what_a_run_that_was_interrupted_is_worth() -> None:
    text = text_of(replace(load_runs.held(), partial="stopped", seconds=600.0))
    assert "Nothing is known to be wrong, but it was ended early." in text
    assert "Ended early (stopped), within the first 300 s of 600 s: the rest of the plan was never played" in text


def test_devices_that_were_never_let_back_in_are_seen_first() -> None:
    tiles = {tile.text for tile in parse(render(replace(load_runs.held(), unanswered=31))).has_class("tile-bad")}
    assert {" ".join(tile.split()) for tile in tiles} == {"never let back in✗ 31"}


def test_a_target_without_a_way_back_is_named() -> None:
    found = text_of(replace(load_runs.lossy(), errors={"resume: unsupported": 285}))
    assert "There is no way back: 285 resumes could not even be asked for." in found


def test_side_by_side_with_the_reference_and_an_earlier_run() -> None:
    text = text_of(load_runs.lossy(), load_runs.reference(), load_runs.earlier())
    assert "Resume delay, p95: 200× the reference's, 38× that of the earlier run." in text
    assert "The earlier run had another seed (6)" in text
    assert "Counts, side by side" in text


def test_samples_errors_health_plan_and_replay() -> None:
    text = text_of(load_runs.lossy())
    for told in (
        "At 0:31: word 33 of run 4",
        "device 812, session load-7-406",
        '{"type":"text","id":"e1:32","run":"r-4","text":"tok-0032 "}',
        "27 earlier lines in the JSON result",
        "ConnectionResetError",
        "63 % of a core",
        "211 MB at a third of the run, 214 MB at its end (flat)",
        "s between two drops of a device, mean",
        "durable-audit load acme.toml --devices 5000 --seconds 300 --seed 7",
        "From the instant a word was due, by its run's own pace, to its arrival (live words only).",
    ):
        assert told in text


def test_a_run_without_gates_says_so() -> None:
    text = text_of(replace(load_runs.held(), gates=()))
    assert "No gate was set" in text


def test_many_gates_are_cut() -> None:
    many = replace(load_runs.held(), gates=(GateResult("lost == 0", 0.0, True),) * 5_000)
    assert len(render(many)) < 300_000


def test_the_same_result_gives_the_same_page() -> None:
    assert render(load_runs.lossy(), load_runs.reference()) == render(load_runs.lossy(), load_runs.reference())


def test_it_needs_no_files_beside_the_package(tmp_path: Path) -> None:
    archive = tmp_path / "installed.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        for package in (audit, reports):
            root = Path(str(package.__file__)).parent
            for file in root.rglob("*"):
                if file.suffix in {".py", ".j2", ".css", ".js"} or file.name == "LICENSE":
                    packed.write(file, file.relative_to(root.parent))
    script = (
        "from reports import html, load; load.style(); load.script();"
        "html.environment().get_template('load.html.j2'); print(load.__file__)"
    )
    found = subprocess.run(
        [sys.executable, "-c", script],
        env={"PYTHONPATH": str(archive)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "installed.zip" in found.stdout
