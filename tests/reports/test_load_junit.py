from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from audit.load.result import GateResult, LoadResult
from reports.load_junit import PROVES, render

from . import load_runs


def suite(result: LoadResult) -> ElementTree.Element:
    (found,) = ElementTree.fromstring(render(result).encode())
    return found


def outcomes(result: LoadResult) -> dict[str, str]:
    cases = suite(result).iter("testcase")
    return {str(case.get("name")): next((child.tag for child in case), "") for case in cases}


def test_a_case_a_gate() -> None:
    assert suite(load_runs.lossy()).get("name") == "load"
    assert outcomes(load_runs.lossy()) == {
        PROVES: "",
        "lost == 0": "failure",
        "resume_delay_p95_ms < 2000": "failure",
        "stop_delay_p99_ms < 1000": "error",
        "stop_delay_p95_ms < 1000": "",
    }


def test_a_void_run_passes_nothing() -> None:
    assert set(outcomes(load_runs.void()).values()) == {"error"}
    assert outcomes(replace(load_runs.void(), gates=())) == {PROVES: "error"}


def test_an_incomplete_run_is_no_success() -> None:
    assert outcomes(load_runs.empty()) == {PROVES: "error"}


def test_it_says_whether_it_was_interrupted_and_what_was_run_meanwhile() -> None:
    found = suite(replace(load_runs.deployed(), partial="stopped", unanswered=2))
    told = {each.get("name"): each.get("value") for each in found.iter("property")}
    assert (told["interrupted"], told["unanswered"]) == ("true", "2")
    assert outcomes(replace(load_runs.held(), partial="stopped"))[PROVES] == "error"
    assert "At 12 s: the deploy hook: it returned" in str(found.findtext("system-out"))


def test_the_counts_add_up() -> None:
    found = suite(load_runs.lossy())
    assert [found.get(name) for name in ("tests", "failures", "errors", "skipped")] == ["5", "2", "1", "0"]


def test_a_failure_says_what_was_measured_and_how_to_see_it_again() -> None:
    found = suite(load_runs.lossy())
    failure = found.find("testcase/failure")
    assert failure is not None
    assert failure.get("message") == "failed: 70"
    assert "70 words lost" in str(failure.text)
    assert str(found.findtext("system-out")).splitlines()[0].endswith("--seed 7")


@given(st.text(st.characters(codec=None), max_size=50))
def test_any_text_makes_valid_xml(text: str) -> None:
    strange = replace(load_runs.held(), target={"name": text}, void=text, argv=(text,))
    assert suite(replace(strange, gates=(GateResult(text, None, False),))).find("testcase") is not None
