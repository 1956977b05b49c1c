from __future__ import annotations

import re
from dataclasses import replace

import pytest

from reports.markdown import MAX_BYTES, summary
from reports.markup import plain

from . import samples


def rows(text: str) -> list[list[str]]:
    """Cells of every table row, split at the bars that are not escaped."""
    return [re.split(r"(?<!\\)\|", line)[1:-1] for line in text.split("\n") if line.startswith("|")]


def test_the_target_first_and_the_others_beside_it() -> None:
    found = rows(summary([samples.bad(), samples.reference()]))
    assert found[0] == ["  ", " acme-chat ", " reference "]
    assert [" Resilient Delivery ", " 48 (41–56) ", " 100 "] in found


def test_the_worst_gaps_first() -> None:
    told = summary([samples.bad()])
    assert "### 10 gaps" in told
    assert told.index("Nothing is lost") < told.index("Nothing is shown twice")
    assert "2 things not tested at all" in told
    assert "1. Close survival" in told


def test_many_gaps_are_cut_and_said_to_be() -> None:
    told = summary([samples.huge()])
    assert "### 60 gaps, the worst 20" in told
    assert len([row for row in rows(told) if row[0] in (" critical ", " high ")]) == 20


def test_no_gap_is_said_plainly() -> None:
    assert "No gap was found." in summary([samples.reference()])


@pytest.mark.parametrize("number", [1, 5, 400])
def test_it_always_fits(number: int) -> None:
    assert len(summary([samples.hostile()] * number).encode()) <= MAX_BYTES


def test_hostile_text_draws_no_table_and_no_markup() -> None:
    before, pictures, after = summary([samples.hostile()]).split("```")  # or a picture could end its fence
    told = before + after
    assert "<" not in told + pictures
    assert not re.search(r"(?<!\\)[`\[\]]", told)
    assert not re.search(r"@\w|https?:/", told)
    assert {len(row) for row in rows(told)} == {2, 5}


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("a|b", r"a\|b"),
        ("[x](y)", r"\[x\](y)"),
        ("**bold** `code`", r"\*\*bold\*\* \`code\`"),
        ("a & b < c", "a &amp; b &lt; c"),
        ("@team", "@\u2060team"),
        ("see #12", "see #\u206012"),
        ("https://x.example", "https:\u2060//x.example"),
    ],
)
def test_escaping(text: str, safe: str) -> None:
    assert plain(text) == safe


def test_nothing_at_all() -> None:
    assert summary([]) == "No result.\n"


def test_a_result_without_scores() -> None:
    assert [" Live Control ", " ? "] in rows(summary([replace(samples.bad(), scores={})]))
