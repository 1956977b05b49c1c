"""What was said in a session before a run: the conversation that its agent answers into."""

from __future__ import annotations

from .event import Data
from .state import SessionState


def before(state: SessionState, run: str) -> list[Data]:
    """`{"role","text"}` of the runs prompted before this one that have ended, in the order of their prompts, each
    answer behind its question. What sub-agents said is not part of it."""
    told: list[Data] = []
    for each in state.runs.values():
        if each.id == run:
            break
        if each.state.ended:
            told.append({"role": "user", "text": each.prompt})
            answer = "".join(each.text)
            told += [{"role": "assistant", "text": answer}] if answer else []
    return told
