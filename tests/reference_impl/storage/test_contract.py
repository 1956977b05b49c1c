"""What storage/base.py asks of every backend, asked of every backend."""

from __future__ import annotations

import asyncio
import time

import pytest

from reference_impl.storage.base import Conflict, Store, StoreError

from .listening import append

NAMES = ("", "a b", "a.b", "a>b*", "{a}", "}{", "a%2Eb", "é漢🙂", "../x", "-", "A", "a", "\n", "x" * 200, "漢" * 2_000)


async def test_what_was_appended_is_what_is_loaded(store: Store) -> None:
    bodies = ("é漢🙂".encode(), b"", b"\x00\xff\r\n", b"\n", b"x" * 100_000)
    await append(store, "s", 1, *bodies[:1])
    await append(store, "s", 2, *bodies[1:])
    stored = await store.load("s")
    assert tuple(stored.bodies) == bodies
    assert (stored.first, stored.head, stored.snapshot) == (1, 5, b"")


async def test_a_session_nobody_wrote_to_is_empty_and_keeps_its_epoch(store: Store) -> None:
    fresh = await store.load("s")
    assert (await store.load("s")) == fresh
    assert fresh.bodies == ()
    assert fresh.head == 0
    assert fresh.epoch
    assert fresh.epoch.isalnum()
    await append(store, "s", 1, b"one")
    assert (await store.load("s")).epoch == fresh.epoch


async def test_sessions_are_apart(store: Store) -> None:
    await append(store, "a", 1, b"of a")
    await append(store, "b", 1, b"of b")
    assert (await store.load("a")).bodies == (b"of a",)
    assert (await store.load("a")).epoch != (await store.load("b")).epoch


async def test_any_name_is_a_session_of_its_own(store: Store) -> None:
    for name in NAMES:
        await append(store, name, 1, name.encode())
    assert [(await store.load(name)).bodies for name in NAMES] == [(name.encode(),) for name in NAMES]


@pytest.mark.parametrize("first", [0, 1, 2, 4, 5])
async def test_an_offset_that_is_not_the_next_one_conflicts_and_changes_nothing(store: Store, first: int) -> None:
    await append(store, "s", 1, b"one", b"two")
    with pytest.raises(Conflict):
        await append(store, "s", first, b"wrong", b"wrong")
    await append(store, "s", 3, b"three")
    assert (await store.load("s")).bodies == (b"one", b"two", b"three")


async def test_another_epoch_conflicts(store: Store) -> None:
    with pytest.raises(Conflict):
        await store.append("s", "other", 1, (b"one",))
    await append(store, "s", 1, b"one")
    with pytest.raises(Conflict):
        await store.append("s", "other", 2, (b"two",))
    assert (await store.load("s")).bodies == (b"one",)


async def test_a_conflict_in_one_session_fails_no_other(store: Store) -> None:
    epochs = {name: (await store.load(name)).epoch for name in ("a", "b", "c")}
    done = await asyncio.gather(
        store.append("a", epochs["a"], 1, (b"of a",)),
        store.append("b", epochs["b"], 7, (b"of b",)),
        store.append("c", epochs["c"], 1, (b"of c",)),
        return_exceptions=True,
    )
    assert [type(outcome) for outcome in done] == [type(None), Conflict, type(None)]
    assert [len((await store.load(name)).bodies) for name in epochs] == [1, 0, 1]


async def test_overlapping_appends_of_one_session_keep_the_order_of_the_calls(store: Store) -> None:
    epoch = (await store.load("s")).epoch
    await asyncio.gather(*(store.append("s", epoch, n, (b"%d" % n,)) for n in range(1, 201)))
    assert (await store.load("s")).bodies == tuple(b"%d" % n for n in range(1, 201))


async def test_two_hundred_sessions_at_once(store: Store) -> None:
    async def write(name: str) -> None:
        epoch = (await store.load(name)).epoch
        for n in range(1, 6):
            await store.append(name, epoch, 2 * n - 1, (f"{name}:{n}".encode(), b"x"))

    names = [f"s{n}" for n in range(200)]
    await asyncio.gather(*map(write, names))
    for name, stored in zip(names, await asyncio.gather(*map(store.load, names)), strict=True):
        assert stored.bodies[::2] == tuple(f"{name}:{n}".encode() for n in range(1, 6))
        assert stored.head == 10


async def test_a_long_session_is_loaded_whole(store: Store) -> None:
    epoch = (await store.load("s")).epoch
    for first in range(1, 2_600, 5):
        await store.append("s", epoch, first, tuple(b"%d" % n for n in range(first, first + 5)))
    assert (await store.load("s")).bodies == tuple(b"%d" % n for n in range(1, 2_601))


async def test_more_than_a_message_of_a_server_holds(store: Store) -> None:
    bodies = tuple(bytes([n]) * 100_000 for n in range(25))
    await append(store, "s", 1, *bodies)
    await append(store, "s", 26, b"next")
    assert (await store.load("s")).bodies == (*bodies, b"next")
    epoch = (await store.load("s")).epoch
    await store.trim("s", epoch, 24, b"z" * 2_000_000)
    stored = await store.load("s")
    assert (stored.first, stored.bodies, stored.snapshot) == (25, (bodies[24], b"next"), b"z" * 2_000_000)


