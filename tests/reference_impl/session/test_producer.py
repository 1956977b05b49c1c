from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference_impl.session.producer import Fenced, OutOfSequence, Producers, Stamp


@given(st.lists(st.integers(1, 12), max_size=80))
def test_any_sequence_of_retries_appends_each_write_once_and_in_order(attempts: list[int]) -> None:
    producers = Producers()
    log: list[int] = []
    for sequence in attempts:
        try:
            if producers.admit(Stamp("agent", 1, sequence)):
                log.append(sequence)
        except OutOfSequence:
            assert sequence > len(log) + 1
    assert log == list(range(1, len(log) + 1))


@given(st.lists(st.tuples(st.integers(0, 2), st.booleans()), max_size=60))
def test_once_replaced_a_producer_never_writes_again(steps: list[tuple[int, bool]]) -> None:
    """Several incarnations of one producer, each believing it is the live one, write and are replaced in any order."""
    producers = Producers()
    epochs, sent = [0, 1, 2], [0, 0, 0]
    newest, written = 2, -1
    for who, takes_over in steps:
        if takes_over:
            epochs[who], sent[who] = (newest := newest + 1), 0
        stamp = Stamp("agent", epochs[who], sent[who] + 1)
        if epochs[who] >= written:
            assert producers.admit(stamp)
            written, sent[who] = epochs[who], sent[who] + 1
            assert producers.last("agent", written) == sent[who]
        else:
            with pytest.raises(Fenced):
                producers.admit(stamp)
            with pytest.raises(Fenced):
                producers.last("agent", epochs[who])


def test_a_write_out_of_turn_changes_nothing() -> None:
    producers = Producers()
    with pytest.raises(OutOfSequence):
        producers.admit(Stamp("agent", 1, 2))
    assert producers.admit(Stamp("agent", 1, 1))
    with pytest.raises(OutOfSequence):
        producers.admit(Stamp("agent", 2, 2))
    assert producers.admit(Stamp("agent", 1, 2))  # the newer epoch never wrote anything, so it has not begun


def test_producers_know_nothing_of_each_other() -> None:
    producers = Producers()
    assert producers.admit(Stamp("one", 2, 1))
    assert producers.last("two", 1) == 0
    assert producers.admit(Stamp("two", 1, 1))
    assert not producers.admit(Stamp("two", 1, 1))
