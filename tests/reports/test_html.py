from __future__ import annotations

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
from audit.finding import Verdict
from audit.result import AuditResult, Judgment
from reports.html import render
from reports.text import visible

from . import samples
from .parsed import Parsed, parse
from .words import RULES

# Everything that a report may be made of. What is not here got in from a result.
VOCABULARY = {
    "html": {"lang"},
    "meta": {"charset", "http-equiv", "content", "name"},
    "link": {"rel", "href"},
    "a": {"class", "href", "rel"},
    "svg": {"class", "width", "height", "viewbox", "role", "aria-label", "aria-labelledby", "aria-hidden", "focusable"},
    "g": {"id"},
    "pattern": {"id", "width", "height", "patternunits", "patterntransform"},
    "rect": {"class", "x", "y", "width", "height", "rx", "fill", "stroke", "stroke-width"},
    "path": {"class", "d", "fill", "stroke", "stroke-width"},
    "circle": {"class", "cx", "cy", "r", "fill", "stroke", "stroke-width", "stroke-dasharray"},
    "use": {"href", "x", "y", "class"},
    "text": {"class", "x", "y"},
    "desc": {"id"},
    "title": {"id"},
    "nav": {"aria-label"},
    "main": {"id"},
    "header": {"class"},
    "footer": {"class"},
    "section": {"id", "class", "aria-labelledby"},
    "article": {"id", "class", "aria-labelledby"},
    "div": {"id", "class", "tabindex", "role", "aria-label"},
    "figure": {"class"},
    "details": {"id", "class", "open"},
    "span": {"class", "aria-hidden", "aria-label"},
    "p": {"class"},
    "ul": {"class", "aria-label"},
    "ol": {"class", "aria-label"},
    "li": {"class"},
    "dl": {"class"},
    "table": {"class"},
    "caption": {"class"},
    "col": {"class", "span"},
    "tr": {"class"},
    "th": {"scope", "colspan", "class"},
    "td": {"class"},
    "b": {"class"},
    "code": {"class"},
    "pre": {"class"},
    **{f"h{level}": {"id", "class"} for level in range(1, 7)},
}
BARE = {
    "head",
    "style",
    "body",
    "defs",
    "summary",
    "figcaption",
    "dt",
    "dd",
    "thead",
    "tbody",
    "br",
    "strong",
    "em",
    "colgroup",
}
SOURCES = r"github\.com|www\.rfc-editor\.org|ai-sdk\.dev|nginx\.org|developers\.cloudflare\.com"
SAMPLES = {
    "bad": [samples.bad()],
    "side by side": [samples.bad(), samples.reference(), samples.inconclusive()],
    "perfect": [samples.reference()],
    "inconclusive": [samples.inconclusive()],
    "hostile": [samples.hostile()],
    "hostile beside": [samples.bad(), samples.hostile()],
    "bare": [replace(samples.bad(), rules={}, scenarios={}, runs=(), environment={}, scores={})],
    "empty": [replace(samples.reference(), findings=(), target={}, argv=())],
}


@pytest.fixture(scope="module", params=SAMPLES)
def parsed(request: pytest.FixtureRequest) -> Parsed:
    return parse(render(SAMPLES[request.param]))


def test_nothing_but_the_templates_own_elements_and_attributes(parsed: Parsed) -> None:
    for element in parsed.elements:
        assert element.tag in VOCABULARY.keys() | BARE
        assert element.attributes.keys() <= VOCABULARY.get(element.tag, set()), element.tag
    assert parsed.declarations == ["doctype html"]


def test_links_stay_on_the_page_or_lead_to_a_named_source(parsed: Parsed) -> None:
    for element in parsed.elements:
        href = element.attributes.get("href", "#")
        assert href == "data:," or re.match(rf"#[a-z][\w-]*$|#$|https://({SOURCES})/[\w./-]+$", href)


def test_every_anchor_is_there_once(parsed: Parsed) -> None:
    ids = [element.attributes["id"] for element in parsed.elements if "id" in element.attributes]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[a-z][\w-]*", found) for found in ids)
    for element in parsed.elements:
        href = element.attributes.get("href", "")
        wanted = element.attributes.get("aria-labelledby", "").split() + ([href[1:]] if href.startswith("#") else [])
        assert set(wanted) <= set(ids)


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
        assert told.get("aria-hidden") == "true" or (
            told["role"] == "img" and {"aria-label", "aria-labelledby"} & told.keys()
        )
    for box in parsed.has_class("scroll"):
        assert box.attributes["tabindex"] == "0"
        assert box.attributes["aria-label"]


