from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from audit.halves import without_halves


def test_a_lone_surrogate_is_replaced_and_a_whole_character_is_not() -> None:
    assert without_halves("a\ud83db🙂\ude42") == "a\ufffdb🙂\ufffd"


@given(st.text(st.characters(codec=None)))
def test_the_rest_is_encodable(text: str) -> None:
    whole = without_halves(text)
    whole.encode()
    assert len(whole) == len(text)
