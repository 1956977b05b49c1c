"""Heads of HTTP/1.1 messages: requests written, responses parsed (RFC 9112, 2 to 5). Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ...errors import ProtocolError

HEAD_LIMIT = 64 * 1024
_STATUS = re.compile(rb"HTTP/1\.[01] (\d{3})(?: |\Z)")
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_UNSENDABLE = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


def request(method: str, path: str, headers: Mapping[str, str], body: bytes | None = None) -> bytes:
    """A whole request. path: with its query, already quoted. ProtocolError for what no header can hold."""
    lines = [f"{method} {path} HTTP/1.1"]
    for name, value in headers.items():
        if _UNSENDABLE.search(value):
            raise ProtocolError(f"the request cannot be written down: {name} would hold control characters")
        lines.append(f"{name}: {value}")
    if body is not None:
        lines.append(f"content-length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode("utf-8", "surrogateescape") + (body or b"")


def parse_head(head: bytes) -> tuple[int, dict[str, str]]:
    """Status and headers (lower-case names) of a response head without its blank line. ProtocolError otherwise."""
    first, *lines = head.split(b"\r\n")
    status = _STATUS.match(first)
    if status is None:
        raise ProtocolError(f"the response is not HTTP/1.1: {first[:80]!r}")
    headers: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.decode("latin-1").partition(":")
        if not colon or not _NAME.fullmatch(name):
            raise ProtocolError(f"the response is not HTTP/1.1: header line {line[:80]!r}")
        name, value = name.lower(), value.strip(" \t")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return int(status[1]), headers
