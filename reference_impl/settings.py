"""What can be set about a server."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .session.decide import Policy


@dataclass(frozen=True, slots=True)
class Settings:
    """policy: what a prompt does to a run that is going on.

    heartbeat_s: silence after which a stream says that it lives. patience_s: how long a device may take nothing at
    all before it is cut. grace_s: how long a stopped agent may take to end. gather_s: in a session busier than one
    batch in this time, events wait up to this long to share one write to the disk and to each device. body_bytes: the
    largest command. idle_s: how long a session that nobody uses stays in memory. retain_events: how many of its
    newest events a session offers to resume from, at least; None for all of them. retain_s: how long after an
    answer's end its events are offered; None for ever. lost_runs: what becomes of a run whose server or worker died:
    `fail` ends it, `continue` lets another go on where it was cut off. alive_s: how long a server that says nothing
    counts as alive, on shared storage. agents: `here` runs them in the server, `workers` leaves runs to the workers
    that connect. lease_s: how long a worker that says nothing keeps its runs. spread_ms: devices that are sent away
    come back within this time. sessions: the most that are in memory. drain_s: how long a server that was told to end
    says that it is not ready, before it sends devices away. behind_s: how long a server on shared storage may lag
    behind what a device has seen elsewhere, before it takes the device's cursor for one from the future.
    """

    policy: Policy = "queue"
    heartbeat_s: float = 1.0
    patience_s: float = 10.0
    grace_s: float = 0.5
    gather_s: float = 0.005
    idle_s: float = 300.0
    body_bytes: int = 64 * 1024
    retain_events: int | None = None
    retain_s: float | None = None
    lost_runs: Literal["fail", "continue"] = "fail"
    alive_s: float = 3.0
    agents: Literal["here", "workers"] = "here"
    lease_s: float = 3.0
    spread_ms: int = 1_000
    behind_s: float = 5.0
    sessions: int = 100_000
    drain_s: float = 0.0
