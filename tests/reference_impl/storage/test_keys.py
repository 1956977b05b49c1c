from __future__ import annotations

import re

from hypothesis import example, given
from hypothesis import strategies as st

from reference_impl.storage.keys import key

NAMES = st.text() | st.text(st.sampled_from("a."), min_size=150, max_size=600)


@given(NAMES, NAMES)
@example("", "%")
@example("a.b", "a%2Eb")
def test_each_name_is_another_token_of_harmless_letters(one: str, other: str) -> None:
    assert re.fullmatch(r"[A-Za-z0-9%_~-]+", key(one))
    assert (key(one) == key(other)) == (one == other)


@given(st.text("ab", min_size=513, max_size=520), st.text("ab", min_size=513, max_size=520))
def test_long_names_are_short_tokens(one: str, other: str) -> None:
    assert len(key(one)) < 100
    assert (key(one) == key(other)) == (one == other)


def test_usual_names_stay_readable() -> None:
    assert key("chat-42_a") == "chat-42_a"
