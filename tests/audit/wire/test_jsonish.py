from __future__ import annotations

import json
from contextlib import suppress
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.errors import ProtocolError
from audit.wire.jsonish import (
    EXCERPT_CHARS,
    Halves,
    child,
    children,
    decode_body,
    decode_object,
    excerpt,
    has_half_escape,
    string,
    whole,
)

HIGH, LOW = "\ud83d", "\ude42"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)


@given(st.dictionaries(st.text(), JSON))
def test_json_objects_survive(value: dict[str, object]) -> None:
    assert decode_object(json.dumps(value)) == value
    assert decode_object(json.dumps(value, ensure_ascii=False).encode()) == value
    assert decode_body(json.dumps(value).encode()) == value


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ("", "not JSON"),
        ("{", "not JSON"),
        ("{} {}", "not JSON"),
        ("null", "expected, not null$"),
        ("[]", "expected, not an array"),
        ("true", "expected, not a boolean"),
        ("12", "expected, not a number"),
        ("1.5", "expected, not a number"),
        ('"x"', "expected, not a string"),
        ('{"a": NaN}', "NaN is not a JSON value"),
        ('{"a": -Infinity}', "-Infinity is not a JSON value"),
        ('{"a": "\n"}', "not JSON"),
        ('{"a": ' + "9" * 5_000 + "}", "not JSON"),
        ('{"a":' * 100_000, "nested too deeply"),
        ('{"a":' + "[" * 100_000, "nested too deeply"),
    ],
)
def test_damage_is_a_protocol_error_of_one_short_sentence(raw: str, said: str) -> None:
    for given_as in (raw, raw.encode()):
        with pytest.raises(ProtocolError, match=said) as caught:
            decode_object(given_as)
        assert len(str(caught.value)) < 300


@given(st.binary() | st.text(alphabet='{}[]":,\\u0123456789abcdefdD ').map(str.encode))
def test_decoding_is_total(raw: bytes) -> None:
    with suppress(ProtocolError):
        decode_object(raw)
    with suppress(ProtocolError):
        json.dumps(decode_body(raw), ensure_ascii=False).encode()


def test_bodies_hold_whole_characters_only() -> None:
    assert decode_body(b'{"a":"\\ud83d\\ude42","b":["\\ud83d"],"\\ude42":1}') == {
        "a": "🙂",
        "b": ["\ufffd"],
        "\ufffd": 1,
    }


def test_objects_may_hold_halves_and_say_so() -> None:
    raw = '{"a":"\\ud83d"}'
    assert decode_object(raw) == {"a": HIGH}
    assert has_half_escape(raw)
    assert not has_half_escape('{"a":"\\u00e9 \\ud7ff"}')


def test_lookups_are_tolerant() -> None:
    body = {"object": {"k": 1}, "list": [{"a": 1}, 2, {"b": 2}], "text": "x"}
    assert child(body, "object") == {"k": 1}
    assert child(body, "text") == child(body, "none") == {}
    assert children(body, "list") == [{"a": 1}, {"b": 2}]
    assert children(body, "text") == children(body, "none") == []
    assert string("x") == "x"
    assert string("") is string(1) is string(None) is None
    assert string("x" + HIGH) == "x\ufffd"


def test_excerpts_are_short_and_can_be_written_down() -> None:
    assert excerpt("short") == "short"
    assert len(excerpt("x" * 1_000)) == len(excerpt(b"x" * 10_000_000)) == EXCERPT_CHARS
    assert excerpt("x" * 1_000).endswith("…")
    assert excerpt(b"\xff") == excerpt(HIGH) == "\ufffd"
    assert excerpt(12) == "12"
    assert excerpt({"deep": []}) == "an object"


@given(st.text(alphabet=st.sampled_from(["a", "é", "🙂", HIGH, LOW])))
def test_whole_joins_pairs_and_replaces_the_rest(text: str) -> None:
    mended = whole(text)
    mended.encode()
    assert whole(mended) == mended
    assert mended == text.replace(HIGH + LOW, "🙂").replace(HIGH, "\ufffd").replace(LOW, "\ufffd")


@given(st.text(alphabet=st.sampled_from(["a", "é", "🙂", HIGH, LOW])), st.lists(st.integers(0, 20)))
def test_halves_make_cutting_invisible(text: str, cuts: list[int]) -> None:
    halves, edges = Halves(), [0, *sorted(cuts), len(text)]
    pieces = [halves.take("r", text[a:b]) for a, b in pairwise(edges)]
    assert "".join(pieces) + halves.rest("r") == whole(text)
    assert not halves


def test_halves_of_different_runs_never_meet() -> None:
    halves = Halves()
    assert halves.take("a", "x" + HIGH) == "x"
    assert halves
    assert halves.take("b", LOW) == "\ufffd"
    assert halves.take("a", LOW) == "🙂"
    assert halves.rest("a") == halves.rest("none") == ""
