"""The figures of a selftest as JSON: the interface for other tools, and what the footer of a report is written from."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from ..event import Value
from .figures import Clean, Power, Row, Share

SCHEMA = "durable-audit/selftest/1"
ALARMS = ("clean_profile", "clean_runs", "false_alarms", "false_alarm_rate")  # the half that clean audits measure


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a selftest was run with. workers, jobs: audits at a time, and trials at a time in each. wall_s: all of it;
    cpu_s: of the audits and of the servers together."""

    created: str
    argv: tuple[str, ...]
    profile: str
    seed: int
    workers: int
    jobs: int
    versions: dict[str, str]
    machine: str
    wall_s: float
    cpu_s: float


def exported(power: Power, how: Circumstances) -> Value:
    """Everything."""
    code, verdict = power.verdict()
    return {
        **figures(power, how),
        "argv": list(how.argv),
        "exit": code,
        "verdict": verdict,
        "partial": power.interrupted,
        "planned": power.planned,
        "seeds": {"mutants": how.seed, "clean": [each.seed for each in power.clean]},
        "not_measured": [{"audit": name, "why": why} for name, why in power.unmeasured],
        "matrix": {row.mutant.id: dict(row.cells) for row in power.rows},
        "planted": [_row(row) for row in power.rows],
        "clean": [_clean(each) for each in power.clean],
    }


def figures(power: Power, how: Circumstances) -> Value:
    """The figures alone, with what they were measured with: small enough to be kept beside a release."""
    found, alarms = power.detection, power.alarms
    return {
        "schema": SCHEMA,
        "created": how.created,
        "profile": how.profile,
        "mutants": found.of,
        "detected": found.count,
        "detection": _share(found),
        "elsewhere": power.elsewhere,
        "clean_profile": how.profile,
        "clean_runs": alarms.of,
        "false_alarms": alarms.count,
        "false_alarm_rate": _share(alarms),
        "rows": sorted({number for row in power.rows for number in row.mutant.rows}),
        "versions": how.versions,
        "machine": how.machine,
        "workers": how.workers,
        "jobs": how.jobs,
        "wall_s": round(how.wall_s, 1),
        "cpu_s": round(how.cpu_s, 1),
    }


def joined(fresh: Value, kept: Value) -> Value:
    """Figures of one release that two selftests measured: what the fresh one did not measure stays as it was kept.
    Nothing stays that another version measured."""
    same = kept.get("schema") == SCHEMA and kept.get("versions") == fresh["versions"]
    if not same or (fresh["mutants"] and fresh["clean_runs"]):
        return fresh
    measured = {name: fresh[name] for name in fresh if (name in ALARMS) == bool(fresh["clean_runs"])}
    return {**kept, **measured, "created": fresh["created"]}


def dumped(value: Value) -> str:
    """As it is written to a file."""
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def _share(share: Share) -> dict[str, Any]:
    low, high = share.interval
    return {"rate": round(share.count / share.of, 4) if share.of else None, "low": low, "high": high}


def _row(row: Row) -> Value:
    return {
        "id": row.mutant.id,
        "title": row.mutant.title,
        "rows": list(row.mutant.rows),
        "detected": row.detected,
        "seed": row.seed,
        "scenarios": list(row.scenarios),
        "trials": row.seen.trials,
        "wall_s": round(row.seen.wall_s, 2),
        "cpu_s": round(row.seen.cpu_s, 2),
        "why": dict(row.why),
        "error": row.seen.error,
    }


def _clean(each: Clean) -> Value:
    seen = each.seen
    times = {"wall_s": round(seen.wall_s, 2), "cpu_s": round(seen.cpu_s, 2)}
    return {"seed": each.seed, "gaps": seen.gaps, "unproven": seen.unproven, "trials": seen.trials} | times
