"""Load results for the tests of what reads them."""

from __future__ import annotations

from typing import Any

from audit.load.result import MEASURES, SCHEMA, Health, LoadResult, Quantiles, StormResult, Window

NOTHING = Quantiles(0, None, None, None, None, None)


def quantiles(p50: float, p95: float, p99: float | None, count: int = 500) -> Quantiles:
    """Of `count` samples, with a mean and a largest that fit."""
    return Quantiles(count, p50, p95, p99, p50 * 1.1, p95 * 2)


def storm(recovered_s: float | None, devices: int = 1_000) -> StormResult:
    """A storm that was over after so many seconds."""
    return StormResult(20.0, devices, recovered_s, 12, NOTHING)


def window(at_s: float, devices: int, words: int, p95_ms: float | None = 20.0, resumes: int = 50) -> Window:
    """Ten seconds with one measure."""
    delay = Quantiles(100, 5.0, p95_ms, None, 6.0, 50.0)
    return Window(at_s, devices, words, resumes, 0, 0, 0, 0, {"item_delay": delay})


def result(**changes: Any) -> LoadResult:
    """A clean run of 1,000 devices."""
    delay = changes.pop("resume_delay_ms", quantiles(12.0, 80.0, 200.0))
    clean: dict[str, Any] = {
        "schema": SCHEMA,
        "tool": "durable-audit 0.1.0",
        "created": "2026-11-20T10:07:32Z",
        "argv": ("durable-audit", "load", "chat.toml"),
        "seed": 7,
        "seconds": 60.0,
        "target": {"name": "Support Chat"},
        "plan": {"devices": 1_000},
        "devices": 1_000,
        "sessions": 500,
        "events": 90_000,
        "resumes": 2_400,
        "prompts": 1_500,
        "refused": 3,
        "lost": 0,
        "repeated": 0,
        "reordered": 0,
        "foreign": 0,
        "unended": 0,
        "wrong_end": 0,
        "after_stop": 0,
        "resume_delay_ms": delay,
        "measures": {**dict.fromkeys(MEASURES, quantiles(10.0, 50.0, 90.0)), "resume_delay": delay},
        "windows": (window(0.0, 1_000, 15_000),),
        "storms": (),
        "health": Health(1, 1.0, 2.0, 0.3, (80.0, 81.0)),
        "void": "",
        "gates": (),
        "errors": {},
    }
    return LoadResult(**{**clean, **changes})
