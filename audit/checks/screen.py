"""What each device shows: the fold of everything it saw, after the target's own documented de-duplication.

Rules that ask "what does the user have?" read screens; rules that ask "what crossed the wire?" read events.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from ..event import Event, Phase
from ..history import History
from .memo import per_history
from .transcript import answers, voice


@dataclass
class Shown:
    """One run on one device. pieces: (event index, text) as shown, in order; repeats: indices of items that the
    documented de-duplication dropped; ends: indices of END items; ending: the reason of the last one; restated: index
    of the last item that said "this is the run so far" (a snapshot, a transcript, a replay from the start); written:
    index of the last transcript it was taken from."""

    pieces: list[tuple[int, str]] = field(default_factory=list)
    repeats: list[int] = field(default_factory=list)
    known: set[tuple[str, str]] = field(default_factory=set)
    ends: list[int] = field(default_factory=list)
    ending: str | None = None
    restated: int = -1
    written: int = -1

    @property
    def text(self) -> str:
        """The run's text as the user reads it."""
        return "".join(text for _, text in self.pieces)

    def restate(self, index: int) -> None:
        """Forget the text (a replay starts over, or a snapshot replaces it)."""
        self.pieces.clear()
        self.known.clear()
        self.restated = index

    def end(self, index: int, reason: str) -> None:
        """The run ended. A run that was stated again ends again: the same ending, or one that was unknown before."""
        if self.ends and self.restated > self.ends[-1] and self.ending in (reason, "unknown"):
            self.ends.clear()
        self.ends.append(index)
        self.ending = reason


@dataclass
class Screen:
    """One device: run label → what it shows of it, and the prompts it shows as (event index, id, text)."""

    device: str
    runs: dict[str, Shown] = field(default_factory=dict)
    prompts: list[tuple[int, str, str]] = field(default_factory=list)

    def run(self, label: str) -> Shown:
        """What is shown of a run, empty when nothing is."""
        return self.runs.get(label) or Shown()

    def open(self, label: str) -> Shown:
        """What is shown of a run, for the fold to change."""
        return self.runs.setdefault(label, Shown())


@per_history
def labels(history: History) -> dict[str, str]:
    """The target's id of a run → our label (`run-1`), in the order of the prompts. Labels map to themselves.

    Learned from the answer to a prompt, from the stream that the prompt opened (`named`), or, when the answer was
    lost, from the echo of the prompt that carries its key. A prompt that was refused made no run.
    """
    found: dict[str, str] = {}
    for invoke, done in history.invocations("prompt"):
        if done is None or done.phase is not Phase.FAIL:
            label = str(invoke.value.get("label", ""))
            found.setdefault(label, label)
            if done is not None and done.value.get("run"):
                found.setdefault(str(done.value["run"]), label)
    for run, label in _named(history):
        found.setdefault(run, label)
    answered = {label for run, label in found.items() if run != label}
    for run, label in _echoed(history):
        if label in found and label not in answered:  # a second run under one key is for resubmission to find
            found.setdefault(run, label)
    return found


def _named(history: History) -> Iterator[tuple[str, str]]:
    for event in history.events:
        if event.what == "named" and event.phase is Phase.NOTE:
            yield str(event.value.get("run", "")), str(event.value.get("label", ""))


def _echoed(history: History) -> Iterator[tuple[str, str]]:
    keys = {str(i.value.get("key", "")): str(i.value.get("label", "")) for i, _ in history.invocations("prompt")}
    for event in history.events:
        if event.what == "user" and event.phase is Phase.SEEN and event.value.get("run"):
            yield str(event.value["run"]), keys.get(str(event.value.get("key", "")), "")


def label_of(event: Event, known: dict[str, str]) -> str:
    """Label of the run an item belongs to; a run that no accepted prompt explains keeps the target's id. What a
    sub-agent says is a voice of its own, `run-1/a1`: several of one run may say the same words at the same time."""
    run = str(event.value.get("run", ""))
    return voice(known.get(run, run), event.value.get("agent") if event.what in _SPOKEN else None)


@per_history
def screens(history: History) -> dict[str, Screen]:
    """Device id → its screen at the end of the history, in order of appearance. Shared: not to be changed."""
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


def _start(screen: Screen, event: Event, label: str, _: str) -> None:
    """A stream that tells a run from its start takes the place of what a transcript had told of it."""
    shown = screen.open(label)
    if shown.pieces and shown.pieces[-1][0] == shown.written:
        shown.restate(event.index)


def _text(screen: Screen, event: Event, label: str, dedupe: str) -> None:
    shown, text = screen.open(label), str(event.value.get("text", ""))
    if not _is_repeat(shown, event, text, dedupe):
        shown.pieces.append((event.index, text))


def _snapshot(screen: Screen, event: Event, label: str, _: str) -> None:
    shown = screen.open(label)
    shown.restate(event.index)
    shown.pieces.append((event.index, str(event.value.get("text", ""))))
    if event.value.get("reason"):
        shown.end(event.index, str(event.value["reason"]))


def _reset(screen: Screen, event: Event, label: str, dedupe: str) -> None:
    if dedupe == "reset":
        screen.open(label).restate(event.index)


def _end(screen: Screen, event: Event, label: str, dedupe: str) -> None:
    shown = screen.open(label)
    if not _is_repeat(shown, event, "", dedupe):
        shown.end(event.index, str(event.value.get("reason", "unknown")))


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


_SPOKEN = frozenset({"text", "snapshot"})
_FOLDS: dict[str, Callable[[Screen, Event, str, str], None]] = {
    "start": _start,
    "text": _text,
    "snapshot": _snapshot,
    "reset": _reset,
    "end": _end,
    "user": _user,
}


def _show_transcript(screen: Screen, event: Event, known: dict[str, str]) -> None:
    """A page that opens shows the transcript first; so does a device that was told "nothing to resume"."""
    for message in event.value.get("messages", ()):
        if message.get("role") == "user":
            _user(screen, Event(event.index, event.t_ns, event.who, Phase.SEEN, "user", message), "", "cursor")
    for label, answer in answers(event, known).items():
        shown = screen.open(label)
        shown.restate(event.index)
        shown.written = event.index
        shown.pieces.append((event.index, answer.text))
        if answer.ended:
            shown.end(event.index, str(answer.ending))
