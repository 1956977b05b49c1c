"""Mutants that show when networks flap, agents fail or fall silent, or a device reads slowly: on, and off."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module

import aiohttp
import pytest
import websockets

from reference_impl.server import build_app, listening
from reference_impl.session.frames import Form
from reference_impl.settings import Settings
from reference_impl.transports.commands import HUB

from ..devices import Client, client, eventually
from ..transports.test_stream import stalling_stream
from .support import caught_up, finished, following, mutant, mutated, words

pytestmark = pytest.mark.sockets

on_or_off = pytest.mark.parametrize("rate", [1, 0], ids=["on", "off"])
either_wire = pytest.mark.parametrize("form", ["sse", "ws"])

SCRIPT = "[items=40 pace_ms=0]"  # word n is event n + 2
LAST = 43
SILENT = "[items=4 pace_ms=0 silent_at=2 silent_ms=600]"
FAILING = "[items=9 pace_ms=0 fail_at=5]"


@on_or_off
@either_wire
async def test_cursor_spent(form: Form, rate: int) -> None:
    async with mutated("cursor-spent", rate) as phone:
        cursors = await finished(phone, SCRIPT)
        assert (await caught_up(phone, form, cursors[12])).offsets() == list(range(13, LAST + 1))
        again = await caught_up(phone, form, cursors[12])
        assert again.messages[0]["recovered"] is True
        assert again.offsets() == ([] if rate else list(range(13, LAST + 1)))
        assert (await caught_up(phone, form, cursors[20])).offsets() == list(range(21, LAST + 1))


@on_or_off
@either_wire
async def test_replay_once(form: Form, rate: int) -> None:
    async with mutated("replay-once", rate) as phone:
        cursors = await finished(phone, SCRIPT)
        for _ in range(2):  # nothing had arrived: the whole replay again
            assert (await caught_up(phone, form, cursors[12])).offsets() == list(range(13, LAST + 1))
        assert (await caught_up(phone, form, cursors[5])).offsets() == list(range(6, LAST + 1))
        inside = await caught_up(phone, form, cursors[20])
        assert inside.offsets() == ([] if rate else list(range(21, LAST + 1)))


@on_or_off
@either_wire
async def test_ghost_owner(form: Form, rate: int) -> None:
    """Whoever comes back beside its old connection hears nothing before that is closed."""
    async with mutated("ghost-owner", rate) as phone, following(phone, form) as old:
        await phone.prompt("k", "[items=5 pace_ms=0]")
        await old.until_ended()
        async with following(phone, form, old.cursor) as back:
            await phone.prompt("k2", "[items=5 pace_ms=0]")
            await old.until_ended(2)
            if rate:
                with pytest.raises(TimeoutError):
                    await asyncio.wait_for(back.until_ended(), 0.1)
            else:
                await back.until_ended()
            assert back.endings() == ([] if rate else ["completed"])


@on_or_off
@either_wire
@pytest.mark.parametrize(("id", "while_it_runs"), [("resume-deaf", True), ("finished-deaf", False)])
async def test_who_comes_back_is_left_waiting(id: str, while_it_runs: bool, form: Form, rate: int) -> None:
    async with mutated(id, rate) as phone:
        cursors = await finished(phone, SCRIPT)
        assert (await caught_up(phone, form)).offsets() == list(range(1, LAST + 1))  # a join is answered
        if while_it_runs:
            assert (await caught_up(phone, form, cursors[12])).offsets() == list(range(13, LAST + 1))
            await phone.prompt("k2", "[items=5000 pace_ms=2]")
        resumed = asyncio.create_task(caught_up(phone, form, cursors[12]))
        done, _ = await asyncio.wait((resumed,), timeout=0.15 if rate else 10)
        assert bool(done) is not bool(rate)
        resumed.cancel()
        await asyncio.gather(resumed, return_exceptions=True)


@on_or_off
async def test_end_lingers(rate: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reference_impl.mutants.end_lingers._LINGERS_S", 0.3)
    loop = asyncio.get_running_loop()
    async with mutated("end-lingers", rate) as phone, phone.events() as witness:
        await phone.prompt("k", "[items=5 pace_ms=0]")
        await witness.until(lambda screen: screen.text() == words(*range(1, 6)))
        said = loop.time()
        await witness.until_ended()
        assert (loop.time() - said > 0.25) is bool(rate)
        assert witness.endings() == ["completed"]


@asynccontextmanager
async def impatient(id: str, rate: float, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Client]:
    """A client of a server that has heartbeats, and loses patience, ten times as fast as usual."""
    module = import_module(f"reference_impl.mutants.{id.replace('-', '_')}")
    (patience,) = [name for name in vars(module) if name.endswith("_S")]
    monkeypatch.setattr(module, patience, 0.25)
    app = build_app(parts=mutant(id).parts(rate), settings=Settings(heartbeat_s=0.1))
    async with listening(app, "127.0.0.1", 0) as url, client(url) as phone:
        yield phone


@on_or_off
@either_wire
@pytest.mark.parametrize("id", ["idle-cut", "beat-held", "age-cut"])
async def test_a_stream_that_does_not_outlive_a_silence(
    id: str, form: Form, rate: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with impatient(id, rate, monkeypatch) as phone, following(phone, form) as witness:
        await phone.prompt("k", SILENT)
        if rate:
            with pytest.raises((aiohttp.ClientPayloadError, websockets.ConnectionClosedError)):
                await witness.until_ended()
        else:
            await witness.until_ended()
        assert witness.text() == (words(1, 2) if rate else words(1, 2, 3, 4))
        assert (await caught_up(phone, form)).text().startswith(words(1, 2))


@on_or_off
async def test_quiet_failed(rate: int, monkeypatch: pytest.MonkeyPatch) -> None:
    async with impatient("quiet-failed", rate, monkeypatch) as phone, phone.events() as witness:
        await phone.prompt("k", SILENT)
        await witness.until_ended()
        assert witness.endings() == (["failed"] if rate else ["completed"])
        assert witness.text() == (words(1, 2) if rate else words(1, 2, 3, 4))


@on_or_off
async def test_slow_loses(rate: int) -> None:
    """A device that stands still is taken for one that has everything."""
    script = f'[items=120 pace_ms=0 format="{{:04d}}{"x" * 900}"]'
    app = build_app(parts=mutant("slow-loses").parts(rate))
    async with listening(app, "127.0.0.1", 0) as url, client(url) as phone, stalling_stream(phone):
        session = await app[HUB].session("s")
        await eventually(lambda: len(session.listeners) == 1)
        for key in range(20):
            await phone.prompt(str(key), script)
        await eventually(lambda: session.log.head == 20 * 123)
        (stream,) = session.listeners
        assert (stream._subscription.position == session.log.head) is bool(rate)  # type: ignore[attr-defined]


@on_or_off
@either_wire
@pytest.mark.parametrize(
    ("id", "live", "late", "written"),
    [
        ("failure-hidden", ["completed"], ["completed"], "completed"),
        ("failure-live-only", ["failed"], [], "failed"),
        ("failure-unwritten", ["failed"], ["failed"], "completed"),
    ],
)
async def test_what_becomes_of_a_failure(
    id: str, live: list[str], late: list[str], written: str, form: Form, rate: int
) -> None:
    async with mutated(id, rate) as phone, following(phone, form) as witness:
        await phone.prompt("k", FAILING)
        await witness.until_ended()
        assert witness.endings() == (live if rate else ["failed"])
        assert witness.text() == words(*range(1, 6))
        assert (await caught_up(phone, form)).endings() == (late if rate else ["failed"])
        answer = (await phone.get("/transcript"))["messages"][-1]
        assert answer["ending"] == (written if rate else "failed")
        await phone.prompt("k2", "[items=2 pace_ms=0]")
        await witness.until_ended(2)
        assert witness.endings()[-1] == "completed"
