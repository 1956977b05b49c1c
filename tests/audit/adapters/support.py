"""Words shared by the adapter tests: requests taken apart, streams written by hand."""

from __future__ import annotations

import json
from typing import Any

from audit.adapters import ADAPTERS
from audit.adapters.base import Adapter, Call, Dial, Frame, Item, ItemKind, Operation, Step, View

VIEW = View("s-1", device="phone")


def adapter(id: str, **options: object) -> Adapter:
    """A configured adapter by its id."""
    (kind,) = [kind for kind in ADAPTERS if kind.id == id]
    return kind.configure(options)


def call(step: Step) -> Call:
    """The step, which must be an HTTP exchange."""
    assert isinstance(step, Call)
    return step


def body(step: Step) -> Any:
    """The JSON body of an HTTP exchange."""
    found = call(step).body
    assert found is not None
    return json.loads(found)


def frame(step: Step) -> Any:
    """The JSON of a frame, or of the only frame that opening a socket sends."""
    if isinstance(step, Dial):
        (text,) = step.frames
    else:
        assert isinstance(step, Frame)
        text = step.text
    return json.loads(text)


def sse(*events: object) -> bytes:
    """An event stream of these data: objects as JSON, strings as they are."""
    texts = (event if isinstance(event, str) else json.dumps(event, ensure_ascii=False) for event in events)
    return "".join(f"data: {text}\n\n" for text in texts).encode()


def read(target: Adapter, stream: bytes, operation: Operation = "prompt") -> list[Item]:
    """What a fresh reader makes of a whole stream, the same in one piece and byte by byte."""
    whole, slow = target.reader(operation), target.reader(operation)
    items = [*whole.feed(stream), *whole.finish()]
    assert items == [item for at in range(len(stream)) for item in slow.feed(stream[at : at + 1])] + slow.finish()
    return items


def frames(target: Adapter, *messages: object, operation: Operation = "join") -> list[Item]:
    """What a fresh reader makes of these WebSocket messages: objects as JSON, strings as they are."""
    reader = target.reader(operation)
    texts = (message if isinstance(message, str | bytes) else json.dumps(message) for message in messages)
    return [item for text in texts for item in reader.frame(text)]


def kinds(items: list[Item]) -> list[str]:
    """The kinds of items, in order."""
    return [item.kind.value for item in items]


def text(items: list[Item]) -> str:
    """What a device shows after folding: resets and snapshots replace what was there."""
    shown = ""
    for item in items:
        if item.kind is ItemKind.TEXT:
            shown += item.text
        elif item.kind in (ItemKind.RESET, ItemKind.SNAPSHOT):
            shown = item.text
    return shown


def ends(items: list[Item]) -> list[str]:
    """The reasons of all endings."""
    return [item.data["reason"] for item in items if item.kind is ItemKind.END]


def problems(items: list[Item]) -> list[str]:
    """What is said of bytes that the protocol does not allow."""
    return [item.data["error"] for item in items if item.kind is ItemKind.PROBLEM]
