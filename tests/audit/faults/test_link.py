from __future__ import annotations

import asyncio
import gc
import socket
import weakref
from pathlib import Path
from random import Random

import pytest

from audit.errors import Unreachable
from audit.faults import Bandwidth, Blackhole, Close, Fault, Latency, Refuse, Reset, Slicer, Stall
from audit.faults.link import Link

from .wire import Peer, Wire, eventually, listening, wired

pytestmark = pytest.mark.sockets


# -- reaching the target -------------------------------------------------------------------------------------------


async def hello(host: str, target: socket.socket) -> None:
    link = await Link.open(host, target.getsockname()[1], rng=Random(1))
    wire = Wire(target, link)
    await wire.pair()
    for peer in wire.peers:
        peer.close()
    target.close()
    await link.close()


async def test_the_target_may_have_a_name() -> None:
    await hello("localhost", listening())


async def test_the_target_may_live_on_ipv6() -> None:
    await hello("::1", listening(socket.AF_INET6, "::1"))


async def test_the_next_address_of_a_name_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    target = listening()
    port = target.getsockname()[1]

    async def both(*_: object, **__: object) -> list[tuple[object, ...]]:
        return [(0, 0, 0, "", ("::1", port, 0, 0)), (0, 0, 0, "", ("127.0.0.1", port))]

    with monkeypatch.context() as patch:
        patch.setattr("audit.faults.link._resolve", lambda *_: resolved(both))
        await hello("two-faced.test", target)


async def resolved(lookup: object) -> list[str]:
    return ["::1", "127.0.0.1"]


async def test_a_name_that_does_not_resolve_is_unreachable() -> None:
    with pytest.raises(Unreachable, match=r"nowhere\.invalid"):
        await Link.open("nowhere.invalid", 80, rng=Random(1))


async def test_a_target_that_refuses_resets_the_device() -> None:
    closed = listening()
    port = closed.getsockname()[1]
    closed.close()
    receipts: list[object] = []
    link = await Link.open("127.0.0.1", port, rng=Random(1), receipt=lambda *receipt: receipts.append(receipt))
    wire = Wire(closed, link)
    assert await (await wire.dial()).rest() == (b"", "rst")
    assert receipts == []
    wire.peers[0].close()
    await link.close()


# -- receipts ------------------------------------------------------------------------------------------------------


async def test_a_receipt_says_how_many_bytes_had_passed() -> None:
    async with wired() as wire:
        device, server = await wire.pair()
        await server.send(bytes(100))
        await device.exactly(100)
        await wire.link.inject(Reset())
        await wire.link.lift(Reset())
        assert wire.receipts == [
            ("armed", Reset(), None, 1, 101),
            ("struck", Reset(), 1, 1, 101),
            ("lifted", Reset(), None, 1, 101),
        ]


async def test_a_fault_strikes_once_on_each_connection() -> None:
    async with wired() as wire:
        fault = Latency(1)
        await wire.link.inject(fault)
        for _ in range(3):
            device, server = await wire.pair()
            await device.send(b"more")
            await server.exactly(4)
        assert wire.states(fault) == [("armed", None), ("struck", 1), ("struck", 2), ("struck", 3)]


async def test_a_lifted_fault_no_longer_meets_new_connections() -> None:
    async with wired() as wire:
        fault = Close(reaches="new")
        await wire.link.inject(fault)
        assert await (await wire.dial()).rest() == (b"", "fin")
        await wire.link.lift(fault)
        await wire.accept()
        await wire.pair()
        assert wire.states(fault) == [("armed", None), ("struck", 1), ("lifted", None)]


async def test_lifting_what_is_not_on_does_nothing() -> None:
    async with wired() as wire:
        await wire.link.lift(Stall())
        assert wire.receipts == []


async def test_the_bytes_of_connections_that_are_gone_still_count() -> None:
    async with wired() as wire:
        for _ in range(3):
            await wire.pair()
            await wire.link.inject(Reset())
        await wire.pair()
        assert (wire.link.bytes_up, wire.link.bytes_down, wire.link.connections) == (4, 4, 4)


