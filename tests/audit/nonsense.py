"""What a target must never say, one way of saying it a function, each for one connection of `servers.py`."""

from __future__ import annotations

import asyncio
import json
import struct
import zlib
from functools import cache

from .servers import BINARY, CLOSE, LAST_CHUNK, PING, PONG, STREAM, TEXT, Script, Talk, frame

PLAIN = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"
MANY = 1_000_000
LARGE = 50_000_000
BLOCK = bytes(65_536)
DEEP = "[" * 100_000
WORD = 'data: {"type":"text-delta","delta":"x "}\n\n'


async def _forever(talk: Talk, data: bytes) -> None:
    while True:
        await talk.say(data)


# -- before there is a response (every protocol meets these) -------------------------------------------------------


async def garbage(talk: Talk) -> None:
    """Bytes that are no protocol at all."""
    await talk.request()
    await talk.say(b"\x00\xff\x13 hello\r\n\r\n" * 10)
    await talk.gone()


async def status_of_another_world(talk: Talk) -> None:
    """A status line that is nearly one."""
    await talk.request()
    await talk.say(b"HTTP/9.9 99999 Fine\r\n\r\n")
    await talk.gone()


async def endless_header_lines(talk: Talk) -> None:
    """Headers that never end."""
    await talk.request()
    await talk.say(b"HTTP/1.1 200 OK\r\n")
    await _forever(talk, b"X-Again: and again\r\n" * 1_000)


async def endless_header_line(talk: Talk) -> None:
    """One header that never ends."""
    await talk.request()
    await talk.say(b"HTTP/1.1 200 OK\r\nX-Long: ")
    await _forever(talk, b"x" * 65_536)


async def endless_status_line(talk: Talk) -> None:
    """A status line that never ends."""
    await talk.request()
    await talk.say(b"HTTP/1.1 200 O")
    await _forever(talk, b"K" * 65_536)


