"""The command line: serving one antipattern in a process of its own."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest

from reference_impl.antipatterns import ANTIPATTERNS

_COMMAND = (sys.executable, "-m", "reference_impl.antipatterns")
_STREAMS: dict[str, tuple[str, dict[str, object]]] = {
    "naive-sse": ("/v1/chat/completions", {"stream": True}),
    "cancel-on-disconnect": ("/api/chat", {"id": "c"}),
    "resumable-no-stop": ("/v1/responses", {"stream": True, "background": True}),
    "producer-held-resume": ("/api/chat", {"id": "c"}),
    "sticky-nodes": ("/api/chat/c", {"id": "c"}),
    "buffered-path": ("/api/chat", {"id": "c"}),
    "open-sessions": ("/api/chat", {"id": "c"}),
    "relay-orchestrator": ("/v1/responses", {"stream": True, "background": True}),
}
_ENDLESS = "[items=100000 pace_ms=0]"


@contextmanager
def _served(name: str) -> Iterator[tuple[subprocess.Popen[str], tuple[str, int]]]:
    process = subprocess.Popen([*_COMMAND, name, "--port", "0"], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        said, _, url = process.stdout.readline().strip().rpartition(" ")
        assert said == "listening on"
        parts = urlsplit(url)
        assert (parts.scheme, parts.hostname) == ("http", "127.0.0.1")
        yield process, ("127.0.0.1", parts.port or 0)
    finally:
        process.kill()
        process.communicate()


def _open_stream(address: tuple[str, int], name: str) -> socket.socket:
    """Start an answer and read only its first bytes, so that it is stuck against a full connection."""
    connection = socket.create_connection(address, timeout=5)
    if name in _STREAMS:
        path, fields = _STREAMS[name]
        body = json.dumps(
            {**fields, "input": _ENDLESS, "messages": [{"id": "u", "role": "user", "content": _ENDLESS}]}
        ).encode()
        head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
        connection.sendall(head.encode() + b"\r\n\r\n" + body)
    else:
        upgrade = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13"
        key = "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=="
        connection.sendall(f"GET /ws HTTP/1.1\r\nHost: x\r\n{upgrade}\r\n{key}\r\n\r\n".encode())
    first = connection.recv(64)
    assert first.startswith(b"HTTP/1.1 101" if name not in _STREAMS else b"HTTP/1.1 200"), first
    return connection


@pytest.mark.parametrize("name", [antipattern.id for antipattern in ANTIPATTERNS])
def test_it_says_where_it_listens_and_stops_in_two_seconds_with_open_streams(name: str) -> None:
    with _served(name) as (process, address), _open_stream(address, name):
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0
        assert time.monotonic() - began < 2


def test_an_unknown_name_is_a_usage_error_that_names_the_known_ones() -> None:
    ended = subprocess.run([*_COMMAND, "nope"], capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert all(antipattern.id in ended.stderr for antipattern in ANTIPATTERNS)