async def test_the_same_seed_slices_the_same_whatever_other_connections_do() -> None:
    async def first_slices(seed: int, neighbor: bool) -> bytes:
        async with wired(seed) as wire:
            device, server = await wire.pair()
            other, _ = await wire.pair()
            await wire.link.inject(Slicer(500, 499, delay_us=3_600_000_000))
            if neighbor:
                await other.send(bytes(5_000))
            await server.send(bytes(5_000))
            return await device.recv()

    slices = [len(await first_slices(*case)) for case in ((1, False), (1, True), (2, False))]
    assert slices[0] == slices[1] != slices[2]


# -- the network ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["fin", "rst"])
async def test_cutting_all_ends_both_sides_without_a_receipt(how: str) -> None:
    async with wired() as wire:
        pairs = [await wire.pair() for _ in range(3)]
        await wire.link.cut_all(how)  # type: ignore[arg-type]
        for device, server in pairs:
            assert await device.rest() == (b"", how)
            assert await server.rest() == (b"", how)
        await wire.pair()
        assert wire.receipts == []


async def test_cutting_all_does_not_wait_for_what_faults_hold() -> None:
    async with wired() as wire:
        device, server = await wire.pair()
        await wire.link.inject(Stall())
        await server.send(b"held")
        assert await device.silent()
        await wire.link.cut_all("fin")
        assert await device.rest() == (b"", "fin")
        await wire.link.lift(Stall())


async def test_offline_the_device_is_reset_and_the_target_hears_nothing() -> None:
    async with wired() as wire:
        device, server = await wire.pair()
        await wire.link.offline()
        assert await device.rest() == (b"", "rst")
        await server.send(b"are you there?")
        assert await server.silent()
        assert await server.flood(bytes(8_000_000)) < 2_000_000


async def test_offline_nobody_gets_in() -> None:
    async with wired() as wire:
        await wire.link.offline()
        assert await (await wire.dial()).rest() == (b"", "rst")
        assert not await wire.knocks()
        assert wire.link.connections == 0
        assert wire.receipts == []


async def test_back_online_new_connections_pass_and_the_target_is_told_of_the_old() -> None:
    async with wired() as wire:
        _, server = await wire.pair()
        await wire.link.offline()
        assert await server.silent()
        await wire.link.online()
        assert await server.rest() == (b"", "rst")
        await wire.pair()


async def test_coming_online_when_never_gone_changes_nothing() -> None:
    async with wired() as wire:
        device, server = await wire.pair()
        await wire.link.online()
        await server.send(b"still here")
        assert await device.exactly(10) == b"still here"


async def test_closing_an_offline_link_resets_the_target() -> None:
    async with wired() as wire:
        _, server = await wire.pair()
        await wire.link.offline()
        await wire.link.close()
        assert await server.rest() == (b"", "rst")


# -- many ----------------------------------------------------------------------------------------------------------


async def test_a_hundred_connections_at_once_keep_their_bytes_apart() -> None:
    async with wired() as wire:
        devices = await asyncio.gather(*(wire.dial() for _ in range(100)))
        serving = [asyncio.create_task(echo(await wire.accept())) for _ in devices]
        await asyncio.gather(*(exchange(device, number) for number, device in enumerate(devices)))
        assert wire.link.connections == 100
        await wire.link.inject(Reset())
        assert [how for _, how in await asyncio.gather(*(device.rest() for device in devices))] == ["rst"] * 100
        await asyncio.gather(*serving)
        assert sorted(number for state, number in wire.states(Reset()) if state == "struck" and number) == [
            *range(1, 101)
        ]


async def exchange(device: Peer, number: int) -> None:
    said = b"%03d" % number * 5_000
    sending = asyncio.create_task(device.send(said))
    assert await device.exactly(len(said)) == said
    await sending


async def echo(server: Peer) -> None:
    try:
        while data := await server.recv():
            await server.send(data)
    except ConnectionError:
        return


# -- the end -------------------------------------------------------------------------------------------------------