async def test_two_writers_cannot_both_write_the_next_event(store: Store) -> None:
    epoch = (await store.load("s")).epoch
    outcomes = await asyncio.gather(
        *(store.append("s", epoch, 1, (b"writer %d" % n,)) for n in range(8)), return_exceptions=True
    )
    assert sum(outcome is None for outcome in outcomes) == 1
    assert len((await store.load("s")).bodies) == 1


async def test_a_caller_that_gives_up_does_no_harm(store: Store) -> None:
    epoch = (await store.load("s")).epoch
    task = asyncio.create_task(store.append("s", epoch, 1, (b"one",)))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert (await store.load("s")).bodies in ((), (b"one",))
    await append(store, "t", 1, b"still here")


async def test_trimmed_events_are_replaced_by_the_snapshot(store: Store) -> None:
    epoch = await append(store, "s", 1, b"one", b"two", b"three")
    await store.append("s", epoch, 4, (b"four",))
    await store.trim("s", epoch, 2, b"one and two")
    stored = await store.load("s")
    assert (stored.first, stored.snapshot, stored.bodies) == (3, b"one and two", (b"three", b"four"))
    assert (stored.epoch, stored.head) == (epoch, 4)
    await store.append("s", epoch, 5, (b"five",))
    assert (await store.load("s")).bodies == (b"three", b"four", b"five")


async def test_everything_can_be_trimmed_and_the_session_goes_on(store: Store) -> None:
    epoch = await append(store, "s", 1, b"one", b"two")
    await store.trim("s", epoch, 2, b"both")
    stored = await store.load("s")
    assert (stored.first, stored.head, stored.bodies) == (3, 2, ())
    with pytest.raises(Conflict):
        await store.append("s", epoch, 1, (b"again",))
    await store.append("s", epoch, 3, (b"three",))
    assert (await store.load("s")).bodies == (b"three",)
    await store.trim("s", epoch, 3, b"all three")
    assert (await store.load("s")).snapshot == b"all three"


@pytest.mark.parametrize("upto", [-1, 0, 1, 2])
async def test_trimming_less_than_what_is_trimmed_changes_nothing(store: Store, upto: int) -> None:
    epoch = await append(store, "s", 1, b"one", b"two", b"three")
    await store.trim("s", epoch, 2, b"kept")
    before = await store.load("s")
    await store.trim("s", epoch, upto, b"other")
    assert await store.load("s") == before


async def test_trimming_beyond_the_head_or_in_another_epoch_conflicts(store: Store) -> None:
    epoch = await append(store, "s", 1, b"one")
    before = await store.load("s")
    for wrong, upto in ((epoch, 2), ("other", 1), ("other", 0)):
        with pytest.raises(Conflict):
            await store.trim("s", wrong, upto, b"no")
    assert await store.load("s") == before
    with pytest.raises(Conflict):
        await store.trim("never written to", (await store.load("never written to")).epoch, 1, b"no")


async def test_a_deleted_session_begins_anew_in_another_epoch(store: Store) -> None:
    epochs = set()
    for n in range(3):
        epoch = await append(store, "s", 1, b"one", b"two")
        await store.trim("s", epoch, 1, b"snapshot")
        epochs.add(epoch)
        await store.delete("s", epoch)
        stored = await store.load("s")
        assert (stored.bodies, stored.first, stored.snapshot) == ((), 1, b"")
        assert await store.load("s") == stored
        epochs.add(stored.epoch)
        assert len(epochs) == n + 2
        for late in (store.append("s", epoch, 3, (b"late",)), store.append("s", epoch, 1, (b"late",))):
            with pytest.raises(Conflict):
                await late
        with pytest.raises(Conflict):
            await store.delete("s", epoch)


async def test_a_session_nobody_wrote_to_can_be_deleted(store: Store) -> None:
    before = (await store.load("s")).epoch
    with pytest.raises(Conflict):
        await store.delete("s", "other")
    await store.delete("s", before)
    after = await append(store, "s", 1, b"one")
    assert after != before


async def test_who_beats_is_alive_for_that_long(store: Store) -> None:
    begun = time.monotonic()
    await store.beat("a", 0.5)
    await store.beat("b.c d", 60)
    assert await store.alive(("a", "b.c d", "never")) == {"a", "b.c d"}
    await asyncio.sleep(begun + 0.55 - time.monotonic())
    assert await store.alive(["a", "b.c d"]) == {"b.c d"}
    await store.beat("a", 60)
    assert await store.alive(iter(["a"])) == {"a"}
    assert await store.alive(()) == frozenset()


async def test_after_closing_everything_is_refused(store: Store) -> None:
    epoch = (await store.load("s")).epoch
    await store.close()
    refused = (
        store.append("s", epoch, 1, (b"one",)),
        store.load("s"),
        store.trim("s", epoch, 0, b""),
        store.delete("s", epoch),
        store.beat("a", 1),
        store.alive(("a",)),
        anext(store.follow("s", epoch, 0)),
    )
    for call in refused:
        with pytest.raises(StoreError):
            await call
    await store.close()  # twice is once


async def test_closing_lets_what_was_asked_be_answered(store: Store) -> None:
    epoch = (await store.load("s")).epoch
    writing = [asyncio.create_task(store.append("s", epoch, n, (b"x",))) for n in range(1, 51)]
    await asyncio.sleep(0)
    await store.close()
    assert await asyncio.gather(*writing) == [None] * 50
