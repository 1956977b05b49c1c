"""What a request says, read from its headers and parameters, or refused with the reason (PROTOCOL.md section 5)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import unquote

from aiohttp import web

from ...session.producer import Stamp
from ...streams import content, problems
from ...streams.decide import Append, Wanted
from ...streams.hub import stored_name
from ...streams.problems import StreamRefused, malformed

ROOT = "/v1/stream/"

_LONGEST_PATH = 512  # characters
_LONGEST_VALUE = 256  # of an identifier in a header
_LARGEST = 2**53 - 1  # what JavaScript can count to
_WHOLE = re.compile(r"0|[1-9][0-9]{0,15}")
_DIGITS = re.compile(r"[0-9]{1,16}")
_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)")


def path_of(request: web.Request) -> str:
    """The stream that a request is about. Raises StreamRefused."""
    return _path(request.match_info["path"])


def wanted(headers: Mapping[str, str], body: bytes) -> tuple[Wanted, bytes]:
    """How a stream is to be created, and its first content. Raises StreamRefused."""
    ttl, expires = headers.get("Stream-TTL"), headers.get("Stream-Expires-At")
    if ttl is not None and expires is not None:
        raise malformed("a stream has a Stream-TTL or a Stream-Expires-At, not both")
    source = headers.get("Stream-Forked-From")
    anchor, sub = headers.get("Stream-Fork-Offset"), headers.get("Stream-Fork-Sub-Offset")
    if source is None and (anchor is not None or sub is not None):
        raise malformed("a fork offset needs a Stream-Forked-From")
    content_type = _short(headers.get("Content-Type"), "Content-Type") or None
    asked = Wanted(
        content_type,
        None if ttl is None else _number(ttl, "Stream-TTL"),
        None if expires is None else _time(expires),
        closing(headers),
        None if source is None else stored_name(_source(source)),
        anchor,
        0 if sub is None else _number(sub, "Stream-Fork-Sub-Offset"),
    )
    if not body:
        return asked, b""
    return asked, packed(body, content.kind_of(content_type or content.DEFAULT_TYPE))


def append(headers: Mapping[str, str], body: bytes, kind: content.Kind) -> Append:
    """What is to be appended. Raises StreamRefused."""
    content_type = headers.get("Content-Type")
    ends = closing(headers)
    if not body and not ends:
        raise malformed("there is nothing to append")
    if body and not content_type:
        raise malformed("a Content-Type is missing")
    media_type = content.essence(content_type) if content_type else None
    if body and content.kind_of(media_type or "") is content.Kind.JSON and kind is content.Kind.JSON:
        body = packed(body, kind)
        if not body:
            raise malformed("an empty array appends nothing")
    return Append(body, media_type, ends, _stamp(headers), _short(headers.get("Stream-Seq"), "Stream-Seq"))


def packed(body: bytes, kind: content.Kind) -> bytes:
    """A body as a stream of that kind stores it. Raises StreamRefused."""
    return content.packed(content.messages(body)) if kind is content.Kind.JSON else body


def closing(headers: Mapping[str, str]) -> bool:
    """The request ends the stream."""
    return headers.get(problems.CLOSED, "").lower() == "true"


async def read_body(request: web.Request, limit: int) -> bytes:
    """The body. Raises StreamRefused when it is too large."""
    if (request.content_length or 0) > limit:
        raise _too_large(limit)
    body = await request.content.readany()
    while not request.content.at_eof():
        body += await request.content.readany()
        if len(body) > limit:
            raise _too_large(limit)
    return body


def _too_large(limit: int) -> StreamRefused:
    return StreamRefused("too-large", f"an append has at most {limit} bytes", 413)


def _path(path: str) -> str:
    if len(path) > _LONGEST_PATH or not path.isprintable():
        raise malformed(f"a stream's path has at most {_LONGEST_PATH} characters, all of them printable")
    if path.split("/", 1)[0] == "__ds":
        raise StreamRefused("not-implemented", "subscriptions are not offered here", 501)
    return path


def _source(value: str) -> str:
    if not value.startswith(ROOT) or len(value) == len(ROOT):
        raise problems.unknown()
    return _path(unquote(value.removeprefix(ROOT)))


def _stamp(headers: Mapping[str, str]) -> Stamp | None:
    given = [headers.get(name) for name in ("Producer-Id", "Producer-Epoch", "Producer-Seq")]
    producer, epoch, sequence = given
    if producer is None and epoch is None and sequence is None:
        return None
    if not producer or epoch is None or sequence is None:
        raise malformed("Producer-Id, Producer-Epoch and Producer-Seq come together, and none is empty")
    _short(producer, "Producer-Id")
    return Stamp(producer, _number(epoch, "Producer-Epoch", _DIGITS), _number(sequence, "Producer-Seq", _DIGITS))


def _number(value: str, name: str, form: re.Pattern[str] = _WHOLE) -> int:
    if form.fullmatch(value) is None or int(value) > _LARGEST:
        raise malformed(f"{name} is not a whole number from 0 to {_LARGEST}")
    return int(value)


def _short(value: str | None, name: str) -> str | None:
    if value is not None and (len(value) > _LONGEST_VALUE or not value.isprintable()):
        raise malformed(f"{name} has at most {_LONGEST_VALUE} characters, all of them printable")
    return value


def _time(value: str) -> int:
    """Milliseconds since 1970 of an RFC 3339 time."""
    if _TIME.fullmatch(value) is not None:
        try:
            return int(datetime.fromisoformat(value.upper()).timestamp() * 1_000)
        except (ValueError, OverflowError):
            pass
    raise malformed("Stream-Expires-At is not a time as in RFC 3339")
