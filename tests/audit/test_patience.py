"""How long a script waits, with devices that are told what the test tells them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

import pytest

from audit.adapters.base import Message
from audit.device import Device
from audit.memory import Run, Session
from audit.patience import NEWS_S, SLACK, UNSEEN, Pace, Patience, Waits
from audit.waiting import Waiting

WAITS = Waits(first_item_s=0.3, resume_s=0.2, grace_s=0.1)


class FakeDevice:
    """What patience needs of a device."""

    def __init__(
        self,
        following: Run | None = None,
        *,
        connected: bool = True,
        history: bool = False,
        shared: bool = False,
    ) -> None:
        self.following, self.connected, self.away = following, connected, False
        self.session, self.reads = Session("s"), 0
        self.transcript: tuple[Message, ...] = ()
        self.adapter = SimpleNamespace(traits=SimpleNamespace(history=history, subscribes=shared, observable=shared))
        self.over: set[str] = set()
        self.words: dict[str, int] = {}
        self.timeouts: list[float] = []
        self._waiting = Waiting()

    def seen(self, run: Run) -> int:
        return self.words.get(run.label, 0)

    def ended(self, run: Run) -> bool:
        return run.label in self.over

    async def until(self, condition: Callable[[], bool], timeout: float) -> bool:
        self.timeouts.append(timeout)
        return await self._waiting.until(condition, timeout)

    async def read(self, timeout: float) -> bool:
        self.reads += 1
        return True

    def says(self, run: Run) -> None:
        """One more word of a run comes."""
        self.words[run.label] = self.seen(run) + 1

    def tell_end(self, run: Run) -> None:
        self.over.add(run.label)
        self._waiting.wake()

    def drop(self) -> None:
        self.connected = False
        self._waiting.wake()


class Clock:
    """Nanoseconds that only the test moves."""

    now = 0

    def __call__(self) -> int:
        return self.now

    def forward(self, seconds: float) -> None:
        self.now += int(seconds * 1e9)


def patience(clock: Clock, *cast_: FakeDevice, pace_ms: float = 10) -> Patience:
    devices = cast("dict[str, Device]", {f"d{number}": device for number, device in enumerate(cast_)})
    return Patience(clock, Pace(pace_ms), WAITS, devices)


def run(label: str = "run-1", items: int = 100) -> Run:
    return Run(label, "count", "k", items)


def test_a_run_must_end_by_its_words_and_the_measured_pace() -> None:
    clock, asked = Clock(), run(items=100)
    waiting = patience(clock, FakeDevice(asked), pace_ms=20)
    assert waiting.remaining(asked) == 0.0  # nobody asked for it yet
    waiting.start(asked)
    assert waiting.remaining(asked) == SLACK * 100 * 0.020
    clock.forward(1.0)
    assert abs(waiting.remaining(asked) - (SLACK * 2 - 1)) < 1e-9
    clock.forward(10)
    assert waiting.remaining(asked) == 0.0


def test_what_is_known_to_be_over_or_was_refused_is_not_waited_for() -> None:
    clock, asked, refused = Clock(), run(), run("run-2")
    device = FakeDevice(asked)
    waiting = patience(clock, FakeDevice(), device)
    waiting.start(asked)
    waiting.start(refused)
    waiting.forget(refused)
    assert waiting.remaining(asked) > 0 and waiting.remaining(refused) == 0
    device.over.add("run-1")
    assert waiting.told(asked) and waiting.remaining(asked) == 0


async def test_waiting_for_a_point_lasts_as_long_as_the_run_may_and_the_first_word_may_take() -> None:
    clock, asked = Clock(), run(items=10)
    device = FakeDevice(asked)
    waiting = patience(clock, device)
    waiting.start(asked)
    assert not await waiting.until(cast("Device", device), lambda: False, asked)
    assert device.timeouts == [SLACK * 10 * 0.010 + WAITS.first_item_s]


async def test_over_returns_when_any_device_is_told() -> None:
    clock, asked = Clock(), run(items=100_000)
    one, two, idle = FakeDevice(asked), FakeDevice(asked), FakeDevice(connected=False)
    waiting = patience(clock, one, two, idle)
    waiting.start(asked)
    waited = asyncio.create_task(waiting.over(asked))
    await asyncio.sleep(0)
    two.tell_end(asked)
    async with asyncio.timeout(1):
        await waited
    assert idle.timeouts == []


async def test_over_lets_the_news_reach_the_others() -> None:
    clock, asked = Clock(), run(items=100_000)
    one, two = FakeDevice(asked), FakeDevice(asked)
    waiting = patience(clock, one, two)
    waiting.start(asked)
    waited = asyncio.create_task(waiting.over(asked))
    await asyncio.sleep(0)
    two.tell_end(asked)
    await asyncio.sleep(0.05)
    assert not waited.done()
    one.tell_end(asked)
    async with asyncio.timeout(0.1):
        await waited


async def test_over_lets_the_news_reach_the_others_also_when_somebody_knew_before() -> None:
    clock, asked = Clock(), run(items=100_000)
    one, two = FakeDevice(asked), FakeDevice(asked)
    waiting = patience(clock, one, two)
    waiting.start(asked)
    two.tell_end(asked)
    waited = asyncio.create_task(waiting.over(asked))
    await asyncio.sleep(0.05)
    assert not waited.done()
    one.tell_end(asked)
    async with asyncio.timeout(0.1):
        await waited
    await waiting.over(asked)  # and does not wait again
    assert one.timeouts == [NEWS_S, NEWS_S]


async def test_over_gives_up_when_the_run_must_have_ended() -> None:
    clock, asked = Clock(), run(items=0)
    waiting = patience(clock, FakeDevice(asked))
    waiting.start(asked)
    async with asyncio.timeout(1):
        await waiting.over(asked)
    assert not waiting.told(asked)


@pytest.mark.parametrize("history", [True, False])
async def test_nobody_watching_is_worth_waiting_for_only_where_a_transcript_can_be_read(history: bool) -> None:
    clock, asked = Clock(), run(items=5)
    device = FakeDevice(connected=False, history=history)
    waiting = patience(clock, device)
    waiting.start(asked)
    start = asyncio.get_running_loop().time()
    await waiting.over(asked)
    took = asyncio.get_running_loop().time() - start
    assert (UNSEEN * SLACK * 0.05 <= took < 1.5, device.reads > 0) == (history, history)
    clock.forward(10)
    assert await waiting.settle() == "nobody"


@pytest.mark.parametrize(
    ("answer", "over"),
    [
        (Message("assistant", "a b c d e"), True),
        (Message("assistant", "a b", ending="stopped"), True),
        (Message("assistant", "a b"), False),
        (Message("assistant", "a b c d e", ending="running"), False),
        (Message("user", "a b c d e"), False),
    ],
)
async def test_a_transcript_that_holds_the_answer_ends_the_wait(
    answer: Message, over: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("audit.patience.POLL_S", 0.02)
    asked = run(items=5)
    asked.asked = {"items": 5}
    device = FakeDevice(connected=False, history=True)
    device.session.runs[asked.label], device.transcript = asked, (answer,)
    waiting = patience(Clock(), device)
    waiting.start(asked)
    await waiting.over(asked)
    assert (device.reads == 1) == over


async def test_while_words_keep_coming_a_target_is_slow_and_not_silent() -> None:
    asked = run(items=20)
    device = FakeDevice(asked)
    waiting = patience(Clock(), device, pace_ms=0)
    waiting.start(asked)
    settled = asyncio.create_task(waiting.settle())
    for _ in range(5):
        device.says(asked)
        await asyncio.sleep(WAITS.grace_s / 2)
    assert not settled.done()
    assert await settled == "deadline"


async def test_from_a_point_of_a_run_only_the_rest_of_it_takes_time() -> None:
    clock, asked = Clock(), run(items=100)
    device = FakeDevice(asked)
    waiting = patience(clock, device)
    waiting.start(asked)
    clock.forward(5)  # it was long in thought
    device.words[asked.label] = 40
    assert await waiting.until(cast("Device", device), lambda: True, asked)
    assert abs(waiting.remaining(asked) - (SLACK * 1.0 - 0.4)) < 1e-9


async def test_everything_has_settled_when_each_follower_is_told_or_dropped() -> None:
    clock, first, second = Clock(), run(items=100_000), run("run-2", items=100_000)
    told, dropped = FakeDevice(first), FakeDevice(second)
    waiting = patience(clock, told, dropped)
    waiting.start(first)
    waiting.start(second)
    settled = asyncio.create_task(waiting.settle())
    await asyncio.sleep(0)
    told.tell_end(first)
    await asyncio.sleep(0)
    assert not settled.done()
    dropped.drop()
    async with asyncio.timeout(1):
        assert await settled == "ended"


async def test_a_device_that_saw_words_of_a_run_follows_it() -> None:
    clock, asked = Clock(), run(items=0)
    watcher = FakeDevice()
    watcher.words["run-1"] = 3
    waiting = patience(clock, watcher)
    waiting.start(asked)
    assert await waiting.settle() == "deadline"
    assert watcher.timeouts == [WAITS.grace_s]


async def test_a_device_on_the_sessions_stream_follows_every_run_of_it() -> None:
    clock, asked = Clock(), run(items=0)
    waiting = patience(clock, FakeDevice(asked), newcomer := FakeDevice(shared=True))
    waiting.start(asked)
    settled = asyncio.create_task(waiting.settle())
    await asyncio.sleep(0)
    newcomer.tell_end(asked)
    assert await settled == "deadline"  # the other one was never told
    assert newcomer.timeouts == [WAITS.grace_s]


async def test_nothing_asked_is_settled_at_once() -> None:
    waiting = patience(Clock(), FakeDevice())
    async with asyncio.timeout(1):
        assert await waiting.settle() == "nobody"


def test_the_defaults_are_what_the_histories_promise() -> None:
    waits: Any = Waits()
    assert (waits.first_item_s, waits.resume_s, waits.grace_s, Pace().ms, Pace().counts) == (8.0, 4.0, 1.5, 10.0, True)
