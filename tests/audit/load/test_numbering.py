from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.load.numbering import Numbering

from .cutting import pieces

WORDS = Numbering(20, "tok-{:04d}·é漢🙂")
TEXT = "".join(f"tok-{number:04d}·é漢🙂 " for number in range(1, 21))


@given(st.lists(st.integers(0, len(TEXT)), max_size=30))
def test_words_are_the_same_however_the_text_is_cut(cuts: list[int]) -> None:
    tail = ""
    found: list[int] = []
    for piece in pieces(TEXT, cuts):
        numbers, tail = WORDS.split(tail, piece)
        found += numbers
    assert (found, tail) == (list(range(1, 21)), "")


def test_what_is_no_word_has_no_number() -> None:
    assert WORDS.split("", "hello tok-0003·é漢🙂 tok-0021·é漢🙂 x") == ([0, 3, 0], "x")


def test_a_piece_that_is_one_word_is_found_at_once() -> None:
    assert WORDS.alone["tok-0007·é漢🙂 "] == 7


@pytest.mark.parametrize(("tail", "numbers"), [("tok-0005·é漢🙂", [5]), ("tok-00", []), ("what", [0]), ("", [])])
def test_the_last_word_needs_no_blank_and_a_broken_one_was_not_shown(tail: str, numbers: list[int]) -> None:
    assert WORDS.rest(tail) == numbers


def test_the_ends_of_events_are_told_for_every_word() -> None:
    numbering = Numbering(3, "tok-{:04d}")
    assert numbering.endings(2, b'tok-0002 "}}') == (b"", b'tok-0001 "}}', b'tok-0002 "}}', b'tok-0003 "}}', b"")
    assert numbering.endings(1, b'tok-0001 "}}') is numbering.endings(3, b'tok-0003 "}}')
    assert not numbering.endings(1, b'tok-0002 "}}')  # it ends with another word


def test_words_that_json_may_write_otherwise_have_no_known_end() -> None:
    assert not Numbering(40, "{:c}").endings(3, b"\x03 ")
    assert not Numbering(3, "wörd-{}").endings(1, "wörd-1 ".encode())
    assert not Numbering(3, "same").endings(1, b"same ")


def test_only_so_many_ends_are_kept() -> None:
    numbering = Numbering(3, "tok-{:04d}")
    found = [numbering.endings(1, b"tok-0001 %d" % number) for number in range(20)]
    assert 0 < sum(map(bool, found)) < 20
