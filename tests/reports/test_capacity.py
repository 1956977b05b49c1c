"""The capacity report as a document: inert, self-contained, and its model always called one."""

from __future__ import annotations

import json
import re

import pytest

from audit.load.capacity_result import CapacityResult
from reports.capacity import render

from . import capacity_runs
from .parsed import Parsed, parse
from .test_html import BARE
from .test_load import ALLOWED

RUNS = {
    "broke": capacity_runs.broke(),
    "held": capacity_runs.held(),
    "empty": capacity_runs.empty(),
    "void": capacity_runs.voided(),
    "hostile": capacity_runs.hostile(),
}


@pytest.fixture(scope="module", params=RUNS)
def parsed(request: pytest.FixtureRequest) -> Parsed:
    return parse(render(RUNS[request.param]))


def text_of(result: CapacityResult) -> str:
    return parse(render(result)).one("main").text


def test_nothing_but_the_templates_own_elements_and_attributes(parsed: Parsed) -> None:
    for element in parsed.elements:
        assert element.tag in ALLOWED.keys() | BARE
        assert element.attributes.keys() <= ALLOWED.get(element.tag, set()), element.tag
    ids = [element.attributes["id"] for element in parsed.elements if "id" in element.attributes]
    assert len(set(ids)) == len(ids)


def test_tables_and_pictures_are_named(parsed: Parsed) -> None:
    assert len(parsed.all("table")) == len(parsed.all("caption"))
    for picture in parsed.all("svg"):
        assert picture.attributes.get("aria-hidden") == "true" or picture.attributes["aria-label"]


def test_what_was_found_is_said_first() -> None:
    text = text_of(capacity_runs.broke())
    assert "It held 2,000 devices. The climb ended: broke at 2,500 devices: words came 1,337 ms late" in text
    assert "The knee: throughput is 14% short of proportional at 2,000 devices." in text
    assert "By the model 20,000 devices would need 10 instances (95 %: 10 to 12)" in text
    assert text_of(capacity_runs.held()).count("its limit was not reached") == 1


def test_a_model_is_always_called_one() -> None:
    text = text_of(capacity_runs.broke())
    assert text.count("A model, not a measurement.") == 2
    assert "2,000 (95 %: 1,800 to 2,000) devices" in text
    without = text_of(capacity_runs.held())
    assert "There is none: needs 4 different numbers of devices, there are 3." in without
    assert "What 20,000 devices would need cannot be said" in without


def test_each_step_has_a_row_with_its_outcome() -> None:
    page = render(capacity_runs.voided())
    table = page[page.index('class="grid steps"') : page.index('id="model"')]
    rows = re.findall(r"<tr><th.*?</tr>", table, re.DOTALL)[1:]
    assert ["v-pass" in row for row in rows] == [True, True, False]
    assert "void: the generator was busy" in rows[2] and "v-inconclusive" in rows[2]


def test_every_chart_has_a_picture_a_table_and_numbers_for_the_script() -> None:
    page = parse(render(capacity_runs.broke()))
    assert [place.attributes["data-plot"] for place in page.has_class("plot")] == ["throughput", "delay"]
    assert len(page.has_class("still")) == len(page.has_class("numbers")) == 2
    data = json.loads(page.one("script", type="application/json").text)
    assert [line["name"] for line in data["plots"]["throughput"]["lines"]] == [
        "95 % low", "model", "95 % high", "measured",
    ]  # fmt: skip
    assert data["spans"] == [[2_000, data["axis"]["range"][1]]]
    assert data["times"] == sorted(data["times"])


def test_without_a_step_there_is_no_chart() -> None:
    page = parse(render(capacity_runs.empty()))
    assert not page.has_class("plot")
    assert "No step held: interrupted at 500 devices." in page.one("main").text


def test_a_hostile_result_cannot_grow_the_page() -> None:
    assert len(render(capacity_runs.hostile()).encode()) < 300_000
