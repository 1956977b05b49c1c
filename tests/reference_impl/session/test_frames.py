from __future__ import annotations

import pytest
from websockets.frames import Frame, Opcode
from websockets.streams import StreamReader

from reference_impl.session.frames import sse_chunk, sse_event, ws_text


@pytest.mark.parametrize("size", [0, 1, 125, 126, 127, 65_535, 65_536, 70_000])
def test_a_websocket_frame_is_what_a_client_reads(size: int) -> None:
    reader = StreamReader()
    reader.feed_data(ws_text(b"x" * size))
    parsing = Frame.parse(reader.read_exact, mask=False)
    with pytest.raises(StopIteration) as parsed:
        next(parsing)
    frame: Frame = parsed.value.value
    assert (frame.opcode, frame.fin, bytes(frame.data)) == (Opcode.TEXT, True, b"x" * size)


def test_an_event_is_one_http_chunk() -> None:
    assert sse_event("text", b"{}", "e:1") == b"1e\r\nid: e:1\nevent: text\ndata: {}\n\n\r\n"
    assert sse_event("subscribed", b"{}") == b"1c\r\nevent: subscribed\ndata: {}\n\n\r\n"
    assert sse_chunk(b"x" * 300).startswith(b"12c\r\n")
