"""From today's design to one that keeps the promises this target breaks: only steps that the evidence asks for. Pure.

Every move closes gaps that were proven, says how to see that it did, and how to go back. What settings close needs no
move of its own; a session layer is proposed only where words must outlive their connection or reach other devices.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from .migration_drawing import layered, mended, today
from .outlook import Design, Move, Step
from .situation import (
    ACCESS,
    CONTROL,
    DETACHING,
    RECONNECTING,
    RECOVERY,
    SHARING,
    TEAM,
    Situation,
)

_TWO_WAY = ("steer", "interrupt", "approval")


@dataclass(frozen=True, slots=True)
class _Kind:
    """A kind of move: which gaps ask for it, and its words. does: what exactly, in this situation."""

    title: str
    rules: tuple[str, ...]
    does: Callable[[Situation], str]
    gain: str
    cost: str
    back: str


def design(case: Situation, plan: Sequence[Step]) -> Design:
    """Today's picture, and the next one with the way there; plan: what closes which gap most cheaply."""
    if not case.broken:
        return Design(today(case))
    settings = [step for step in plan if step.effort == "configuration"]
    settled = {gap for step in settings for gap in step.closes}
    moves = (*_settings(settings), *_moves(case, settled))
    moved = any(_asked(case, kind, settled) for kind in (_RECORD, _SHARE, _DIRECT))
    moves += tuple(_retire(case)) if moved else ()
    return Design(today(case), layered(case) if moved else mended(case), _transport(case, moved), moves)


def _settings(steps: Sequence[Step]) -> Iterator[Move]:
    for step in steps:
        back = "Set it back; nothing else depends on it yet."
        yield Move("Change a setting first", step.action, step.gain, step.cost, step.closes, back)


def _moves(case: Situation, settled: set[str]) -> Iterator[Move]:
    for kind in _KINDS:
        if checks := _asked(case, kind, settled):
            yield Move(kind.title, kind.does(case), kind.gain, kind.cost, checks, kind.back)


def _asked(case: Situation, kind: _Kind, settled: set[str]) -> tuple[str, ...]:
    """The gaps that ask for a move and that no setting closes. What a relaying orchestrator explains asks for agents
    that write for themselves, whatever the rule, and for nothing else."""
    own = (gap for gap in case.gaps(kind.rules) if gap not in case.relayed)
    asking = (*own, *case.relayed) if kind is _DIRECT else own
    return tuple(gap for gap in asking if gap not in settled)


def _transport(case: Situation, moved: bool) -> str:
    """Which transport this target needs, and why; never another one for its own sake."""
    if case.socket:
        kept = "Keep the WebSocket: it carries commands as well as words. It was never what makes an answer last"
        return f"{kept}; the log behind it is." if moved else f"{kept}, and nothing that broke asks for another."
    if asked := case.of(_TWO_WAY):
        return (
            f"Controls broke ({', '.join(asked)}) that a stream in one direction carries badly: a WebSocket beside or "
            "instead of it lets stop, steering and approvals share one ordered channel with the words."
        )
    if case.streaming == "polling":
        return (
            "Polling can stay for devices in the background; words that should appear as they are said need a stream."
        )
    return (
        "Stay with server-sent events: `id:` and `Last-Event-ID` carry the cursor, and stop is a POST beside the "
        "stream. Nothing that broke asks for a WebSocket."
    )


def _detach(case: Situation) -> str:
    team = " (the orchestrator's, with its team)" if case.agents == "orchestrator" else ""
    return (
        f"Start the agent's work{team} in a task or worker of its own when a prompt is accepted; the request only "
        "reads what it writes. Give each run an id, a time limit and an ending."
    )


def _control(case: Situation) -> str:
    if case.traits.get("stop") == "command":
        return (
            "Address the stop that there is to the run (its id, or the key of its prompt), accept it from every device "
            "that may, record it, let whatever generates read it, and answer with the run's ending as an event."
        )
    way = "a frame" if case.socket else "a POST"
    return (
        f"Add {way} that stops a run by its id or its prompt's key, from any device; record it, let whatever generates "
        "read it, and end the run with an event that says `stopped`. Closing the stream then means nothing."
    )


def _record(case: Situation) -> str:
    resume = "a first frame that carries the cursor" if case.socket else "`Last-Event-ID` on a GET"
    today_reads = "serve today's stream from it" if case.traits.get("resumes") else "let today's stream read it as well"
    return (
        "Append every event of a run, its prompt and its ending too, to a log of the session with a position that only "
        f"grows, before it is sent; {today_reads}. Resume with {resume}; say by name when a cursor is too old or "
        "foreign."
    )


