"""What must hold after the last round. Pure: the log of a session as it is now, and what its devices were told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from .devices import Device, Told


def faults(log: Sequence[Told], devices: Sequence[Device]) -> Iterator[str]:
    """Everything that is wrong, a line each; nothing when all is well."""
    yield from _of_log(log)
    for number, device in enumerate(devices):
        for fault in _of_device(log, device):
            yield f"device {number}: {fault}"


def _of_log(log: Sequence[Told]) -> Iterator[str]:
    if [event["offset"] for event in log] != list(range(1, len(log) + 1)):
        yield "offsets have a hole or a repeat"
    ended: set[str] = set()
    words: Counter[str] = Counter()
    for event in log:
        run = event["run"]
        if run in ended:
            yield f"{event['kind']} after the end of {run}"
        if event["kind"] == "run-end":
            ended.add(run)
        elif event["kind"] == "text" and not event["data"].get("agent"):
            words[run] += 1
            if not event["data"]["text"].endswith(f"/{words[run]} "):
                yield f"word {words[run]} of {run} is {event['data']['text']!r}"
    for run in {event["run"] for event in log if event["kind"] == "user"} - ended:
        yield f"{run} has no ending"
    prompts = Counter(event["data"]["key"] for event in log if event["kind"] == "user")
    yield from (f"{key} was prompted {times} times" for key, times in prompts.items() if times > 1)


def _of_device(log: Sequence[Told], device: Device) -> Iterator[str]:
    yield from (f"was told of a gap: {gap}" for gap in device.gaps)
    if device.events != list(log[: len(device.events)]):
        yield "was told something else than what is in the log"
    elif len(device.events) != len(log):
        yield f"was told {len(device.events)} of {len(log)} events"
    runs = {event["data"]["key"]: event["run"] for event in log if event["kind"] == "user"}
    for key, run in device.acknowledged.items():
        if runs.get(key) != run:
            yield f"{key} was acknowledged as {run} and is {runs.get(key)}"
    reasons = {event["run"]: event["data"]["reason"] for event in log if event["kind"] == "run-end"}
    for run in device.stops:
        if reasons.get(run) != "stopped":
            yield f"{run} was stopped, and ended {reasons.get(run)}"
