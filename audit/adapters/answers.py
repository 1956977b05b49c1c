"""What HTTP responses mean where the protocols agree."""

from __future__ import annotations

from collections.abc import Mapping

from ..errors import ProtocolError
from ..event import JsonValue, Phase
from ..wire.jsonish import decode_body, excerpt, string
from .base import COMMANDS, Answer, Operation

# A gateway lost the upstream: what was sent may have been acted on (RFC 9110, 15.5.9, 15.6.3, 15.6.5).
_GATEWAY_LOST_IT = frozenset({408, 502, 504})
# A fetch client reads whatever type it is given; these two are certainly not a stream (a login page, an API's error).
_NOT_STREAMS = ("text/html", "application/json")

_SAYS = ("message", "error", "errorText", "detail", "code")


def refusal(operation: Operation, status: int, body: bytes) -> Answer | None:
    """The answer if the response is not a 2xx, else None."""
    if 200 <= status < 300:
        return None
    unsure = status in _GATEWAY_LOST_IT and operation in COMMANDS
    return Answer(Phase.INFO if unsure else Phase.FAIL, {"status": status, "error": error_text(status, body)})


def stream(operation: Operation, status: int, headers: Mapping[str, str], body: bytes) -> Answer:
    """The answer to a request for an event stream. 204 is the explicit "nothing to read" (WHATWG HTML 9.2.3)."""
    refused = refusal(operation, status, body)
    if refused is not None:
        return refused
    if status == 204:
        return nothing(operation)
    found = headers.get("content-type", "").partition(";")[0].strip().lower()
    if found in _NOT_STREAMS:
        return Answer(Phase.FAIL, {"status": status, "error": f"answered with {found} instead of an event stream"})
    return Answer(Phase.OK, {"status": status}, streaming=True)


def nothing(operation: Operation) -> Answer:
    """The answer to a 204."""
    if operation in COMMANDS:
        return Answer(Phase.FAIL, {"status": 204, "error": "answered 204: accepted without a stream to read"})
    return Answer(Phase.OK, {"status": 204, "nothing": True})


def upgrade(operation: Operation, status: int, body: bytes) -> Answer:
    """The answer to opening a WebSocket (RFC 6455, 4.1: 101 and nothing else)."""
    if status == 101:
        return Answer(Phase.OK, {"status": status}, streaming=True)
    error = error_text(status, body) if status >= 300 else f"HTTP {status} instead of a WebSocket"
    return Answer(Phase.FAIL, {"status": status, "error": error})


def plain(operation: Operation, status: int, body: bytes) -> Answer:
    """The answer to a request whose success says nothing more than its status."""
    return refusal(operation, status, body) or Answer(Phase.OK, {"status": status})


def error_text(status: int, body: bytes) -> str:
    """What a refusal says of itself, in the shapes that servers commonly use; at most a short sentence."""
    try:
        said = _said(decode_body(body))
    except ProtocolError:
        said = body.decode("utf-8", "replace").strip() if not body.lstrip().startswith(b"<") else ""
    return excerpt(f"HTTP {status}: {said}" if said else f"HTTP {status}")


def _said(body: JsonValue) -> str | None:
    if isinstance(body, dict) and isinstance(body.get("error"), dict):
        body = body["error"]
    if not isinstance(body, dict):
        return string(body)
    return next((said for key in _SAYS if (said := string(body.get(key)))), None)
