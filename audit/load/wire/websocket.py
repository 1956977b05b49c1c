"""WebSocket (RFC 6455) as a load device needs it: opened, read frame by frame as bytes come in, written masked.

No extension is ever negotiated. Text is handed on as the bytes it came in: whoever reads them decodes them once.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from itertools import cycle
from random import Random
from typing import NamedTuple

from ...errors import Oversized, ProtocolError
from .conn import Conn, Owner
from .head import HEAD_LIMIT, parse_head

MESSAGE_LIMIT = 4 * 1024 * 1024
_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_CONTINUATION, _TEXT, _BINARY, _CLOSE, _PING, _PONG = 0, 1, 2, 8, 9, 10
_FIN = 0x80
_RANDOM = Random()  # nobody is protected by our masks and keys: they only have to differ
_WHOLE_TEXT = _FIN | _TEXT
_ACCEPT = "sec-websocket-accept"
_KNOWN_UPGRADES = 64
_UPGRADES: dict[tuple[bytes, bytes], Mapping[str, str]] = {}  # headers, by what stood around the right accept value


class Key(NamedTuple):
    """A Sec-WebSocket-Key and the Sec-WebSocket-Accept that answers it (RFC 6455, 4.1 and 4.2.2)."""

    asked: str
    accept: bytes

    @classmethod
    def new(cls) -> Key:
        """Another than the one before."""
        return next(_KEYS)

    @classmethod
    def for_nonce(cls, nonce: bytes) -> Key:
        """That of sixteen bytes."""
        asked = base64.b64encode(nonce)
        accept = base64.b64encode(hashlib.sha1(asked + _GUID, usedforsecurity=False).digest())
        return cls(asked.decode(), accept)


# A thousand that take turns: they have to differ, and cost as much as all the rest of an upgrade.
_KEYS = cycle(Key.for_nonce(_RANDOM.randbytes(16)) for _ in range(1_024))


def frame(opcode: int, payload: bytes) -> bytes:
    """A whole masked frame, as every frame of a client has to be (RFC 6455, 5.3)."""
    size = len(payload)
    if size < 126:
        head = bytes((_FIN | opcode, 0x80 | size))
    elif size < 1 << 16:
        head = bytes((_FIN | opcode, 0xFE)) + size.to_bytes(2, "big")
    else:
        head = bytes((_FIN | opcode, 0xFF)) + size.to_bytes(8, "big")
    mask = _RANDOM.getrandbits(32).to_bytes(4, "big")
    return head + mask + _masked(payload, mask)


def text(message: str) -> bytes:
    """A text message in one frame."""
    return frame(_TEXT, message.encode("utf-8", "replace"))


class WebSocket(Conn):
    """One WebSocket. Every message goes to the owner's sink. frames: sent as soon as it is open."""

    __slots__ = ("_frames", "_key", "_message", "_message_size", "_opened", "_request", "_rest")

    def __init__(self, owner: Owner, request: bytes, key: Key, frames: tuple[str, ...] = ()) -> None:
        super().__init__(owner)
        self._request, self._key, self._frames = request, key, frames
        self._rest = b""
        self._opened = False
        self._message: list[bytes] = []
        self._message_size = 0

    def greet(self) -> None:
        """Ask for the upgrade."""
        assert self.transport is not None
        self.transport.write(self._request)
        self._request = b""

    def send(self, message: str) -> None:
        """Send a text message; lost when the connection is."""
        if self.transport is not None:
            self.transport.write(text(message))

    def take(self, data: bytes, at: float) -> None:
        """Read frames. ProtocolError for what RFC 6455 does not allow, Oversized for what outgrows MESSAGE_LIMIT.
        Nearly always they are one whole short message."""
        short = len(data) > 1 and data[1] == len(data) - 2 < 126 and data[0] == _WHOLE_TEXT
        if short and self.sink is not None and not (self._rest or self._message):
            self.foreseen(self.sink(data[2:], at), data)
            return
        if self._rest:
            data, self._rest = self._rest + data, b""
        position = 0 if self._opened else self._handshake(data)
        sink, end = self.sink, len(data)
        while end - position >= 2 and sink is not None:
            size, start = data[position + 1], position + 2
            if size >= 126:
                size, start = _size(data, position)
            if start < 0 or start + size > end:
                break
            if data[position] == _WHOLE_TEXT and not self._message:
                sink(data[start : start + size], at)
            else:
                self._frame(data[position], data[start : start + size], at)
            position = start + size
            sink = self.sink
        self._rest = data[position:]

    def _frame(self, first: int, payload: bytes, at: float) -> None:
        """Any frame that is not a whole text message."""
        opcode, final = first & 0x0F, bool(first & _FIN)
        if first & 0x70:
            raise ProtocolError("a WebSocket frame uses an extension that was not negotiated")
        if opcode >= _CLOSE:
            self._control(opcode, final, payload)
        elif (opcode == _CONTINUATION) != bool(self._message) or opcode > _BINARY:
            raise ProtocolError(f"a WebSocket frame of opcode {opcode} where it may not be")
        else:
            self._part(final, payload, at)

    def _part(self, final: bool, payload: bytes, at: float) -> None:
        self._message_size += len(payload)
        if self._message_size > MESSAGE_LIMIT:
            raise Oversized(f"a WebSocket message is over {MESSAGE_LIMIT} bytes")
        if not final:
            self._message.append(payload)
            return
        whole = b"".join((*self._message, payload))
        self._message, self._message_size = [], 0
        if self.sink is not None:
            self.sink(whole, at)

    def _control(self, opcode: int, final: bool, payload: bytes) -> None:
        if not final or len(payload) > 125:
            raise ProtocolError("a WebSocket control frame that is cut or too long")
        if opcode == _PING and self.transport is not None:
            self.transport.write(frame(_PONG, payload))
        elif opcode == _CLOSE:
            if self.transport is not None:
                self.transport.write(frame(_CLOSE, payload[:2]))
            self.over(f"clean {int.from_bytes(payload[:2], 'big')}" if len(payload) >= 2 else "clean")
        elif opcode not in (_PING, _PONG):
            raise ProtocolError(f"a WebSocket frame of unknown opcode {opcode}")

    def _handshake(self, data: bytes) -> int:
        """Read the answer to the upgrade; gives where the frames begin, or the end when they do not yet."""
        head, blank, _ = data.partition(b"\r\n\r\n")
        if len(head) > HEAD_LIMIT:
            raise Oversized(f"the head of a response is over {HEAD_LIMIT} bytes")
        if not blank:
            return 0
        before, accept, after = head.partition(self._key.accept)
        headers = _UPGRADES.get((before, after)) if accept else None
        if headers is not None:
            self._open(101, headers)
        else:
            self._open(*self._parsed(head, (before, after)))
        return len(head) + 4

    def _parsed(self, head: bytes, around: tuple[bytes, bytes]) -> tuple[int, Mapping[str, str]]:
        """Parse it, and know it from now on: a target's answers to an upgrade differ in nothing but this one value."""
        status, headers = parse_head(head)
        if status == 101:
            if headers.pop(_ACCEPT, "").encode() != self._key.accept:
                raise ProtocolError("the WebSocket handshake was answered with a wrong Sec-WebSocket-Accept")
            if len(_UPGRADES) > _KNOWN_UPGRADES:
                _UPGRADES.clear()  # most of them hold a date that is over
            _UPGRADES[around] = headers
        return status, headers

    def _open(self, status: int, headers: Mapping[str, str]) -> None:
        owner, transport = self.owner, self.transport
        assert owner is not None
        assert transport is not None
        self._opened = True
        for message in self._frames if status == 101 else ():
            transport.write(text(message))  # before the owner knows, and sends something of its own
        self._frames = ()
        self.sink = owner.answered(self, status, headers, b"")
        if self.sink is None:
            self.hang_up()


def _size(data: bytes, position: int) -> tuple[int, int]:
    """(size of the payload, where it begins) of a frame with a longer length; where is -1 while that is not there."""
    size = data[position + 1]
    if size & 0x80:
        raise ProtocolError("a WebSocket frame from the target is masked")
    width = 2 if size == 126 else 8
    start = position + 2 + width
    if len(data) < start:
        return 0, -1
    size = int.from_bytes(data[position + 2 : start], "big")
    if size > MESSAGE_LIMIT:
        raise Oversized(f"a WebSocket message of {size} bytes; the limit is {MESSAGE_LIMIT}")
    return size, start


def _masked(payload: bytes, mask: bytes) -> bytes:
    size = len(payload)
    key = int.from_bytes((mask * (size // 4 + 1))[:size], "big")
    return (int.from_bytes(payload, "big") ^ key).to_bytes(size, "big")
