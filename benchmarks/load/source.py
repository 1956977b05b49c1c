"""The server of the benchmark: sends every device the same words at the same pace, as cheaply as Python can.

`python -m benchmarks.load.source --devices 500 --words 100 --pace-ms 50` says its port as a line of JSON, `asked` when
every device has subscribed and asked, and after the line `begin` on its standard input, once every device has taken
all of its words, `drained`. The line `count` is answered with what it has counted. It ends with its standard input.
--instants: a file for when each word was sent.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import resource
import sys
from pathlib import Path
from time import monotonic
from typing import cast

import uvloop

from . import frames

TICK_S = 0.001  # what an event loop's timers can do
BACKLOG = 4096
_TEXT, _CLOSE, _PONG = 1, 8, 10


class Source:
    """Every device and the words that it is still to be sent. Word w of device d is due at `(w * devices + d) * step`
    after the beginning, so that all of them speak at one pace, spread evenly over it."""

    def __init__(self, devices: int, words: int, pace_ms: float, instants: Path | None = None) -> None:
        self._wanted, self._words, self._instants = devices, words, instants
        self._step = pace_ms / 1e3 / devices
        self._frames = [frames.word(number) for number in range(1, words + 1)]
        self._asked: list[asyncio.Transport] = []
        self._numbers: list[int] = []
        self._left: set[Socket] = set()
        self._sent, self._began = 0, 0.0
        self._late: list[float] = []
        self._sent_at: list[float] = []
        self.held = self.returned = 0

    def ask(self, device: Socket, transport: asyncio.Transport) -> None:
        """A device has asked for its words."""
        self._asked.append(transport)
        self._numbers.append(device.number)
        self._left.add(device)
        if len(self._asked) == self._wanted:
            tell({"asked": self._wanted})

    def begin(self) -> None:
        """Everybody asked: speak."""
        self._began = monotonic()
        self._tick()

    def took_all(self, device: Socket) -> None:
        """A device has read everything that it was sent, or is gone."""
        if device in self._left:
            self._left.remove(device)
            if not self._left:
                tell({"drained": self._account()})
                self._save()

    def count(self) -> None:
        """Say how many devices are connected, and how many came back with a cursor so far."""
        tell({"counted": {"held": self.held, "returned": self.returned}})

    def _tick(self) -> None:
        """Send what is due. How late the oldest of it was is this server's own part in every delay that is measured."""
        now = monotonic() - self._began
        devices, asked, said, sent = self._wanted, self._asked, self._frames, self._sent
        self._late.append(now - sent * self._step)
        due = min(int(now / self._step), devices * self._words)
        for each in range(sent, due):
            if self._instants is not None:
                self._sent_at.append(monotonic())
            asked[each % devices].write(said[each // devices])
        self._sent = max(sent, due)
        if self._sent < devices * self._words:
            asyncio.get_running_loop().call_later(TICK_S, self._tick)
        else:
            self._end()

    def _end(self) -> None:
        """The end of the run, and a ping: its pong says that everything before it was read."""
        last = frames.ended(self._words) + frames.PING
        for transport in self._asked:
            transport.write(last)

    def _save(self) -> None:
        """For every word, in the order of sending: the number of its session, its offset, when (monotonic seconds)."""
        if self._instants is None:
            return
        rows = [
            (self._numbers[each % self._wanted], frames.FIRST_WORD + each // self._wanted, at)
            for each, at in enumerate(self._sent_at)
        ]
        self._instants.write_text(json.dumps(rows))

    def _account(self) -> dict[str, float]:
        seconds, late = monotonic() - self._began, sorted(self._late)
        return {
            "sent": self._sent,
            "seconds": seconds,
            "late_p50_ms": late[len(late) // 2] * 1e3,
            "late_p99_ms": late[len(late) * 99 // 100] * 1e3,
        }


class Socket(asyncio.Protocol):
    """One connection: the handshake, then as much of the session protocol as a device needs to be told words."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._transport: asyncio.Transport | None = None
        self._rest = b""
        self._open = False
        self.number = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client connected."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's own are no subclass of it
        self._source.held += 1

    def data_received(self, data: bytes) -> None:
        """Read what is complete."""
        data = self._rest + data
        if not self._open:
            data = self._handshake(data)
        while self._open and (frame := _unmasked(data)) is not None:
            opcode, payload, used = frame
            data = data[used:]
            self._frame(opcode, payload)
        self._rest = data

    def connection_lost(self, exc: Exception | None) -> None:
        """It is gone."""
        self._source.held -= 1
        self._source.took_all(self)

    def _handshake(self, data: bytes) -> bytes:
        head, blank, rest = data.partition(b"\r\n\r\n")
        if not blank:
            return data
        assert self._transport is not None
        request, *lines = head.split(b"\r\n")
        self.number = _number(request)
        for line in lines:
            name, _, value = line.partition(b":")
            if name.strip().lower() == b"sec-websocket-key":
                self._transport.write(frames.accepted(value.strip().decode()))
                self._open = True
        return rest

    def _frame(self, opcode: int, payload: bytes) -> None:
        assert self._transport is not None
        if opcode == _TEXT:
            self._command(json.loads(payload), self._transport)
        elif opcode == _PONG:
            self._source.took_all(self)
        elif opcode == _CLOSE:
            self._transport.write(frames.CLOSE)
            self._transport.close()

    def _command(self, fields: dict[str, str], transport: asyncio.Transport) -> None:
        if fields["type"] == "subscribe":
            transport.write(frames.subscribed(fields["id"]))
            self._source.returned += "cursor" in fields
        elif fields["type"] == "prompt":
            transport.write(frames.begun(fields["id"], fields["key"]))
            self._source.ask(self, transport)


def tell(fact: dict[str, object]) -> None:
    """Say something to whoever started this."""
    print(json.dumps(fact), flush=True)


def _number(request: bytes) -> int:
    """The number that the session's name ends with."""
    session = request.split(b" ")[1].rpartition(b"/")[0]
    return int(session.rpartition(b"-")[2])


def _unmasked(data: bytes) -> tuple[int, bytes, int] | None:
    """The next whole frame of a client: opcode, payload, bytes used. None while it is not all there."""
    if len(data) < 6:
        return None
    size, start = data[1] & 0x7F, 2
    if size == 126:
        size, start = int.from_bytes(data[2:4], "big"), 4
    end = start + 4 + size
    if len(data) < end:
        return None
    mask = data[start : start + 4] * (size // 4 + 1)
    plain = int.from_bytes(data[start + 4 : end], "big") ^ int.from_bytes(mask[:size], "big")
    return data[0] & 0x0F, plain.to_bytes(size, "big"), end


async def _serve(source: Source) -> None:
    loop, over = asyncio.get_running_loop(), asyncio.Event()

    def listen() -> None:
        line = sys.stdin.readline()
        if not line:
            loop.remove_reader(sys.stdin.fileno())
            over.set()
        elif line.strip() == "begin":
            source.begin()
        elif line.strip() == "count":
            source.count()

    server = await loop.create_server(lambda: Socket(source), "127.0.0.1", 0, backlog=BACKLOG)
    tell({"port": server.sockets[0].getsockname()[1]})
    loop.add_reader(sys.stdin.fileno(), listen)
    await over.wait()
    server.close()


def main() -> None:
    """Serve until standard input ends."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load.source", description=__doc__)
    parser.add_argument("--devices", type=int, required=True)
    parser.add_argument("--words", type=int, required=True)
    parser.add_argument("--pace-ms", type=float, required=True)
    parser.add_argument("--instants", type=Path)
    options = parser.parse_args()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    uvloop.run(_serve(Source(options.devices, options.words, options.pace_ms, options.instants)))


if __name__ == "__main__":
    main()
