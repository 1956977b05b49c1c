from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.checks.words import Word, compare
from audit.load.ledger import Counts, Ledger

ITEMS = 8
FORMAT = "tok-{:04d}"


def ledger(*numbers: int, items: int = ITEMS) -> Ledger:
    found = Ledger(Counts(), items)
    for number in numbers:
        found.word(number)
    return found


def faults(found: Ledger) -> dict[str, int]:
    counts = found.counts
    return {
        name: value for name in counts.__slots__ if (value := getattr(counts, name)) and name not in ("words", "runs")
    }


# The judges read histories, the load does not keep any: both have to come to the same numbers.
numbers = st.lists(st.integers(0, ITEMS + 1), max_size=30)


def _disturbed(swaps: list[int], drops: set[int], repeats: list[tuple[int, int]]) -> list[int]:
    found = list(range(1, ITEMS + 1))
    for at in swaps:
        found[at], found[at + 1] = found[at + 1], found[at]
    for number, at in repeats:
        found.insert(at, found[number % len(found)])
    return [number for position, number in enumerate(found) if position not in drops]


nearly_right = st.builds(
    _disturbed,
    st.lists(st.integers(0, ITEMS - 2), max_size=3),
    st.sets(st.integers(0, ITEMS - 1), max_size=3),
    st.lists(st.tuples(st.integers(0, ITEMS - 1), st.integers(0, ITEMS)), max_size=3),
)


@given(st.one_of(numbers, nearly_right))
def test_it_agrees_with_the_judges_of_histories(shown: list[int]) -> None:
    oracle = tuple(FORMAT.format(number) for number in range(1, ITEMS + 1))
    texts = [FORMAT.format(n) if 1 <= n <= ITEMS else f"garbled-{place}" for place, n in enumerate(shown)]
    judged = compare(oracle, tuple(Word(text, place) for place, text in enumerate(texts)))
    found = ledger(*shown)
    found.end("completed")
    counts = found.counts
    assert counts.lost == len(judged.missing)
    assert counts.repeated == len(judged.repeated)
    assert counts.reordered == len(judged.reordered)
    assert counts.foreign == len(judged.foreign)
    assert counts.words == len(shown) - len(judged.repeated) - len(judged.foreign)


def test_a_right_answer_has_no_fault() -> None:
    found = ledger(*range(1, ITEMS + 1))
    found.end("completed")
    assert faults(found) == {}
    assert (found.counts.words, found.counts.runs) == (ITEMS, 1)


def test_a_word_is_lost_only_when_the_run_is_over() -> None:
    found = ledger(1, 2, 4)
    assert faults(found) == {}
    found.end("stopped")
    assert faults(found) == {"lost": 1}  # what a stopped run had not said yet is not lost


def test_the_end_of_a_completed_run_is_lost_too() -> None:
    found = ledger(1, 2)
    found.end("completed")
    assert faults(found) == {"lost": ITEMS - 2}


def test_a_word_that_comes_late_was_reordered_not_lost() -> None:
    found = ledger(1, 3, 2, *range(4, ITEMS + 1))
    found.end("completed")
    assert faults(found) == {"reordered": 1}


def test_a_word_that_comes_after_the_end_was_reordered_too() -> None:
    found = ledger(1, 3, *range(4, ITEMS + 1))
    found.end("completed")
    found.word(2)
    assert faults(found) == {"reordered": 1}


def test_repeats_that_a_client_drops_are_no_fault() -> None:
    found = ledger(1, 2)
    assert not found.word(2, replayed=True)
    assert found.word(3, replayed=True)
    assert faults(found) == {"replayed": 1}
    assert found.counts.faults == 0


def test_a_second_ending_is_a_repeat() -> None:
    found = ledger(*range(1, ITEMS + 1))
    found.end("completed")
    found.end("completed")
    assert faults(found) == {"repeated": 1}


@pytest.mark.parametrize(("reason", "wrong", "told"), [
    ("completed", False, 0), ("completed", True, 1), ("stopped", False, 0), ("superseded", False, 0),
    ("failed", False, 1), ("unknown", False, 1), ("unknown", True, 1),
])  # fmt: skip
def test_endings(reason: str, wrong: bool, told: int) -> None:
    found = ledger(*range(1, ITEMS + 1))
    found.end(reason, wrong=wrong)
    assert found.counts.wrong_end == told


def test_a_run_that_never_ends_owes_its_ending_and_its_words() -> None:
    found = ledger(1, 2, 4)
    found.close()
    assert faults(found) == {"unended": 1, "lost": ITEMS - 3}


def test_where_nobody_knows_what_was_said_only_what_was_passed_over_is_lost() -> None:
    found = ledger(1, 2, 4)
    found.close(0, answered=False)
    assert faults(found) == {"lost": 1}


def test_a_run_owes_no_more_than_was_said_for_sure() -> None:
    found = ledger(1, 2, 4)
    found.close(6)
    assert faults(found) == {"unended": 1, "lost": 3}


def test_closing_an_ended_run_changes_nothing() -> None:
    found = ledger(*range(1, ITEMS + 1))
    found.end("completed")
    found.close()
    assert faults(found) == {}


def test_a_replay_is_judged_by_what_it_says_last() -> None:
    found = ledger(1, 2, 4)
    found.restate()
    for number in range(1, ITEMS + 1):
        found.word(number)
    found.end("completed")
    assert faults(found) == {}


@given(st.lists(st.builds(Counts, *[st.integers(0, 9)] * 3), min_size=1, max_size=4))
def test_counts_add_up(parts: list[Counts]) -> None:
    total = Counts()
    for part in parts:
        total.add(part)
    assert (total.words, total.lost) == (sum(p.words for p in parts), sum(p.lost for p in parts))
    assert total.faults == sum(part.faults for part in parts)
