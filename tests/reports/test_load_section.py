"""A load run inside the gap report."""

from __future__ import annotations

import re

import pytest

from audit.load.result import LoadResult
from reports.html import render

from . import load_runs, samples
from .parsed import parse
from .test_html import BARE, VOCABULARY


def test_the_figures_the_verdict_and_where_the_rest_is() -> None:
    page = render([samples.bad()], load_runs.stormy(), "acme-load.html")
    section = page[page.index('<section id="load"') : page.index('<section id="method"')]
    text = re.sub(r"<[^>]+>", "", section)
    for told in (
        "Under load",
        "5,000 devices, 13,600 resumes: nothing lost, repeated or reordered.",
        "Everything arrived, but 1 of 4 gates failed.",
        "acme-load.html",
        "99 % of them never had everything again before the run ended",
        "storm_recovered_s",
        "Caught-up delay",
    ):
        assert told in text
    assert '<a href="#load">Load</a>' in page


def test_without_a_load_there_is_no_section() -> None:
    assert 'id="load"' not in render([samples.bad()])


@pytest.mark.parametrize("load", [load_runs.hostile(), load_runs.lossy(), load_runs.void(), load_runs.empty()])
def test_the_gap_report_stays_inert_and_without_script(load: LoadResult) -> None:
    page = render([samples.bad(), samples.reference()], load, samples.NASTY[1])
    parsed = parse(page)
    assert not parsed.all("script")
    for element in parsed.elements:
        assert element.tag in VOCABULARY.keys() | BARE
        assert element.attributes.keys() <= VOCABULARY.get(element.tag, set()), element.tag
    assert len(page) < 500_000


def test_a_void_run_is_said_to_be_void() -> None:
    page = render([samples.bad()], load_runs.void())
    section = page[page.index('<section id="load"') : page.index('<section id="method"')]
    assert "Void: this run proves nothing." in section
    assert "v-pass" not in section
