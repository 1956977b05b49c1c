"""What an audit knows when it looks for a diagnosis: judgments, the protocol's traits, the contract. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from .contract import Contract
from .event import Value
from .finding import Verdict
from .result import Judgment

_LONG_NS = 400_000_000  # a silence that no pace of words explains: an audit asks for 100 words a second
_AT_ONCE_NS = 50_000_000
_SOON_NS = 250_000_000


@dataclass(frozen=True, slots=True)
class Picture:
    """traits: `audit.adapters.base.Traits` as recorded in the histories; empty when there were none. agents: who
    answers, as the target declares it (`single`, `orchestrator`, `multi`); empty when it does not say."""

    judgments: tuple[Judgment, ...]
    traits: Value
    contract: Contract
    agents: str = ""

    def gaps(self, *rules: str) -> tuple[Judgment, ...]:
        """Judgments of these rules that found a gap."""
        return self._with(Verdict.GAP, rules)

    @property
    def every_gap(self) -> tuple[Judgment, ...]:
        """Judgments of any rule that found a gap."""
        return tuple(each for each in self.judgments if each.verdict is Verdict.GAP)

    def passes(self, *rules: str) -> tuple[Judgment, ...]:
        """Judgments of these rules that passed."""
        return self._with(Verdict.PASS, rules)

    @property
    def resumes_work(self) -> bool:
        """Some resume in this audit brought what was missed: its delay was measured, or an excerpt shows it."""
        return bool(self.passes("resume-delay") or self.gaps("resume-delay")) or any(map(resumed, self.judgments))

    @property
    def hangup_stops(self) -> bool:
        """The protocol's only word for stop is to close the stream."""
        return self.traits.get("stop") == "hangup"

    @property
    def drops_continue(self) -> bool:
        """It was promised, and seen, that a lost connection does not end the answer."""
        kept = bool(self.passes("survival")) and not self.gaps("survival")
        return kept and self.contract.disconnect == "continue"

    def _with(self, verdict: Verdict, rules: tuple[str, ...]) -> tuple[Judgment, ...]:
        return tuple(each for each in self.judgments if each.rule in rules and each.verdict is verdict)


def was_cut(judgment: Judgment) -> bool:
    """Its excerpt shows a device losing its stream or its network."""
    return any(_cuts(row) for row in _rows(judgment))


def tried_to_resume(judgment: Judgment) -> bool:
    """Somebody in its excerpt asked to go on after a drop."""
    return any(row["what"] == "resume" and row["phase"] == "invoke" for row in _rows(judgment))


def resumed(judgment: Judgment) -> bool:
    """A resume in its excerpt was answered with something to resume."""
    resumes = (row for row in _rows(judgment) if row["what"] == "resume" and row["phase"] == "ok")
    return any(not row.get("value", {}).get("nothing") for row in resumes)


def ended_stopped(judgment: Judgment) -> bool:
    """Somebody in its excerpt was told, or read, that a run ended as stopped."""
    return any("stopped" in _endings(row) for row in _rows(judgment))


def stop_pressed(judgment: Judgment) -> bool:
    """Somebody in its excerpt pressed stop."""
    return any(row["what"] == "stop" and row["phase"] == "invoke" for row in _rows(judgment))


def came_and_went(judgment: Judgment) -> bool:
    """In its excerpt the session was read, was not there, and was read again, all between two prompts: somebody knows
    it all the time, but not everybody who answers."""
    found: list[bool] = []
    for row in _rows(judgment):
        if row["what"] == "prompt" and row["phase"] == "ok":
            found = []
        there = _is_there(row)
        if there is not None and found[-1:] != [there]:
            found.append(there)
        if found[-3:] == [True, False, True]:
            return True
    return False


def disowned(judgment: Judgment) -> bool:
    """In its excerpt a prompt was accepted, and then something was answered as if there were no such session."""
    rows = _rows(judgment)
    accepted = next((place for place, row in enumerate(rows) if row["what"] == "prompt" and row["phase"] == "ok"), None)
    return accepted is not None and any(map(_unknown, rows[accepted:]))


def fell_silent(judgment: Judgment) -> bool:
    """In its excerpt nobody was told anything for a while, and then words came: they had been held up."""
    return any(_is_word(row) for _, row in _pauses(judgment))


def came_in_silence(judgment: Judgment) -> bool:
    """A device in its excerpt opened the session, was let in, and the words that came next had been held up."""
    opened = [row for row in _rows(judgment) if row["what"] == "join" and row["phase"] == "ok"]
    held = [last["t"] for last, word in _pauses(judgment) if _is_word(word)]
    return any(abs(last - row["t"]) <= _AT_ONCE_NS for row in opened for last in held)


def waited_in_silence(judgment: Judgment) -> bool:
    """In its excerpt a stop was answered, then nothing was said for a while, and only after that it had an effect: it
    was the stop that waited, not the words."""
    answered = [row["t"] for row in _rows(judgment) if row["what"] == "stop" and row["phase"] == "ok"]
    begun = [last["t"] for last, _ in _pauses(judgment)]
    return any(0 <= pause - answer <= _SOON_NS for answer in answered for pause in begun)


def _pauses(judgment: Judgment) -> Iterator[tuple[Value, Value]]:
    """What was told before and after each long silence in which no device was away; of a stretch that the excerpt left
    out, nobody can say that it was silent."""
    told: Value | None = None
    for before, row in pairwise(({}, *_rows(judgment))):
        if _goes(row) or (before and row["i"] != before["i"] + 1):
            told = None
        if row["phase"] not in ("seen", "ok", "fail"):
            continue
        if told is not None and row["phase"] == "seen" and row["t"] - told["t"] >= _LONG_NS:
            yield told, row
        told = row


def _goes(row: Value) -> bool:
    return bool(row["what"] == "offline" or (row["what"] == "fault" and row.get("value", {}).get("state") == "struck"))


def _is_word(row: Value) -> bool:
    return bool(row["what"] == "text" and row["phase"] == "seen")


def nothing_left(judgment: Judgment) -> bool:
    """The last resume in its excerpt was refused, or told that there is nothing to resume."""
    resumes = [row for row in _rows(judgment) if row["what"] == "resume" and row["phase"] in ("ok", "fail")]
    return bool(resumes) and (resumes[-1]["phase"] == "fail" or bool(resumes[-1].get("value", {}).get("nothing")))


def _is_there(row: Value) -> bool | None:
    """Whether a transcript was found; None for anything that does not say."""
    if row["what"] != "read":
        return None
    if row["phase"] == "ok":
        return bool(row.get("value", {}).get("messages"))
    return False if _unknown(row) else None


def _unknown(row: Value) -> bool:
    return bool(row["phase"] == "fail" and row.get("value", {}).get("status") in (404, 410))


def _cuts(row: Value) -> bool:
    value = row.get("value", {})
    if row["what"] == "closed":
        return bool(value.get("how") != "local")
    return bool(row["what"] == "offline" or (row["what"] == "fault" and value.get("state") == "struck"))


def _endings(row: Value) -> Iterator[object]:
    value = row.get("value", {})
    if row["phase"] == "seen" and row["what"] in ("end", "snapshot"):
        yield value.get("reason")
    if row["phase"] == "ok" and row["what"] == "read":
        yield from (message.get("ending") for message in value.get("messages", ()) if isinstance(message, dict))


def _rows(judgment: Judgment) -> tuple[Value, ...]:
    return judgment.excerpt.events if judgment.excerpt is not None else ()
