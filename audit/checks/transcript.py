"""Which answer of a fetched transcript belongs to which run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..event import Event, Value


@dataclass(frozen=True, slots=True)
class Answer:
    """A run as a transcript tells it. ending: as END's reason, `running`, or None when the transcript does not say."""

    text: str
    ending: str | None = None
    id: str | None = None

    @property
    def ended(self) -> bool:
        """The transcript names an ending."""
        return self.ending not in (None, "running")


def answers(read: Event, known: Mapping[str, str]) -> dict[str, Answer]:
    """Label → answer, for a completed `read`. known: the target's id of a run → its label, in the order of the prompts.

    Where no message names its run, the n-th answer is taken to be that of the n-th prompt. Several messages of one run
    are one answer, and the last one tells its ending.
    """
    said: list[Value] = [m for m in read.value.get("messages", ()) if m.get("role") == "assistant"]
    if any(m.get("run") is not None for m in said):
        placed = [(known.get(str(m.get("run")), str(m.get("run"))), m) for m in said if m.get("run") is not None]
    else:
        placed = list(zip(dict.fromkeys(known.values()), said, strict=False))
    found: dict[str, Answer] = {}
    for label, message in placed:
        before = found[label].text if label in found else ""
        found[label] = Answer(before + str(message.get("text", "")), message.get("ending"), message.get("id"))
    return found
