"""When a fault is to strike a device that holds no stream."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from typing import cast

import pytest

from audit.device import Device
from audit.faults import Blackhole, Close, Stall
from audit.faults.base import Fault
from audit.memory import Session
from audit.recorder import Recorder
from audit.scenario import TrialPlan
from audit.scene import Role
from audit.stage import Pace, Stage, Waits
from audit.target import CountingOracle
from scenarios import SCENARIOS

NETWORK_DROP = SCENARIOS[0]


@dataclass
class Phone:
    """As much of a device, and of its link, as an injection touches."""

    connected: bool
    id: str = "phone"
    injected: list[Fault] = field(default_factory=list)

    @property
    def link(self) -> Phone:
        return self

    async def inject(self, fault: Fault) -> None:
        self.injected.append(fault)

    async def until(self, *_: object) -> bool:
        return True


async def injected(fault: Fault, phone: Phone, trial: int = 1) -> list[tuple[str, object]]:
    async def make(kind: str, role: Role) -> Device:
        raise AssertionError("nobody is needed")

    recorder = Recorder(io.StringIO(), {})
    plan = TrialPlan(NETWORK_DROP, trial, 1, "quick")
    stage = Stage(plan, CountingOracle(), recorder, make, session=Session("s"), pace=Pace(), waits=Waits())
    await stage.inject(cast("Device", phone), fault)
    return [(event.what, event.value.get("why")) for event in recorder.events]


@pytest.mark.parametrize("fault", [Close(), Blackhole(), Stall()], ids=lambda fault: fault.id)
async def test_a_device_without_a_stream_is_spared_and_the_history_says_so(fault: Fault) -> None:
    phone = Phone(connected=False)
    assert await injected(fault, phone) == [("spared", f"the phone held no stream for the {fault.id} to strike")]
    assert not phone.injected


@pytest.mark.parametrize(
    ("fault", "connected"), [(Close(), True), (Blackhole(reaches="both"), False), (Close(reaches="new"), False)]
)
async def test_a_live_stream_is_struck_and_so_is_the_next_one(fault: Fault, connected: bool) -> None:
    phone = Phone(connected)
    assert await injected(fault, phone) == []
    assert phone.injected == [fault]


async def test_in_the_twin_nothing_is_injected_and_nobody_spared() -> None:
    phone = Phone(connected=False)
    assert await injected(Close(), phone, trial=0) == []
    assert not phone.injected
