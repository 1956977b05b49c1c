"""Load results to render: one that held, one that lost words, a void one, storms, a hostile and a long one."""

from __future__ import annotations

from dataclasses import asdict, replace
from math import sin
from typing import Any

from audit.load.churn import PRESETS, Storm
from audit.load.result import (
    MEASURES,
    SCHEMA,
    GateResult,
    Health,
    HookResult,
    LoadResult,
    Quantiles,
    StormResult,
    Window,
)

from .samples import NASTY

NONE = Quantiles(0, None, None, None, None, None)
SCALES = {  # median ms
    "resume_delay": 14.0,
    "caught_up_delay": 19.0,
    "join_delay": 8.0,
    "first_item_delay": 22.0,
    "item_delay": 1.4,
    "stop_delay": 11.0,
}


def quantiles(p50: float, count: int = 4_000, wide: float = 1.0) -> Quantiles:
    """Around a median; without the quantiles that so few samples do not carry."""
    p95 = p50 * (1 + 1.8 * wide) if count >= 20 else None
    p99 = p50 * (1 + 4.5 * wide) if count >= 100 else None
    return Quantiles(count, round(p50, 3), p95, p99, p50 * 1.3, p50 * (1 + 9 * wide))


def sure(found: Quantiles) -> Quantiles:
    """The same with intervals: 10 % to either side of each quantile there is."""
    known = {share: getattr(found, share) for share in ("p50", "p95", "p99")}
    return replace(found, intervals={share: (at * 0.9, at * 1.1) for share, at in known.items() if at is not None})


def window(number: int, slower: float = 1.0, **more: Any) -> Window:
    """The ten seconds from `10 × number` on."""
    sway = 1 + 0.25 * sin(number * 1.7)
    known: dict[str, Any] = {
        "at_s": 10.0 * number,
        "devices": 5_000 if number else 4_210,
        "words": round(246_000 * sway) if number else 98_000,
        "resumes": round(4_000 * sway),
        "refused": 0,
        "lost": 0,
        "repeated": 0,
        "reordered": 0,
        "measures": {
            name: quantiles(p50 * sway * slower, 90 if name == "stop_delay" else 4_000) for name, p50 in SCALES.items()
        },
    }
    return Window(**(known | more))


def result(windows: tuple[Window, ...], **more: Any) -> LoadResult:
    """A result around some windows."""
    measures = {name: quantiles(p50, 120_000) for name, p50 in SCALES.items()}
    known: dict[str, Any] = {
        "schema": SCHEMA,
        "tool": "durable-audit 0.1.0",
        "created": "2026-11-20T12:00:00Z",
        "argv": ("durable-audit", "load", "acme.toml", "--devices", "5000", "--seconds", "300"),
        "seed": 7,
        "seconds": 300.0,
        "target": {"name": "acme-chat", "base_url": "http://127.0.0.1:8031", "protocol": "session"},
        "plan": {"preset": "office", **asdict(replace(PRESETS["office"], devices=5_000, seconds=300.0))},
        "devices": 5_000,
        "sessions": 2_500,
        "events": sum(one.words for one in windows) + 31_207,
        "resumes": sum(one.resumes for one in windows),
        "prompts": 48_211,
        "refused": sum(one.refused for one in windows),
        "lost": sum(one.lost for one in windows),
        "repeated": sum(one.repeated for one in windows),
        "reordered": sum(one.reordered for one in windows),
        "foreign": 0,
        "unended": 0,
        "wrong_end": 0,
        "after_stop": 0,
        "resume_delay_ms": measures["resume_delay"],
        "measures": measures,
        "windows": windows,
        "storms": (),
        "health": Health(2, 4.1, 12.5, 0.63, (211.0, 214.5)),
        "void": "",
        "gates": gates(),
        "errors": {},
        "environment": {"python": "3.11.7", "platform": "Linux 6.1 x86_64", "processors": "8", "uvloop": "0.23.0"},
    }
    return LoadResult(**(known | more))


def gates(lost: int = 0, resume_p95: float = 39.2) -> tuple[GateResult, ...]:
    """Gates as they come out of a run."""
    return (
        GateResult("lost == 0", float(lost), lost == 0),
        GateResult("stop_delay_p95_ms < 1000", 30.8, True),
        GateResult("resume_delay_p95_ms < 2000", resume_p95, resume_p95 < 2000),
        GateResult("stop_delay_p99_ms < 1000", None, None),
    )


def held() -> LoadResult:
    """Five minutes, nothing lost, every gate met."""
    return result(tuple(map(window, range(30))), gates=gates()[:3])


def lossy() -> LoadResult:
    """A server that skips an item at one resume in a hundred, and repeats at the seam now and then."""
    windows = tuple(
        window(number, 30 + number * 3, lost=(number % 7 == 3) * (4 + number), repeated=(number in (6, 18)) * 3)
        if number != 21
        else window(number, 200.0, reordered=12, refused=310)
        for number in range(30)
    )
    slow = {name: quantiles(p50 * 60, 120_000) for name, p50 in SCALES.items()}
    return result(
        windows,
        gates=gates(lost=70, resume_p95=2_352.0),
        unended=2,
        errors={"ConnectionResetError": 214, "refused: 503": 310, "first item: timeout": 3},
        samples=(sample("word 33 of run 4", 812), sample("run 4 never ended", 77), sample("word 12 of run 9", 4_011)),
        measures=slow,
        resume_delay_ms=slow["resume_delay"],
    )


