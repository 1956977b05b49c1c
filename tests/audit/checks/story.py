"""Writing small histories by hand, the way they are told: `story.prompt("phone")`, `story.says(1, 2, to="phone")`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from audit.event import Event, Phase, Value
from audit.history import History

MS = 1_000_000


def meta(**changes: Any) -> Value:
    """Meta of a trial against a target like the reference: it declares everything and can do everything."""
    base: Value = {
        "scenario": "story",
        "trial": 1,
        "twin": False,
        "seed": 1,
        "profile": "quick",
        "target": "story",
        "protocol": "session",
        "traits": {
            "subscribes": True,
            "cursor": "offset+epoch",
            "replay": "continue",
            "dedupe": "cursor",
            "comparison": "events",
            "stop": "command",
            "endings": ["completed", "stopped", "failed", "superseded"],
            "resumes": True,
            "observable": True,
            "history": True,
            "prompt_key": True,
        },
        "contract": {
            "disconnect": "continue",
            "concurrent_send": "queue",
            "retention_s": 3600,
            "stop_budget_ms": 1000,
            "idempotency": "key",
        },
        "needs": ["resilient-delivery", "continuity", "live-control"],
        "oracle": {"runs": {}},
        "deadlines": {"first_item_s": 5.0, "resume_s": 5.0, "settle_s": 10.0, "stop_budget_ms": 1000, "pace_ms": 10.0},
        "point": {"kind": "middle", "seen": 5},
        "expects_fault": False,
        "versions": {},
    }
    for key, value in changes.items():
        base[key] = {**base[key], **value} if isinstance(value, dict) and key in base else value
    return base


class Story:
    """A history under construction. Every call appends events `step_ms` after the last; `wait` lets time pass."""

    def __init__(self, *devices: str, step_ms: float = 1.0, **changes: Any) -> None:
        self.events: list[Event] = []
        self.meta = meta(**changes)
        self.now = 0
        self.step = int(step_ms * MS)
        for device in devices:
            self.note(device, "device", kind=device)

    def add(self, who: str, phase: Phase, what: str, op: int | None = None, **value: Any) -> int:
        """Append one event and give its index."""
        self.now += self.step
        self.events.append(Event(len(self.events), self.now, who, phase, what, value, op))
        return len(self.events) - 1

    def wait(self, ms: float) -> Story:
        """Let time pass."""
        self.now += int(ms * MS)
        return self

    def note(self, who: str, what: str, **value: Any) -> int:
        """The audit's own doing."""
        return self.add(who, Phase.NOTE, what, **value)

    def does(
        self, who: str, what: str, outcome: Phase | None = Phase.OK, answer: Value | None = None, **value: Any
    ) -> int:
        """An operation and its completion (None: nothing ever answers); gives the index of its invoke."""
        index = self.add(who, Phase.INVOKE, what, **value)
        if outcome is not None:
            self.add(who, outcome, what, op=index, **(answer or {}))
        return index

    def joins(self, who: str, conn: int = 1, **answer: Any) -> int:
        """A device opens the session's stream."""
        return self.does(who, "join", answer={"conn": conn, **answer}, conn=conn)

    def resumes(self, who: str, conn: int = 2, cursor: str | None = None, **answer: Any) -> int:
        """A device opens it again after a drop."""
        return self.does(who, "resume", answer={"conn": conn, **answer}, conn=conn, cursor=cursor)

    def prompts(self, who: str, label: str = "run-1", run: str | None = "r1", key: str | None = None) -> int:
        """A prompt that is accepted."""
        answer = {"run": run} if run else {}
        told = self.meta["oracle"]["runs"].get(label)
        value: Value = {"text": f"count ({label})", "key": key or f"key-{label}", "label": label}
        return self.does(who, "prompt", answer=answer, **value, **({"asked": told} if told else {}))

    def stops(self, who: str, label: str = "run-1", **answer: Any) -> int:
        """A stop that is accepted."""
        return self.does(who, "stop", answer=answer, label=label, key=f"key-{label}")

    def sees(self, who: str, what: str, run: str = "r1", conn: int = 1, **value: Any) -> int:
        """Something arrives."""
        return self.add(who, Phase.SEEN, what, conn=conn, run=run, **value)

    def says(self, numbers: Iterable[int], *to: str, run: str = "r1", conn: int = 1) -> Story:
        """Numbered words arrive on these devices, `tok-0001 ` with cursor `e:1` and so on."""
        for n in numbers:
            for who in to:
                self.sees(who, "text", run, conn, text=f"tok-{n:04d} ", cursor=f"e:{n}")
        return self

    def ends(self, *to: str, reason: str = "completed", run: str = "r1", conn: int = 1, at: int = 9999) -> Story:
        """The run ends on these devices."""
        for who in to:
            self.sees(who, "end", run, conn, reason=reason, cursor=f"e:{at}")
        return self

    def strikes(self, device: str, fault: str = "close", conn: int = 1) -> int:
        """A fault takes hold of a device's connection, which dies (a blackhole would not close it)."""
        value = {"fault": fault, "settings": {}, "state": "struck", "conn": conn, "up_bytes": 1, "down_bytes": 1}
        index = self.note(f"link:{device}", "fault", **value)
        if fault in ("close", "reset"):
            self.add(device, Phase.SEEN, "closed", conn=conn, how="fin" if fault == "close" else "rst")
        return index

    def reads(self, who: str, *messages: Value, **answer: Any) -> int:
        """The transcript is fetched; `final=True` or `shown=True` as the script would have it."""
        return self.does(who, "read", answer={"messages": list(messages), **answer})

    def history(self) -> History:
        """The finished history."""
        return History(self.meta, tuple(self.events))


def answer(text: str, run: str | None = "r1", ending: str | None = "completed", id: str | None = "m1") -> Value:
    """An assistant message of a transcript."""
    return {"role": "assistant", "id": id, "text": text, "run": run, "ending": ending}


def asked(text: str, id: str | None = "u1") -> Value:
    """A user message of a transcript."""
    return {"role": "user", "id": id, "text": text, "run": None, "ending": None}


def counted(upto: int) -> str:
    """`tok-0001 tok-0002 …`"""
    return "".join(f"tok-{n:04d} " for n in range(1, upto + 1))


def dropped(**changes: Any) -> Story:
    """A phone loses its connection after five of ten words and comes back; the laptop watches undisturbed."""
    story = Story("phone", "laptop", **changes)
    story.joins("phone")
    story.joins("laptop")
    story.prompts("phone")
    story.says(range(1, 6), "phone", "laptop")
    story.strikes("phone")
    story.says(range(6, 8), "laptop")
    story.resumes("phone", conn=2, cursor="e:5")
    story.says(range(6, 8), "phone", conn=2)
    story.says(range(8, 11), "laptop")
    story.says(range(8, 11), "phone", conn=2)
    story.ends("laptop")
    story.ends("phone", conn=2)
    story.note("stage", "settled", why="ended")
    return story
