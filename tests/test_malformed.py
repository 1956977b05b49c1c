"""A thousand malformed inputs through the real entry points: only named errors and verdicts come out."""

from __future__ import annotations

import asyncio
import io
import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from random import Random
from typing import cast

import pytest

from audit.adapters.base import Adapter, Frame, Operation
from audit.checks import RULES
from audit.connection import Endpoint
from audit.device import Device
from audit.errors import ConfigError, HistoryError
from audit.event import Phase
from audit.faults.link import Link
from audit.finding import Finding, Verdict
from audit.history import History, dump_history, load_history
from audit.judge import judge
from audit.memory import Run, Session
from audit.recorder import Recorder
from audit.replies import Attempt
from audit.stream import Closed
from audit.target import Target
from audit.target_reading import load_target

from .audit.adapters.support import adapter
from .audit.checks.story import Story, answer, asked, counted, dropped, meta
from .malforming import damaged, misspelled, pieces

EACH = 250
SEED = 20261120
EXAMPLES = sorted((Path(__file__).resolve().parent.parent / "examples").glob("*.toml"))


def seeds(what: str) -> list[Random]:
    """A generator for each input of a kind."""
    return [Random(f"{SEED}/{what}/{number}") for number in range(EACH)]


def verdicts(history: History) -> Counter[str]:
    """What all rules say; judging itself must never fail."""
    found = judge(history, RULES)
    assert len(found) >= len(RULES)
    assert all(isinstance(each, Finding) and isinstance(each.verdict, Verdict) and each.why for each in found)
    return Counter(each.verdict.value for each in found)


# -- target files --------------------------------------------------------------------------------------------------


def test_target_files(tmp_path: Path) -> None:
    valid, outcomes = [path.read_bytes() for path in EXAMPLES], Counter[str]()
    for number, rng in enumerate(seeds("target")):
        path = tmp_path / f"{number}.toml"
        path.write_bytes(damaged(rng.choice(valid), rng))
        try:
            target = load_target(path, {"HOME": "/home/me", "API_TOKEN": "s3cret"})
        except ConfigError as error:
            assert error.problems and str(path) in str(error)
            outcomes["refused"] += 1
        else:
            assert isinstance(target, Target) and json.dumps(target.redacted())
            outcomes["loaded"] += 1
    assert outcomes.total() == EACH and outcomes["refused"] > EACH / 4


# -- histories -----------------------------------------------------------------------------------------------------


def stories() -> list[History]:
    """Histories in which everything happens."""
    stopped = Story("phone", "laptop")
    stopped.joins("phone")
    stopped.joins("laptop")
    stopped.prompts("phone")
    stopped.says(range(1, 6), "phone", "laptop")
    stopped.stops("phone")
    stopped.ends("phone", "laptop", reason="stopped")
    stopped.note("phone", "forget")
    stopped.note("laptop", "freeze")
    stopped.note("laptop", "thaw")
    stopped.resumes("phone", nothing=True)
    stopped.prompts("laptop", "run-2", "r2")
    stopped.note("stage", "mark", name="arm", arm="stop", label="run-1")
    stopped.does("phone", "prompt", Phase.INFO, {"error": "no answer", "timeout": True}, key="k", label="run-3")
    stopped.reads("laptop", asked("count"), answer(counted(5), ending="stopped"), final=True)
    stopped.note("stage", "settled", why="ended")
    return [dropped().history(), dropped(contract={"disconnect": "cancel"}).history(), stopped.history()]


