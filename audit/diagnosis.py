"""Judgments → names people know. Pure.

A diagnosis is never a guess: each one has a proof, a function that gives the judgments which show it, or nothing. Where
one disease explains the sign of another, only the first is named (a stream with no way back also has no completion
window). Remedies come cheapest first, each with what it costs, and none without the proof.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeAlias

from . import remedies
from .contract import CONTINUITY, LIVE_CONTROL, RESILIENT_DELIVERY, Contract
from .event import Value
from .picture import (
    Picture,
    came_and_went,
    disowned,
    ended_stopped,
    nothing_left,
    stop_pressed,
    tried_to_resume,
    was_cut,
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


def diagnose(judgments: Iterable[Judgment], traits: Value, contract: Contract) -> tuple[Diagnosis, ...]:
    """Every diagnosis that the judgments prove, in the order of PATTERNS."""
    picture = Picture(tuple(judgments), traits, contract)
    torn = sticky_session(picture)  # what it explains is no sign of anything else
    others = Picture(tuple(each for each in picture.judgments if each not in torn), traits, contract)
    proven = ((each, torn if each.proof is sticky_session else each.proof(others)) for each in PATTERNS)
    return tuple(_diagnosis(pattern, proof) for pattern, proof in proven if proof)


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


def single_connection_trap(picture: Picture) -> tuple[Judgment, ...]:
    """A device was cut off and lost words, or the answer itself, and there is no way back: the protocol has no resume,
    or has one that was tried and never brought anything in the whole audit.

    Not when any resume got through: then something else lost the words (see the Resume-Cancel Conflict). Nor when the
    answer outlived its connection and was read in full afterwards: then something else holds a copy.
    """
    if picture.drops_continue and picture.passes("completion-window") and not picture.gaps("completion-window"):
        return ()
    broken = tuple(each for each in picture.gaps("loss") if was_cut(each)) + picture.gaps("survival")
    if not picture.traits.get("resumes"):
        broken += picture.gaps("completion-window")
    elif picture.resumes_work or not any(map(tried_to_resume, broken)):
        return ()
    return (*broken, *picture.gaps("early-resume")) if broken else ()


def resume_cancel_conflict(picture: Picture) -> tuple[Judgment, ...]:
    """Losing signal and pressing stop are one and the same to the target: a run that nobody stopped ended as stopped
    when its connection went, or the two could not be told apart though stopping as such works.

    Not when stopping does not work at all, and not when hanging up turned out not to end anything: then closing means
    only "lost signal", and the user is trapped instead.
    """
    mistaken = tuple(each for each in picture.gaps("survival") if ended_stopped(each) and not stop_pressed(each))
    alike = picture.gaps("stop-vs-disconnect")
    no_stop = bool(picture.gaps("stop")) or picture.traits.get("stop") == "none"
    if no_stop or (picture.hangup_stops and picture.drops_continue):
        alike = ()
    return (*mistaken, *alike)


def trapped_user(picture: Picture) -> tuple[Judgment, ...]:
    """Stop does nothing, or cannot be pressed from where the user is: from another device, after a reload.

    Also where hanging up is the only stop, and was seen not to end the answer.
    """
    unreachable = picture.gaps("stop", "stop-reach")
    if picture.hangup_stops and picture.drops_continue:
        return (*unreachable, *picture.gaps("stop-vs-disconnect"))
    return unreachable


def private_stream(picture: Picture) -> tuple[Judgment, ...]:
    """A second device can neither find the running answer nor get all of it by joining."""
    unseen, unjoined = picture.gaps("discovery"), picture.gaps("join")
    return (*unjoined, *unseen, *picture.gaps("live-view")) if unseen and unjoined else ()


def sticky_session(picture: Picture) -> tuple[Judgment, ...]:
    """What a session holds depends on who answers: its transcript was there, was not, and was there again while
    nothing had been asked in between. Then whatever met a "no such session" is of the same making.

    Not when it only came late (stored at the end), or only went (expired).
    """
    if not any(map(came_and_went, picture.every_gap)):
        return ()
    return tuple(each for each in picture.every_gap if came_and_went(each) or disowned(each))


def producer_held_resume(picture: Picture) -> tuple[Judgment, ...]:
    """Resuming works while the answer is being written; after its end a resume finds nothing, and the answer is
    nowhere else. It is why the return was interrupted, where coming back brought nothing at all."""
    if not picture.resumes_work:
        return ()
    return tuple(each for each in interrupted_return(picture) if nothing_left(each))


def interrupted_return(picture: Picture) -> tuple[Judgment, ...]:
    """The answer finished while the user was away, and coming back does not bring it, although coming back earlier
    would have.

    Not where the answer died of the absence, nor where there is no way back at all: those have names of their own.
    """
    explained = picture.gaps("survival") or single_connection_trap(picture)
    return () if explained else picture.gaps("completion-window")


def context_blind_handoff(picture: Picture) -> tuple[Judgment, ...]:
    """The second device can enter the session, but cannot carry on what the first began.

    Not where the answer died when the first device left, nor where the second cannot enter: those have other names.
    """
    explained = picture.gaps("survival") or private_stream(picture)
    return () if explained else picture.gaps("handoff")


def buffering_path(picture: Picture) -> tuple[Judgment, ...]:
    """Words that were made one by one arrived in one lump."""
    return picture.gaps("buffering")


def silent_agent(picture: Picture) -> tuple[Judgment, ...]:
    """A device asked to go on and was neither given anything, nor told that there is nothing, nor refused."""
    return picture.gaps("hang")


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
