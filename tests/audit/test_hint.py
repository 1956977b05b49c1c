from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from audit.adapters.base import Answer
from audit.event import Phase
from audit.hint import hinted

REFUSED = Answer(Phase.FAIL, {"status": 503})


@pytest.mark.parametrize(
    ("headers", "body", "retry_ms"),
    [
        ({"retry-after": "3"}, b"", 3_000),
        ({"retry-after": " 0 "}, b'{"retry_ms": 7}', 0),  # the header counts
        ({}, b'{"retry_ms": 412}', 412),
        ({"retry-after": "soon"}, b'{"retry_ms": 412}', 412),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}, b"", 0),
        ({}, b'{"retry_ms": -1}', None),
        ({}, b'{"retry_ms": true}', None),
        ({}, b"[503]", None),
        ({}, b"<h1>", None),
    ],
)
def test_a_refusal_tells_when_to_come_back(headers: dict[str, str], body: bytes, retry_ms: int | None) -> None:
    assert hinted(REFUSED, 503, headers, body).value.get("retry_ms") == retry_ms
    assert hinted(REFUSED, 429, headers, body).value.get("retry_ms") == retry_ms


def test_a_date_counts_from_now() -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
    assert 55_000 < hinted(REFUSED, 503, {"retry-after": later}, b"").value["retry_ms"] <= 60_000


def test_any_other_answer_is_left_alone() -> None:
    assert hinted(REFUSED, 401, {"retry-after": "3"}, b"") is REFUSED
    fine = Answer(Phase.OK)
    assert hinted(fine, 503, {"retry-after": "3"}, b"") is fine
