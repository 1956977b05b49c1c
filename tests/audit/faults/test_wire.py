"""Each fault on real sockets, as the device and as the target see it."""

from __future__ import annotations

import asyncio
import time

import pytest

from audit.faults import Bandwidth, Blackhole, Close, Fault, Latency, Refuse, Reset, Slicer, Stall

from .wire import wired

pytestmark = pytest.mark.sockets


async def test_without_faults_bytes_and_half_closes_pass() -> None:
    async with wired() as wire:
        device, server = await wire.pair()
        await device.send(b"question")
        device.finish()
        assert await server.rest() == (b"question", "fin")
        await server.send(b"answer")
        server.finish()
        assert await device.rest() == (b"answer", "fin")
        assert (wire.link.bytes_up, wire.link.bytes_down, wire.link.connections) == (9, 7, 1)


async def test_without_faults_a_reset_passes_either_way() -> None:
    async with wired() as wire:
        device, server = await wire.pair()
        device.reset()
        assert await server.rest() == (b"", "rst")
        device, server = await wire.pair()
        server.reset()
        assert await device.rest() == (b"", "rst")


# -- close ---------------------------------------------------------------------------------------------------------


async def test_close_is_a_fin_to_both_sides_behind_what_was_forwarded() -> None:
    async with wired() as wire:
        device, server = await wire.pair()
        await server.send(b"event 1\n")
        assert await device.exactly(8) == b"event 1\n"
        await wire.link.inject(Close())
        assert wire.states(Close()) == [("armed", None), ("struck", 1)]
        assert wire.strikes(Close()) == [(1, 9)]
        await server.send(b"event 2\n")
        assert await device.rest() == (b"", "fin")
        assert await server.rest() == (b"", "fin")


async def test_close_cuts_inside_a_character() -> None:
    text = "漢字".encode()
    async with wired() as wire:
        device, server = await wire.pair()
        fault = Close(after_bytes=4)
        await wire.link.inject(fault)
        assert wire.strikes(fault) == []
        await server.send(text)
        assert await device.rest() == (text[:4], "fin")
        assert wire.strikes(fault) == [(1, 5)]


async def test_a_target_that_does_not_read_learns_of_a_close_by_writing() -> None:
    async with wired() as wire:
        _, server = await wire.pair()
        await wire.link.inject(Close())
        with pytest.raises((BrokenPipeError, ConnectionResetError)):
            while True:
                await server.send(b"still there?")
                await server.silent(0.01)


async def test_a_slow_device_still_gets_what_was_forwarded_before_a_close() -> None:
    data = bytes(range(256)) * 2_000
    async with wired() as wire:
        device, server = await wire.pair()
        fault = Close(after_bytes=len(data))
        await wire.link.inject(fault)
        await server.send(data)
        got = b""
        while more := await device.recv(1_000):
            got += more
        assert got == data


async def test_close_can_meet_every_new_connection() -> None:
    async with wired() as wire:
        fault = Close(after_bytes=1, reaches="new")
        await wire.link.inject(fault)
        for _ in range(3):
            device, server = await wire.dial(), await wire.accept()
            await server.send(b"!?")
            assert await device.rest() == (b"!", "fin")
        assert wire.states(fault) == [("armed", None), ("struck", 1), ("struck", 2), ("struck", 3)]


# -- reset ---------------------------------------------------------------------------------------------------------


async def test_reset_is_econnreset_for_both_sides_even_when_idle() -> None:
    async with wired() as wire:
        device, server = await wire.pair()
        await wire.link.inject(Reset())
        assert await device.rest() == (b"", "rst")
        assert await server.rest() == (b"", "rst")
        assert wire.strikes(Reset()) == [(1, 1)]


async def test_reset_comes_after_the_bytes_it_lets_through() -> None:
    async with wired() as wire:
        device, server = await wire.pair()
        await wire.link.inject(Reset(after_bytes=5))
        await server.send(b"hello world")
        assert await device.rest() == (b"hello", "rst")


async def test_reset_kills_a_half_closed_connection() -> None:
    async with wired() as wire:
        device, server = await wire.pair()
        device.finish()
        assert await server.recv() == b""
        await wire.link.inject(Reset())
        assert await device.rest() == (b"", "rst")
        with pytest.raises(BrokenPipeError):  # Linux's word for a RST to who has read FIN already
            await server.send(b"x")


