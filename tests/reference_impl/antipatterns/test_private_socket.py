"""What a lone WebSocket does well, and that everything is gone with it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import ClientSession, ClientWebSocketResponse, WSMsgType

from reference_impl.antipatterns import private_socket
from reference_impl.antipatterns.common import MAX_BODY_BYTES

from .support import Spy, client_of, counted, until

_LONG = "[items=2000 pace_ms=5]"
_ENDINGS = {"done", "stopped", "error", "busy"}


@pytest.fixture
async def client() -> AsyncIterator[ClientSession]:
    async with client_of(private_socket.build_app) as session:
        yield session


async def _prompt(socket: ClientWebSocketResponse, text: str) -> None:
    await socket.send_json({"type": "prompt", "text": text})


async def _frames(socket: ClientWebSocketResponse, tokens: int = 0) -> list[Any]:
    """Frames up to the next ending, or up to this many tokens."""
    seen: list[Any] = []
    while not seen or not (seen[-1]["type"] in _ENDINGS or (tokens and len(seen) > tokens)):
        seen.append(await socket.receive_json(timeout=5))
    return seen


def _text(seen: list[Any]) -> str:
    return "".join(frame["text"] for frame in seen if frame["type"] == "token")


async def test_one_socket_one_answer_after_another(client: ClientSession) -> None:
    async with client.ws_connect("/ws") as socket:
        runs = set()
        for items in (20, 3):
            await _prompt(socket, f"[items={items} pace_ms=1]")
            seen = await _frames(socket)
            assert (seen[0]["type"], seen[-1]) == ("started", {"type": "done"})
            assert _text(seen) == counted(items)
            runs.add(seen[0]["run"])
        assert len(runs) == 2


async def test_stop_is_prompt_and_the_next_prompt_works(client: ClientSession) -> None:
    async with client.ws_connect("/ws") as socket:
        await _prompt(socket, _LONG)
        await _frames(socket, tokens=3)
        await socket.send_json({"type": "stop"})
        assert (await _frames(socket))[-1] == {"type": "stopped"}
        await _prompt(socket, "[items=2]")
        assert _text(await _frames(socket)) == counted(2)


async def test_an_agent_at_full_speed_can_be_stopped(client: ClientSession) -> None:
    async with client.ws_connect("/ws") as socket:
        await _prompt(socket, "[items=100000 pace_ms=0]")
        await _frames(socket, tokens=3)
        await socket.send_json({"type": "stop"})
        assert (await _frames(socket))[-1] == {"type": "stopped"}


async def test_a_second_prompt_during_a_run_is_busy(client: ClientSession) -> None:
    async with client.ws_connect("/ws") as socket:
        await _prompt(socket, "[items=30 pace_ms=5]")
        seen = await _frames(socket, tokens=3)
        await _prompt(socket, "[items=1]")
        seen += await _frames(socket)
        assert seen[-1] == {"type": "busy"}
        seen += await _frames(socket)
        assert seen[-1] == {"type": "done"}
        assert _text(seen) == counted(30)


async def test_a_failing_agent_is_told(client: ClientSession) -> None:
    async with client.ws_connect("/ws") as socket:
        await _prompt(socket, "[items=9 fail_at=2]")
        seen = await _frames(socket)
        assert _text(seen) == counted(2)
        assert "after word 2" in seen[-1]["message"]


@pytest.mark.parametrize(
    "frame",
    [
        "{",
        "[]",
        "{}",
        "[" * 100_000,
        '{"type":["prompt"]}',
        '{"type":"prompt"}',
        '{"type":"prompt","text":7}',
        '{"type":"prompt","text":"\\ud800"}',
        '{"type":"prompt","text":"[items=x]"}',
    ],
    ids=lambda frame: frame[:40],
)
async def test_bad_frames_are_answered_and_the_socket_lives_on(client: ClientSession, frame: str) -> None:
    async with client.ws_connect("/ws") as socket:
        await socket.send_str(frame)
        assert (await _frames(socket))[-1]["message"]
        await socket.send_bytes(b"\xff")
        assert (await _frames(socket))[-1]["message"] == "the body is not JSON"
        await _prompt(socket, "[items=2]")
        assert _text(await _frames(socket)) == counted(2)


async def test_a_frame_over_the_bound_closes_with_too_large(client: ClientSession) -> None:
    async with client.ws_connect("/ws") as socket:
        await socket.send_str("x" * (MAX_BODY_BYTES + 1))
        assert (await socket.receive(timeout=5)).type is WSMsgType.CLOSE
        assert socket.close_code == 1009


async def test_plain_http_is_refused_in_json(client: ClientSession) -> None:
    async with client.get("/ws") as answer:
        assert (answer.status, answer.content_type) == (400, "application/json")


async def test_the_run_and_the_conversation_die_with_the_socket(
    client: ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    spy = Spy()
    monkeypatch.setattr(private_socket, "generate", spy)
    async with client.ws_connect("/ws") as socket:
        await _prompt(socket, _LONG)
        await _frames(socket, tokens=3)
    await until(lambda: spy.ended)
    said = len(spy.said)
    assert 3 <= said < 500

    async with client.ws_connect("/ws") as socket:
        await _prompt(socket, "[items=1]")
        assert _text(await _frames(socket)) == counted(1)  # not busy, and nothing of the other answer
    assert len(spy.said) == said + 1


async def test_the_loss_of_the_socket_is_noticed_while_the_agent_is_silent(
    client: ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    spy = Spy()
    monkeypatch.setattr(private_socket, "generate", spy)
    async with client.ws_connect("/ws") as socket:
        await _prompt(socket, "[items=9 silent_at=2 silent_ms=60000]")
        await _frames(socket, tokens=2)
    await until(lambda: spy.ended)
    assert len(spy.said) == 2


async def test_another_socket_neither_sees_nor_stops_the_run(client: ClientSession) -> None:
    async with client.ws_connect("/ws") as owner, client.ws_connect("/ws") as other:
        await _prompt(owner, "[items=40 pace_ms=5]")
        seen = await _frames(owner, tokens=3)
        await other.send_json({"type": "stop"})
        seen += await _frames(owner)
        assert (_text(seen), seen[-1]) == (counted(40), {"type": "done"})
        await _prompt(other, "[items=1]")
        assert (await _frames(other))[0]["type"] == "started"
