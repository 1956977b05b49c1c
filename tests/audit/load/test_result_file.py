from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.errors import ConfigError, HistoryError
from audit.load.result import GateResult, HookResult
from audit.load.result_file import dump_result, load_result, parse_result

from .samples import quantiles, result, storm

FULL = result(
    gates=(GateResult("lost == 0", 0.0, True), GateResult("stop_delay_p99_ms < 9", None, None)),
    storms=(storm(3.2), replace(storm(None), recovery=((0.5, 0.1), (3.2, 0.99)))),
    samples=({"device": 7, "session": "s-1", "fault": "word 3", "at_s": 1.5, "seen": ["{}", "é"]},),
    errors={"refused: 503": 3},
    environment={"python": "3.11.7"},
    partial="interrupted",
    unanswered=2,
    hooks=(HookResult("deploy", 5.0, 5.01, 0.4, 0, "rolled out"), HookResult("deploy", 9.0, 9.0, 60.0, None)),
    resume_delay_ms=replace(quantiles(12.0, 80.0, 200.0), intervals={"p50": (11.0, 13.5), "p95": (70.0, 99.0)}),
)


def broken(change: Any) -> str:
    """The complaint about a result that `change` spoiled."""
    value = json.loads(dump_result(FULL))
    change(value)
    with pytest.raises(HistoryError) as caught:
        parse_result(json.dumps(value))
    return str(caught.value)


def test_what_is_dumped_is_loaded(tmp_path: Path) -> None:
    text = dump_result(FULL)
    (tmp_path / "load.json").write_text(text, encoding="utf-8")
    assert load_result(tmp_path / "load.json") == FULL
    assert dump_result(load_result(tmp_path / "load.json")) == text


def test_the_keys_that_other_tools_rely_on() -> None:
    value = json.loads(dump_result(FULL))
    wanted = {"devices", "events", "resumes", "lost", "repeated", "reordered", "resume_delay_ms", "void", "gates"}
    assert wanted <= value.keys()
    assert {"p50", "p95", "p99"} <= value["resume_delay_ms"].keys()
    assert list(value) == list(asdict(FULL))


def test_a_result_from_before_there_were_intervals_hooks_and_unanswered_devices_is_read() -> None:
    value = json.loads(dump_result(result()))
    for key in ("unanswered", "hooks"):
        del value[key]
    for found in (value["resume_delay_ms"], *value["measures"].values(), *value["windows"][0]["measures"].values()):
        del found["intervals"]
    assert parse_result(json.dumps(value)) == result()


def test_unknown_missing_and_wrong_are_named() -> None:
    assert "spam: unknown key" in broken(lambda value: value.update(spam=1))
    assert "health.spam: unknown key" in broken(lambda value: value["health"].update(spam=1))
    assert "lost: is missing" in broken(lambda value: value.pop("lost"))
    assert "storms[0].devices" in broken(lambda value: value["storms"][0].update(devices="many"))
    assert "gates[0].met" in broken(lambda value: value["gates"][0].update(met=1))


def test_another_schema_is_refused() -> None:
    assert "has schema 'durable-audit/load/9'" in broken(lambda value: value.update(schema="durable-audit/load/9"))
    assert "it names no schema" in broken(lambda value: value.pop("schema"))


@pytest.mark.parametrize("text", ["", "[]", "7", "{", '{"schema": NaN}', "[" * 100_000])
def test_what_is_no_result(text: str) -> None:
    with pytest.raises(HistoryError):
        parse_result(text)


@pytest.mark.parametrize("number", ["1e999", "-1e999"])
def test_endless_numbers_are_refused(number: str) -> None:
    text = dump_result(FULL).replace('"seconds": 60.0', f'"seconds": {number}')
    with pytest.raises(HistoryError, match="not finite"):
        parse_result(text)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError):
        load_result(tmp_path / "none.json")


@given(st.text(st.characters(codec=None), max_size=30), st.floats(0, 1e9))
def test_any_text_and_number_survives(text: str, delay: float) -> None:
    found = result(void=text, resume_delay_ms=quantiles(delay, delay, None))
    again = parse_result(dump_result(found))
    assert again.resume_delay_ms == found.resume_delay_ms
    assert again.void == "".join("\ufffd" if "\ud800" <= c <= "\udfff" else c for c in text)
