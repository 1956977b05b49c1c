"""Real storage servers for tests: each on a free port with a folder of its own, each ended by its own process."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

START_S, END_S = 20.0, 5.0
Command = Callable[[int, Path], tuple[str, ...]]  # of a port and a folder


class NotInstalled(Exception):
    """What a test starts is missing; never a reason to skip it."""


class Server:
    """One server that can be killed and started again on the same port and folder."""

    def __init__(self, command: Command, folder: Path) -> None:
        self.port = _free_port()
        self._folder = folder
        self._command = command(self.port, folder)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Return when it answers."""
        with (self._folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(self._command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        until = time.monotonic() + START_S
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > until:
                said = (self._folder / "server.log").read_text(errors="replace")
                self.kill()
                raise NotInstalled(f"{self._command[0]} did not start: {said[-2000:]}")
            time.sleep(0.01)

    def kill(self) -> None:
        """End it without a warning, as `kill -9` does."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def stop(self) -> None:
        """End it in good order."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(END_S)
            except subprocess.TimeoutExpired:
                self.kill()

    def _answers(self) -> bool:
        """Redis answers a PING once it has read its file; nats-server greets once it has."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1.0) as connection:
                connection.settimeout(1.0)
                connection.sendall(b"PING\r\n")
                answer = connection.recv(4096)
                return answer.startswith((b"+PONG", b"INFO "))
        except OSError:
            return False


@contextmanager
def redis(folder: Path, *settings: str) -> Iterator[Server]:
    """A Redis that syncs every write to its file; `settings` may say otherwise."""

    def command(port: int, folder: Path) -> tuple[str, ...]:
        durable = ("--appendonly", "yes", "--appendfsync", "always", "--save", "")
        place = ("--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder))
        return (_found("redis-server"), *place, *durable, *settings)

    yield from _running(Server(command, folder))


@contextmanager
def nats(folder: Path, *settings: str, jetstream: bool = True) -> Iterator[Server]:
    """A NATS server with JetStream in its folder. settings: more lines of its configuration."""

    def command(port: int, folder: Path) -> tuple[str, ...]:
        config = folder / "nats.conf"
        store = (f'jetstream {{ store_dir: "{folder}" }}',) if jetstream else ()
        lines = (f"listen: 127.0.0.1:{port}", *store, *settings)
        config.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return (_found("nats-server"), "--config", str(config))

    yield from _running(Server(command, folder))


def _running(server: Server) -> Iterator[Server]:
    server.start()
    try:
        yield server
    finally:
        server.stop()


def _found(program: str) -> str:
    found = shutil.which(program) or shutil.which(program, path="/usr/sbin:/usr/local/sbin")
    if found is None:
        raise NotInstalled(f"{program} is missing: run `make setup`")
    return found


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
