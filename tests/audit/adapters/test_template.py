from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.adapters.template import PLACEHOLDERS, allow, fill, uses

TEMPLATE = {"type": "prompt", "data": {"text": "{text}", "tags": ["{key}", "run={run}", 5, None, True]}, "{text}": "k"}


def test_strings_are_filled_in_and_nothing_else() -> None:
    filled = json.loads(fill(TEMPLATE, {"text": "hi", "key": "p-1", "run": "r_1"}))
    assert filled == {
        "type": "prompt",
        "data": {"text": "hi", "tags": ["p-1", "run=r_1", 5, None, True]},
        "{text}": "k",
    }


def test_what_is_not_known_is_null_alone_and_nothing_within_a_string() -> None:
    assert json.loads(fill({"a": "{run}", "b": "run={run}"}, {"run": None})) == {"a": None, "b": "run="}


def test_a_number_alone_stays_a_number() -> None:
    assert fill({"after": "{cursor}", "at": "c{cursor}"}, {"cursor": 0}) == '{"after":0,"at":"c0"}'


@given(st.text(alphabet=st.characters(codec="utf-8")))
def test_any_prompt_arrives_as_it_is(text: str) -> None:
    filled = fill({"text": "{text}", "more": "<{text}>"}, {"text": text, "key": "wrong"})
    assert json.loads(filled) == {"text": text, "more": f"<{text}>"}


def test_braces_of_a_prompt_are_not_filled_in() -> None:
    assert json.loads(fill({"t": "{text} {key}"}, {"text": "{key}{0}{text}", "key": "k"})) == {"t": "{key}{0}{text} k"}


def test_uses() -> None:
    assert all(uses(TEMPLATE, name) for name in ("text", "key", "run"))
    assert not uses(TEMPLATE, "session")


@pytest.mark.parametrize("template", [{"a": "{txt}"}, {"a": ["{text} {oops}"]}, {"a": {"b": "{text}"}}])
def test_a_placeholder_that_means_nothing_is_refused(template: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"means nothing here; there are \{key\}, \{run\}"):
        allow("key", "run")(template)


def test_other_braces_are_text() -> None:
    template = {"a": "{}", "b": "{ text }", "c": "{a-b}", "{odd}": 1}
    assert allow(*PLACEHOLDERS)(template) == template
