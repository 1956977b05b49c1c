from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from audit.checks.screen import Shown
from audit.checks.words import Word, compare, words

PIECES = st.lists(st.text(st.sampled_from("ab \n\u3000é🙂"), max_size=6), max_size=12)
ORACLES = st.lists(st.sampled_from(["tok-1", "tok-2", "tok-3", "tok-4"]), max_size=6).map(tuple)
SCREENS = st.lists(st.sampled_from(["tok-1", "tok-2", "tok-3", "tok-4", "garbled"]), max_size=8)


def held(*texts: str) -> tuple[Word, ...]:
    return tuple(Word(text, index) for index, text in enumerate(texts))


@given(PIECES)
def test_words_are_those_of_the_whole_text_however_it_is_cut(texts: list[str]) -> None:
    found = words(Shown(pieces=list(enumerate(texts))))
    assert [word.text for word in found] == "".join(texts).split()


@given(PIECES)
def test_a_word_belongs_to_the_last_piece_it_touches(texts: list[str]) -> None:
    found = words(Shown(pieces=list(enumerate(texts))))
    assert [word.index for word in found] == sorted(word.index for word in found)
    assert all(word.text[-1] in texts[word.index] for word in found)


def test_a_blank_in_front_of_the_next_word_does_not_move_the_one_before() -> None:
    assert words(Shown(pieces=[(3, "one"), (5, " two"), (9, " three")])) == (
        Word("one", 3),
        Word("two", 5),
        Word("three", 9),
    )


@given(ORACLES)
def test_the_oracle_itself_has_no_differences(oracle: tuple[str, ...]) -> None:
    found = compare(oracle, held(*oracle))
    assert (found.missing, found.repeated, found.reordered, found.foreign) == ((), (), (), ())


@given(ORACLES, SCREENS)
def test_words_that_are_neither_missing_nor_damaged_are_shown(oracle: tuple[str, ...], shown: list[str]) -> None:
    found = compare(oracle, held(*shown))
    extra = Counter(word.text for word in (*found.repeated, *found.foreign))
    assert Counter(shown) - extra <= Counter(oracle)
    assert not Counter(found.missing) - Counter(oracle)
    assert {word.text for word in found.foreign} <= set(shown) - set(oracle)
    assert {word.text for word in found.repeated} <= set(oracle)


def test_a_word_that_breaks_off_at_the_very_end_is_missing() -> None:
    found = compare(("tok-1", "tok-22"), held("tok-1", "tok-2"))
    assert (found.missing, found.foreign) == (("tok-22",), ())


def test_a_word_that_breaks_off_in_the_middle_is_damaged() -> None:
    found = compare(("tok-1", "tok-22", "tok-3"), held("tok-1", "tok-2", "tok-3"))
    assert found.missing == ()
    assert [word.text for word in found.foreign] == ["tok-2"]
