"""Trials against nonsense, through everything that a real audit runs through.

As a program (`python -m tests.audit.ordeal NAME …`) it plays the named nonsense and prints what that did to the memory
of its process: `{"before": MB, "after": MB}`.
"""

from __future__ import annotations

import asyncio
import json
import resource
import sys
from dataclasses import dataclass

from audit.checks import RULES
from audit.event import Event, Phase
from audit.finding import Finding
from audit.history import History
from audit.judge import judge
from audit.scenario import Script as PlayScript
from audit.stage import Stage, Waits
from audit.twin import twin_failure

from .nonsense import BEFORE, IN_A_BODY, IN_A_SOCKET
from .playing import bench, played, reference
from .servers import Script, Talk, serving

HASTY = Waits(first_item_s=0.12, resume_s=0.12, grace_s=0.05)
PATIENT = Waits(first_item_s=5.0, resume_s=5.0, grace_s=0.05)
STOP_AND_HISTORY = '[options]\nstop_path = "/api/chat/{id}/stop"\nhistory_path = "/api/chat/{id}"\n'
OVER_HTTP = {
    "session over SSE": ("session", '[options]\ntransport = "sse"\n'),
    "chat-sse": ("chat-sse", ""),
    "ai-sdk": ("ai-sdk", STOP_AND_HISTORY),
    "openai-responses": ("openai-responses", ""),
}
OVER_SOCKETS = {
    "session over WebSocket": ("session", ""),
    "json-socket": ("json-socket", '[options]\nresume_frame = { type = "resume" }\nrun_field = "run"\n'),
}


@dataclass(frozen=True)
class Ordeal:
    """What became of one trial against one nonsense."""

    protocol: str
    history: History
    findings: tuple[Finding, ...]

    @property
    def named(self) -> list[Event]:
        """Events that say what went wrong: failed or doubtful operations, problems, streams that broke off."""
        events = self.history.events
        failed = [e for e in events if e.phase in (Phase.FAIL, Phase.INFO) and e.value.get("error")]
        problems = [e for e in events if e.what == "problem" and e.value.get("error")]
        return failed + problems + [e for e in events if e.what == "closed" and e.value["how"] in ("fin", "rst")]

    @property
    def gave_up(self) -> bool:
        """Did the script wait in vain, and say so?"""
        return any(e.what == "settled" and e.value["why"] == "deadline" for e in self.history.events)

    @property
    def aborted(self) -> list[Event]:
        """What the audit says of its own failure."""
        return [e for e in self.history.events if e.what == "aborted"]

    @property
    def unanswered(self) -> list[Event]:
        """Operations that nothing completed."""
        return [e for e in self.history.events if e.phase is Phase.INVOKE and e.index not in self.history.completions]


async def everything(stage: Stage) -> None:
    """Ask, read on, come back, stop, settle: every operation meets the nonsense."""
    (phone,) = await stage.devices("phone")
    run = stage.counting(5, pace_ms=1)
    await stage.prompt(phone, run)
    await stage.words(phone, run, 1_000_000)
    await stage.hang_up(phone)
    await stage.resume(phone)
    await stage.stop(phone, run)
    await stage.settle()


async def until_it_is_over(stage: Stage) -> None:
    """Ask, and take all that comes until the stream has ended or the device has had enough."""
    (phone,) = await stage.devices("phone")
    await stage.prompt(phone, stage.counting(5))
    await phone.until(lambda: not phone.connected, 10)
    await stage.settle()


async def suffer(nonsense: Script, protocol: str, script: PlayScript = everything, waits: Waits = HASTY) -> Ordeal:
    """One trial of one protocol against one nonsense, and what the judges make of it."""
    id, options = {**OVER_HTTP, **OVER_SOCKETS}[protocol]
    async with serving(_on_any_request(nonsense, protocol)) as server:
        history = await played(bench(server.url, id, options, waits), script)
    return Ordeal(protocol, history, judge(history, RULES, twin_failure(history)))


def _on_any_request(nonsense: Script, protocol: str) -> Script:
    """A socket's nonsense has nothing to say to a plain request; a transcript is not to be had then."""
    if protocol not in OVER_SOCKETS or nonsense not in IN_A_SOCKET:
        return nonsense

    async def play(talk: Talk) -> None:
        head = await talk.reader.readuntil(b"\r\n\r\n")
        if b"upgrade: websocket" not in head.lower():
            await talk.respond(b"", "404 Not Found")
            return
        talk.reader._buffer[:0] = head  # type: ignore[attr-defined]  # read it again
        await nonsense(talk)

    return play


async def _measure(names: list[str]) -> None:
    async with reference() as made:
        await played(made)
    before = _peak_mb()
    for nonsense in (*BEFORE, *IN_A_BODY, *IN_A_SOCKET):
        if nonsense.__name__ in names:
            protocol = "json-socket" if nonsense in IN_A_SOCKET else "ai-sdk"
            await suffer(nonsense, protocol, until_it_is_over)
    print(json.dumps({"before": before, "after": _peak_mb()}))


def _peak_mb() -> float:
    """The most memory that this process ever held."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


if __name__ == "__main__":
    asyncio.run(_measure(sys.argv[1:]))
