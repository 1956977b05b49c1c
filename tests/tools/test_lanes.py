from __future__ import annotations

from audit.history import History
from tests.audit.checks.story import Story
from tools.lanes import MOST_ROWS, WIDTH, lanes


def dropped() -> Story:
    """A phone loses its network in the middle of an answer that a laptop sees whole."""
    story = Story("phone", "laptop", step_ms=10)
    story.prompts("phone")
    story.says([1, 2, 3], "phone", "laptop")
    story.strikes("phone", "reset")
    story.note("phone", "offline")
    story.says([4, 5], "laptop")
    return story


def table(history: History, evidence: tuple[int, ...] = ()) -> list[list[str]]:
    """The cells of every row, the head and its line left out."""
    return [[cell.strip() for cell in row.split("│")] for row in lanes(history, evidence).splitlines()[2:]]


def test_words_in_a_row_are_one_stretch_and_everything_else_has_its_place() -> None:
    told = [row[1:] for row in table(dropped().history())]
    assert ["tok-0001 … tok-0003 (3)", "tok-0001 … tok-0003 (3)"] in told
    assert told[-1] == ["", "tok-0004 … tok-0005 (2)"]
    assert ["⚡ reset", ""] in told and ["loses its network", ""] in told


def test_evidence_stands_alone_and_is_marked() -> None:
    history = dropped().history()
    second = next(e.index for e in history.events if e.who == "laptop" and "tok-0002" in str(e.value.get("text")))
    proofs = [row for row in table(history, (second,)) if any("*" in cell for cell in row)]
    assert len(proofs) == 1 and proofs[0][2].startswith("tok-0002")


def test_a_long_history_keeps_its_beginning_its_end_and_its_proof() -> None:
    story = Story("phone", step_ms=10)
    story.prompts("phone")
    places = [story.note("phone", "offline" if number % 2 else "online") for number in range(200)]
    rows = table(story.history(), (places[100],))
    assert len(rows) <= MOST_ROWS
    assert sum("*" in row[1] for row in rows) == 1
    assert any("more rows" in row[1] for row in rows)
    assert rows[0][1].startswith("→ prompt") and rows[-1][1] == "loses its network"


def test_no_text_breaks_the_table() -> None:
    story = Story("phone", "laptop", step_ms=10)
    story.sees("phone", "gap", reason="a\nvery " + "long " * 40)
    lines = lanes(story.history()).splitlines()
    assert all(len(line) <= 9 + 2 * (WIDTH + 3) for line in lines)
    assert "lon… │" in lines[-1]
