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


def voice(label: str, agent: object) -> str:
    """What a sub-agent of a run says goes by a label of its own (`run-1/a1`), beside the run's."""
    return f"{label}/{agent}" if agent else label


def answers(read: Event, known: Mapping[str, str]) -> dict[str, Answer]:
    """Label → answer, for a completed `read`. known: the target's id of a run → its label, in the order of the prompts.

    What a sub-agent said has a label of its own. Where no message names its run, the n-th answer is taken to be that of
    the n-th prompt; where some prompts went unanswered, an answer is that of the prompt before it. Several messages of
    one run are one answer, and the last one tells its ending.
    """
    messages: list[Value] = list(read.value.get("messages", ()))
    said = [m for m in messages if m.get("role") == "assistant"]
    if any(m.get("run") is not None for m in said):
        placed = [(_named(m, known), m) for m in said if m.get("run") is not None]
    else:
        order = list(dict.fromkeys(known.values()))
        placed = _after_their_prompts(messages, order) or list(zip(order, said, strict=False))
    found: dict[str, Answer] = {}
    for label, message in placed:
        before = found[label].text if label in found else ""
        found[label] = Answer(before + str(message.get("text", "")), message.get("ending"), message.get("id"))
    return found


def _named(message: Value, known: Mapping[str, str]) -> str:
    run = str(message.get("run"))
    return voice(known.get(run, run), message.get("agent"))


def _after_their_prompts(messages: list[Value], order: list[str]) -> list[tuple[str, Value]]:
    """Answers with the prompt that stands before each; empty unless the transcript holds fewer answers than prompts,
    and no prompt that we did not send."""
    placed: list[tuple[int, Value]] = []
    asked: set[object] = set()  # a prompt that was stored twice under one id is one
    for place, message in enumerate(messages):
        if message.get("role") == "user":
            asked.add(message.get("id") or place)
        elif message.get("role") == "assistant" and asked:
            placed.append((len(asked) - 1, message))
    fits = len(placed) < len(asked) <= len(order)
    return [(order[number], message) for number, message in placed] if fits else []