async def endless_hints(talk: Talk) -> None:
    """Interim responses, and never the final one."""
    await talk.request()
    await _forever(talk, b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" * 500)


async def trickle(talk: Talk) -> None:
    """One byte every 100 ms, then silence."""
    await talk.request()
    for byte in b"HTTP/1.1":
        await talk.say(bytes((byte,)))
        await asyncio.sleep(0.1)
    await talk.gone()


async def silence(talk: Talk) -> None:
    """The request is taken, and that is all."""
    await talk.request()
    await talk.gone()


async def closed_at_once(talk: Talk) -> None:
    """Hangs up before the request is read."""


async def reset_at_once(talk: Talk) -> None:
    """Resets before the request is read."""
    talk.reset()


async def closed_after_the_request(talk: Talk) -> None:
    """Hangs up instead of answering."""
    await talk.request()


async def reset_after_the_request(talk: Talk) -> None:
    """Resets instead of answering."""
    await talk.request()
    talk.reset()


async def closed_in_the_headers(talk: Talk) -> None:
    """Hangs up in the middle of a header."""
    await talk.request()
    await talk.say(b"HTTP/1.1 200 OK\r\nContent-Ty")


async def reset_in_the_headers(talk: Talk) -> None:
    """Resets in the middle of a header."""
    await talk.request()
    await talk.say(b"HTTP/1.1 200 OK\r\nContent-Ty")
    await asyncio.sleep(0.02)
    talk.reset()


async def refusal_without_end(talk: Talk) -> None:
    """A 500 that goes on and on."""
    await talk.request()
    await talk.say(b"HTTP/1.1 500 Oops\r\nContent-Type: text/plain\r\n\r\n")
    await _forever(talk, b"sorry " * 10_000)


def refusal(status: str) -> Script:
    """A plain refusal."""

    async def refuse(talk: Talk) -> None:
        await talk.request()
        await talk.respond(b'{"error":{"message":"no"}}', status, Content_Type="application/json")

    refuse.__name__ = f"refusal_{status[:3]}"
    return refuse


async def success_without_content(talk: Talk) -> None:
    """200, and nothing (no event stream, no JSON, no WebSocket)."""
    await talk.request()
    await talk.respond(b"")


async def a_login_page(talk: Talk) -> None:
    """200 and HTML, as behind a captive portal."""
    await talk.request()
    await talk.respond(b"<html>Please log in</html>", Content_Type="text/html")


async def a_switch_to_nowhere(talk: Talk) -> None:
    """101 with nothing that was asked for."""
    await talk.request()
    await talk.say(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\nwhat now?")
    await talk.gone()


BEFORE: tuple[Script, ...] = (
    garbage,
    status_of_another_world,
    endless_header_lines,
    endless_header_line,
    endless_status_line,
    endless_hints,
    trickle,
    silence,
    closed_at_once,
    reset_at_once,
    closed_after_the_request,
    reset_after_the_request,
    closed_in_the_headers,
    reset_in_the_headers,
    refusal_without_end,
    refusal("404 Not Found"),
    refusal("500 Internal Server Error"),
    success_without_content,
    a_login_page,
    a_switch_to_nowhere,
)


# -- in an event stream, or any other body -------------------------------------------------------------------------


async def a_line_of_50_mb(talk: Talk) -> None:
    """One event that is larger than any device would hold."""
    await talk.request()
    await talk.say(STREAM)
    await talk.chunk(b"data: ")
    for _ in range(LARGE // len(BLOCK)):
        await talk.chunk(b"x" * len(BLOCK))
    await talk.chunk(b"\n\n")
    await talk.say(LAST_CHUNK)


async def chunks_of_no_size(talk: Talk) -> None:
    """Chunk sizes that are none, from the first on."""
    await talk.request()
    await talk.say(STREAM + b"zz\r\nfoo\r\n")
    await talk.gone()


async def a_chunk_of_no_size_later(talk: Talk) -> None:
    """A chunk size that is none, after some that were."""
    await talk.request()
    await talk.say(STREAM)
    await talk.chunk(WORD.encode() * 3)
    await asyncio.sleep(0.05)
    await talk.say(b"-12\r\nfoo\r\n")
    await talk.gone()


@cache
def _bomb() -> bytes:
    engine = zlib.compressobj(9, wbits=zlib.MAX_WBITS | 16)
    return b"".join(engine.compress(bytes(1 << 20)) for _ in range(200)) + engine.flush()


async def a_gzip_bomb(talk: Talk) -> None:
    """A body that inflates to a thousand times its size."""
    await talk.request()
    await talk.say(PLAIN.replace(b"\r\n\r\n", b"\r\nContent-Encoding: gzip\r\n\r\n"), _bomb())
    await talk.gone()


async def gzip_that_is_none(talk: Talk) -> None:
    """Says gzip and is not."""
    await talk.request()
    await talk.respond(WORD.encode(), Content_Encoding="gzip", Content_Type="text/event-stream")


async def a_coding_nobody_knows(talk: Talk) -> None:
    """Says what was not asked for."""
    await talk.request()
    await talk.respond(WORD.encode(), Content_Encoding="br, secret", Content_Type="text/event-stream")


async def a_body_without_end(talk: Talk) -> None:
    """Bytes without lines, for ever."""
    await talk.request()
    await talk.say(PLAIN)
    await _forever(talk, BLOCK)


async def lines_without_meaning(talk: Talk) -> None:
    """Lines for ever, none of which is an event."""
    await talk.request()
    await talk.say(PLAIN)
    await _forever(talk, b"nothing: here\n\n" * 5_000)


async def deep_json(talk: Talk) -> None:
    """JSON that is nested deeper than anybody can follow."""
    await talk.request()
    deep = '{"a":' + DEEP
    await talk.respond(f"data: {deep}\n\ndata: {DEEP}\n\n".encode(), Content_Type="text/event-stream")


async def a_deep_body(talk: Talk) -> None:
    """The same as the body of a command or transcript."""
    await talk.request()
    await talk.respond(b'{"messages":' + DEEP.encode(), Content_Type="application/json")


async def a_million_events(talk: Talk) -> None:
    """Tiny events without end."""
    await talk.request()
    await talk.say(PLAIN)
    for _ in range(100):
        await talk.say(WORD.encode() * (MANY // 100))
    await talk.gone()


async def a_million_comments(talk: Talk) -> None:
    """Heartbeats without end."""
    await talk.request()
    await talk.say(PLAIN)
    for _ in range(100):
        await talk.say(b":\n" * (MANY // 100))
    await talk.gone()


async def bytes_that_are_no_text(talk: Talk) -> None:
    """Invalid UTF-8 in every event."""
    await talk.request()
    await talk.respond(b"data: \xff\xfe\xed\xa0\x80\n\n" * 500, Content_Type="text/event-stream")


async def a_word_a_second(talk: Talk) -> None:
    """The stream opens and trickles."""
    await talk.request()
    await talk.say(PLAIN)
    for byte in b"data: {":
        await talk.say(bytes((byte,)))
        await asyncio.sleep(0.1)
    await talk.gone()


async def half_an_event_then_reset(talk: Talk) -> None:
    """Resets in the middle of an event."""
    await talk.request()
    await talk.say(STREAM)
    await talk.chunk(WORD.encode() + b"data: {")
    await asyncio.sleep(0.02)
    talk.reset()


async def half_an_event_then_fin(talk: Talk) -> None:
    """Hangs up in the middle of an event."""
    await talk.request()
    await talk.say(STREAM)
    await talk.chunk(WORD.encode() + b"data: {")


IN_A_BODY: tuple[Script, ...] = (
    a_line_of_50_mb,
    chunks_of_no_size,
    a_chunk_of_no_size_later,
    a_gzip_bomb,
    gzip_that_is_none,
    a_coding_nobody_knows,
    a_body_without_end,
    lines_without_meaning,
    deep_json,
    a_deep_body,
    a_million_events,
    a_million_comments,
    bytes_that_are_no_text,
    a_word_a_second,
    half_an_event_then_reset,
    half_an_event_then_fin,
)


# -- in a WebSocket ------------------------------------------------------------------------------------------------


async def a_wrong_accept(talk: Talk) -> None:
    """An upgrade with the key of another request."""
    await talk.upgrade("d3Jvbmcgd3Jvbmcgd3Jvbmcgd3Jvbmc=")
    await talk.gone()


async def a_frame_of_50_mb(talk: Talk) -> None:
    """One frame that is larger than any device would hold, and really comes."""
    await talk.upgrade()
    await talk.say(struct.pack("!BBQ", 0x80 | TEXT, 127, LARGE))
    await _forever(talk, BLOCK)


async def fragments_of_50_mb(talk: Talk) -> None:
    """The same in fragments."""
    await talk.upgrade()
    await talk.frame(BLOCK, TEXT, fin=False)
    await _forever(talk, frame(BLOCK, 0, fin=False))


async def fragments_of_nothing(talk: Talk) -> None:
    """A message of empty fragments that never ends."""
    await talk.upgrade()
    await talk.frame("x", fin=False)
    await _forever(talk, frame(b"", 0, fin=False) * 5_000)


async def a_million_frames(talk: Talk) -> None:
    """Tiny messages without end."""
    await talk.upgrade()
    word = frame('{"type":"token","text":"x "}') + frame('{"type":"event","epoch":"e","offset":1,"kind":"stop"}')
    for _ in range(100):
        await talk.say(word * (MANY // 200))
    await talk.gone()


async def pings_without_end(talk: Talk) -> None:
    """Pings for ever, and nobody takes the answers."""
    await talk.upgrade()
    talk.writer.transport.pause_reading()  # type: ignore[attr-defined]
    await _forever(talk, frame(bytes(125), PING) * 500)


async def pongs_without_end(talk: Talk) -> None:
    """Answers that nobody asked for."""
    await talk.upgrade()
    await _forever(talk, frame(bytes(125), PONG) * 500)


async def text_that_is_none(talk: Talk) -> None:
    """Invalid UTF-8."""
    await talk.upgrade()
    await talk.say(frame(b'{"type":"token","text":"\xff\xfe"}'))
    await talk.gone()


async def deep_frames(talk: Talk) -> None:
    """JSON that is nested deeper than anybody can follow."""
    await talk.upgrade()
    for _ in range(5):
        await talk.frame('{"type":' + DEEP)
    await talk.gone()


async def frames_that_are_no_json(talk: Talk) -> None:
    """Anything but an object."""
    await talk.upgrade()
    for text in ("", "hello", "[]", "null", "NaN", '{"type":7}', '{"type":"event"}', "9" * 10_000):
        await talk.frame(text)
    await talk.frame(bytes(range(256)), BINARY)
    await talk.gone()


async def replies_to_nobody(talk: Talk) -> None:
    """Replies that answer nothing, or in the wrong types."""
    await talk.upgrade()
    for id in ("", "nobody", 7, None, ["sub-1"], {"sub-1": 1}):
        await talk.frame(json.dumps({"type": "reply", "id": id, "ok": "yes"}))
    await talk.gone()


async def an_opcode_of_tomorrow(talk: Talk) -> None:
    """A reserved opcode."""
    await talk.upgrade()
    await talk.frame("x", 11)
    await talk.gone()


async def a_close_at_once(talk: Talk) -> None:
    """Close 1011 right after the upgrade, and the connection stays."""
    await talk.upgrade()
    await talk.frame(struct.pack("!H", 1011) + b"internal error", CLOSE)
    await talk.gone()


async def an_upgrade_then_silence(talk: Talk) -> None:
    """The socket opens, and that is all."""
    await talk.upgrade()
    await talk.gone()


async def an_upgrade_then_reset(talk: Talk) -> None:
    """The socket opens and is reset."""
    await talk.upgrade()
    await asyncio.sleep(0.02)
    talk.reset()


IN_A_SOCKET: tuple[Script, ...] = (
    a_wrong_accept,
    a_frame_of_50_mb,
    fragments_of_50_mb,
    fragments_of_nothing,
    a_million_frames,
    pings_without_end,
    pongs_without_end,
    text_that_is_none,
    deep_frames,
    frames_that_are_no_json,
    replies_to_nobody,
    an_opcode_of_tomorrow,
    a_close_at_once,
    an_upgrade_then_silence,
    an_upgrade_then_reset,
)
