from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference_impl.errors import Refused
from reference_impl.streams.content import Kind, array, essence, kind_of, messages, packed

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4), max_leaves=12
)


@given(st.lists(JSON, max_size=5), st.sampled_from([None, 2]))
def test_an_array_is_taken_apart_one_level_and_put_together_again(values: list[object], indent: int | None) -> None:
    parts = messages(json.dumps(values, indent=indent).encode())
    assert [json.loads(part) for part in parts] == values
    assert not any(b"\n" in part for part in parts)
    assert json.loads(array(packed(parts))) == values


@given(JSON.filter(lambda value: not isinstance(value, list)))
def test_any_other_value_is_one_message(value: object) -> None:
    assert [json.loads(part) for part in messages(json.dumps(value).encode())] == [value]


def test_numbers_stay_as_they_were_written() -> None:
    assert messages(b"[1.0, 1e400, 12345678901234567890123]") == [b"1.0", b"1e400", b"12345678901234567890123"]


BROKEN = [
    b"",
    b" ",
    b"{",
    b"[",
    b"[1",
    b"[1,",
    b"[1,]",
    b"[,]",
    b"[1 2]",
    b"[1]x",
    b"1 2",
    b"NaN",
    b"[Infinity]",
    b"\xff",
]


@pytest.mark.parametrize("body", [*BROKEN, b"[" * 100_000, b'{"a":' * 100_000])
def test_what_is_not_json_is_refused(body: bytes) -> None:
    with pytest.raises(Refused):
        messages(body)


@pytest.mark.parametrize(
    ("content_type", "kind"),
    [
        ("application/json", Kind.JSON),
        ("Application/JSON; charset=utf-8", Kind.JSON),
        ("application/ndjson", Kind.BINARY),
        ("text/plain;charset=utf-8", Kind.TEXT),
        ("TEXT/HTML", Kind.TEXT),
        ("application/octet-stream", Kind.BINARY),
    ],
)
def test_the_kind_follows_from_the_media_type(content_type: str, kind: Kind) -> None:
    assert kind_of(content_type) is kind
    assert essence(content_type) == essence(content_type.upper())
