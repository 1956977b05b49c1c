from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from reference_impl.session.event import Event, decode, dumps, encode

texts = st.text(st.characters(codec="utf-8"))


@given(texts, st.integers(1, 10**12))
def test_a_text_event_is_the_documented_json(text: str, offset: int) -> None:
    body = encode(Event("text", "r_4f", {"text": text}), "k3j9", offset)
    assert json.loads(body) == {
        "type": "event", "epoch": "k3j9", "offset": offset, "kind": "text", "run": "r_4f", "data": {"text": text},
    }  # fmt: skip


@given(texts, texts)
def test_decoding_gives_the_event_back(text: str, key: str) -> None:
    for event in (
        Event("user", "r_1", {"id": "u_1", "text": text, "key": key}),
        Event("run-start", "r_1"),
        Event("text", "r_1", {"text": text}),
        Event("stop", None, {"by": "device", "key": key}),
        Event("run-end", "r_1", {"reason": "failed", "error": text}),
    ):
        assert decode(encode(event, "e", 1)) == event


def test_nothing_is_escaped_that_need_not_be_and_everything_is_one_line() -> None:
    body = encode(Event("text", "r_1", {"text": "é漢🙂\n"}), "e", 1)
    assert "é漢🙂\\n".encode() in body
    assert b"\n" not in body
    assert dumps({"a": "é"}) == '{"a":"é"}'.encode()
