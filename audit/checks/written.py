"""What the stored transcript says otherwise than the screens, when everything has settled. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from ..event import Event, Phase, Value
from ..history import History
from .attendance import settled
from .facts import accepted, final_reads
from .oracle import counted
from .screen import labels, screens
from .transcript import answers
from .wording import listed, shortened
from .words import words

Difference = tuple[str, tuple[int, ...]]  # a sentence, and the events that show it


def differences(history: History) -> Iterator[Difference]:
    """Answers that lost words on their way into the transcript, and prompts that got another id there."""
    rest = settled(history)
    if rest is None or rest.value.get("why") != "ended":
        return
    for read in final_reads(history)[-1:]:
        if _is_certain(history, read):
            yield from _shortened(history, read)
        yield from _renamed(history, read)


def _is_certain(history: History, read: Event) -> bool:
    """It says of every answer whose it is."""
    said = [m for m in read.value.get("messages", ()) if m.get("role") == "assistant"]
    return all(m.get("run") is not None for m in said) or (len(said) == 1 == len(accepted(history)))


def _shortened(history: History, read: Event) -> Iterator[Difference]:
    """Only answers that are complete, by the transcript itself and by the device that shows more."""
    told = answers(read, labels(history))
    for label in accepted(history):
        answer = told.get(label)
        for device, screen in screens(history).items():
            shown = screen.run(label)
            if answer is None or answer.ending != "completed" or shown.ending != "completed" or shown.written >= 0:
                continue
            sound, held = _sound(history, label, device), set(answer.text.split())
            gone = [word.text for word in words(shown) if word.text in sound and word.text not in held]
            if gone:
                why = f"The transcript of {label} lacks {listed(gone, len(words(shown)))}, which the {device} shows."
                yield why, (shown.ends[-1], read.index)
                break


def _sound(history: History, label: str, device: str) -> set[str]:
    """Words that were certainly said: the prompt asked for them, or another device shows them, too."""
    others = (screen.run(label) for name, screen in screens(history).items() if name != device)
    return {*(counted(history, label) or ()), *(word.text for shown in others for word in words(shown))}


def _renamed(history: History, read: Event) -> Iterator[Difference]:
    """A device that shows a prompt, and not under the id that the transcript gives it."""
    stored = _once([m for m in read.value.get("messages", ()) if m.get("role") == "user"])
    shown: dict[tuple[str, str], dict[str, int]] = {}
    for event in history.events[: read.index]:
        if event.phase is Phase.SEEN and event.what == "user" and event.value.get("id"):
            ids = shown.setdefault((event.who, str(event.value.get("text", ""))), {})
            ids.setdefault(str(event.value["id"]), event.index)
    for (device, text), ids in shown.items():
        if text in stored and stored[text] not in ids:
            live, index = next(iter(ids.items()))
            names = f"{live} on the {device} and {stored[text]} in the transcript"
            yield f'The prompt "{shortened(text, 40)}" has the id {names}.', (index, read.index)
            return


def _once(messages: list[Value]) -> dict[str, str]:
    """Text → id, of messages that have one and whose text occurs once."""
    often = Counter(str(m.get("text", "")) for m in messages)
    return {str(m["text"]): str(m["id"]) for m in messages if m.get("id") and often[str(m.get("text", ""))] == 1}
