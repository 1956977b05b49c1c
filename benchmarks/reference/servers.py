"""The servers that are compared, each started on one core, on a free port, with a folder of its own."""

from __future__ import annotations

import contextlib
import http.client
import os
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from ..load.children import SOURCE_CORE, Child, Failed

ROOT = Path(__file__).parents[2]
VENDOR = ROOT / "tests" / "third_party" / "durable_streams" / "start.sh"
READY_S = 20.0


@dataclass(frozen=True, slots=True)
class Server:
    """argv, env: how it is started, for a port and a folder."""

    name: str
    argv: Callable[[int, Path], list[str]]
    env: Callable[[int, Path], Mapping[str, str]]


OURS = Server(
    "ours",
    lambda port, folder: [sys.executable, "-m", "reference_impl", "--port", str(port), "--storage", _file(folder)],
    lambda port, folder: {"PYTHONPATH": str(ROOT)},
)
FILE = Server(
    "vendor-file", lambda port, folder: [str(VENDOR)], lambda port, folder: _vendor(port) | {"DATA_DIR": str(folder)}
)
MEMORY = Server("vendor-memory", lambda port, folder: [str(VENDOR)], lambda port, folder: _vendor(port))


@contextlib.contextmanager
def started(server: Server) -> Iterator[tuple[Child, int]]:
    """The server's process, and its port."""
    port = _free_port()
    with tempfile.TemporaryDirectory(prefix="reference-benchmark-") as folder:
        argv, env = server.argv(port, Path(folder)), {**os.environ, **server.env(port, Path(folder))}
        with Child(server.name, argv, SOURCE_CORE, env) as child:
            _until_ready(child, port)
            yield child, port


@contextlib.contextmanager
def connected(port: int) -> Iterator[http.client.HTTPConnection]:
    """A connection for whoever creates and fills streams."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=READY_S)
    try:
        yield connection
    finally:
        connection.close()


def send(connection: http.client.HTTPConnection, method: str, path: str, body: str | None = None) -> None:
    """One request about a stream. Raises Failed when it is refused."""
    connection.request(method, f"/v1/stream/{path}", body, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    said = answer.read()
    if answer.status >= 300:
        raise Failed(f"{method} {path}: {answer.status} {said[:200]!r}")


def _vendor(port: int) -> dict[str, str]:
    return {"PORT": str(port)}


def _file(folder: Path) -> str:
    return f"sqlite:{folder / 'streams.db'}"


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _until_ready(child: Child, port: int) -> None:
    deadline = time.monotonic() + READY_S
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), connected(port) as connection:
            connection.request("GET", "/v1/stream/nothing")
            connection.getresponse().read()
            return
        time.sleep(0.05)
    raise Failed(f"{child.name} was not ready in time: {child.wrote()}")
