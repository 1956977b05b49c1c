from __future__ import annotations

import pytest

from audit.errors import ProtocolError
from audit.load.wire.head import parse_head, request


def test_a_request_is_written_down() -> None:
    told = request("POST", "/v1/x?a=b", {"host": "example", "x-name": "é漢"}, b"{}")
    assert told == "POST /v1/x?a=b HTTP/1.1\r\nhost: example\r\nx-name: é漢\r\ncontent-length: 2\r\n\r\n{}".encode()


def test_a_request_without_a_body_has_no_length() -> None:
    assert b"content-length" not in request("GET", "/", {})


@pytest.mark.parametrize("value", ["a\r\nX: y", "a\nb", "a\0b"])
def test_what_no_header_can_hold_is_refused(value: str) -> None:
    with pytest.raises(ProtocolError):
        request("GET", "/", {"last-event-id": value})


def test_a_head_is_read() -> None:
    status, headers = parse_head(
        b"HTTP/1.1 503 Service Unavailable\r\nRetry-After:  7 \r\nSet-Cookie: a\r\nset-cookie: b"
    )
    assert status == 503
    assert headers == {"retry-after": "7", "set-cookie": "a, b"}


def test_a_reason_is_optional() -> None:
    assert parse_head(b"HTTP/1.0 200") == (200, {})


@pytest.mark.parametrize("head", [
    b"", b"HTTP/2 200 OK", b"HTTP/1.1 20 OK", b"HTTP/1.1 2000 OK", b"SSH-2.0-x", b"HTTP/1.1 200 OK\r\nno colon",
    b"HTTP/1.1 200 OK\r\nbad name: x", b"HTTP/1.1 200 OK\r\n: x", b"HTTP/1.1 200 OK\r\na: b\nc: d",
])  # fmt: skip
def test_what_is_not_http_is_refused(head: bytes) -> None:
    with pytest.raises(ProtocolError):
        parse_head(head)
