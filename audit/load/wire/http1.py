"""HTTP/1.1 as a load device needs it (RFC 9112): one request a connection, its response read as it comes in."""

from __future__ import annotations

from collections.abc import Mapping

from ...errors import Oversized
from .body import Body, body_of
from .conn import Conn, Owner, Sink
from .head import HEAD_LIMIT, parse_head

BODY_LIMIT = 8 * 1024 * 1024  # of a body that is no stream


class Exchange(Conn):
    """A request and its response. stream: a 200 is handed to the owner when its head is known, and its body piece by
    piece to the owner's sink; every other response is read whole first."""

    __slots__ = ("_body", "_head", "_headers", "_request", "_status", "_stream", "_whole")

    def __init__(self, owner: Owner, request: bytes, *, stream: bool) -> None:
        super().__init__(owner)
        self._request, self._stream = request, stream
        self._head = b""
        self._body: Body | None = None
        self._status = 0
        self._headers: Mapping[str, str] = {}
        self._whole = bytearray()

    def greet(self) -> None:
        """Send the request."""
        assert self.transport is not None
        self.transport.write(self._request)
        self._request = b""

    def take(self, data: bytes, at: float) -> None:
        """Read the next bytes of the response."""
        body = self._body
        if body is None:
            data = self._begin(data)
            body = self._body
            if body is None:
                return
        seer = body.feed(data, at)
        if seer is not None:
            self.foreseen(seer, data)
        if body.done:
            self._end()

    def lost(self, how: str) -> None:
        """A body without a length ends with its connection; any other was cut short."""
        if self._body is not None and self._body.until_close and how == "fin":
            self._end()
        else:
            self.over(how)

    def _begin(self, data: bytes) -> bytes:
        """Read the head; give what follows it. Interim responses (RFC 9110, 15.2) are skipped."""
        self._head += data
        while True:
            head, blank, rest = self._head.partition(b"\r\n\r\n")
            if len(head) > HEAD_LIMIT:
                raise Oversized(f"the head of a response is over {HEAD_LIMIT} bytes")
            if not blank:
                return b""
            self._status, self._headers = parse_head(head)
            self._head = rest
            if self._status >= 200 or self._status == 101:
                break
        self._head = b""
        self._open()
        return rest

    def _open(self) -> None:
        sink: Sink | None = self._gather
        if self._stream and self._status == 200 and self.owner is not None:
            sink = self.sink = self.owner.answered(self, 200, self._headers, b"")
        if sink is None or self.owner is None:
            self.hang_up()
        else:
            self._body = body_of(self._status, self._headers, sink)

    def _gather(self, data: bytes, _: float) -> None:
        self._whole += data
        if len(self._whole) > BODY_LIMIT:
            raise Oversized(f"a response is over {BODY_LIMIT} bytes")

    def _end(self) -> None:
        if self.sink is None and self.owner is not None:
            self.owner.answered(self, self._status, self._headers, bytes(self._whole))
        self.over("clean")
