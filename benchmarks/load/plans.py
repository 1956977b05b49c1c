"""The plans that our load engine is given: the same as what the other clients do, in its own terms."""

from __future__ import annotations

from audit.load.churn import Churn, Storm
from audit.load.order import Order

from .frames import FORMAT
from .task import Task

TARGET = """
name = "benchmark"
base_url = "http://127.0.0.1:{port}"
protocol = "session"
[oracle]
format = "{format}"
[contract]
disconnect = "continue"
concurrent_send = "queue"
"""
_ASK_S = 1.0  # between its arrival and the latest instant at which a device of the plan asks
_SPARE_S = 0.5
_STORMS_FROM_S = 2.5
_STORM_EVERY_S = 0.3
_ARRIVING = 5 / 6  # of a plan's time is left when all devices have arrived


def follow(task: Task) -> Churn:
    """Every device is a session of its own, asks once, and is told everything."""
    seconds = (task.run_s + _ASK_S + _SPARE_S) / _ARRIVING
    return Churn(
        devices=task.devices,
        seconds=seconds,
        per_session=1,
        words=task.words,
        pace_ms=task.pace_ms,
        think_s=0.1,
        drop_every_s=0.0,
        stop_share=0.0,
    )


def reconnect(task: Task, storms: int) -> Churn:
    """Nobody asks; all devices are cut (RST) at once, again and again, and are back within a tenth of a second."""
    first = _STORMS_FROM_S
    whole = first + storms * _STORM_EVERY_S + _SPARE_S
    return Churn(
        devices=task.devices,
        seconds=whole,
        per_session=1,
        words=10_000,  # more than there is time for: no prompt is part of the plan
        pace_ms=1_000.0,
        drop_every_s=0.0,
        stop_share=0.0,
        storms=tuple(
            Storm(at_s=first + number * _STORM_EVERY_S, away_s=0.05, jitter_s=0.05) for number in range(storms)
        ),
    )


def ordered(task: Task, churn: Churn, clock: str = "app") -> Order:
    """What a process of our load is told."""
    return Order("", TARGET.format(port=task.port, format=FORMAT), churn, seed=1, receive_clock=clock)
