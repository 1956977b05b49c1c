"""What is stored of a stream: one record a change, a line of JSON and then the content as it came.

The first record says how the stream was created; what the others add up to is `state.StreamState` for those who write,
and `log.StreamLog` for those who read.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any, TypeAlias

from ..session.producer import Stamp

VERSION = 1


class UnreadableRecord(Exception):
    """The record was written by a newer version, or is none."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a fork comes from: the stream, the epoch it had, and how much of its content is the fork's.

    anchor: the position that was asked for; sub: how many messages (JSON) or bytes past it.
    """

    name: str
    epoch: str
    position: int
    anchor: int
    sub: int


@dataclass(frozen=True, slots=True)
class Created:
    """ttl_s: how long the stream lives after it was last used. expires_ms: when it ends, milliseconds since 1970."""

    content_type: str
    lineage: str
    ttl_s: int | None = None
    expires_ms: int | None = None
    source: Source | None = None
    at: int | None = None
    version: int = VERSION


@dataclass(frozen=True, slots=True)
class Appended:
    """content: empty when the stream was only closed. order: the writer's `Stream-Seq`."""

    content: bytes = b""
    closing: bool = False
    stamp: Stamp | None = None
    order: str | None = None
    at: int | None = None


@dataclass(frozen=True, slots=True)
class Touched:
    """The stream was used, so it lives on."""

    at: int


@dataclass(frozen=True, slots=True)
class Forked:
    """Another stream begins with this one's content."""

    name: str
    epoch: str
    at: int


@dataclass(frozen=True, slots=True)
class Released:
    """That other stream is gone."""

    name: str
    epoch: str


@dataclass(frozen=True, slots=True)
class Deleted:
    """Nobody may use the stream any more; it is kept for its forks."""


Record: TypeAlias = Created | Appended | Touched | Forked | Released | Deleted

_KINDS: dict[type[Record], str] = {
    Created: "create",
    Touched: "touch",
    Forked: "fork",
    Released: "release",
    Deleted: "delete",
}
_MADE = {name: made for made, name in _KINDS.items()}
_PLAIN = b'{"kind":"append"}'  # nearly all records begin with this


def encode(record: Record) -> bytes:
    """The record as bytes."""
    if isinstance(record, Appended):
        return _head(record) + record.content
    return _line({"kind": _KINDS[type(record)]} | asdict(record))


def _head(record: Appended) -> bytes:
    stamp = record.stamp
    if stamp is None and not record.closing and record.order is None and record.at is None:
        return _PLAIN + b"\n"
    by = None if stamp is None else [stamp.producer, stamp.epoch, stamp.sequence]
    ends = record.closing or None
    return _line({"kind": "append", "closing": ends, "by": by, "order": record.order, "at": record.at})


def decode(stored: bytes) -> Record:
    """The record in what `encode` wrote. Raises UnreadableRecord."""
    line, _, content = stored.partition(b"\n")
    if line == _PLAIN:
        return Appended(content)
    try:
        return _read(json.loads(line), content)
    except (ValueError, KeyError, TypeError) as problem:
        raise UnreadableRecord(f"a record of a stream cannot be read: {problem!r}") from None


def _read(row: dict[str, Any], content: bytes) -> Record:
    kind = row.pop("kind")
    if kind == "append":
        by = row.pop("by", None)
        return Appended(content, stamp=None if by is None else Stamp(*by), **row)
    if kind == "create":
        if row["version"] != VERSION:
            raise UnreadableRecord(f"the stream is of version {row['version']}, this server's is {VERSION}")
        source = row.pop("source", None)
        return Created(source=None if source is None else Source(**source), **row)
    if kind not in _MADE:
        raise UnreadableRecord(f"a record of a stream is of an unknown kind, {kind!r}")
    return _MADE[kind](**row)


def _line(fields: dict[str, object]) -> bytes:
    told = {name: value for name, value in fields.items() if value is not None}
    return json.dumps(told, separators=(",", ":")).encode() + b"\n"
