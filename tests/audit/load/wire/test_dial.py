from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from time import monotonic

import pytest

from audit.adapters.base import Call, Dial
from audit.errors import ProtocolError, Unreachable
from audit.load.wire import dial
from audit.load.wire.conn import Conn
from audit.load.wire.dial import Dialer, Place
from audit.target import Target
from tests.audit.faults.certificate import contexts

from .owners import Owner

pytestmark = pytest.mark.sockets
PATIENCE_S = 5.0
RESPONSE = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"


class Server:
    """Answers every request with the beginning of a stream, and keeps the requests and where they came from."""

    def __init__(self) -> None:
        self.heads: list[str] = []
        self.sources: list[str] = []
        self.port = 0
        self._writers: list[asyncio.StreamWriter] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.append(writer)
        try:
            self.heads.append((await reader.readuntil(b"\r\n\r\n")).decode())
        except (asyncio.IncompleteReadError, ConnectionResetError):
            return  # only somebody who tried whether we are there
        self.sources.append(writer.get_extra_info("peername")[0])
        writer.write(RESPONSE)

    def close(self) -> None:
        for writer in self._writers:
            writer.transport.abort()


@asynccontextmanager
async def serving(tls: ssl.SSLContext | None = None) -> AsyncIterator[Server]:
    server = Server()
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0, ssl=tls)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        server.close()
        listening.close()
        await asyncio.sleep(0)


def target(port: int, **more: object) -> Target:
    values = {"name": "t", "base_url": f"http://127.0.0.1:{port}/base", "protocol": "session", **more}
    return Target(**values)  # type: ignore[arg-type]


async def streamed(dialer: Dialer, owner: Owner, conn: Conn, device: int = 0, receive_buffer: int = 0) -> None:
    dialer.open(conn, device, receive_buffer)
    async with asyncio.timeout(PATIENCE_S):
        while not owner.taken and not owner.ends:
            owner.heard.clear()
            await asyncio.wait({asyncio.ensure_future(e.wait()) for e in (owner.heard, owner.over)},
                               return_when=asyncio.FIRST_COMPLETED)  # fmt: skip


async def test_a_call_carries_what_the_target_and_the_adapter_say() -> None:
    async with serving() as server:
        place = await Place.of(target(server.port, headers={"Authorization": "Bearer x"}, query={"k": "a b"}))
        owner = Owner()
        conn = place.call(owner, Call("POST", "/x?y=1", b"{}", {"Authorization": "mine", "X-Own": "1"}, stream=True))
        await streamed(Dialer(place, "app", [], 1), owner, conn)
        conn.hang_up()
        assert owner.taken == [b"hello"]
        first, *lines = server.heads[0].strip().split("\r\n")
        assert first == "POST /base/x?y=1&k=a+b HTTP/1.1"
        headers = dict(line.split(": ", 1) for line in lines)
        assert headers["authorization"] == "Bearer x"
        assert headers["x-own"] == "1"
        assert headers["host"] == f"127.0.0.1:{server.port}"
        assert headers["accept-encoding"] == "identity"


async def test_an_upgrade_carries_what_the_target_and_the_adapter_say() -> None:
    async with serving() as server:
        place = await Place.of(target(server.port, headers={"Authorization": "Bearer x"}, query={"k": "1"}))
        for step in (Dial("/ws"), Dial("/ws", headers={"X-Own": "1"}, subprotocols=("a", "b"))):
            owner = Owner(accepts=False)
            conn = place.dial(owner, step)
            Dialer(place, "app", [], 1).open(conn, 0)
            async with asyncio.timeout(PATIENCE_S):
                await owner.heard.wait()
        plain, own = server.heads
        assert plain.startswith("GET /base/ws?k=1 HTTP/1.1\r\n")
        assert all("authorization: Bearer x" in head and "upgrade: websocket" in head for head in (plain, own))
        assert "x-own: 1" in own
        assert "sec-websocket-protocol: a, b" in own
        assert "x-own" not in plain


async def test_a_request_that_cannot_be_written_down_is_refused_before_it_is_sent() -> None:
    async with serving() as server:
        place = await Place.of(target(server.port))
        with pytest.raises(ProtocolError):
            place.call(Owner(), Call("GET", "/", headers={"last-event-id": "a\r\nb"}))


