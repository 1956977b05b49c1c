"""Judgments → names people know. Pure.

A diagnosis is never a guess: each one has a proof, a function that gives the judgments which show it, or nothing. Where
one disease explains the sign of another, only the first is named (a stream with no way back also has no completion
window). Remedies come cheapest first, each with what it costs, and none without the proof.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import TypeAlias

from . import remedies
from .contract import CONTINUITY, LIVE_CONTROL, RESILIENT_DELIVERY, Contract
from .event import Value
from .picture import Picture
from .proofs import (
    buffering_path,
    context_blind_handoff,
    interrupted_return,
    orchestrator_dual_purpose,
    private_stream,
    producer_held_resume,
    resume_cancel_conflict,
    silent_agent,
    single_connection_trap,
    sticky_session,
    trapped_user,
)
from .result import Diagnosis, Judgment, Remedy

Proof: TypeAlias = Callable[[Picture], tuple[Judgment, ...]]


@dataclass(frozen=True, slots=True)
class Pattern:
    """One named disease. felt: what users feel. why: how products catch it. proof: the judgments that show it."""

    id: str
    title: str
    capability: str
    felt: str
    why: str
    proof: Proof
    remedies: tuple[Remedy, ...]


def diagnose(
    judgments: Iterable[Judgment], traits: Value, contract: Contract, agents: str = ""
) -> tuple[Diagnosis, ...]:
    """Every diagnosis that the judgments prove, in the order of PATTERNS. agents: as in `Picture`."""
    left, proven = Picture(tuple(judgments), traits, contract, agents), {}
    for explains in (sticky_session, orchestrator_dual_purpose):  # what these explain is no sign of anything else
        proven[explains] = explains(left)
        left = replace(left, judgments=tuple(each for each in left.judgments if each not in proven[explains]))
    found = ((each, proven[each.proof] if each.proof in proven else each.proof(left)) for each in PATTERNS)
    return tuple(_diagnosis(pattern, proof) for pattern, proof in found if proof)


def _diagnosis(pattern: Pattern, proof: tuple[Judgment, ...]) -> Diagnosis:
    heaviest = max(proof, key=lambda each: each.severity.weight)  # the first of equals
    return Diagnosis(
        id=pattern.id,
        title=pattern.title,
        capability=pattern.capability,
        felt=pattern.felt,
        why=f"{pattern.why} Seen here: {heaviest.why}",
        proof=tuple(f"{each.rule}@{each.scenario}" for each in proof),
        remedies=pattern.remedies,
    )


PATTERNS = (
    Pattern(
        "single-connection-trap",
        "Single-Connection Trap",
        RESILIENT_DELIVERY,
        "A tunnel, a lift or a locked phone, and the answer is gone; asking again is the only way on.",
        "The answer is a property of the connection that asked for it: nothing else holds a copy.",
        single_connection_trap,
        remedies.SINGLE_CONNECTION_TRAP,
    ),
    Pattern(
        "resume-cancel-conflict",
        "SSE Resume-Cancel Conflict",
        LIVE_CONTROL,
        "Losing signal for a second stops the answer, as if the user had pressed stop.",
        'Closing the stream is made to mean two things, "I lost signal" and "stop", and the server must guess.',
        resume_cancel_conflict,
        remedies.RESUME_CANCEL_CONFLICT,
    ),
    Pattern(
        "trapped-user",
        "Trapped user",
        LIVE_CONTROL,
        "The agent goes on doing the wrong thing, and there is no stop that works from where the user is.",
        "Stop reaches only the page that asked, or nothing that generates ever reads it.",
        trapped_user,
        remedies.TRAPPED_USER,
    ),
    Pattern(
        "private-stream",
        "Private stream",
        CONTINUITY,
        "The answer is being written on one device, and every other device shows an empty or a stale page.",
        "Events are sent to a connection instead of being appended to the session, so nobody else can subscribe.",
        private_stream,
        remedies.PRIVATE_STREAM,
    ),
    Pattern(
        "sticky-session",
        "Sticky session",
        CONTINUITY,
        "The chat is there, after a reload it is gone, and after another it is back; stop sometimes works.",
        "The session lives in the memory of one server, and a connection reaches whichever server the balancer picks.",
        sticky_session,
        remedies.STICKY_SESSION,
    ),
    Pattern(
        "orchestrator-dual-purpose",
        "Orchestrator Dual-Purpose Problem",
        CONTINUITY,
        "The screen stands still while the orchestrator thinks, then everything pours out at once; stop waits as well.",
        "One agent has two jobs, to think and to pass on what its sub-agents say, and does one at a time.",
        orchestrator_dual_purpose,
        remedies.ORCHESTRATOR_DUAL_PURPOSE,
    ),
    Pattern(
        "producer-held-resume",
        "Producer-held resume",
        RESILIENT_DELIVERY,
        "A drop in the middle heals; whoever was away when the answer ended finds nothing of it.",
        "What a resume is served from belongs to whoever writes the answer, and goes with it.",
        producer_held_resume,
        remedies.PRODUCER_HELD_RESUME,
    ),
    Pattern(
        "interrupted-return",
        "Interrupted return",
        RESILIENT_DELIVERY,
        "The user comes back to a finished answer and finds half of it, or a spinner that never ends.",
        "The stream is dropped when the run ends, before history holds the answer, or without saying where to read it.",
        interrupted_return,
        remedies.INTERRUPTED_RETURN,
    ),
    Pattern(
        "context-blind-handoff",
        "Context-blind handoff",
        CONTINUITY,
        "The user carries on from another device and has to explain everything again, or cannot carry on at all.",
        "What was said lives with the device or the connection that said it, not with the session.",
        context_blind_handoff,
        remedies.CONTEXT_BLIND_HANDOFF,
    ),
    Pattern(
        "buffering-path",
        "Buffering path",
        RESILIENT_DELIVERY,
        "Nothing happens for a long time, and then the whole answer appears at once.",
        "A proxy, a compressor or a framework collects the stream before it passes it on.",
        buffering_path,
        remedies.BUFFERING_PATH,
    ),
    Pattern(
        "silent-agent",
        "Silent agent",
        RESILIENT_DELIVERY,
        "The page is back online and waits for ever: no words, no error, no sign that anybody is there.",
        "A resume is attached to a producer that is gone or idle, and nothing sets a deadline or sends a heartbeat.",
        silent_agent,
        remedies.SILENT_AGENT,
    ),
)
