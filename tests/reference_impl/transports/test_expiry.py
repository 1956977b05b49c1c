"""Tokens that expire while a stream is open: the device is told, may renew, is let go, comes back; no run notices."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import suppress

import aiohttp
import pytest
from websockets.exceptions import ConnectionClosed

from reference_impl.access.gate import Access
from reference_impl.access.scopes import SCOPES
from reference_impl.access.tokens import Verifier, mint, secret_key
from reference_impl.settings import Settings

from ..devices import client, server

pytestmark = pytest.mark.sockets

KEY = secret_key(b"a secret of thirty-two bytes, or more")
LONG = "[items=150 pace_ms=10]"


def token(seconds: float, subject: str = "ann", session: str = "s") -> str:
    """One that expires so many seconds from now, exactly."""
    return mint(KEY, session, SCOPES, time.time() - int(time.time()) + seconds, subject)


@pytest.fixture
async def url() -> AsyncIterator[str]:
    async with server(access=Access(Verifier(KEY), warn_s=0.3), settings=Settings(agents="here")) as ready:
        yield ready


async def test_a_socket_is_warned_and_closed_and_comes_back_with_another_token(url: str) -> None:
    began = time.monotonic()
    async with client(url, token=token(0.7)) as phone, phone.socket() as device:
        await device.ask("subscribe")
        await device.ask("prompt", key="k", text=LONG)
        await device.until(lambda screen: screen.messages[-1]["type"] == "token-expiring")
        warned = time.monotonic() - began
        assert 0 < device.messages[-1]["in_ms"] <= 300
        with pytest.raises(ConnectionClosed) as closed:
            while True:
                await device.read()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 4401
        assert 0.3 < warned < 0.69 < time.monotonic() - began
    assert device.endings() == []
    async with client(url, token=token(60)) as phone, phone.socket() as again:
        assert (await again.ask("subscribe", cursor=device.cursor))["recovered"] is True
        await again.until_ended()
    assert device.offsets() + again.offsets() == list(range(1, 154))
    assert again.endings() == ["completed"]


async def test_a_renewed_socket_goes_on_as_if_nothing_had_been(url: str) -> None:
    async with client(url, token=token(0.6)) as phone, phone.socket() as device:
        await device.ask("subscribe")
        await device.ask("prompt", key="k", text=LONG)
        await device.until(lambda screen: screen.messages[-1]["type"] == "token-expiring")
        for wrong in (token(-1), token(60, "bob"), token(60, session="t"), "nonsense", ""):
            assert (await device.ask("renew", token=wrong))["ok"] is False
        assert (await device.ask("renew"))["code"] == "unauthorized"
        reply = await device.ask("renew", token=token(60))
        assert reply["ok"] is True and 59_000 < reply["expires_in_ms"] <= 60_000
        await device.until_ended()
        assert device.offsets() == list(range(1, 154))
        assert [message["type"] for message in device.messages].count("token-expiring") == 1


async def test_an_event_stream_is_warned_and_ended_and_resumes_with_another_token(url: str) -> None:
    async with client(url, token=token(60)) as phone:
        await phone.prompt("k", LONG)
        async with client(url, token=token(0.6)) as short, short.events() as device:
            while await device.read():
                pass
        assert [fields["event"] for fields in device.fields if "token" in fields["event"]] == [
            "token-expiring", "token-expired",
        ]  # fmt: skip
        assert device.messages[0]["type"] == "subscribed"
        assert device.messages[-1] == {"type": "token-expired"}
        assert "id" not in device.fields[-1]
        assert device.endings() == []
        async with phone.events(cursor=device.cursor) as again:
            await again.until_ended()
        assert device.offsets() + again.offsets() == list(range(1, 154))


async def test_a_reader_of_a_stream_is_cut_when_its_token_expires(url: str) -> None:
    owner = {"Authorization": f"Bearer {token(60, session='stream:a')}", "Content-Type": "text/plain"}
    async with aiohttp.ClientSession() as http:
        async with http.put(f"{url}/v1/stream/a", headers=owner) as made:
            assert made.status == 201
        short = token(0.4, session="stream:a")
        async with http.get(f"{url}/v1/stream/a?offset=-1&live=sse&token={short}") as response:
            assert response.status == 200
            async with asyncio.timeout(3):
                with suppress(aiohttp.ClientError):
                    while await response.content.readany():
                        pass
        async with http.get(f"{url}/v1/stream/a?offset=-1&token={token(60, session='stream:a')}") as response:
            assert response.status == 200


async def test_where_no_token_is_needed_a_renewal_changes_nothing() -> None:
    async with server() as url, client(url) as phone, phone.socket() as device:
        assert await device.ask("renew", token="whatever") == {"type": "reply", "id": "1", "ok": True}
