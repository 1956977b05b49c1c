"""A worker is let in by a token with the scope `append` for every session, and by no other."""

from __future__ import annotations

import asyncio
import time

import pytest

from reference_impl.access.gate import Access
from reference_impl.access.scopes import SCOPES
from reference_impl.access.tokens import Verifier, mint, secret_key
from reference_impl.agents.link import Refusing
from reference_impl.agents.scripted import ScriptedAgent
from reference_impl.agents.worker import Worker
from reference_impl.settings import Settings

from ..devices import client, server

pytestmark = pytest.mark.sockets

KEY = secret_key(b"a secret of thirty-two bytes, or more")
ACCESS = Access(Verifier(KEY))
WORKERS = Settings(agents="workers", lease_s=1.0)


async def test_a_worker_with_the_right_token_answers() -> None:
    async with server(access=ACCESS, settings=WORKERS) as url:
        stop = asyncio.Event()
        worker = Worker((url,), ScriptedAgent(), 4, token=mint(KEY, "*", ["append"], 60))
        serving = asyncio.create_task(worker.serve(stop))
        async with client(url, token=mint(KEY, "s", SCOPES[:3], 60)) as phone, phone.events() as device:
            await phone.prompt("k", "[items=3 pace_ms=0]")
            await device.until_ended()
            assert device.endings() == ["completed"]
        stop.set()
        await serving


async def test_a_worker_is_disconnected_when_its_token_expires(caplog: pytest.LogCaptureFixture) -> None:
    async with server(access=ACCESS, settings=WORKERS) as url:
        began = time.time()
        token = mint(KEY, "*", ["append"], began - int(began) + 0.5)
        worker = Worker((url,), ScriptedAgent(), 4, token=token)
        with pytest.raises(Refusing, match="token"):
            await asyncio.wait_for(worker.serve(asyncio.Event()), 5)
        assert time.time() >= began + 0.5
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


@pytest.mark.parametrize("token", ["", "nonsense", mint(KEY, "s", SCOPES, 60), mint(KEY, "*", SCOPES[:3], 60)])
async def test_a_worker_with_any_other_is_told(token: str) -> None:
    async with server(access=ACCESS, settings=WORKERS) as url:
        worker = Worker((url,), ScriptedAgent(), 4, token=token)
        with pytest.raises(Refusing, match="token"):
            await asyncio.wait_for(worker.serve(asyncio.Event()), 5)
