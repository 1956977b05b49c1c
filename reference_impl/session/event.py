"""One thing that happened in a session, and its bytes: encoded once, whatever the number of devices.

An event has no place of its own: its offset is given by the log it is appended to. Wire format: docs/protocol.md.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeAlias, cast

from .producer import Stamp

Kind: TypeAlias = Literal[
    "user", "run-start", "text", "run-end", "stop", "steer", "steer-outcome", "approval-request", "approval"
]
Data: TypeAlias = dict[str, Any]

_json: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode


@dataclass(frozen=True, slots=True)
class Event:
    """kind and data: docs/protocol.md. run: the run it belongs to; None only for a stop that came before its prompt.

    stamp: which producer wrote it, where the producer numbers what it writes. at: when it was appended, milliseconds
    since 1970, of every kind but `text`.
    """

    kind: Kind
    run: str | None
    data: Data = field(default_factory=dict)
    stamp: Stamp | None = None
    at: int | None = None


def encode(event: Event, epoch: str, offset: int) -> bytes:
    """The event's JSON at its place in the log, UTF-8."""
    head = f'{{"type":"event","epoch":"{epoch}","offset":{offset},"kind":"{event.kind}","run":{_json(event.run)}'
    if event.stamp is not None:
        head += f',"by":{_json([event.stamp.producer, event.stamp.epoch, event.stamp.sequence])}'
    if event.at is not None:
        head += f',"at":{event.at}'
    if event.data.keys() == {"text"}:  # nearly every event is one of these, so skip the general encoder
        return f'{head},"data":{{"text":{_json(event.data["text"])}}}}}'.encode()
    return f'{head},"data":{_json(event.data)}}}'.encode()


def decode(body: bytes) -> Event:
    """The event in what `encode` wrote."""
    row = json.loads(body)
    stamp = Stamp(*row["by"]) if "by" in row else None
    return Event(cast("Kind", row["kind"]), row["run"], row["data"], stamp, row.get("at"))


def dumps(value: Data) -> bytes:
    """Any other message as JSON, in the same style."""
    return _json(value).encode()