def sample(fault: str, device: int) -> dict[str, Any]:
    """What a device had seen, as `audit.load.samples` keeps it."""
    frames = [f'{{"type":"text","id":"e1:{at}","run":"r-4","text":"tok-{at:04d} "}}' for at in range(1, 41) if at != 31]
    return {"device": device, "session": f"load-7-{device // 2}", "fault": fault, "at_s": 31.207, "seen": frames}


def stormy() -> LoadResult:
    """Two storms in a minute: one is recovered from, the other is not."""
    windows = tuple(
        window(number, 30.0 if number in (2, 4) else 1.0, resumes=5_200 if number in (2, 4) else 800, refused=refused)
        for number, refused in enumerate((0, 0, 41, 0, 890, 12))
    )
    plan = replace(PRESETS["deploy"], devices=5_000, storms=(Storm(at_s=20.0), Storm(at_s=40.0, away_s=1.0)))
    way_back = tuple((0.5 + at / 20, min(1.0, (at / 55) ** 0.6)) for at in range(56))
    return result(
        windows,
        seconds=60.0,
        plan=asdict(plan),
        storms=(
            StormResult(20.0, 5_000, 3.21, 41, quantiles(9.4, 31_000), way_back),
            StormResult(40.0, 4_980, None, 890, quantiles(61.0, 30_000, wide=3)),
        ),
        gates=(*gates()[:3], GateResult("storm_recovered_s < 10", None, False)),
    )


def deployed() -> LoadResult:
    """A deploy that went well and one that did not return, in a minute with intervals, after which came more."""
    windows = tuple(
        replace(each, measures={name: sure(found) for name, found in each.measures.items()})
        for each in (window(number, devices=5_000) for number in range(7))
    )
    bare = result(windows, seconds=60.0)
    measures = {name: sure(found) for name, found in bare.measures.items()}
    said = "\n".join(("pulling v2", *(f"replacing pod {number}" for number in range(20)), "done"))
    return replace(
        bare,
        measures=measures,
        resume_delay_ms=measures["resume_delay"],
        hooks=(HookResult("deploy", 40.0, 42.5, 60.0, None), HookResult("deploy", 12.0, 12.01, 3.2, 0, said)),
    )


def void() -> LoadResult:
    """The generator was saturated."""
    return replace(
        held(),
        void="the event loop was late by 412 ms (p99; at most 100 ms), and the busiest process took 0.99 of a core.",
        health=Health(1, 412.0, 1_870.0, 0.99, (380.0, 390.0)),
        gates=gates(),
    )


def empty() -> LoadResult:
    """Interrupted before anything was measured."""
    none = dict.fromkeys(MEASURES, NONE)
    blank = result((), seconds=0.0, events=0, measures=none, resume_delay_ms=NONE, gates=(), argv=(), target={})
    health = Health(1, None, None, 0.0, (0.0, 0.0))
    return replace(blank, plan={}, partial="interrupted after 0 of 300 s", health=health)


def earlier() -> LoadResult:
    """The same target a week before: slower, and another seed."""
    slow = {name: quantiles(p50 * 1.6, 118_000) for name, p50 in SCALES.items()}
    return replace(held(), created="2026-11-13T12:00:00Z", seed=6, measures=slow, resume_delay_ms=slow["resume_delay"])


def reference() -> LoadResult:
    """The reference under the same plan."""
    quick = {name: quantiles(p50 * 0.3, 121_000) for name, p50 in SCALES.items()}
    target = {"name": "reference", "protocol": "session"}
    return replace(held(), target=target, measures=quick, resume_delay_ms=quick["resume_delay"])


def hostile() -> LoadResult:
    """Every text that anybody could have a hand in tries to break out."""
    everything = "".join(NASTY)
    evil: dict[str, Any] = {"device": everything, "session": everything, "fault": everything, "seen": list(NASTY) * 40}
    strange = {**held().measures, **{nasty[:200]: quantiles(5.0) for nasty in NASTY}}
    ends = {"p50": (float("nan"), 1.0), "p95": (float("-inf"), float("inf")), everything: (9.0, 1.0)}
    inf = Quantiles(9, float("inf"), float("nan"), -1.0, float("-inf"), 1e300, ends)
    hooks = (
        *(HookResult(nasty, 1.0, 2.0, 3.0, 1, "\n".join(NASTY * 40)) for nasty in NASTY),
        HookResult(everything, float("nan"), float("inf"), float("-inf"), None),
    )
    windows = (
        *held().windows,
        window(30, measures={**strange, "item_delay": inf}, lost=3, devices=-1),
        window(31, at_s=float("nan")),
    )
    storms = (StormResult(float("inf"), 1, None, 0, NONE), StormResult(20.0, -1, 0.0, 0, inf, ((float("nan"), 2.0),)))
    return replace(
        held(),
        schema=everything,
        tool=everything,
        created=everything,
        argv=NASTY,
        target={"name": everything, "base_url": everything, everything: {everything: list(NASTY)}},
        plan={everything: everything, "storms": [everything, {"at_s": everything}], "shape": everything},
        measures=strange,
        windows=windows,
        storms=storms,
        void=everything,
        partial=everything,
        gates=tuple(GateResult(nasty, float("inf"), True) for nasty in NASTY) * 20,
        errors=dict.fromkeys(NASTY, 1),
        samples=(evil,) * 20,
        environment={everything: everything},
        hooks=hooks,
    )


def long() -> LoadResult:
    """Eight hours."""
    windows = tuple(window(number, lost=number == 1_000) for number in range(2_880))
    return result(windows, seconds=28_800.0, samples=(sample("word 33 of run 4", 812),) * 20)
