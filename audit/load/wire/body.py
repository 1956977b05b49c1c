"""Bodies of HTTP/1.1 responses, taken off their framing piece by piece (RFC 9112, 6 and 7). Pure: bytes in, bytes to a
sink, each piece as soon as it is there."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ...errors import Oversized, ProtocolError
from ...inflate import Inflate, inflater
from .conn import Sink
from .forecast import Seer

_SIZE = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*(?:;[^\r\n]*)?")
_LENGTH = re.compile(r"\d{1,18}", re.ASCII)
_LINE_LIMIT = 4 * 1024
_SIZES: dict[bytes, int] = {}  # of chunks, by their line: nearly all are the same few
_KNOWN_SIZES = 4_096


class Body:
    """A body without a length: everything until the connection closes. done: it is complete."""

    __slots__ = ("done", "sink")
    until_close = True

    def __init__(self, sink: Sink) -> None:
        self.sink, self.done = sink, False

    def feed(self, data: bytes, at: float) -> Seer | None:
        """Take the next bytes. ProtocolError for framing that is broken. Gives what the sink gave for a piece that came
        alone, in a frame of its own."""
        return self.sink(data, at) if data else None


class _Sized(Body):
    """A body of a known length."""

    __slots__ = ("_left",)
    until_close = False

    def __init__(self, sink: Sink, length: int) -> None:
        super().__init__(sink)
        self._left, self.done = length, length == 0

    def feed(self, data: bytes, at: float) -> Seer | None:
        piece = data[: self._left]
        self._left -= len(piece)
        self.done = self._left == 0
        if piece:
            self.sink(piece, at)
        return None  # it has to be counted


class _Chunked(Body):
    """A body in chunks. A chunk that is cut by the network goes on in pieces: what is there is not kept waiting."""

    __slots__ = ("_left", "_rest", "_trailer")
    until_close = False

    def __init__(self, sink: Sink) -> None:
        super().__init__(sink)
        self._rest = b""
        self._left = 0  # bytes of the current chunk to come, its CRLF included
        self._trailer = False

    def feed(self, data: bytes, at: float) -> Seer | None:
        whole, seer = not (self._rest or self._left or self._trailer), None
        if self._rest:
            data, self._rest = self._rest + data, b""
        position, end = self._go_on(data, at) if self._left else 0, len(data)
        while position < end and not self.done:
            line_end = data.find(b"\r\n", position)
            if line_end < 0:
                break
            line = data[position:line_end]
            position = line_end + 2
            if self._trailer:
                self.done = not line
            elif size := _SIZES.get(line) or _size(line):
                stop = position + size
                if stop + 2 > end:
                    self._left = size + 2
                    position += self._go_on(data[position:], at)
                    break
                if data[stop : stop + 2] != b"\r\n":
                    raise ProtocolError("a chunk is longer than it says")
                seer = self.sink(data[position:stop], at)
                whole = whole and stop + 2 == end
                position = stop + 2
            else:
                self._trailer = True
        self._keep(data[position:])
        return seer if whole else None

    def _go_on(self, data: bytes, at: float) -> int:
        """Take more of the chunk that is under way; gives how many bytes were used."""
        text = data[: max(self._left - 2, 0)]
        used = len(text)
        if text:
            self._left -= used
            self.sink(text, at)
        if self._left <= 2 and len(data) - used >= self._left:
            mark = data[used : used + self._left]
            if mark != b"\r\n"[2 - self._left :]:
                raise ProtocolError("a chunk is longer than it says")
            used += self._left
            self._left = 0
        return used

    def _keep(self, rest: bytes) -> None:
        if len(rest) > _LINE_LIMIT:
            raise Oversized("the line of a chunk does not end")
        self._rest = rest


def body_of(status: int, headers: Mapping[str, str], sink: Sink) -> Body:
    """How the body of such a response (to anything but HEAD) is framed: RFC 9112, 6.3."""
    inflate = inflater(headers.get("content-encoding", ""))
    sink = sink if inflate is bytes else _inflating(inflate, sink)
    if status in (204, 304) or status < 200:
        return _Sized(sink, 0)
    coding = headers.get("transfer-encoding", "").lower()
    if coding:
        if coding != "chunked":
            raise ProtocolError(f"the response has Transfer-Encoding {coding[:40]!r}, which was not asked for")
        return _Chunked(sink)
    if "content-length" not in headers:
        return Body(sink)
    lengths = {length.strip() for length in headers["content-length"].split(",")}
    if len(lengths) > 1 or not _LENGTH.fullmatch(length := lengths.pop()):
        raise ProtocolError(f"the response has Content-Length {headers['content-length'][:40]!r}")
    return _Sized(sink, int(length))


def _inflating(inflate: Inflate, sink: Sink) -> Sink:
    def through(data: bytes, at: float) -> None:  # what comes next depends on all that came
        if plain := inflate(data):
            sink(plain, at)

    return through


def _size(line: bytes) -> int:
    """The size that a chunk's line says; extensions mean nothing to us."""
    found = _SIZE.fullmatch(line)
    if found is None:
        raise ProtocolError(f"not the line of a chunk: {line[:40]!r}")
    size = int(found[1], 16)
    if size and len(_SIZES) < _KNOWN_SIZES:
        _SIZES[line] = size
    return size
