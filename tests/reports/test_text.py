from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.text import columns, count, fit, shorten, visible

ANYTHING = st.text(st.characters(codec=None), max_size=80)


@pytest.mark.parametrize(
    ("hidden", "shown"),
    [
        ("two\nlines\tapart", "two↵lines⇥apart"),
        ("\x1b[31mred\x07", "⟨U+001B⟩[31mred⟨U+0007⟩"),
        ("\u202egnp.exe", "⟨U+202E⟩gnp.exe"),
        ("a\u2066b\u2069", "a⟨U+2066⟩b⟨U+2069⟩"),
        ("lone \ud83d", "lone ⟨U+D83D⟩"),
        ("\U000e0041", "⟨U+E0041⟩"),
        ("👩‍👩‍👧 and 漢字 stay", "👩‍👩‍👧 and 漢字 stay"),
    ],
)
def test_what_cannot_be_seen_is_spelled_out(hidden: str, shown: str) -> None:
    assert visible(hidden) == shown


@given(ANYTHING)
def test_nothing_hidden_is_left_of_any_text(text: str) -> None:
    shown = visible(text)
    shown.encode()
    assert not [c for c in shown if unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"} or c in "\u202e\u2066\ufeff"]


@given(ANYTHING, st.integers(0, 90))
def test_shortened_texts_keep_their_beginning_and_say_so(text: str, limit: int) -> None:
    shown = shorten(text, limit)
    assert len(shown) <= max(limit, 1)
    assert shown == text or (shown.endswith("…") and text.startswith(shown[:-1]))


def test_a_huge_text_is_cut_before_anything_else_is_done_to_it() -> None:
    assert len(visible("\u202e" * 100_000, 10)) < 100


@given(ANYTHING, st.integers(1, 60))
def test_a_fitted_text_is_never_too_wide(text: str, width: int) -> None:
    assert columns(fit(text, width)) <= width


def test_wide_characters_take_two_columns() -> None:
    assert columns("漢字ab") == 6
    assert fit("漢字漢字", 5) == "漢字…"


def test_counting() -> None:
    assert [count(1, "gap"), count(2, "gap"), count(1_200, "entry", "entries")] == ["1 gap", "2 gaps", "1,200 entries"]
