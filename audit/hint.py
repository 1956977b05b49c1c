"""What a refusal says of when to come back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from .adapters.base import Answer
from .errors import ProtocolError
from .event import Phase
from .wire.jsonish import decode_body

REFUSED_FOR_NOW = (429, 503)


def hinted(answer: Answer, status: int, headers: Mapping[str, str], body: bytes) -> Answer:
    """The answer with `retry_ms`, where a 429 or 503 names a delay: in `Retry-After` (RFC 9110, section 10.2.3), or as
    `retry_ms` of a JSON body. headers: lower-case names."""
    if status not in REFUSED_FOR_NOW or answer.phase is Phase.OK:
        return answer
    delay_ms = _after_ms(headers.get("retry-after", "").strip())
    delay_ms = _told_ms(body) if delay_ms is None else delay_ms
    return answer if delay_ms is None else replace(answer, value={**answer.value, "retry_ms": delay_ms})


def _after_ms(text: str) -> int | None:
    """Seconds, or a date."""
    if text.isascii() and text.isdigit():
        return int(text[:9]) * 1_000
    try:
        due = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    due = due if due.tzinfo else due.replace(tzinfo=UTC)
    return max(0, round((due - datetime.now(UTC)).total_seconds() * 1_000))


def _told_ms(body: bytes) -> int | None:
    try:
        found = decode_body(body)
    except ProtocolError:
        return None
    told = found.get("retry_ms") if isinstance(found, dict) else None
    return told if type(told) is int and told >= 0 else None
