from __future__ import annotations

from audit.checks.memo import per_history
from audit.history import History

from .story import dropped


def test_a_derivation_is_made_once_for_each_history_and_argument() -> None:
    calls: list[int] = []

    @per_history
    def derive(history: History, number: int = 0) -> list[int]:
        calls.append(number)
        return [len(history.events), number]

    one, two = dropped().history(), dropped().history()
    assert derive(one) is derive(one)
    assert derive(one, 1) == [len(one.events), 1]
    assert derive(two) is not derive(one)
    assert calls == [0, 1, 0]


def test_what_is_remembered_is_no_part_of_the_history() -> None:
    one, two = dropped().history(), dropped().history()
    per_history(lambda history: len(history.events))(one)
    assert one == two
