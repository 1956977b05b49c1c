"""What each device shows: the fold of everything it saw, after the target's own documented de-duplication.

Rules that ask "what does the user have?" read screens; rules that ask "what crossed the wire?" read events.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from ..event import Event, Phase
from ..history import History


@dataclass
class Shown:
    """One run on one device. pieces: (event index, text) as shown, in order; repeats: indices of items that the
    documented de-duplication dropped; ends: indices of END items; ending: the reason of the last one."""

    pieces: list[tuple[int, str]] = field(default_factory=list)
    repeats: list[int] = field(default_factory=list)
    known: set[tuple[str, str]] = field(default_factory=set)
    ends: list[int] = field(default_factory=list)
    ending: str | None = None

    @property
    def text(self) -> str:
        """The run's text as the user reads it."""
        return "".join(text for _, text in self.pieces)

    def clear(self) -> None:
        """Forget the text (a replay starts over, or a snapshot replaces it)."""
        self.pieces.clear()
        self.known.clear()


@dataclass
class Screen:
    """One device: run label → what it shows of it, and the prompts it shows as (event index, id, text)."""

    device: str
    runs: dict[str, Shown] = field(default_factory=dict)
    prompts: list[tuple[int, str, str]] = field(default_factory=list)

    def run(self, label: str) -> Shown:
        """What is shown of a run, empty when nothing is."""
        return self.runs.setdefault(label, Shown())


def labels(history: History) -> dict[str, str]:
    """The target's id of a run → our label (`run-1`), learned from every accepted prompt. Labels map to themselves."""
    found: dict[str, str] = {}
    for invoke, done in history.invocations("prompt"):
        label = str(invoke.value["label"])
        found.setdefault(label, label)
        if done is not None and done.value.get("run"):
            found.setdefault(str(done.value["run"]), label)
    return found


def label_of(event: Event, known: dict[str, str]) -> str:
    """Label of the run an item belongs to; a run that no accepted prompt explains keeps the target's id."""
    run = str(event.value.get("run", ""))
    return known.get(run, run)


def screens(history: History) -> dict[str, Screen]:
    """Device id → its screen at the end of the history, in order of appearance."""
    known = labels(history)
    found = {device: Screen(device) for device in history.devices}
    for event in history.events:
        if event.who in found:
            fold(found[event.who], event, known, str(history.meta["traits"]["dedupe"]))
    return found


def fold(screen: Screen, event: Event, known: dict[str, str], dedupe: str) -> None:
    """Show one more event on a screen. Total: events that show nothing change nothing."""
    if event.what == "forget":
        screen.runs.clear()
        screen.prompts.clear()
    elif event.what == "read" and event.phase is Phase.OK and event.value.get("shown"):
        _show_transcript(screen, event, known)
    elif event.phase is Phase.SEEN and event.what in _FOLDS:
        _FOLDS[event.what](screen, event, label_of(event, known), dedupe)


def _text(screen: Screen, event: Event, label: str, dedupe: str) -> None:
    shown, text = screen.run(label), str(event.value.get("text", ""))
    if not _is_repeat(shown, event, text, dedupe):
        shown.pieces.append((event.index, text))


def _snapshot(screen: Screen, event: Event, label: str, _: str) -> None:
    shown = screen.run(label)
    shown.clear()
    shown.pieces.append((event.index, str(event.value.get("text", ""))))


def _reset(screen: Screen, event: Event, label: str, dedupe: str) -> None:
    if dedupe == "reset":
        screen.run(label).clear()


def _end(screen: Screen, event: Event, label: str, dedupe: str) -> None:
    shown = screen.run(label)
    if _is_repeat(shown, event, "", dedupe):
        return
    if dedupe == "reset" and shown.ends and shown.ending == event.value.get("reason"):
        shown.ends.clear()  # a full replay ends again; it is the same ending
    shown.ends.append(event.index)
    shown.ending = str(event.value.get("reason", "unknown"))


def _is_repeat(shown: Shown, event: Event, text: str, dedupe: str) -> bool:
    """Would a client that follows the documentation drop this item? Two different items under one cursor are both
    shown: that collision is for the cursor-integrity rule to find, not for the fold to hide."""
    cursor = event.value.get("cursor")
    if dedupe != "cursor" or cursor is None:
        return False
    if (str(cursor), text) in shown.known:
        shown.repeats.append(event.index)
        return True
    shown.known.add((str(cursor), text))
    return False


def _user(screen: Screen, event: Event, _: str, dedupe: str) -> None:
    id = str(event.value.get("id") or event.value.get("cursor") or event.index)
    if dedupe == "none" or all(id != other for _, other, _ in screen.prompts):
        screen.prompts.append((event.index, id, str(event.value.get("text", ""))))


_FOLDS: dict[str, Callable[[Screen, Event, str, str], None]] = {
    "text": _text,
    "snapshot": _snapshot,
    "reset": _reset,
    "end": _end,
    "user": _user,
}


def _show_transcript(screen: Screen, event: Event, known: dict[str, str]) -> None:
    """A device that was told "nothing to resume" shows the transcript it read instead."""
    runs = iter(list(known.values()))
    for message in event.value.get("messages", ()):
        if message["role"] == "user":
            _user(screen, Event(event.index, event.t_ns, event.who, Phase.SEEN, "user", message), "", "cursor")
            continue
        label = known.get(str(message.get("run")), "") or next(runs, "")
        shown = screen.run(label)
        shown.clear()
        shown.pieces.append((event.index, str(message["text"])))
        if message.get("ending") not in (None, "running") and not shown.ends:
            shown.ends.append(event.index)
            shown.ending = str(message["ending"])
