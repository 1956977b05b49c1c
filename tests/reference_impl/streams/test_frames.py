from __future__ import annotations

import json
from base64 import b64decode

from hypothesis import given
from hypothesis import strategies as st

from reference_impl.streams.content import Kind, packed
from reference_impl.streams.frames import control_event, data_event


def read(event: bytes) -> tuple[str, str]:
    """The event's name and data, as WHATWG HTML section 9.2.6 reads them; exactly one."""
    lines = event.decode().replace("\r\n", "\n").replace("\r", "\n").split("\n")
    assert lines[-2:] == ["", ""]
    name, data = "", []
    for line in lines[:-2]:
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if field == "event":
            name = value
        else:
            assert field == "data"
            data.append(value)
    return name, "\n".join(data)


@given(st.text(alphabet=st.sampled_from("ab \n\r:é") | st.characters(codec="utf-8"), min_size=1))
def test_text_arrives_whole_and_can_never_pose_as_an_event(text: str) -> None:
    name, data = read(data_event(Kind.TEXT, text.encode()))
    assert name == "data"
    assert data == text.replace("\r\n", "\n").replace("\r", "\n")


@given(st.binary(min_size=1))
def test_bytes_arrive_in_base64(content: bytes) -> None:
    name, data = read(data_event(Kind.BINARY, content))
    assert (name, b64decode(data, validate=True)) == ("data", content)


def test_messages_arrive_as_one_array() -> None:
    assert read(data_event(Kind.JSON, packed([b'{"n":1}', b"[2]"]))) == ("data", '[{"n":1},[2]]')


def test_a_control_event_says_where_the_reader_is() -> None:
    def told(*, up_to_date: bool, closed: bool) -> object:
        name, data = read(control_event("a_1", 7, up_to_date=up_to_date, closed=closed))
        assert name == "control"
        return json.loads(data)

    assert told(up_to_date=False, closed=False) == {"streamNextOffset": "a_1", "streamCursor": "7"}
    assert told(up_to_date=True, closed=False) == {"streamNextOffset": "a_1", "streamCursor": "7", "upToDate": True}
    assert told(up_to_date=True, closed=True) == {"streamNextOffset": "a_1", "upToDate": True, "streamClosed": True}