def test_the_policy_allows_this_style_and_nothing_else(parsed: Parsed) -> None:
    policy = parsed.one("meta", **{"http-equiv": "Content-Security-Policy"}).attributes["content"]
    digest = b64encode(sha256(parsed.one("style").text.encode()).digest()).decode()
    assert policy == (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"
    )


def test_the_style_asks_for_nothing(parsed: Parsed) -> None:
    style = parsed.one("style").text
    assert not re.search(r"@import|@font-face|https?:|url\(", style)


@pytest.mark.parametrize("name", SAMPLES)
def test_what_a_page_holds_can_be_written_and_seen(name: str) -> None:
    page = render(SAMPLES[name])
    page.encode()
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]", page)


@pytest.mark.parametrize("nasty", samples.NASTY)
def test_hostile_text_is_shown_as_text(nasty: str) -> None:
    found = replace(samples.bad(), findings=(replace(samples.bad().findings[0], why=f"said {nasty}"),))
    page = parse(render([found]))
    (why, *_) = page.has_class("why")
    assert why.text.replace("`", "") == visible(f"said {nasty}").replace("`", "")


def test_a_hostile_target_cannot_grow_the_page() -> None:
    assert len(render([samples.hostile()])) < 400_000


def text_of(*results: AuditResult) -> str:
    return parse(render(results)).one("main").text


@pytest.mark.parametrize("found", [one for one in samples.bad().findings if one.verdict is Verdict.GAP])
def test_every_gap_is_told_in_full(found: Judgment) -> None:
    page, info = text_of(samples.bad()), RULES[found.rule]
    told = (info.title, info.truth, info.felt, info.why, *info.source, found.why, found.replay, found.run)
    remedy = (info.remedy.action, info.remedy.gain, info.remedy.cost, info.remedy.effort)
    for text in (*told, *remedy):
        assert text.replace("`", "") in page


def test_every_gap_in_the_map_leads_to_its_evidence() -> None:
    page = parse(render([samples.bad()]))
    targets = {element.attributes["id"] for element in page.elements if "id" in element.attributes}
    chips = [element.attributes["href"][1:] for element in page.has_class("chip")]
    assert len(chips) == len(set(chips)) == sum(found.verdict is Verdict.GAP for found in samples.bad().findings)
    assert set(chips) <= targets


def test_the_grade_its_caps_and_what_would_raise_it() -> None:
    page, verdict = text_of(samples.bad()), samples.bad().verdict
    for text in (verdict.meaning, *(cap.because for cap in verdict.caps), *verdict.raises):
        assert text in page


def test_what_was_not_tested_and_why() -> None:
    page = text_of(samples.bad())
    for text in (
        "The fault left no receipt",
        "No stop ever took effect.",
        "The target declares no hook that restarts it.",
        "what happens to a prompt sent while an answer is going on",
    ):
        assert text in page


def test_the_record_is_enough_to_do_it_again() -> None:
    page, result = parse(render([samples.bad()])), samples.bad()
    (sums,) = page.has_class("sums")
    assert sums.text.strip().split("\n") == [f"{run.sha256}  {run.file}" for run in result.runs]
    for text in (" ".join(result.argv), "2026.11", "0.1.0", "3.11.7"):
        assert text in page.one("main").text


def test_the_reference_stands_beside_the_target() -> None:
    page = parse(render([samples.bad(), samples.reference()]))
    assert [cell.text for cell in page.has_class("grade-cell")] == ["D", "A+"]
    assert len(page.has_class("other")) == 1
    alone = parse(render([samples.bad()]))
    assert not alone.has_class("grade-cell")


def test_a_partial_audit_says_so_at_once() -> None:
    page = render([samples.inconclusive()])
    assert page.index("interrupted after 4 of 8 scenarios") < page.index('class="dials"')


def test_the_same_results_give_the_same_page() -> None:
    assert render([samples.bad(), samples.reference()]) == render([samples.bad(), samples.reference()])


def test_a_big_report_is_small_and_quick_and_says_what_it_left_out() -> None:
    results = [samples.huge(), samples.bad(), samples.reference(), samples.inconclusive(), samples.hostile()]
    before = process_time()
    page = render(results)
    assert process_time() - before < 1.0
    assert len(page.encode()) < 1_500_000
    assert "This page draws the worst 60 timelines; 21 more can be read in the run files." in page
    assert page.count('<svg class="lanes"') == 60


def test_it_needs_no_files_beside_the_package(tmp_path: Path) -> None:
    archive = tmp_path / "installed.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        for package in (audit, reports):
            root = Path(str(package.__file__)).parent
            for file in root.rglob("*"):
                if file.suffix in {".py", ".j2", ".css"}:
                    packed.write(file, file.relative_to(root.parent))
    script = (
        "from reports import html as h; h.style(); h.environment().get_template('report.html.j2'); print(h.__file__)"
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