async def test_reset_does_not_wait_for_a_device_that_does_not_read() -> None:
    async with wired() as wire:
        device, server = await wire.pair()
        await server.flood(bytes(8_000_000))
        await wire.link.inject(Reset())
        assert (await server.rest())[1] == "rst"
        assert (await device.rest())[1] == "rst"


@pytest.mark.parametrize("fault", [Close(), Reset()])
async def test_a_cut_spares_the_reconnect(fault: Fault) -> None:
    async with wired() as wire:
        await wire.pair()
        await wire.link.inject(fault)
        await wire.pair()
        assert wire.states(fault) == [("armed", None), ("struck", 1)]


# -- blackhole -----------------------------------------------------------------------------------------------------


async def test_blackhole_swallows_bytes_and_fin_of_both_sides() -> None:
    async with wired() as wire:
        device, server = await wire.pair()
        await wire.link.inject(Blackhole())
        await device.send(b"anyone?")
        device.finish()
        assert await server.silent()
        await server.send(b"hello?")
        server.finish()
        assert await device.silent()


async def test_blackhole_swallows_a_reset_so_the_connection_is_half_open() -> None:
    async with wired() as wire:
        device, server = await wire.pair()
        await wire.link.inject(Blackhole())
        device.reset()
        assert await server.silent()
        await server.send(b"hello?")
        assert await server.silent()


async def test_blackhole_strikes_an_idle_live_connection_at_once() -> None:
    async with wired() as wire:
        await wire.pair()
        await wire.link.inject(Blackhole())
        assert wire.states(Blackhole()) == [("armed", None), ("struck", 1)]


async def test_a_blackhole_without_a_connection_never_struck() -> None:
    async with wired() as wire:
        await wire.link.inject(Blackhole())
        await wire.link.lift(Blackhole())
        assert wire.states(Blackhole()) == [("armed", None), ("lifted", None)]


async def test_a_reconnect_gets_through_a_blackhole_that_reaches_live_ones() -> None:
    async with wired() as wire:
        device, server = await wire.pair()
        await wire.link.inject(Blackhole())
        again, _ = await wire.pair()
        assert again is not device
        assert await server.silent()


async def test_a_blackhole_that_reaches_new_ones_leaves_live_ones_alone() -> None:
    async with wired() as wire:
        device, server = await wire.pair()
        fault = Blackhole(reaches="new")
        await wire.link.inject(fault)
        await server.send(b"still here")
        assert await device.exactly(10) == b"still here"
        late = await wire.dial()
        await late.send(b"hello?")
        assert await (await wire.accept()).silent()
        assert wire.states(fault) == [("armed", None), ("struck", 2)]


async def test_a_one_way_blackhole_swallows_one_way() -> None:
    async with wired() as wire:
        device, server = await wire.pair()
        await wire.link.inject(Blackhole(direction="up"))
        await device.send(b"stop!")
        await server.send(b"on and on")
        assert await device.exactly(9) == b"on and on"
        assert await server.silent()


async def test_what_a_blackhole_swallowed_stays_lost_when_it_is_lifted() -> None:
    async with wired() as wire:
        device, server = await wire.pair()
        await wire.link.inject(Blackhole())
        await server.send(b"one")
        assert await device.silent()
        await wire.link.lift(Blackhole())
        await server.send(b"two")
        assert await device.silent()


async def test_a_dead_network_takes_no_more_than_a_window() -> None:
    async with wired() as wire:
        _, server = await wire.pair()
        await wire.link.inject(Blackhole())
        assert await server.flood(bytes(8_000_000)) < 2_000_000


# -- stall ---------------------------------------------------------------------------------------------------------


async def test_stall_holds_and_then_delivers_everything() -> None:
    async with wired() as wire:
        device, server = await wire.pair()
        begun = time.monotonic()
        fault = Stall(duration_ms=120)
        await wire.link.inject(fault)
        await server.send(b"one ")
        assert await device.silent(0.05)
        assert wire.states(fault) == [("armed", None), ("struck", 1)]
        await server.send(b"two")
        server.finish()
        assert await device.rest() == (b"one two", "fin")
        assert time.monotonic() - begun >= 0.12


async def test_stall_without_a_duration_holds_until_lifted() -> None:
    async with wired() as wire:
        device, server = await wire.pair()
        await wire.link.inject(Stall())
        await server.send(b"down")
        await device.send(b"up")
        assert await device.silent()
        assert await server.silent()
        await wire.link.lift(Stall())
        assert await device.exactly(4) == b"down"
        assert await server.exactly(2) == b"up"
        await server.send(b"more")
        assert await device.exactly(4) == b"more"


