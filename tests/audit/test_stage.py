"""What a script's words mean for the devices, in a trial and in its fault-free twin."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

import pytest

from audit.adapters.base import Traits
from audit.contract import RESILIENT_DELIVERY
from audit.device import Device
from audit.faults import Blackhole, Close, Refuse
from audit.faults.base import Fault
from audit.memory import Run, Session
from audit.recorder import Recorder
from audit.scenario import PointKind, Scenario, TrialPlan
from audit.scene import TWIN_ITEMS, WIDE, Role
from audit.stage import Pace, Stage, Waits
from audit.target import CountingOracle

WAITS = Waits(first_item_s=0.2, resume_s=0.1, grace_s=0.05)
TRAITS = Traits(
    subscribes=True,
    cursor="opaque",
    replay="continue",
    dedupe="cursor",
    comparison="events",
    stop="command",
    endings=("completed",),
    resumes=True,
    observable=True,
    history=True,
    prompt_key=True,
)


class FakeLink:
    def __init__(self, did: list[str]) -> None:
        self.did = did

    async def inject(self, fault: Fault) -> None:
        self.did.append(f"inject {fault.id}")

    async def lift(self, fault: Fault) -> None:
        self.did.append(f"lift {fault.id}")


class FakeDevice:
    """Writes down what it is told to do."""

    def __init__(self, kind: str, traits: Traits, *, needs_run_id: bool = False) -> None:
        self.id = kind
        self.did: list[str] = []
        self.link = FakeLink(self.did)
        self.adapter = type("Adapter", (), {"traits": traits})()
        self.connected, self.away, self.needs_run_id = True, False, needs_run_id
        self.dropped = False
        self.following: Run | None = None
        self.words = 0
        self.over = False
        self.accepts = True

    def seen(self, run: Run) -> int:
        return self.words

    def ended(self, run: Run) -> bool:
        return self.over

    async def until(self, condition: Callable[[], bool], timeout: float) -> bool:
        self.did.append(f"until {timeout:.2f}")
        return condition()

    async def prompt(self, run: Run, timeout: float) -> bool:
        self.did.append(f"prompt {run.label} {timeout:.2f}")
        self.following = run
        return self.accepts

    def __getattr__(self, name: str) -> Any:
        async def record(*args: object, **options: object) -> bool:
            told = [each.label if isinstance(each, Run) else str(each) for each in (*args, *options.values())]
            self.did.append(" ".join([name, *told]))
            return True

        return record


def stage(
    number: int = 1,
    *,
    points: tuple[PointKind, ...] = ("middle",),
    traits: Traits = TRAITS,
    oracle: CountingOracle = CountingOracle(),  # noqa: B008  # frozen
    counts: bool = True,
    **device: Any,
) -> Stage:
    async def script(stage: Stage) -> None:
        """Nothing happens."""

    async def make(kind: str, role: Role) -> Device:
        return cast("Device", FakeDevice(kind, traits, **device))

    scenario = Scenario("story", "Story", "why", RESILIENT_DELIVERY, script, (), points=points, arms=("drop", "stop"))
    recorder = Recorder(io.StringIO(), {})
    pace = Pace(1.0, counts)
    plan = TrialPlan(scenario, number, 7, "quick")
    return Stage(plan, oracle, recorder, make, session=Session("s"), pace=pace, waits=WAITS)


def did(device: Device) -> list[str]:
    return cast("FakeDevice", device).did


def notes(stage: Stage) -> list[tuple[str, dict[str, Any]]]:
    return [(event.what, event.value) for event in stage._record.events]


# -- asking --------------------------------------------------------------------------------------------------------


def test_a_prompt_asks_for_numbered_words_at_a_pace() -> None:
    made = stage()
    first, second = made.counting(60), made.counting(30, pace_ms=5, first_ms=100)
    assert (first.label, first.key, first.items) == ("run-1", "s-run-1", 60)
    assert first.asked == {"items": 60, "format": "tok-{:04d}", "pace_ms": 10}
    assert "[items=60 pace_ms=10 first_ms=0 burst=1" in first.text
    assert "[items=30 pace_ms=5 first_ms=100 burst=1" in second.text and second.label == "run-2"
    assert made.session.runs == {"run-1": first, "run-2": second}


def test_a_split_point_asks_for_wide_characters_and_cuts_among_their_bytes() -> None:
    made = stage(points=("split",))
    asked = made.counting(20)
    assert asked.asked is not None and asked.asked["format"] == WIDE
    assert 1 <= made.cut_bytes <= 90
    assert stage().cut_bytes == 0


def test_a_burst_point_asks_for_words_back_to_back_but_not_in_the_twin() -> None:
    assert "[items=20 pace_ms=0 first_ms=0 burst=20" in stage(points=("burst",)).counting(20).text
    assert "[items=20 pace_ms=10 first_ms=0 burst=1" in stage(0, points=("burst",)).counting(20).text


def test_a_twin_is_shorter() -> None:
    assert stage(0).counting(500).items == TWIN_ITEMS


def test_the_target_file_decides_how_many_words_can_be_asked_for() -> None:
    assert stage(oracle=CountingOracle(items=15)).counting(60).items == 15
    mock = stage(oracle=CountingOracle(fixed_items=200, fixed_format="w{}"), points=("split",)).counting(60)
    assert (mock.items, mock.asked) == (200, {"items": 200, "format": "w{}"})


def test_what_is_not_counted_as_asked_is_no_oracle() -> None:
    assert stage(counts=False).counting(20).asked is None
    assert stage(oracle=CountingOracle(prompt="Tell a story.")).counting(20).asked is None


async def test_a_refused_prompt_is_not_waited_for_unless_its_answer_was_swallowed() -> None:
    made = stage()
    (phone,) = await made.devices("phone")
    cast("FakeDevice", phone).accepts = False
    refused, swallowed = made.counting(1_000), made.counting(1_000)
    assert not await made.prompt(phone, refused)
    assert not await made.prompt(phone, swallowed, made.patience_s)
    assert did(phone)[1:] == ["prompt run-1 0.20", "prompt run-2 0.60"]
    assert made._patience.remaining(refused) == 0.0 and made._patience.remaining(swallowed) > 1


# -- the cast ------------------------------------------------------------------------------------------------------


async def test_devices_hold_the_sessions_stream_where_there_is_one() -> None:
    made = stage()
    phone, laptop = await made.devices("phone", "laptop")
    (tab,) = await made.devices("tab", joined=False)
    assert [did(phone), did(laptop), did(tab)] == [["join 0.1"], ["join 0.1"], []]
    assert list(made.cast) == ["phone", "laptop", "tab"]
    (alone,) = await stage(traits=replace(TRAITS, subscribes=False)).devices("phone")
    assert did(alone) == []


async def test_watching_takes_what_the_product_offers() -> None:
    run = Run("run-1", "", "", 5, id="r1")
    for traits, needs, expected in (
        (TRAITS, False, []),  # it sees everything already
        (replace(TRAITS, subscribes=False, observable=False), False, []),
        (replace(TRAITS, subscribes=False), False, ["join run-1 0.1"]),
        (replace(TRAITS, subscribes=False), True, ["until 0.05", "join run-1 0.1"]),
    ):
        made = stage(traits=traits, needs_run_id=needs)
        laptop = await made.device("laptop")
        await made.watch(laptop, run)
        assert did(laptop) == expected


async def test_coming_back_is_for_those_who_lost_their_stream() -> None:
    made = stage()
    phone = await made.device("phone")
    await made.resume(phone)
    await made.rejoin(phone)
    assert did(phone) == []
    cast("FakeDevice", phone).connected = False
    await made.resume(phone)
    await made.rejoin(phone)
    assert did(phone) == ["resume 0.1", "join 0.1"]


async def test_whoever_the_target_itself_cut_off_comes_back_while_everything_settles() -> None:
    made = stage()
    phone, laptop = await made.device("phone"), await made.device("laptop")
    cast("FakeDevice", phone).dropped = True
    await made.settle()
    assert [each for each in did(phone) if each.startswith("resume")] == ["resume 0.1"] * 3  # and no more
    assert not [each for each in did(laptop) if each.startswith("resume")]
    assert [what for what, _ in notes(made)] == ["returned", "returned", "returned", "settled"]


# -- striking ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("point", "least", "most"),
    [("early", 1, 3), ("middle", 18, 42), ("split", 18, 42), ("burst", 18, 42), ("late", 60, 60), ("end", 60, 60)],
)
def test_a_point_lies_where_its_name_says(point: PointKind, least: int, most: int) -> None:
    strikes = [stage(number, points=(point,))._strike(60) for number in range(1, 60)]
    assert least <= min(strikes) and max(strikes) <= most
    assert len(set(strikes)) > (2 if least < most else 0)
    assert [stage(number, points=(point,))._strike(60) for number in range(1, 60)] == strikes  # same seed, same plan


@pytest.mark.parametrize("point", ["early", "middle", "late", "end", "split", "burst"])
@pytest.mark.parametrize("items", [1, 2, 3])
def test_a_point_is_never_outside_of_a_short_run(point: PointKind, items: int) -> None:
    assert all(1 <= stage(number, points=(point,))._strike(items) <= items for number in range(1, 20))


async def test_reaching_a_point_is_noted_and_so_is_missing_it() -> None:
    made = stage(points=("late",))
    phone = await made.device("phone")
    run = made.counting(10)
    assert not await made.reach(phone, run)
    cast("FakeDevice", phone).words = 10
    assert await made.reach(phone, run)
    assert notes(made) == [
        ("point", {"kind": "late", "seen": 10, "missed": True}),
        ("point", {"kind": "late", "seen": 10}),
    ]


async def test_the_end_is_reached_by_its_marker_and_not_by_words() -> None:
    made = stage(points=("end",))
    phone = await made.device("phone")
    run = made.counting(10)
    cast("FakeDevice", phone).words = 10
    assert not await made.reach(phone, run)
    cast("FakeDevice", phone).over = True
    assert await made.reach(phone, run)


async def test_a_fault_is_injected_and_what_ends_a_stream_is_waited_for() -> None:
    made = stage()
    phone = await made.device("phone")
    for fault in (Close(), Blackhole(), Refuse()):
        await made.inject(phone, fault)
        await made.lift(phone, fault)
    assert did(phone) == [
        "inject close",
        "until 1.00",
        "lift close",
        "inject blackhole",
        "lift blackhole",
        "inject refuse",
        "lift refuse",
    ]


async def test_a_device_without_a_stream_is_spared_what_strikes_live_ones_only() -> None:
    made = stage()
    phone = await made.device("phone")
    cast("FakeDevice", phone).connected = False
    await made.inject(phone, Close())
    await made.inject(phone, Refuse())
    assert did(phone) == ["inject refuse"]
    assert [what for what, _ in notes(made)] == ["spared"]


async def test_disturbances_happen_in_a_trial() -> None:
    made = stage(2)
    phone = await made.device("phone")
    run = made.counting(5)
    await made.offline(phone, 0)
    await made.stop(phone, run)
    await made.again(phone, run)
    await made.hang_up(phone)
    await made.doing(phone.forget)
    await made.silence(phone, 0.5)
    await made.absent(phone, run)
    made.mark("arm", arm=made.arm)
    await made.late_stop(phone, run)
    assert did(phone) == [
        "offline",
        "online",
        "stop run-1 0.1",
        "prompt run-1 0.20",
        "give_up",
        "forget",
        "quiet 0.5 0.6",
        "give_up",
        "offline",
        "until 0.05",
        "online",
        "stop run-1 0.1",
    ]
    assert notes(made) == [
        ("mark", {"name": "absent", "until": "ended", "label": "run-1"}),
        ("mark", {"name": "arm", "arm": "stop"}),
    ]


async def test_hanging_up_cannot_come_late() -> None:
    made = stage(traits=replace(TRAITS, stop="hangup"))
    phone = await made.device("phone")
    await made.late_stop(phone, made.counting(5))
    assert did(phone) == []


async def test_nothing_disturbs_a_twin() -> None:
    made = stage(0)
    phone = await made.device("phone")
    run = made.counting(5)
    await made.inject(phone, Close())
    await made.lift(phone, Close())
    await made.offline(phone, 60)
    await made.stop(phone, run)
    await made.again(phone, run)
    await made.late_stop(phone, run)
    await made.hang_up(phone)
    await made.doing(phone.forget)
    await made.silence(phone, 60)
    await made.absent(phone, run)
    await made.pause(60)
    made.brake(phone, run, 3)
    await made.braked(phone, run)
    made.mark("arm", arm="stop")
    assert (did(phone), notes(made), made.arm, made.patience_s) == ([], [], "", WAITS.first_item_s)


async def test_when_everything_has_settled_the_first_one_present_reads_the_transcript() -> None:
    made = stage()
    phone, laptop = await made.device("phone"), await made.device("laptop")
    cast("FakeDevice", phone).away = True
    await made.settle()
    assert notes(made) == [("settled", {"why": "nobody"})]
    assert (did(phone), did(laptop)) == ([], ["read True 0.1"])
    unread = stage(traits=replace(TRAITS, history=False))
    tab = await unread.device("tab")
    await unread.settle()
    assert did(tab) == []


# -- control -------------------------------------------------------------------------------------------------------


async def test_what_happens_together_begins_in_order() -> None:
    made, told = stage(), list[str]()

    async def says(word: str) -> None:
        told.append(word)

    await made.together(says("prompt"), says("stop"))
    assert told == ["prompt", "stop"]


async def test_a_stop_budget_is_waited_out_before_what_is_written_is_fetched() -> None:
    made = stage()
    made.waits = replace(WAITS, stop_s=0.05)
    (phone,) = await made.devices("phone")
    began = asyncio.get_running_loop().time()
    await made.outlast_stop(phone)
    assert asyncio.get_running_loop().time() - began >= 0.05
    assert did(phone)[1:] == ["read 0.1"]


async def test_without_a_transcript_there_is_nothing_to_fetch() -> None:
    made = stage(traits=replace(TRAITS, history=False))
    made.waits = replace(WAITS, stop_s=0.0)
    phone = await made.device("phone")
    await made.outlast_stop(phone)
    assert did(phone) == []


async def test_a_twin_outlasts_nothing_and_listens_to_nothing() -> None:
    made = stage(0)
    phone = await made.device("phone")
    began = asyncio.get_running_loop().time()
    await made.outlast_stop(phone)
    await made.listen()
    assert asyncio.get_running_loop().time() - began < 0.2
    assert did(phone) == []


# -- flapping, roaming, slow and silent ------------------------------------------------------------------------------


async def test_a_connection_that_flaps_is_cut_when_it_is_new() -> None:
    made = stage()
    phone = await made.device("phone")
    await made.flap(phone, 100)
    assert did(phone) == []  # it still has its stream
    cast("FakeDevice", phone).connected = False
    await made.flap(phone, 100)
    assert did(phone) == ["inject close", "until 1.00", "resume 0.1", "until 0.05", "lift close"]


def test_an_agent_that_fails_says_the_words_before_that() -> None:
    made = stage()
    run = made.failing(60, after=45)
    assert "fail_at=45" in run.text and "items=60" in run.text
    assert run.asked is not None and (run.items, run.asked["items"]) == (45, 45)
    assert (stage(0).failing(60, after=45).items, stage(oracle=CountingOracle(items=9)).failing(60, 45).items) == (
        39,
        8,
    )
    own = stage(oracle=CountingOracle(fails="Fail after some of {items} words.")).failing(60, after=45)
    assert (own.text, own.asked) == ("Fail after some of 60 words.", None)


def test_an_agent_that_falls_silent_does_so_in_the_middle_and_hardly_in_the_twin() -> None:
    assert "silent_at=10 silent_ms=2500" in stage().pausing(20, 2.5).text
    assert "silent_at=10 silent_ms=50" in stage(0).pausing(20, 2.5).text


async def test_in_the_twin_nobody_flaps_roams_or_crawls() -> None:
    made = stage(0)
    phone = await made.device("phone")
    cast("FakeDevice", phone).connected = False
    await made.flap(phone, 100)
    await made.handover(phone)
    await made.slow(phone)
    await made.drain(phone)
    assert did(phone) == []


async def test_whoever_hears_no_more_is_not_waited_for() -> None:
    made = stage()
    phone = await made.device("phone")
    run = made.counting(10)
    cast("FakeDevice", phone).words = 3
    await made.keeps_up(phone, run)
    assert did(phone) == ["until 3.00"]
    cast("FakeDevice", phone).over = True
    await made.through(phone, run, 2.5)
    assert did(phone)[1:] == ["until 2.70"]
