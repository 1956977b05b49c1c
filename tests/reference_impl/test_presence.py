from __future__ import annotations

import asyncio

import pytest

from reference_impl.presence import Presence
from reference_impl.session.frames import ws_text

from .devices import Client, WsDevice

pytestmark = pytest.mark.sockets


def told(device: WsDevice) -> list[int]:
    return [message["devices"] for message in device.messages if message["type"] == "presence"]


async def test_a_device_that_asks_is_told_who_comes_and_who_goes(phone: Client) -> None:
    async with phone.socket() as first:
        await first.ask("subscribe", presence=True)
        await first.until(lambda device: told(device) == [1])
        async with phone.socket() as second, phone.events(query="?presence=1") as third:
            await second.ask("subscribe", presence=True)
            await first.until(lambda device: told(device)[-1] == 3)
            await second.until(lambda device: told(device)[-1:] == [3])
            await third.until(lambda device: device.messages[-1:] == [{"type": "presence", "devices": 3}])
            assert "id" not in third.fields[-1]  # a browser goes on from its last event, not from this
            assert third.fields[-1]["event"] == "presence"
        await first.until(lambda device: told(device)[-1] == 1)
    assert (await phone.get())["head"] == 0  # nothing of it is in the log


async def test_who_does_not_ask_counts_and_is_not_told(phone: Client) -> None:
    async with phone.socket() as quiet, phone.socket() as curious, phone.socket() as commanding:
        await commanding.ask("ping")  # follows nothing: is no device of the session
        await quiet.ask("subscribe")
        await curious.ask("subscribe", presence=True)
        await curious.until(lambda device: told(device) == [2])
        await phone.prompt("k", "[items=3 pace_ms=0]")
        await quiet.until_ended()
        assert told(quiet) == []


class Writer:
    def __init__(self) -> None:
        self.frames: list[bytes] = []

    def write(self, frames: bytes) -> None:
        self.frames.append(frames)


async def test_a_crowd_that_comes_at_once_is_told_once() -> None:
    presence, crowd = Presence(), [Writer() for _ in range(50)]
    for device in crowd:
        presence.join(device, "ws")
    await asyncio.sleep(0.3)
    assert {b"".join(device.frames) for device in crowd} == {ws_text(b'{"type":"presence","devices":50}')}


async def test_a_device_that_leaves_and_comes_back_within_the_pause_is_no_news_to_others() -> None:
    presence, stays, first, again = Presence(), Writer(), Writer(), Writer()
    presence.join(stays, "ws")
    presence.join(first, None)
    await asyncio.sleep(0.2)
    assert len(stays.frames) == 1
    presence.leave(first)
    presence.join(again, None)
    presence.leave(first)  # never twice
    await asyncio.sleep(0.2)
    assert len(stays.frames) == 1
