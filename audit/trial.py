"""Playing one trial: build the stage, run the script, leave a history behind whatever happens."""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import asdict, dataclass
from random import Random
from typing import TextIO
from urllib.parse import urlsplit

from .adapters.base import Adapter
from .backstage import Backstage
from .device import Device
from .errors import AuditError, HarnessError
from .event import Phase, Value
from .faults.base import Fault
from .faults.link import Link
from .history import History
from .lag import watch
from .masking import masked
from .memory import Session
from .recorder import Recorder
from .scenario import TrialPlan
from .scene import Role
from .stage import Pace, Stage, Waits
from .target import Target

TRIAL_LIMIT_S = 90.0


@dataclass(frozen=True, slots=True)
class Bench:
    """What all trials of one audit share. nonce: keeps this run's sessions apart from others."""

    target: Target
    adapter: Adapter
    nonce: str
    tls: ssl.SSLContext | None
    waits: Waits
    versions: dict[str, str]

    @property
    def address(self) -> tuple[str, int]:
        """Host and port that the links dial."""
        parts = urlsplit(self.target.base_url)
        return parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)


async def play(plan: TrialPlan, bench: Bench, pace: Pace, sink: TextIO) -> History:
    """Play one trial, writing its history to `sink` as it happens. Cancelled, it leaves one that was cut short."""
    recorder = Recorder(sink, meta(plan, bench, pace), bench.target.secrets())
    session = Session(f"da-{bench.nonce}-{plan.name}" + (f"-{plan.attempt}" if plan.attempt > 1 else ""))
    backstage = Backstage(bench.target, bench.tls, recorder, session)
    cast: list[Device] = []

    async def make(kind: str, role: Role) -> Device:
        cast.append(await _device(kind, plan, bench, recorder, backstage, role))
        return cast[-1]

    stage = Stage(
        plan, bench.target.oracle, recorder, make, session=session, pace=pace, waits=bench.waits, backstage=backstage
    )
    late = asyncio.create_task(watch(lambda ms: stage.note("lag", ms=round(ms))))
    try:
        async with asyncio.timeout(TRIAL_LIMIT_S):
            await plan.scenario.script(stage)
    except TimeoutError:
        stage.note("aborted", error=f"the trial did not end within {TRIAL_LIMIT_S:g} s")
    except HarnessError:
        raise  # the history itself cannot be written
    except Exception as error:  # whatever a script trips over: this trial proves nothing, the others go on
        stage.note("aborted", error=f"the audit itself failed: {type(error).__name__}: {error}"[:500])
    finally:
        late.cancel()
        await asyncio.gather(late, *(device.close() for device in cast), return_exceptions=True)
    return recorder.finish()


def meta(plan: TrialPlan, bench: Bench, pace: Pace) -> Value:
    """What a history says of itself, so that a judge needs nothing else (docs/history-format.md)."""
    target, waits = bench.target, bench.waits
    return {
        "scenario": plan.scenario.id,
        "trial": plan.number,
        "twin": plan.twin,
        "seed": plan.seed,
        "profile": plan.profile,
        "target": masked(target.name, target.secrets()),
        "protocol": target.protocol,
        "traits": {**asdict(bench.adapter.traits), "endings": list(bench.adapter.traits.endings)},
        "contract": asdict(target.contract),
        "needs": list(target.architecture.needs),
        "oracle": {"counting": pace.counts},
        "deadlines": {
            "first_item_s": waits.first_item_s,
            "resume_s": waits.resume_s,
            "stop_budget_ms": target.contract.stop_budget_ms,
            "pace_ms": pace.ms,
            "pause_ms": pace.pause_ms,
        },
        "point": {"kind": plan.point, "arm": plan.arm},
        "attempt": plan.attempt,
        "expects_fault": plan.scenario.expects_fault,
        "versions": bench.versions,
    }


async def _device(
    kind: str, plan: TrialPlan, bench: Bench, recorder: Recorder, backstage: Backstage, role: Role
) -> Device:
    host, port = bench.address

    def receipt(state: str, fault: Fault, conn: int | None, up_bytes: int, down_bytes: int) -> None:
        value: Value = {"fault": fault.id, "settings": fault.settings(), "state": state}
        if state == "struck":
            value |= {"conn": conn, "up_bytes": up_bytes, "down_bytes": down_bytes}
        recorder.add(f"link:{kind}", Phase.NOTE, "fault", value)

    link = await Link.open(host, port, rng=Random(f"{plan.seed}/{plan.name}/{kind}"), receipt=receipt)
    session = backstage.session_of(role)
    try:
        endpoint = await backstage.endpoint(link.port, role)
        device = Device(
            kind, kind.partition("-")[0], adapter=bench.adapter, endpoint=endpoint, link=link, recorder=recorder,
            session=session, about=role.told(),
        )  # fmt: skip
    except AuditError:
        await link.close()
        raise
    backstage.roles[kind] = role
    return device
