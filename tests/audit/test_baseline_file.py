from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.baseline_file import MAX_BYTES, dump_baseline, load_baseline, parse_baseline
from audit.errors import ConfigError
from audit.result import KnownGap

from .making import judgment
from .test_result_file import RESULT

WHERE = {"loss": ("network-drop", "dead-air"), "order": ("network-drop",)}
TODAY = date(2026, 11, 20)
ENTRY = """
[[gap]]
rule = "loss"
scenario = "network-drop"
reason = "moves with the gateway"
owner = "chat-platform"
expires = 2027-03-31
"""


def parsed(text: str, today: date = TODAY) -> tuple[KnownGap, ...]:
    return parse_baseline(text, "known-gaps.toml", WHERE, today)


def refused(text: str, today: date = TODAY) -> str:
    with pytest.raises(ConfigError) as caught:
        parsed(text, today)
    assert caught.value.exit_code == 2
    return str(caught.value)


def test_an_entry_is_read() -> None:
    wanted = KnownGap("loss", "network-drop", "moves with the gateway", "chat-platform", "2027-03-31")
    assert parsed(ENTRY) == (wanted,)
    assert parsed(ENTRY.replace("2027-03-31", '"2027-03-31"')) == (wanted,)
    assert parsed(ENTRY.replace('"network-drop"', '"*"')) == (replace(wanted, scenario="*"),)
    assert parsed("") == ()


def test_an_entry_holds_to_the_end_of_its_last_day() -> None:
    assert len(parsed(ENTRY, date(2027, 3, 31))) == 1
    complaint = refused(ENTRY, date(2027, 4, 1))
    assert "gap[0].expires: expired on 2027-03-31: close the gap and remove the entry" in complaint


def test_everything_that_is_wrong_is_told_at_once() -> None:
    complaint = refused(
        """
        version = 1
        [[gap]]
        rule = "los"
        scenario = "network-dop"
        owner = " "
        expires = 2026-11-19
        because = "x"
        [[gap]]
        rule = "order"
        scenario = "dead-air"
        reason = 7
        owner = "me"
        expires = 2027-01-01T10:00:00
        """
    )
    for told in (
        "10 problems",
        "version: unknown key",
        "gap[0].because: unknown key; known here: rule, scenario, reason, owner, expires",
        "gap[0].rule: 'los' is not known; did you mean 'loss'?",
        "gap[0].scenario: 'network-dop' is not known; did you mean 'network-drop'?",
        "gap[0].reason: is missing",
        "gap[0].owner: is blank; a gap that is accepted needs somebody to say so",
        "gap[0].expires: expired on 2026-11-19",
        "gap[1].scenario: 'dead-air' does not judge 'order'; these do: network-drop",
        "gap[1].reason: must be a text",
        "gap[1].expires: must be a day, YYYY-MM-DD",
    ):
        assert told in complaint


@pytest.mark.parametrize("key", ["rule", "scenario", "reason", "owner", "expires"])
def test_no_key_may_be_missing(key: str) -> None:
    text = "\n".join(line for line in ENTRY.splitlines() if not line.startswith(key))
    assert f"1 problem\n  - gap[0].{key}: is missing" in refused(text)


def test_two_entries_for_one_gap_are_refused() -> None:
    assert "gap[1]: repeats gap[0]" in refused(ENTRY + ENTRY)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[[gap]", "is not TOML"),
        ("gap = 1", "gap: must be a list of tables"),
        ("gap = [1]", "gap: must be a list of tables"),
        ("[gap]\nrule = 'loss'", "gap: must be a list of tables"),
        ("x = " + "[" * 10_000, "is not TOML"),
    ],
)
def test_what_is_no_baseline_is_refused_by_name(text: str, told: str) -> None:
    assert told in refused(text)


def test_a_file_that_cannot_be_read_is_the_users_matter(tmp_path: Path) -> None:
    large, binary = tmp_path / "large.toml", tmp_path / "binary.toml"
    large.write_bytes(b"#" * (MAX_BYTES + 1))
    binary.write_bytes(b"\xff")
    for path, told in ((tmp_path / "none.toml", "cannot be read"), (large, "larger than"), (binary, "not UTF-8")):
        with pytest.raises(ConfigError, match=told):
            load_baseline(path, WHERE, TODAY)


def test_a_draft_is_refused_until_somebody_answers_for_it() -> None:
    result = replace(RESULT, findings=(judgment("loss", "gap", gaps=2, trials=3), judgment("order", "pass")))
    draft = dump_baseline(result, TODAY)
    complaint = refused(draft)
    assert "2 problems" in complaint and "gap[0].reason: is blank" in complaint and "gap[0].owner" in complaint
    assert "2 of 3 trials" in draft
    filled = draft.replace('reason = ""', 'reason = "known"').replace('owner = ""', 'owner = "us"')
    assert parsed(filled) == (KnownGap("loss", "network-drop", "known", "us", "2027-02-18"),)


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), st.text(st.characters(exclude_categories=["Cs"])))
@settings(deadline=1_000)
def test_whatever_a_gap_is_called_its_draft_is_toml(rule: str, scenario: str) -> None:
    draft = dump_baseline(replace(RESULT, findings=(judgment(rule, "gap", scenario),)), TODAY)
    (row,) = tomllib.loads(draft)["gap"]
    assert (row["rule"], row["scenario"]) == (rule, scenario)


@given(st.text(max_size=200))
@settings(deadline=1_000)
def test_any_text_is_a_baseline_or_a_named_error(text: str) -> None:
    try:
        parsed(text)
    except ConfigError as error:
        assert error.problems
