"""What became of a stop: the facts that every rule of Live Control starts from.

A stop is judged by what came afterwards, never by its answer alone: targets that answer "ok" and go on are the common
case (vercel/ai#6502, CopilotKit#2422).
"""

from __future__ import annotations

from dataclasses import dataclass

from ..event import Event, Phase
from ..history import History
from .facts import Call, endings, final_reads, is_ok, is_unsupported, items, ms, sightings, stops, went_on
from .memo import per_history
from .moments import IN_FLIGHT_MS, Stream, streams, was_over
from .oracle import counted
from .screen import labels
from .transcript import answers
from .words import Word


@dataclass(frozen=True, slots=True)
class Growth:
    """A transcript that was fetched when the budget was over, and words that a later one held beyond it and that nobody
    had had before."""

    first: Event
    later: Event
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Stop:
    """The first stop of a run that nobody knew to be over.

    reason: how the run ended (`stopped` if anybody was told so), None when nobody learned it. late: words that came
    fresh later than the budget allows. ignored: the run went to its natural end though it had more to say than could
    be under way. ceased: words were to come, and whoever listened got none of them. growth: it was written on out of
    sight.
    """

    label: str
    invoke: Event
    done: Event | None
    reason: str | None
    late: tuple[Word, ...]
    ignored: bool
    ceased: bool
    growth: Growth | None = None

    @property
    def device(self) -> str:
        """Who pressed stop."""
        return self.invoke.who

    @property
    def answer(self) -> Event:
        """Its completion, or, if it has none, its invocation: the moment from which the budget runs."""
        return self.done or self.invoke

    @property
    def unsupported(self) -> bool:
        """The target offers no stop."""
        return is_unsupported(self.done)

    @property
    def hangup(self) -> bool:
        """All that the protocol can do is to close the stream."""
        return self.done is not None and bool(self.done.value.get("hangup"))

    @property
    def acknowledged(self) -> bool:
        """The target said yes."""
        return is_ok(self.done) and not self.hangup

    @property
    def refused(self) -> bool:
        """The target said no, though it knows how to stop."""
        return self.done is not None and self.done.phase is Phase.FAIL and not self.unsupported

    @property
    def worked(self) -> bool:
        """The run was stopped: somebody was told so, or the stop was acknowledged and the words ceased."""
        return self.reason == "stopped" or (self.acknowledged and self.ceased)


@per_history
def first_stops(history: History) -> tuple[Stop, ...]:
    """Each run's first stop, unless somebody had been told before that the run was over."""
    named = dict.fromkeys(str(invoke.value.get("label", "")) for invoke, _ in history.invocations("stop"))
    calls = ((label, stops(history, label)) for label in named)
    firsts = ((label, found[0]) for label, found in calls if found)
    return tuple(_stop(history, label, call) for label, call in firsts if not was_over(history, label, call[0].index))


def budget_ms(history: History) -> float:
    """How long output may go on after a stop was acknowledged."""
    declared = history.meta["contract"].get("stop_budget_ms")
    return float(history.meta["deadlines"].get("stop_budget_ms") or declared or 1_000)


def _stop(history: History, label: str, call: Call) -> Stop:
    invoke, done = call
    answer = done or invoke
    reason = _reason(history, label)
    late = _late(history, label, answer)
    over = _went_to_its_end(history, label, answer.index, reason)
    ignored = over and reason != "stopped" and _had_more_to_say(history, label, answer)
    ceased = not late and not over and _was_listened_to(history, label, answer)
    return Stop(label, invoke, done, reason, late, ignored, ceased, _growth(history, label, answer))


def _growth(history: History, label: str, answer: Event) -> Growth | None:
    """A transcript may lag; one that still gains words after the budget, which no stream had brought, has an author."""
    after = [read for read in _transcripts(history, label) if ms(answer, _asked(history, read)) > budget_ms(history)]
    if len(after) < 2:
        return None
    known = {word.text for word in sightings(history, label) if word.index <= after[0].index}
    told = answers(after[-1], labels(history))[label].text.split()
    fresh = tuple(word for word in told if word not in known)
    return Growth(after[0], after[-1], fresh) if fresh else None


def _transcripts(history: History, label: str) -> list[Event]:
    reads = (e for e in history.events if e.what == "read" and e.phase is Phase.OK)
    return [read for read in reads if label in answers(read, labels(history))]


def _asked(history: History, read: Event) -> Event:
    return history.events[read.op] if read.op is not None else read


def _reason(history: History, label: str) -> str | None:
    told = [ending.reason for ending in endings(history, label)]
    if "stopped" in told:
        return "stopped"
    return next((reason for reason in told if reason != "unknown"), told[0] if told else None)


def _late(history: History, label: str, answer: Event) -> tuple[Word, ...]:
    """Fresh words beyond the budget, on streams that were open before and that the audit left alone: what a stream
    brings that was opened later, or was held up by us, may have been said long before."""
    came = sightings(history, label)
    limit = budget_ms(history)
    early = {word.text for word in came if ms(answer, history.events[word.index]) <= limit}
    return tuple(word for word in came if word.text not in early and _is_live(history, word.index, answer.index))


def _is_live(history: History, index: int, before: int) -> bool:
    event = history.events[index]
    stream = streams(history).get((event.who, event.value.get("conn")))
    return event.phase is Phase.SEEN and stream is not None and stream.opened <= before and index < stream.hurt


def _went_to_its_end(history: History, label: str, after: int, reason: str | None) -> bool:
    """Every word that was asked for was said; or, if nobody counted, the run says that it completed."""
    return went_on(history, label, after).whole if counted(history, label) else reason == "completed"


def _had_more_to_say(history: History, label: str, answer: Event) -> bool:
    """Was more to come when the stop was answered than can have been under way by then?"""
    came = sightings(history, label)
    known = {word.text for word in came if word.index <= answer.index}
    fresh = (word for word in came if word.text not in known and history.events[word.index].phase is Phase.SEEN)
    left = sum(word not in known for word in counted(history, label) or ())
    seen = any(ms(answer, history.events[word.index]) > IN_FLIGHT_MS for word in fresh)
    return seen or left * float(history.meta["deadlines"].get("pace_ms") or 0) > IN_FLIGHT_MS


def _was_listened_to(history: History, label: str, answer: Event) -> bool:
    """Would somebody have noticed if the run had gone on? A transcript after everything settled tells, and so does a
    stream that had brought something of the run and stayed open, undisturbed, until the budget was over."""
    if any(read.index > answer.index for read in final_reads(history)) and counted(history, label):
        return True
    heard = {(event.who, event.value.get("conn")) for event in items(history, label)}
    listeners = (stream for key, stream in streams(history).items() if key in heard)
    return any(stream.lives(answer.index) and _stayed(history, stream, answer) for stream in listeners)


def _stayed(history: History, stream: Stream, answer: Event) -> bool:
    until = min(stream.closed, stream.hurt, len(history.events) - 1)
    return ms(answer, history.events[until]) > budget_ms(history)
