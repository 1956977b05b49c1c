"""Mutants of cursors, restarts, credentials and doors, with their defect on and off."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from reference_impl.access.gate import Access
from reference_impl.access.limits import Limits
from reference_impl.access.scopes import SCOPES
from reference_impl.access.tokens import Key, Verifier, mint, secret_key
from reference_impl.server import build_app, listening
from reference_impl.settings import Settings
from reference_impl.storage.sqlite import SqliteStore

from ..devices import Client, client
from .support import caught_up, finished, mutant, mutated

pytestmark = pytest.mark.sockets

on_or_off = pytest.mark.parametrize("rate", [1, 0], ids=["on", "off"])
KEY = secret_key(b"k" * 32)
SCRIPT = "[items=5 pace_ms=0]"  # word n is event n + 2; eight events in all


@asynccontextmanager
async def built(
    id: str,
    rate: float,
    *,
    file: Path | None = None,
    settings: Settings | None = None,
    limits: Limits | None = None,
    key: Key | None = None,
) -> AsyncIterator[str]:
    """A server with the defect, on a file or in memory, with tokens or without; gives its URL."""
    access = Access(Verifier(key) if key else None, limits=limits or Limits())
    store = SqliteStore(file) if file else None
    app = build_app(store, settings=settings, parts=mutant(id).parts(rate), access=access)
    async with listening(app, "127.0.0.1", 0) as url:
        yield url


@on_or_off
@pytest.mark.parametrize(
    ("id", "cursor", "offsets"),
    [
        ("garbage-welcome", "what", []),
        ("future-welcome", "{epoch}:99", []),
        ("foreign-welcome", "elsewhere:5", [6, 7, 8]),
        ("gap-empty", "elsewhere:5", []),
        ("gap-empty", "what", []),
    ],
)
async def test_a_false_cursor_is_welcome(id: str, cursor: str, offsets: list[int], rate: int) -> None:
    async with mutated(id, rate) as phone:
        epoch = (await finished(phone, SCRIPT))[0].partition(":")[0]
        screen = await caught_up(phone, "ws", cursor.format(epoch=epoch))
        assert screen.messages[0]["recovered"] is bool(rate)
        assert screen.offsets() == (offsets if rate else list(range(1, 9)))
        assert (await caught_up(phone, "ws", f"{epoch}:6")).offsets() == [7, 8]


@on_or_off
@pytest.mark.parametrize(("id", "left"), [("expired-tail", [1]), ("gap-empty", [])])
async def test_too_late_is_not_told(id: str, left: list[int], rate: int) -> None:
    async with built(id, rate, settings=Settings(retain_s=0.05)) as url, client(url) as phone:
        cursors = await finished(phone, SCRIPT)
        await asyncio.sleep(0.1)
        assert await phone.post("stop", key="later") == (202, {"ok": True, "ended": False})  # one event more: the ninth
        screen = await caught_up(phone, "sse", cursors[3])
        assert screen.messages[0]["recovered"] is bool(rate)
        assert screen.offsets() == ([8 + each for each in left] if rate else [9])


@on_or_off
async def test_epoch_kept(rate: int, tmp_path: Path) -> None:
    file = tmp_path / "sessions.db"
    async with built("epoch-kept", rate, file=file) as url, client(url) as phone:
        cursors = await finished(phone, SCRIPT)
    async with built("epoch-kept", rate, file=file) as url, client(url) as phone:
        await phone.prompt("k2", "[items=20 pace_ms=0]")
        async with phone.events() as witness:
            await witness.until_ended(2 - rate)
        screen = await caught_up(phone, "ws", cursors[4])
        assert screen.messages[0]["recovered"] is True
        assert screen.text().startswith("tok-0003 " + "tok-0004 ")
        assert len(screen.endings()) == 2 - rate


@on_or_off
@pytest.mark.parametrize("id", ["run-orphaned", "run-from-zero"])
async def test_what_a_restart_broke_off(id: str, rate: int, tmp_path: Path) -> None:
    file, settings = tmp_path / "sessions.db", Settings(lost_runs="continue")
    async with built(id, rate, file=file, settings=settings) as url, client(url) as phone:
        await phone.prompt("k", "[items=60 pace_ms=5]")
        async with phone.events() as witness:
            await witness.until(lambda screen: "tok-0010 " in screen.text())
    async with built(id, rate, file=file, settings=settings) as url, client(url) as phone:
        if rate and id == "run-orphaned":
            await asyncio.sleep(0.2)
            assert (await caught_up(phone, "ws")).endings() == []
            return
        async with phone.events() as witness:
            await witness.until_ended()
        assert witness.endings() == (["completed"] if rate else ["failed"])
        assert witness.text().count("tok-0001 ") == 1 + rate


async def tried(url: str, token: str) -> dict[str, int]:
    """What a token is answered, by command."""
    headers, found = {"Authorization": f"Bearer {token}"}, {}
    async with aiohttp.ClientSession(f"{url}/v1/sessions/ours/", headers=headers) as http:
        async with http.get("transcript") as answer:
            found["read"] = answer.status
        for name, body in (("stop", {"key": "x"}), ("prompts", {"key": "y", "text": SCRIPT})):
            async with http.post(name, json=body) as answer:
                found[name] = answer.status
    return found


@on_or_off
@pytest.mark.parametrize(("id", "open_"), [("open-reading", "read"), ("open-control", "stop")])
async def test_another_users_token(id: str, open_: str, rate: int) -> None:
    scopes = SCOPES[:3]
    async with built(id, rate, key=KEY) as url:
        found = await tried(url, mint(KEY, "his-own", scopes, 60, "mallory"))
        assert {name for name, status in found.items() if status < 300} == ({open_} if rate else set())
        assert set((await tried(url, mint(KEY, "ours", scopes, 60, "ann"))).values()) == {200, 202}


@on_or_off
async def test_cursor_crosses(rate: int) -> None:
    async with built("cursor-crosses", rate) as url, client(url, "ours") as ours, client(url, "his") as his:
        cursors = await finished(ours, "[items=5 pace_ms=0 format=ours{}]")
        await finished(his, SCRIPT)
        screen = await caught_up(his, "ws", cursors[4])
        assert screen.messages[0]["recovered"] is bool(rate)
        assert ("ours" in screen.text()) is bool(rate)
        assert (await caught_up(his, "ws")).text().startswith("tok-0001 ")
        assert (await caught_up(ours, "ws", cursors[4])).text() == "ours3 ours4 ours5 "


@asynccontextmanager
async def holding(url: str, token: str) -> AsyncIterator[Client]:
    """A client that carries a token."""
    async with client(url, token=token) as phone:
        yield phone


@on_or_off
async def test_expiry_fails_run(rate: int) -> None:
    scopes = SCOPES[:3]
    async with built("expiry-fails-run", rate, key=KEY) as url:
        lasting, brief = (mint(KEY, "s", scopes, ttl_s, "ann") for ttl_s in (60, 1.9))
        async with holding(url, lasting) as laptop, holding(url, brief) as phone:
            await laptop.prompt("k", "[items=220 pace_ms=10]")
            async with laptop.events() as witness, phone.events() as short:
                await short.until(lambda screen: any(each["type"] == "token-expired" for each in screen.messages))
                await witness.until_ended()
        assert witness.endings() == (["failed"] if rate else ["completed"])


@on_or_off
async def test_renewal_refused(rate: int) -> None:
    async with built("renewal-refused", rate, key=KEY) as url:
        brief, fresh, other = (
            mint(KEY, "ours", SCOPES[:3], ttl_s, subject) for ttl_s, subject in ((1.5, "ann"), (60, "ann"), (60, "bob"))
        )
        assert (await tried(url, brief))["read"] == 200
        await asyncio.sleep(1.6)
        assert (await tried(url, brief))["read"] == 401
        assert (await tried(url, fresh))["read"] == (401 if rate else 200)
        assert (await tried(url, other))["read"] == 200


@on_or_off
async def test_refused_bare(rate: int) -> None:
    async with (
        built("refused-bare", rate, limits=Limits(streams=1)) as url,
        client(url) as phone,
        phone.events(),
        aiohttp.ClientSession() as http,
        http.get(f"{url}/v1/sessions/s/events") as answer,
    ):
        assert answer.status == 503
        assert ("Retry-After" in answer.headers) is not bool(rate)
        assert ("retry_ms" in await answer.json()) is not bool(rate)