async def test_tls_is_held_to_its_certificate(tmp_path: Path) -> None:
    ours, _ = contexts("localhost", tmp_path)
    async with serving(ours) as server:
        trusting = target(server.port, base_url=f"https://localhost:{server.port}", verify_tls=False)
        place = await Place.of(trusting)
        owner = Owner()
        conn = place.call(owner, Call("GET", "/", stream=True))
        await streamed(Dialer(place, "app", [], 1), owner, conn)
        assert owner.taken == [b"hello"]
        conn.cut("fin")
        conn.hang_up()
        place = await Place.of(replace(trusting, verify_tls=True))
        owner = Owner()
        await streamed(Dialer(place, "app", [], 1), owner, place.call(owner, Call("GET", "/", stream=True)))
        assert "SSLCertVerificationError" in owner.ends[0]


async def test_nothing_answers() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        with pytest.raises(Unreachable, match=str(port)):
            await Place.of(target(port))
        place = Place("127.0.0.1", port, "127.0.0.1", "x", "", {}, "", None)
        owner = Owner()
        conn = place.call(owner, Call("GET", "/"))
        Dialer(place, "app", [], 1).open(conn, 0)
        async with asyncio.timeout(PATIENCE_S):
            await owner.over.wait()
        assert owner.ends == ["refused"]
        assert not conn.spoke


async def test_a_name_without_an_address_is_unreachable() -> None:
    with pytest.raises(Unreachable, match="resolved"):
        await Place.of(target(1, base_url="http://nobody.invalid:1"))


async def test_more_devices_than_ports_come_from_several_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dial, "PER_SOURCE", 2)
    async with serving() as server:
        place = await Place.of(target(server.port))
        dialer = Dialer(place, "app", [], 5)
        conns = []
        for device in range(5):
            owner = Owner()
            conns.append(place.call(owner, Call("GET", "/", stream=True)))
            await streamed(dialer, owner, conns[-1], device)
        for conn in conns:
            conn.hang_up()
        assert server.sources == ["127.0.0.1", "127.0.0.1", "127.0.0.2", "127.0.0.2", "127.0.0.3"]


async def test_a_slow_reader_has_a_small_buffer() -> None:
    async with serving() as server:
        place = await Place.of(target(server.port))
        owner = Owner()
        conn = place.call(owner, Call("GET", "/", stream=True))
        await streamed(Dialer(place, "app", [], 1), owner, conn, receive_buffer=4_096)
        assert conn.transport is not None
        sock = conn.transport.get_extra_info("socket")
        assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF) <= 4 * 4_096
        conn.hang_up()


async def test_the_kernel_knows_better_when_something_came() -> None:
    async with serving() as server:
        place = await Place.of(target(server.port))
        errors: list[float] = []
        owner = Owner()
        conn = place.call(owner, Call("GET", "/", stream=True))
        dialer = Dialer(place, "kernel", errors, 1)
        assert dialer.stamping
        await streamed(dialer, owner, conn)
        server_side = server._writers[-1]
        async with asyncio.timeout(PATIENCE_S):
            while not errors:  # the kernel stamps nothing until a little after the first socket of all asked for it
                owner.heard.clear()
                server_side.write(b"1\r\n.\r\n")
                await owner.heard.wait()
        owner.heard.clear()
        server_side.write(b"4\r\nlate\r\n")
        await asyncio.sleep(0)  # it is on its way
        came = monotonic()
        while monotonic() - came < 0.1:
            pass
        async with asyncio.timeout(PATIENCE_S):
            await owner.heard.wait()
        assert owner.taken[0] == b"hello"
        assert owner.taken[-1] == b"late"
        assert owner.instants[-1] - came < 0.05
        assert errors[-1] == pytest.approx(0.1, abs=0.04)
        conn.cut("fin")
        conn.hang_up()
        await asyncio.sleep(0)


async def test_the_kernel_clock_is_not_for_tls(tmp_path: Path) -> None:
    _, client = contexts("localhost", tmp_path)
    place = Place("127.0.0.1", 1, "localhost", "x", "", {}, "", client)
    assert not Dialer(place, "kernel", [], 1).stamping
