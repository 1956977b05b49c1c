"""The usual Locust user of a WebSocket: websocket-client in a greenlet, `json.loads`, one `request.fire` an event.

A locustfile. Environment: BENCH_PORT, BENCH_DEVICES, BENCH_WORDS, BENCH_PACE_MS, BENCH_REPORT; BENCH_TASK is `follow`
(verify one answer, then be done) or `reconnect` (connect and subscribe again and again, until ended from outside).
"""

from __future__ import annotations

import json
import os
import socket
import struct
import time
from pathlib import Path
from typing import Any

import websocket
from locust import User, task
from locust.exception import StopUser

from benchmarks.load.frames import EPOCH, FIRST_WORD, FORMAT

PORT = os.environ["BENCH_PORT"]
DEVICES = int(os.environ["BENCH_DEVICES"])
WORDS = int(os.environ["BENCH_WORDS"])
PACE_S = float(os.environ["BENCH_PACE_MS"]) / 1e3
REPORT = os.environ["BENCH_REPORT"]
RESET_ON_CLOSE = struct.pack("ii", 1, 0)
WORD = [FORMAT.format(number) + " " for number in range(WORDS + 1)]
TIMEOUT_S = 60.0


class Tally:
    """What all users of this process have verified."""

    verified = wrong = done = started = 0


def opened(number: int) -> websocket.WebSocket:
    """A connection to the session of this number."""
    return websocket.create_connection(f"ws://127.0.0.1:{PORT}/v1/sessions/u-{number}/ws", timeout=TIMEOUT_S)


class Usual(User):
    """One device."""

    def on_start(self) -> None:
        self.number, Tally.started = Tally.started, Tally.started + 1

    def fire(self, name: str, milliseconds: float, size: int, problem: str = "") -> None:
        """Tell Locust, as its documentation shows it."""
        self.environment.events.request.fire(
            request_type="WSR",
            name=name,
            response_time=milliseconds,
            response_length=size,
            exception=ValueError(problem) if problem else None,
            context={},
        )

    def follow(self) -> None:
        """Ask, then read and check every event to the end of the run."""
        ws = opened(self.number)
        ws.send(json.dumps({"type": "subscribe", "id": "1"}))
        ws.send(json.dumps({"type": "prompt", "id": "2", "key": f"u-{self.number}", "text": "count"}))
        expected, base = 1, float("inf")
        while True:
            message = ws.recv()
            event = json.loads(message)
            kind = event.get("kind")
            if kind == "run-end":
                break
            if kind != "text":
                continue
            now = time.monotonic()
            base = min(base, now - expected * PACE_S)  # when word 0 would have been due
            right = event["offset"] == FIRST_WORD - 1 + expected and event["data"]["text"] == WORD[expected]
            delay_ms = (now - base - expected * PACE_S) * 1e3
            self.fire("item", delay_ms, len(message), "" if right else f"not word {expected}")
            Tally.verified += right
            Tally.wrong += not right
            expected += 1
        Tally.wrong += expected != WORDS + 1
        ws.close()

    def reconnect(self) -> None:
        """Connect, subscribe from a cursor, be told that there is nothing new, vanish."""
        began = time.monotonic()
        ws = opened(self.number)
        ws.send(json.dumps({"type": "subscribe", "id": "1", "cursor": f"{EPOCH}:0"}))
        reply, caught_up = json.loads(ws.recv()), json.loads(ws.recv())
        right = reply["recovered"] is True and caught_up["cursor"] == f"{EPOCH}:0"
        self.fire("resume", (time.monotonic() - began) * 1e3, 0, "" if right else "not recovered")
        if ws.sock is not None:
            ws.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
        ws.shutdown()  # type: ignore[no-untyped-call]

    @task
    def act(self) -> None:
        """What BENCH_TASK says."""
        if os.environ["BENCH_TASK"] == "reconnect":
            self.reconnect()
            return
        self.follow()
        Tally.done += 1
        if Tally.done == DEVICES:
            found: dict[str, Any] = {"verified": Tally.verified, "wrong": Tally.wrong}
            item = self.environment.stats.get("item", "WSR")
            found["fired"] = item.num_requests
            Path(REPORT).write_text(json.dumps(found))
            self.environment.runner.quit()
        raise StopUser
