"""A target may say anything at all. Whatever it says, every trial ends in time, names what went wrong, and proves
nothing good of it: no traceback, no hang, no memory without bound."""

from __future__ import annotations

import asyncio
import json
import logging
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from audit import campaign
from audit.campaign import Order, audit, judge_again
from audit.event import Phase
from audit.finding import Verdict
from audit.gates import INCONCLUSIVE, Gates

from . import nonsense
from .nonsense import BEFORE, IN_A_BODY, IN_A_SOCKET
from .ordeal import HASTY, OVER_HTTP, OVER_SOCKETS, PATIENT, Ordeal, suffer, until_it_is_over
from .playing import bench, scenario
from .servers import LAST_CHUNK, STREAM, Script, Talk, serving

pytestmark = pytest.mark.sockets

LIMIT_S = 10.0
LIMIT_MB = 500
EVERYWHERE = {**OVER_HTTP, **OVER_SOCKETS}
WORST = (
    nonsense.endless_header_lines,
    nonsense.endless_header_line,
    nonsense.a_line_of_50_mb,
    nonsense.a_gzip_bomb,
    nonsense.a_body_without_end,
    nonsense.a_million_events,
    nonsense.a_frame_of_50_mb,
    nonsense.fragments_of_50_mb,
    nonsense.fragments_of_nothing,
    nonsense.a_million_frames,
    nonsense.pings_without_end,
)


@pytest.fixture(autouse=True)
async def nothing_goes_wrong_unseen(caplog: pytest.LogCaptureFixture) -> AsyncIterator[None]:
    """No task dies with an error that nobody looks at, and no library complains."""
    unseen: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: unseen.append(context))
    yield
    await asyncio.sleep(0)
    assert not unseen
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR] == []


def survived(ordeal: Ordeal) -> None:
    """What must be true of every trial."""
    assert not ordeal.aborted, f"{ordeal.protocol}: {ordeal.aborted}"
    assert not ordeal.unanswered
    assert ordeal.history.whole and (ordeal.named or ordeal.gave_up)
    assert not any("Traceback" in str(event.value) for event in ordeal.history.events)
    assert not any("itself broke" in finding.why for finding in ordeal.findings)
    verdicts = {finding.verdict for finding in ordeal.findings}
    assert verdicts & {Verdict.GAP, Verdict.INCONCLUSIVE}


async def suffered(script: Script, *protocols: str) -> list[Ordeal]:
    """All protocols at once against one nonsense."""
    async with asyncio.timeout(LIMIT_S):
        return await asyncio.gather(*(suffer(script, protocol) for protocol in protocols))


def name(script: Script) -> str:
    return script.__name__


@pytest.mark.parametrize("script", BEFORE, ids=name)
async def test_nonsense_instead_of_a_response(script: Script) -> None:
    for ordeal in await suffered(script, *EVERYWHERE):
        survived(ordeal)
        assert {finding.verdict for finding in ordeal.findings} == {Verdict.INCONCLUSIVE}


@pytest.mark.parametrize("script", IN_A_BODY, ids=name)
async def test_nonsense_in_a_body(script: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nonsense, "MANY", 4_000)  # the whole million comes below
    for ordeal in await suffered(script, *OVER_HTTP):
        survived(ordeal)


@pytest.mark.parametrize("script", IN_A_SOCKET, ids=name)
async def test_nonsense_in_a_socket(script: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nonsense, "MANY", 4_000)
    for ordeal in await suffered(script, *OVER_SOCKETS):
        survived(ordeal)


