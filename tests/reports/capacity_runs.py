"""Capacity results to render: broken, not at its limit, without a single step, void, hostile."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

from audit.load.capacity_result import CapacityModel, CapacityResult, Estimate, Rung
from audit.load.churn import PRESETS
from audit.load.steps import Knee

from .load_runs import NONE, quantiles
from .samples import NASTY

DEVICES = (500, 1_000, 1_500, 2_000, 2_500)


def rung(devices: int, **more: Any) -> Rung:
    """A step at which the target kept up, a little less each time."""
    known: dict[str, Any] = {
        "devices": devices,
        "words_per_s": devices * 3.9 / (1 + devices / 9_000),
        "events": devices * 40,
        "resumes": devices // 15,
        "refused": 0,
        "lost": 0,
        "item_delay_ms": quantiles(4.0 + devices / 100, 4_000),
        "resume_delay_ms": quantiles(9.0 + devices / 50, 400),
        "cpu_share": devices / 12_000,
    }
    return Rung(**(known | more))


def model() -> CapacityModel:
    """A model with a band that opens."""
    curve = tuple(
        (devices, devices * 3.9 / (1 + devices / 9_000), devices * 3.6 / (1 + devices / 8_000), devices * 4.1)
        for devices in (500.0 + 62.5 * at for at in range(43))
    )
    return CapacityModel(
        rate=Estimate(3.9, 3.7, 4.1),
        contention=Estimate(1.1e-4, 0.9e-4, 1.4e-4),
        crosstalk=Estimate(0.0, 0.0, 2e-9),
        r2=0.998,
        steps=5,
        largest=2_500,
        peak=None,
        comfortable=Estimate(2_000, 1_800, 2_000),
        caveat="A model fitted to 5 steps of 500 to 2,500 devices (R² 1.00), not a measurement.",
        curve=curve,
    )


def broke() -> CapacityResult:
    """Four steps held, the fifth did not."""
    why = "words came 1,337 ms late (p95, at most 1,000)"
    return CapacityResult(
        tool="durable-audit 0.1.0",
        created="2026-11-20T12:00:00Z",
        argv=("durable-audit", "capacity", "acme.toml", "--to", "2500"),
        seed=7,
        target={"name": "acme-chat", "base_url": "http://127.0.0.1:8031", "protocol": "session"},
        plan=asdict(PRESETS["office"]),
        step_s=30.0,
        limit_ms=1_000.0,
        planned=DEVICES,
        rungs=(*map(rung, DEVICES[:-1]), rung(2_500, broke=why, refused=12)),
        ended="broke",
        why=f"broke at 2,500 devices: {why}",
        knee=Knee(2_000, "throughput is 14% short of proportional at 2,000 devices"),
        model=model(),
        wanted=20_000,
        needed=Estimate(10, 10, 12),
        environment={"python": "3.11.7"},
    )


def held() -> CapacityResult:
    """Every step held, too few for a model."""
    return replace(
        broke(), rungs=tuple(map(rung, DEVICES[:3])), planned=DEVICES[:3], ended="held", why="it held 1,500 devices",
        knee=None, model=None, no_model="needs 4 different numbers of devices, there are 3", needed=None,
    )  # fmt: skip


def empty() -> CapacityResult:
    """Interrupted in its first step."""
    return replace(
        held(), rungs=(), ended="interrupted", why="interrupted at 500 devices", no_model="no step held", wanted=None
    )


def voided() -> CapacityResult:
    """The generator gave out at the third step."""
    why = "the step of 1,500 devices proves nothing: the generator was busy"
    rungs = (rung(500), rung(1_000), rung(1_500, void="the generator was busy", item_delay_ms=NONE))
    return replace(held(), rungs=rungs, ended="void", why=why)


def hostile() -> CapacityResult:
    """Every text that anybody could have a hand in tries to break out."""
    everything = "".join(NASTY)
    return replace(
        broke(),
        tool=everything,
        created=everything,
        argv=NASTY,
        target={"name": everything, everything: everything},
        plan={everything: everything},
        why=everything,
        knee=Knee(2_000, everything),
        model=replace(model(), caveat=everything),
        rungs=(*map(rung, DEVICES[:-1]), rung(2_500, broke=everything)),
        environment={everything: everything},
    )
