from __future__ import annotations

import asyncio

from reference_impl.antipatterns.tape import BEAT, Tape


async def _collect(tape: Tape, start: int = 0) -> list[bytes]:
    return [chunk async for chunk in tape.follow(start)]


async def test_readers_who_come_before_during_and_after_get_the_same() -> None:
    tape = Tape()
    before = asyncio.create_task(_collect(tape))
    await asyncio.sleep(0)
    tape.append(b"1")
    during = asyncio.create_task(_collect(tape))
    await asyncio.sleep(0)
    tape.append(b"2")
    tape.append(b"3")
    tape.close()
    assert await before == await during == await _collect(tape) == [b"1", b"2", b"3"]


async def test_a_reader_may_start_anywhere_and_waits_at_the_end() -> None:
    tape = Tape()
    tape.append(b"1")
    tape.append(b"2")
    late = asyncio.create_task(_collect(tape, start=2))
    await asyncio.sleep(0)
    assert not late.done()
    tape.append(b"3")
    tape.close()
    assert await late == [b"3"]
    assert len(tape) == 3


async def test_a_reader_that_is_busy_when_chunks_come_misses_none() -> None:
    tape = Tape()
    tape.append(b"1")
    reader = tape.follow()
    assert await anext(reader) == b"1"
    tape.append(b"2")
    tape.close()
    assert [chunk async for chunk in reader] == [b"2"]


async def test_a_reader_that_waits_learns_of_the_end() -> None:
    tape = Tape()
    waiting = asyncio.create_task(_collect(tape))
    await asyncio.sleep(0)
    tape.close()
    async with asyncio.timeout(1):
        assert await waiting == []


async def test_a_silent_tape_beats_for_those_who_ask_for_it() -> None:
    tape = Tape()
    tape.append(b"1")
    reader = tape.follow(beat_s=0.01)
    assert [await anext(reader) for _ in range(3)] == [b"1", BEAT, BEAT]
    tape.append(b"2")
    assert await anext(reader) == b"2"
    tape.close()
    assert [chunk async for chunk in reader] == []
