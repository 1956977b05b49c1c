from __future__ import annotations

from urllib.parse import unquote

from hypothesis import given
from hypothesis import strategies as st

from audit.adapters.base import Call
from audit.adapters.calls import get, get_stream, post, post_stream, segment, to_json


def test_requests() -> None:
    json, stream = "application/json", "text/event-stream"
    assert get("/a") == Call("GET", "/a", headers={"accept": json})
    assert get_stream("/a", {"x": "1"}) == Call("GET", "/a", headers={"accept": stream, "x": "1"}, stream=True)
    assert post("/a", {"t": "é"}) == Call("POST", "/a", '{"t":"é"}'.encode(), {"content-type": json})
    headers = {"content-type": json, "accept": stream, "x": "1"}
    assert post_stream("/a", {}, {"x": "1"}) == Call("POST", "/a", b"{}", headers, stream=True)


def test_json_is_compact_and_never_escaped() -> None:
    assert to_json({"a": ["é漢🙂", None, 1]}) == '{"a":["é漢🙂",null,1]}'


@given(st.text(alphabet=st.characters(codec="utf-8")))
def test_a_segment_holds_anything_and_stays_one(text: str) -> None:
    quoted = segment(text)
    assert unquote(quoted) == text
    assert quoted.isascii()
    assert not set(quoted) & set("/?#&= \r\n")


def test_a_segment_is_total() -> None:
    assert segment("\ud83d") == "%3F"