@pytest.mark.parametrize(
    ("script", "protocol", "said"),
    [
        (nonsense.garbage, "chat-sse", "the response is not HTTP/1.1"),
        (nonsense.endless_header_lines, "chat-sse", "Too many headers"),
        (nonsense.endless_header_line, "chat-sse", "more than 65536 bytes"),
        (nonsense.endless_header_lines, "json-socket", "expected no more than 128 headers"),
        (nonsense.closed_in_the_headers, "chat-sse", "hung up before it had answered"),
        (nonsense.refusal_without_end, "chat-sse", "is over 8388608 bytes"),
        (nonsense.refusal_without_end, "json-socket", "expected no more than 1048576 bytes"),
        (nonsense.a_line_of_50_mb, "ai-sdk", "a server-sent event of more than 4194304 bytes"),
        (nonsense.a_chunk_of_no_size_later, "chat-sse", "Invalid character in chunk size"),
        (nonsense.a_gzip_bomb, "chat-sse", "inflates to over 4194304 bytes"),
        (nonsense.gzip_that_is_none, "ai-sdk", "does not inflate"),
        (nonsense.deep_json, "ai-sdk", "nested too deeply"),
        (nonsense.a_wrong_accept, "json-socket", "invalid Sec-WebSocket-Accept header"),
        (nonsense.fragments_of_50_mb, "json-socket", "exceeds limit of 4194304 bytes"),
        (nonsense.an_opcode_of_tomorrow, "json-socket", "1002"),
        (nonsense.text_that_is_none, "session over WebSocket", "1007"),
    ],
    ids=lambda value: value.__name__ if callable(value) else None,
)
async def test_what_was_wrong_is_said(script: Script, protocol: str, said: str) -> None:
    async with asyncio.timeout(LIMIT_S):
        ordeal = await suffer(script, protocol, until_it_is_over, PATIENT)
    told = [str(event.value.get("error")) + str(event.value.get("reason")) for event in ordeal.named]
    assert any(said in each for each in told), told


async def test_a_redirect_is_an_answer_and_nobody_goes_there() -> None:
    async def welcome(talk: Talk) -> None:
        await talk.request()
        await talk.respond(b"")

    async with serving(welcome) as elsewhere:

        async def away(talk: Talk) -> None:
            await talk.request()
            await talk.respond(b"", "302 Found", Location=f"{elsewhere.url}/login")

        for ordeal in await suffered(away, *EVERYWHERE):
            survived(ordeal)
            assert any(event.value.get("status") == 302 for event in ordeal.named)
        assert not elsewhere.talks


async def test_a_cursor_is_never_let_into_the_headers() -> None:
    heads: list[dict[str, str]] = []

    async def inject(talk: Talk) -> None:
        await talk.request()
        heads.append(talk.headers)
        event = {"type": "event", "epoch": "e\r\nX-Evil: 1", "offset": 1, "kind": "text", "data": {"text": "tok-0001 "}}
        await talk.say(STREAM)
        await talk.chunk(f"data: {json.dumps(event)}\n\n".encode())
        await talk.say(LAST_CHUNK)

    (ordeal,) = await suffered(inject, "session over SSE")
    survived(ordeal)
    resumed = [event for event in ordeal.history.events if event.what == "resume" and event.phase is Phase.FAIL]
    assert "cannot be written down" in resumed[0].value["error"]
    assert not any("x-evil" in head for head in heads)


@pytest.mark.parametrize("script", [nonsense.garbage, nonsense.silence, nonsense.a_login_page], ids=name)
async def test_a_whole_audit_of_nonsense_is_inconclusive_never_green(
    script: Script, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving(script) as server:
        made = bench(server.url, "ai-sdk", waits=HASTY)
        monkeypatch.setattr(campaign, "bench_of", lambda target: replace(made, target=target))
        order = Order((scenario(),), "quick", 7, 4)
        store = await audit(made.target, order, tmp_path, ["test"], "x.toml", lambda step: None)
    result = judge_again(store.path, order.scenarios)
    assert (result.grade, result.verdict.score) == ("?", None)
    assert Gates().judge(result)[0] == INCONCLUSIVE
    assert all("fault-free twin" in finding.why for finding in result.findings)


def test_the_worst_of_it_takes_no_memory_without_bound() -> None:
    """In a process of its own, which holds the server as well: the most that it ever held, before and after."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.audit.ordeal", *map(name, WORST)],
        cwd=Path(__file__).resolve().parent.parent.parent,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    measured = json.loads(done.stdout)
    assert measured["after"] - measured["before"] < LIMIT_MB