async def leave_a_mess(wire: Wire) -> None:
    """Connections in every state that a link can have them in."""
    for fault in (Close(), Reset(), Blackhole(), Stall(), Latency(50_000)):
        device, server = await wire.pair()
        await wire.link.inject(fault)
        await wire.link.lift(fault)
        await device.send(b"x") if fault not in (Close(), Reset()) else None
        await server.flood(bytes(1_000_000), 0.01) if fault == Blackhole() else None
    device, _ = await wire.pair()
    device.finish()
    await wire.pair()
    await wire.link.inject(Refuse())
    await (await wire.dial()).rest()
    await wire.link.inject(Latency(50_000))
    await wire.link.inject(Stall(duration_ms=50_000))


async def test_closing_leaves_nothing() -> None:
    tasks, files = asyncio.all_tasks(), open_sockets()
    async with wired() as wire:
        await leave_a_mess(wire)
        assert open_sockets() > files
        alive = [weakref.ref(connection) for connection in wire.link._live]
    assert asyncio.all_tasks() == tasks
    assert open_sockets() == files
    gc.collect()
    assert [connection for connection in alive if connection() is not None] == []


def open_sockets() -> int:
    files = [file for file in Path("/proc/self/fd").iterdir() if file.is_symlink()]
    return sum(str(file.readlink()).startswith("socket:") for file in files)


async def test_closing_ends_both_sides_and_can_be_repeated() -> None:
    async with wired() as wire:
        device, server = await wire.pair()
        await wire.link.close()
        await wire.link.close()
        assert await device.rest() == (b"", "fin")
        assert await server.rest() == (b"", "fin")
        with pytest.raises(ConnectionRefusedError):
            await wire.dial()


async def test_connections_that_ended_are_forgotten() -> None:
    async with wired() as wire:
        for _ in range(5):
            device, server = await wire.pair()
            device.close()
            assert await server.recv() == b""
            server.close()
        await eventually(lambda: not wire.link._live)


async def test_a_device_that_hangs_up_at_once_is_forgotten() -> None:
    async with wired() as wire:
        for _ in range(5):
            (await wire.dial()).reset()
        for _ in range(5):
            await wire.accept()
        await eventually(lambda: not wire.link._live)


@pytest.mark.parametrize("fault", [Close(), Reset()])
async def test_a_cut_connection_is_forgotten_even_if_nobody_closes_it(fault: Fault) -> None:
    async with wired() as wire:
        await wire.pair()
        await wire.link.inject(fault)
        await eventually(lambda: not wire.link._live)


# -- other networks ------------------------------------------------------------------------------------------------


async def test_a_device_that_roams_comes_from_another_address() -> None:
    async with wired() as wire:
        _, before = await wire.pair()
        assert wire.link.roam() == "127.0.0.2"
        _, after = await wire.pair()
        assert [each.sock.getpeername()[0] for each in (before, after)] == ["127.0.0.1", "127.0.0.2"]


async def test_where_no_other_address_is_to_be_had_only_the_port_is_new() -> None:
    target = listening(socket.AF_INET6, "::1")
    link = await Link.open("::1", target.getsockname()[1], rng=Random(1))
    assert link.roam() == ""
    await link.close()
    target.close()


async def test_a_narrow_connection_holds_less_on_its_way() -> None:
    async with wired() as wire:
        await wire.link.inject(Bandwidth(1, direction="down"))
        taken = []
        for narrow in (False, True):
            wire.link.narrow(narrow)
            _, target = await wire.pair()
            taken.append(await target.flood(bytes(4_000_000)))
        assert taken[1] < taken[0] * 0.8


async def test_what_was_held_on_a_narrow_connection_comes_when_it_is_wide_again() -> None:
    async with wired() as wire:
        crawl = Bandwidth(1, direction="down")
        await wire.link.inject(crawl)
        wire.link.narrow(True)
        device, target = await wire.pair()
        taken = await target.flood(bytes(1_000_000))
        wire.link.narrow(False)
        await wire.link.lift(crawl)
        assert len(await device.exactly(taken)) == taken
