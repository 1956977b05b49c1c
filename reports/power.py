"""What the audit itself is worth: the figures of the release's selftest, in a sentence for the footer of a report."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

SCHEMA = "durable-audit/selftest/1"
UNMEASURED = "How much this audit finds, and how often it is wrong, was not measured for this release (make selftest)."


@cache
def footer() -> str:
    """Detection and false alarms with their intervals; that they were not measured where there are none."""
    kept = files("reports").joinpath("assets/selftest.json")
    if not kept.is_file():
        return UNMEASURED
    try:
        return sentence(json.loads(kept.read_text(encoding="utf-8")))
    except (ValueError, KeyError, TypeError):
        return UNMEASURED


def sentence(figures: Mapping[str, Any]) -> str:
    """The figures of a selftest in words. ValueError when they are of another schema."""
    if figures["schema"] != SCHEMA:
        raise ValueError(f"{figures['schema']!r} is not {SCHEMA!r}")
    found, wrong, versions = figures["detection"], figures["false_alarm_rate"], figures["versions"]
    return (
        f"Selftest of durable-audit {versions['tool']}, rules {versions['ruleset']}, {figures['created'][:10]}, "
        f"{figures['machine']}: it found {figures['detected']} of {figures['mutants']} planted defects "
        f"({_interval(found)}) and accused the innocent in {figures['false_alarms']} of {figures['clean_runs']} audits "
        f"({_interval(wrong)})."
    )


def _interval(share: Mapping[str, float]) -> str:
    return f"95 % interval {100 * share['low']:.1f} to {100 * share['high']:.1f} %"