def _share(case: Situation) -> str:
    way = "one socket a device" if case.socket else "one event stream a device"
    return (
        f"Let devices subscribe to the session instead of to a response ({way}): history first, then live, as one read "
        "of the log. Prompts of all devices are in it; opening the session shows the run that is going on."
    )


def _direct(case: Situation) -> str:
    who = (
        "the orchestrator starts them and collects their results" if case.agents == "orchestrator" else "nobody relays"
    )
    return f"Let every sub-agent append its own events, under its own name, and read stops itself; {who}."


_GUARD = _Kind(
    "Close the doors first",
    ACCESS,
    lambda _: (
        "Bind every session to its owner: check each read, cursor, stop and steer against a token of that session."
    ),
    "Nobody reads or controls what is not theirs.",
    "A token to issue, renew and check; shared links need one of their own.",
    "There is no going back from this one: a door that was open stays a defect.",
)
_EXPLICIT = _Kind(
    "Say explicitly what begins and ends",
    ("resubmission", "termination", "failure-truth"),
    lambda _: (
        "Let clients name each prompt with a key, and end every run with one stored event that says how it ended."
    ),
    "A lost reply makes no second run, and cut is never mistaken for finished.",
    "A table of keys with a time-to-live; clients that handle three endings.",
    "Ignore the keys again; endings are additive and can stay.",
)
_DETACH = _Kind(
    "Take the answer off the request",
    DETACHING,
    _detach,
    "Answers survive lost signals, reloads and closed tabs.",
    "Abandoned answers cost tokens until their limit; ship it together with a stop.",
    "Tie the task to the request again, behind a flag, route by route.",
)
_STOP = _Kind(
    "Make control a command",
    CONTROL,
    _control,
    "Stop works from any device, after a reload and on a resumed stream, and a drop is only a drop.",
    "A control channel that reaches the worker on whichever node it runs, and a check who may use it.",
    "The old way of stopping can stay beside it until no client uses it.",
)
_RECORD = _Kind(
    "Record the session as a log",
    RECOVERY,
    _record,
    "Whoever comes back gets exactly what is missing, also when the answer ended meanwhile or the server restarted.",
    "A store that every node reaches (SQLite on one; Redis Streams or NATS on several), and its retention.",
    "The log is written beside the old way until clients read it: stop writing, and nothing is lost.",
)
_SHARE = _Kind(
    "Let every device subscribe",
    SHARING,
    _share,
    "All devices show the same, live; a session can be found, watched and carried on anywhere.",
    "One open subscription a device, and fan-out; clients fold a log instead of reading a response.",
    "Clients fall back to the old stream by a flag; both read the same log.",
)
_DIRECT = _Kind(
    "Let every agent write for itself",
    TEAM,
    _direct,
    "Progress flows while the orchestrator thinks, and a stop reaches every agent.",
    "Agents need the session's name and the right to append; clients show several voices.",
    "Route the events through the orchestrator again; names of agents can stay.",
)
_HARDEN = _Kind(
    "Harden the stream",
    ("silence", "buffering", "backpressure", *RECONNECTING),
    lambda _: (
        "Send heartbeats, bound what is queued for a slow reader and cut it with a code that says resume, answer "
        "refused reconnects with a delay, and let credentials be renewed on the open stream."
    ),
    "Quiet phases, slow readers and expired tokens cost nothing but a resume.",
    "Timers and limits for each connection, and proxies that let small packets through.",
    "Each of these is a limit of its own and can be lifted alone.",
)
_KINDS = (_GUARD, _EXPLICIT, _DETACH, _STOP, _RECORD, _SHARE, _DIRECT, _HARDEN)


def _retire(case: Situation) -> Iterator[Move]:
    """The last move, where words got another way."""
    old = "the response to a prompt" if not case.traits.get("subscribes") else "the socket that belongs to one device"
    if checks := case.gaps((*RECOVERY, *SHARING)):
        yield Move(
            title="Retire the old stream",
            does=f"Once these rules are green for a release, let {old} carry no more words: devices only subscribe.",
            gain="One way for words, which cannot disagree with another.",
            cost="Clients that were not updated lose their stream: count them before.",
            checks=checks,
            back="Switch the old route on again; it reads the same log.",
        )
