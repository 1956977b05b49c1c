"""Heads of HTTP/1.1 messages: requests written, responses parsed (RFC 9112, 2 to 5). Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ...errors import ProtocolError

HEAD_LIMIT = 64 * 1024
_STATUS = re.compile(rb"HTTP/1\.[01] (\d{3})(?: |\Z)")
_FIELDS = re.compile(r"(?:\r\n[!#$%&'*+.^_`|~0-9A-Za-z-]+:[^\r\n]*)*")
_UNSENDABLE = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


def request(method: str, path: str, headers: Mapping[str, str], body: bytes | None = None) -> bytes:
    """A whole request. path: with its query, already quoted. ProtocolError for what no header can hold."""
    length = {"content-length": str(len(body))} if body is not None else {}
    return f"{method} {path} HTTP/1.1\r\n".encode() + fields({**headers, **length}) + (body or b"")


def fields(headers: Mapping[str, str]) -> bytes:
    """Header lines and the blank line after them. ProtocolError for what no header can hold."""
    for name, value in headers.items():
        if _UNSENDABLE.search(value):
            raise ProtocolError(f"the request cannot be written down: {name} would hold control characters")
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"{lines}\r\n".encode("utf-8", "replace")


def parse_head(head: bytes) -> tuple[int, dict[str, str]]:
    """Status and headers (lower-case names) of a response head without its blank line. ProtocolError otherwise."""
    first, line_end, rest = head.partition(b"\r\n")
    status, fields = _STATUS.match(first), (line_end + rest).decode("latin-1")
    if status is None or not _FIELDS.fullmatch(fields):
        raise ProtocolError(f"the response is not HTTP/1.1: {head[:80]!r}")
    headers: dict[str, str] = {}
    for line in fields.split("\r\n")[1:]:
        name, _, value = line.partition(":")
        name, value = name.lower(), value.strip(" \t")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return int(status[1]), headers