async def test_a_stall_with_nothing_to_hold_never_struck() -> None:
    async with wired() as wire:
        await wire.pair()
        await wire.link.inject(Stall())
        await wire.link.lift(Stall())
        assert wire.states(Stall()) == [("armed", None), ("lifted", None)]


async def test_a_stalled_flood_is_pushed_back_and_arrives_whole() -> None:
    data = bytes(range(256)) * 40_000
    async with wired() as wire:
        device, server = await wire.pair()
        await wire.link.inject(Stall())
        sent = await server.flood(data)
        assert sent < 2_000_000
        await wire.link.lift(Stall())
        rest = asyncio.create_task(server.send(data[sent:]))
        assert await device.exactly(len(data)) == data
        await rest


# -- refuse --------------------------------------------------------------------------------------------------------


async def test_refuse_resets_before_a_byte_and_the_target_hears_nothing() -> None:
    async with wired() as wire:
        device, server = await wire.pair()
        await wire.link.inject(Refuse())
        assert await (await wire.dial()).rest() == (b"", "rst")
        assert not await wire.knocks()
        assert wire.states(Refuse()) == [("armed", None), ("struck", 2)]
        await server.send(b"untouched")
        assert await device.exactly(9) == b"untouched"
        await wire.link.lift(Refuse())
        await wire.pair()
        assert wire.link.connections == 2


# -- shaping -------------------------------------------------------------------------------------------------------


async def test_latency_delays_both_ways_and_keeps_order() -> None:
    async with wired() as wire:
        device, server = await wire.pair()
        fault = Latency(30, jitter_ms=10)
        await wire.link.inject(fault)
        begun = time.monotonic()
        for number in range(20):
            await device.send(b"%02d" % number)
        assert await server.exactly(40) == b"".join(b"%02d" % number for number in range(20))
        assert time.monotonic() - begun >= 0.02
        await server.send(b"!")
        assert await device.exactly(1) == b"!"
        assert time.monotonic() - begun >= 0.04
        assert wire.states(fault) == [("armed", None), ("struck", 1)]


async def test_latency_delays_fin() -> None:
    async with wired() as wire:
        device, server = await wire.pair()
        await wire.link.inject(Latency(30))
        begun = time.monotonic()
        server.finish()
        assert await device.rest() == (b"", "fin")
        assert time.monotonic() - begun >= 0.03
        await device.send(b"half closed, not dead")
        assert await server.exactly(21) == b"half closed, not dead"


async def test_latency_meets_new_connections_too() -> None:
    async with wired() as wire:
        await wire.link.inject(Latency(20))
        begun = time.monotonic()
        await wire.pair()
        assert time.monotonic() - begun >= 0.04


async def test_slices_arrive_one_by_one() -> None:
    async with wired() as wire:
        device, server = await wire.pair()
        fault = Slicer(3, delay_us=5_000)
        await wire.link.inject(fault)
        begun = time.monotonic()
        await server.send(b"one event")
        assert await device.recv() == b"one"
        assert await device.exactly(6) == b" event"
        assert time.monotonic() - begun >= 0.01
        assert wire.strikes(fault) == [(1, 1)]


async def test_bandwidth_lets_through_no_more_than_its_rate() -> None:
    async with wired() as wire:
        device, server = await wire.pair()
        fault = Bandwidth(100)
        await wire.link.inject(fault)
        begun = time.monotonic()
        await server.send(bytes(15_000))
        await device.exactly(15_000)
        assert time.monotonic() - begun >= 0.15
        assert wire.states(fault) == [("armed", None), ("struck", 1)]


async def test_lifting_a_narrow_pipe_lets_go_of_what_waits_in_it() -> None:
    async with wired() as wire:
        device, server = await wire.pair()
        await wire.link.inject(Bandwidth(1))
        await server.send(bytes(50_000))
        await device.exactly(10)
        await wire.link.lift(Bandwidth(1))
        await device.exactly(49_990)


async def test_faults_combine() -> None:
    async with wired() as wire:
        device, server = await wire.pair()
        for fault in (Latency(20), Slicer(2, delay_us=1_000), Close(after_bytes=5)):
            await wire.link.inject(fault)
        begun = time.monotonic()
        await server.send(b"one event")
        assert await device.rest() == (b"one e", "fin")
        assert time.monotonic() - begun >= 0.022
        assert [state for state, *_ in wire.receipts] == ["armed"] * 3 + ["struck"] * 3
