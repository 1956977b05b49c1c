from __future__ import annotations

from audit.masking import MASK, lookalikes, masked


def test_a_secret_is_masked_wherever_there_is_text() -> None:
    value = {"a": ["x hunter2 y", 1, None, True], "hunter2": {"b": ("hunter2",)}}
    assert masked(value, {"hunter2"}) == {"a": [f"x {MASK} y", 1, None, True], MASK: {"b": [MASK]}}


def test_the_longer_secret_goes_first() -> None:
    assert masked("Bearer hunter2", {"hunter2", "Bearer hunter2"}) == MASK


def test_a_secret_is_known_as_a_url_would_show_it() -> None:
    assert lookalikes({"a b/c", "plain"}) == {"a b/c", "a%20b%2Fc", "plain"}


def test_what_could_be_ordinary_text_is_no_secret() -> None:
    assert lookalikes({"", "1", "abc"}) == frozenset()