def test_histories() -> None:
    valid, outcomes = [dump_history(each).splitlines() for each in stories()], Counter[str]()
    for rng in seeds("history"):
        lines = list(rng.choice(valid))
        for _ in range(rng.randint(1, 3)):
            at = rng.randrange(len(lines))
            lines[at] = misspelled(lines[at], rng)
        try:
            history = load_history(lines[: rng.randint(len(lines) // 2, len(lines))], "story-1.jsonl")
        except HistoryError as error:
            assert "story-1.jsonl" in str(error)
            outcomes["refused"] += 1
        else:
            outcomes += verdicts(history)
            outcomes["judged"] += 1
    assert outcomes["refused"] + outcomes["judged"] == EACH
    assert outcomes["judged"] > EACH / 10 and outcomes["gap"] and outcomes["inconclusive"]


# -- what comes off the network ------------------------------------------------------------------------------------


class Tape:
    """A stream that says what is on it, and ends properly."""

    def __init__(self, said: Sequence[str | bytes], *, framed: bool) -> None:
        self.said, self.framed = said, framed

    async def pump(self, take: Callable[[str | bytes], None], gate: asyncio.Event) -> Closed:
        for each in self.said:
            take(each)
        return Closed("clean")

    async def send(self, text: str) -> None:
        raise ConnectionResetError("a tape does not listen")

    async def close(self) -> None:
        """Nothing is open."""


class NoLink:
    async def close(self) -> None:
        """Nothing is open."""

    struck = 0


async def heard(target: Adapter, operation: Operation, tape: Tape) -> History:
    """The history of a device that asked, and then heard a tape."""
    traits = {**asdict(target.traits), "endings": list(target.traits.endings)}
    recorder = Recorder(io.StringIO(), meta(traits=traits))
    run = Run("run-1", "count", "key-1", 5)
    device = Device(
        "phone",
        "phone",
        adapter=target,
        endpoint=Endpoint("http://127.0.0.1:9", 9),
        link=cast("Link", NoLink()),
        recorder=recorder,
        session=Session("s-1", {"run-1": run}, run),
    )
    value = {"text": "count", "key": "key-1", "label": "run-1", "asked": {"items": 5, "format": "tok-{:04d}"}}
    index = recorder.add("phone", Phase.INVOKE, "prompt", {**value, "conn": 1}).index
    recorder.add("phone", Phase.OK, "prompt", {"conn": 1}, index)
    device._naming.asked(run, Frame("{}"))
    device._channel._attach(Attempt(operation, run, 1, lambda _: None), tape)
    assert await device.until(lambda: not device.connected, 5)
    await device.close()
    return load_history(dump_history(recorder.finish()).split("\n"))


def sse(*events: object) -> bytes:
    texts = (each if isinstance(each, str) else json.dumps(each, ensure_ascii=False) for each in events)
    return "".join(f"data: {text}\n\n" for text in texts).encode()


def session_events(words: int = 5) -> list[dict[str, object]]:
    told: list[tuple[str, dict[str, object]]] = [
        ("user", {"id": "u1", "text": "count 🙂", "key": "key-1"}),
        ("run-start", {}),
    ]
    told += [("text", {"text": f"tok-{number:04d} "}) for number in range(1, words + 1)]
    told.append(("run-end", {"reason": "completed"}))
    return [
        {"type": "event", "epoch": "e", "offset": offset, "kind": kind, "run": "r1", "data": data}
        for offset, (kind, data) in enumerate(told, start=1)
    ]


def session_stream() -> bytes:
    lines = [f"id: e:{event['offset']}\nevent: x\ndata: {json.dumps(event)}\n\n" for event in session_events()]
    return (": ping\nretry: 1000\n" + "".join(lines) + 'data: {"type":"caught-up","cursor":"e:8"}\n\n').encode()


def chat_stream() -> bytes:
    chunks: list[object] = [
        {"id": "c1", "choices": [{"index": 0, "delta": {"content": f"tok-{number:04d} "}}]} for number in range(1, 6)
    ]
    return sse(*chunks, {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}, "[DONE]")


def ai_stream() -> bytes:
    words: list[object] = [{"type": "text-delta", "id": "t", "delta": f"tok-{number:04d} "} for number in range(1, 6)]
    return sse(
        {"type": "start", "messageId": "m1"},
        {"type": "start-step"},
        *words,
        {"type": "reset-step"},
        *words,
        {"type": "finish", "finishReason": "stop"},
        "[DONE]",
    )


def responses_stream() -> bytes:
    created = {"type": "response.created", "sequence_number": 0, "response": {"id": "r1", "status": "in_progress"}}
    words = [
        {
            "type": "response.output_text.delta",
            "sequence_number": number,
            "item_id": "i1",
            "delta": f"tok-{number:04d} ",
        }
        for number in range(1, 6)
    ]
    done = {"type": "response.completed", "sequence_number": 6, "response": {"id": "r1", "status": "completed"}}
    return sse(created, *words, done)


STREAMS: dict[str, tuple[Adapter, Operation, bytes]] = {
    "session": (adapter("session", transport="sse"), "join", session_stream()),
    "chat-sse": (adapter("chat-sse"), "prompt", chat_stream()),
    "ai-sdk": (adapter("ai-sdk"), "resume", ai_stream()),
    "openai-responses": (adapter("openai-responses"), "prompt", responses_stream()),
}


def token_frames() -> list[str]:
    words = [{"type": "token", "text": f"tok-{number:04d} ", "run": "r1", "at": number} for number in range(1, 6)]
    told = [{"type": "started", "run": "r1"}, *words, {"type": "ping"}, {"type": "done", "run": "r1", "at": 6}]
    return [json.dumps(each) for each in told]


def session_frames() -> list[str]:
    reply = {"type": "reply", "id": "sub-1", "ok": True, "recovered": False, "gap": {"reason": "expired"}}
    told: list[dict[str, object]] = [reply, *session_events(), {"type": "caught-up", "cursor": "e:8"}, {"type": "ping"}]
    return [json.dumps(each, ensure_ascii=False) for each in told]


FRAMES: dict[str, tuple[Adapter, Operation, list[str]]] = {
    "session": (adapter("session"), "resume", session_frames()),
    "json-socket": (
        adapter("json-socket", run_field="run", cursor_field="at", resume_frame={"type": "resume"}, replay="full"),
        "resume",
        token_frames(),
    ),
}


@pytest.mark.parametrize("protocol", STREAMS)
async def test_the_streams_are_valid_before_they_are_damaged(protocol: str) -> None:
    target, operation, stream = STREAMS[protocol]
    history = await heard(target, operation, Tape([stream], framed=False))
    assert not [event for event in history.events if event.what == "problem"]
    assert "gap" not in verdicts(history)


@pytest.mark.parametrize("protocol", FRAMES)
async def test_the_frames_are_valid_before_they_are_damaged(protocol: str) -> None:
    target, operation, frames = FRAMES[protocol]
    history = await heard(target, operation, Tape(frames, framed=True))
    assert not [event for event in history.events if event.what == "problem"]
    assert "gap" not in verdicts(history)


async def test_event_streams() -> None:
    outcomes: Counter[str] = Counter()
    for number, rng in enumerate(seeds("stream")):
        target, operation, stream = [*STREAMS.values()][number % len(STREAMS)]
        history = await heard(target, operation, Tape(pieces(damaged(stream, rng), rng), framed=False))
        outcomes += verdicts(history)
        outcomes["streams"] += 1
        outcomes["problems"] += any(event.what == "problem" for event in history.events)
        assert not [event for event in history.events if event.what == "aborted"]
    assert outcomes["streams"] == EACH and outcomes["problems"] > EACH / 10


async def test_websocket_frames() -> None:
    outcomes: Counter[str] = Counter()
    for number, rng in enumerate(seeds("frames")):
        target, operation, valid = [*FRAMES.values()][number % len(FRAMES)]
        history = await heard(target, operation, Tape(_mangled(valid, rng), framed=True))
        outcomes += verdicts(history)
        outcomes["sequences"] += 1
        outcomes["problems"] += any(event.what == "problem" for event in history.events)
        assert not [event for event in history.events if event.what == "aborted"]
    assert outcomes["sequences"] == EACH and outcomes["problems"] > EACH / 10


def _mangled(valid: list[str], rng: Random) -> list[str | bytes]:
    frames: list[str | bytes] = list(valid)
    for _ in range(rng.randint(1, 4)):
        at = rng.randrange(len(frames))
        told = str(frames[at])
        frames[at] = misspelled(told, rng)
        if rng.random() < 0.2:
            frames[at] = damaged(told.encode("utf-8", "replace"), rng)
        if rng.random() < 0.2:
            frames.insert(rng.randrange(len(frames)), frames[at])
    return frames
