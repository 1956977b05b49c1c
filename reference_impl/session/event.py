"""One thing that happened in a session, and its bytes: encoded once, whatever the number of devices.

An event has no place of its own: its offset is given by the log it is appended to. Wire format: docs/protocol.md.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeAlias, cast

Kind: TypeAlias = Literal["user", "run-start", "text", "run-end", "stop"]
Data: TypeAlias = dict[str, Any]

_json: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode


@dataclass(frozen=True, slots=True)
class Event:
    """kind and data: docs/protocol.md. run: the run it belongs to; None only for a stop that came before its prompt."""

    kind: Kind
    run: str | None
    data: Data = field(default_factory=dict)


def encode(event: Event, epoch: str, offset: int) -> bytes:
    """The event's JSON at its place in the log, UTF-8."""
    head = f'{{"type":"event","epoch":"{epoch}","offset":{offset},"kind":"{event.kind}","run":'
    if event.kind == "text":  # nearly every event is one of these, so skip the general encoder
        return f'{head}{_json(event.run)},"data":{{"text":{_json(event.data["text"])}}}}}'.encode()
    return f'{head}{_json(event.run)},"data":{_json(event.data)}}}'.encode()


def decode(body: bytes) -> Event:
    """The event in what `encode` wrote."""
    row = json.loads(body)
    return Event(cast("Kind", row["kind"]), row["run"], row["data"])


def dumps(value: Data) -> bytes:
    """Any other message as JSON, in the same style."""
    return _json(value).encode()
