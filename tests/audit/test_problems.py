from __future__ import annotations

import pytest
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from audit.problems import AT_MOST, key_path, nearest, problems_in


class Inner(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    pace_ms: int = Field(default=1, ge=1, examples=["10"])


class Outer(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    name: str
    inner: Inner = Inner()
    names: list[str] = Field(default=[], examples=['["a"]'])


def told(table: dict[str, object], prefix: str = "") -> list[str]:
    with pytest.raises(ValidationError) as caught:
        Outer.model_validate(table)
    return [str(problem) for problem in problems_in(caught.value, Outer, prefix)]


def test_each_problem_has_its_path_and_the_example_of_its_key() -> None:
    assert told({"inner": {"pace_ms": 0}, "names": ["x", 1]}) == [
        "name: is missing",
        "inner.pace_ms: must be greater than or equal to 1, not 0\n      for example: pace_ms = 10",
        'names[1]: must be a valid string, not 1\n      for example: names = ["a"]',
    ]


def test_an_unknown_key_is_answered_with_the_one_that_was_meant() -> None:
    assert told({"name": "x", "innr": {}}) == ["innr: unknown key; did you mean 'inner'?"]


def test_a_key_in_the_wrong_table_is_sent_home() -> None:
    assert told({"name": "x", "pace_ms": 1}) == ["pace_ms: unknown key; 'pace_ms' belongs in [inner]"]
    assert told({"name": "x", "inner": {"names": []}}) == [
        "inner.names: unknown key; 'names' belongs at the top of the file, before the first [table]"
    ]


def test_a_key_that_resembles_nothing_is_answered_with_those_there_are() -> None:
    assert told({"name": "x", "inner": {"zzz": 1}}) == ["inner.zzz: unknown key; known here: pace_ms"]


def test_a_prefix_says_where_the_table_stands() -> None:
    assert told({}, "tool.durable-audit.") == ["tool.durable-audit.name: is missing"]


def test_too_many_problems_are_counted() -> None:
    found = told({"name": "x", **{f"k{number}": 1 for number in range(AT_MOST + 50)}})
    assert len(found) == AT_MOST + 1
    assert found[-1] == "and: 50 more problems"


def test_a_long_value_does_not_hide_the_message() -> None:
    assert told({"name": ["x" * 10_000]}) == ["name: must be a valid string"]
    assert told({"name": "x", "inner": {"pace_ms": 10**30 * -1}})[0].startswith(
        "inner.pace_ms: must be greater than or equal to 1\n"
    )


def test_key_paths() -> None:
    assert key_path(("a", 0, "b-c"), "p.") == "p.a[0].b-c"
    assert key_path(("a b", "[key]")) == '"a b"'
    assert len(key_path(("x" * 1_000,))) < 80


def test_nearest_forgives_case_and_dashes_and_gives_up_on_nonsense() -> None:
    known = ("stop_budget_ms", "live-control", "PATH")
    assert nearest("Stop-Budget", known) == "stop_budget_ms"
    assert nearest("live_control", known) == "live-control"
    assert nearest("path", known) == "PATH"
    assert nearest("zzz", known) is None
    assert nearest("p" * 100_000, known) is None
