from __future__ import annotations

import asyncio
import io
import ssl
from dataclasses import replace
from pathlib import Path
from typing import TextIO

import pytest

from audit import runner, trial
from audit.errors import HarnessError, Unreachable
from audit.history import History
from audit.judge import unstruck
from audit.runner import ATTEMPTS, OpenSink, Step, adapter_of, bench_of, measure, reach, run
from audit.scenario import TrialPlan, plan
from audit.stage import Pace, Stage
from audit.target_reading import load_target

from .checks.story import Story
from .faults.certificate import contexts
from .playing import bench, reference, scenario
from .servers import Talk, eventually, serving
from .test_recorder import FullDisk

pytestmark = pytest.mark.sockets


def sinks() -> tuple[dict[str, io.StringIO], OpenSink]:
    files: dict[str, io.StringIO] = {}

    class Kept(io.StringIO):
        def close(self) -> None:
            """Keep what was written."""

    def open_(name: str, again: bool) -> TextIO:
        assert again == (name in files)
        files[name] = Kept()
        return files[name]

    return files, open_


def told(pace_ms: float = 10.0, words: int = 5, asked: int = 5, ending: str = "completed") -> History:
    """A twin in which the phone saw so many words at this pace."""
    story = Story("phone", step_ms=0, twin=True)
    value = {"items": asked, "format": "tok-{:04d}"}
    story.does("phone", "prompt", text="count", key="k", label="run-1", asked=value, answer={"run": "r1"})
    for number in range(1, words + 1):
        story.wait(pace_ms)
        story.says([number], "phone")
    if ending:
        story.ends("phone", reason=ending)
    return story.history()


def struck(story: Story) -> History:
    """With the receipt of a fault."""
    story.strikes("phone", "close")
    return story.history()


# -- the order of things -------------------------------------------------------------------------------------------


async def test_what_is_played_alone_comes_last_and_beside_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []
    going: set[str] = set()

    async def play(plan: TrialPlan, bench: object, pace: Pace, sink: TextIO) -> History:
        order.append(plan.name)
        going.add(plan.name)
        await asyncio.sleep(0.01)
        assert going == {plan.name} or plan.twin or not plan.scenario.alone
        going.discard(plan.name)
        return told() if plan.twin else History({}, ())

    monkeypatch.setattr(runner, "play", play)
    alone = replace(scenario(id="alone"), alone=True)
    plans = plan((alone, scenario(id="one")), "standard", 7)
    histories = await run(bench("http://127.0.0.1:9"), plans, 24, sinks()[1], lambda _: None)
    assert order[-3:] == ["alone-1", "alone-2", "alone-3"]
    assert len(histories) == len(plans) == len(order)


async def test_twins_run_first_and_set_the_pace_of_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[tuple[str, float]] = []

    async def play(plan: TrialPlan, bench: object, pace: Pace, sink: TextIO) -> History:
        order.append((plan.name, pace.ms))
        await asyncio.sleep(0)
        return told(pace_ms=40) if plan.twin else History({}, ())

    monkeypatch.setattr(runner, "play", play)
    plans = plan((scenario(id="one"), scenario(id="two")), "quick", 7)
    files, open_ = sinks()
    steps: list[Step] = []
    histories = await run(bench("http://127.0.0.1:9"), plans, 3, open_, steps.append)
    assert order[:2] == [("one-0", 10.0), ("two-0", 10.0)]
    assert {pace for _, pace in order[2:]} == {40.0}
    assert list(files) == [name for name, _ in order]
    assert [history.events != () for history in histories] == [each.twin for each in plans]
    assert [(step.done, step.total) for step in steps] == [(number, 8) for number in range(1, 9)]


async def test_as_many_trials_run_at_a_time_as_there_are_jobs_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    now, most, full = 0, 0, asyncio.Event()

    async def play(plan: TrialPlan, bench: object, pace: Pace, sink: TextIO) -> History:
        nonlocal now, most
        now, most = now + 1, max(most, now + 1)
        if now == 3:
            full.set()
        if not plan.twin:
            await full.wait()
            await asyncio.sleep(0.05)  # time for one too many to come in
        now -= 1
        return History({}, ())

    monkeypatch.setattr(runner, "play", play)
    async with asyncio.timeout(30):
        await run(bench("http://127.0.0.1:9"), plan((scenario(),), "standard", 7), 3, sinks()[1], lambda _: None)
    assert most == 3


@pytest.mark.parametrize(("late", "attempts"), [(0, 1), (1, 2), (9, ATTEMPTS)])
async def test_a_trial_whose_fault_did_not_happen_is_played_again(
    monkeypatch: pytest.MonkeyPatch, late: int, attempts: int
) -> None:
    played: list[TrialPlan] = []

    async def play(plan: TrialPlan, bench: object, pace: Pace, sink: TextIO) -> History:
        played.append(plan)
        story = Story("phone", expects_fault=not plan.twin)
        return story.history() if plan.twin or plan.attempt <= late else struck(story)

    monkeypatch.setattr(runner, "play", play)
    steps: list[Step] = []
    plans = plan((scenario(),), "quick", 7)[:2]
    histories = await run(bench("http://127.0.0.1:9"), plans, 3, sinks()[1], steps.append)
    assert [each.attempt for each in played] == [1, *range(1, attempts + 1)]
    assert len({each.rng().random() for each in played[1:]}) == 1  # by the same plan
    assert bool(unstruck(histories[1])) == (late >= ATTEMPTS)
    assert [step.done for step in steps] == [1, 2]


async def test_whole_audits_of_trials_that_talk(monkeypatch: pytest.MonkeyPatch) -> None:
    async with reference() as made:
        files, open_ = sinks()
        histories = await run(made, plan((scenario(),), "quick", 7), 4, open_, lambda _: None)
    assert sorted(files) == ["story-0", "story-1", "story-2", "story-3"]
    assert all(history.whole for history in histories)
    pace_ms = histories[1].meta["deadlines"]["pace_ms"]
    assert 0 < pace_ms < 50 and pace_ms != Pace().ms  # measured, however late a busy machine let the words come
    assert histories[1].meta["oracle"] == {"counting": True}


async def test_a_full_disk_ends_it_with_one_named_error() -> None:
    """Several trials fail at once; what comes out is no group of errors but what to do."""
    async with reference() as made:
        with pytest.raises(HarnessError, match="is the disk full"):
            await run(made, plan((scenario(),), "quick", 7), 4, lambda *_: FullDisk(), lambda _: None)


async def test_canceled_it_ends_every_trial(monkeypatch: pytest.MonkeyPatch) -> None:
    async def script(stage: Stage) -> None:
        await stage.devices("phone")
        going.append(stage.plan.name)
        await asyncio.Event().wait()

    going: list[str] = []
    async with reference() as made:
        files, open_ = sinks()
        plans = plan((scenario(script, "one"), scenario(script, "two")), "quick", 7)
        running = asyncio.create_task(run(made, plans, 2, open_, lambda _: None))
        await eventually(lambda: len(going) == 2)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
    assert sorted(files) == ["one-0", "two-0"]
    assert not any('{"end":true}' in file.getvalue() for file in files.values())


# -- what twins tell -----------------------------------------------------------------------------------------------


def test_the_pace_is_the_median_over_all_twins() -> None:
    assert measure([told(10), told(30), told(30)]).ms == 30.0


def test_the_pace_of_one_that_sends_bursts_is_not_that_within_a_burst() -> None:
    story = Story("phone", step_ms=0)
    for burst in range(4):
        story.says(range(burst * 5, burst * 5 + 5), "phone").wait(100)
    story.wait(9_000)  # what passes between two answers is nobody's pace
    story.says([1], "phone", run="r2")
    assert measure([story.history()]).ms == pytest.approx(300 / 19)


def test_without_items_the_default_is_kept() -> None:
    assert measure([]).ms == Pace().ms
    assert measure([told(words=1)]).ms == Pace().ms


@pytest.mark.parametrize(
    ("twin", "counts"),
    [
        (told(), True),
        (told(words=3), False),  # it said completed and had not counted to the end
        (told(words=3, ending=""), True),  # nothing refuted: it was not at its end
        (told(words=7), False),
        (Story("phone").history(), True),
    ],
    ids=["as-asked", "fewer", "unfinished", "more", "silent"],
)
def test_a_target_counts_as_asked_until_a_finished_answer_says_otherwise(twin: History, counts: bool) -> None:
    assert measure([told(), twin]).counts is counts


# -- reaching a target ---------------------------------------------------------------------------------------------


async def answer(talk: Talk) -> None:
    await talk.gone()


async def test_a_target_that_is_there_is_reached() -> None:
    async with serving(answer) as server:
        await reach(bench(server.url))


async def test_nothing_there_says_what_to_check() -> None:
    async with serving(answer) as server:
        pass
    with pytest.raises(Unreachable) as told_:
        await reach(bench(server.url))
    for hint in ("story: nothing answers", str(server.port), "base_url", "server is running", "proxies"):
        assert hint in str(told_.value)


async def test_silence_is_not_waited_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "REACH_S", 0.1)

    async def never(*_: object, **__: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(asyncio, "open_connection", never)
    with pytest.raises(Unreachable, match="did not answer"):
        await reach(bench("http://192.0.2.1"))


def https(server_url: str, more: str) -> trial.Bench:
    return bench(server_url.replace("127.0.0.1", "localhost"), more=more)


async def test_tls_is_checked_against_the_ca_file(tmp_path: Path) -> None:
    server, _ = contexts("localhost", tmp_path)
    authority = tmp_path / "ca.pem"
    authority.write_text(ssl.DER_cert_to_PEM_cert(contexts_authority(tmp_path)))
    async with serving(answer, server) as listening:
        with pytest.raises(Unreachable, match="certificate"):
            await reach(https(listening.url, ""))
        await reach(https(listening.url, "[tls]\nverify = false\n"))


def contexts_authority(folder: Path) -> bytes:
    _, client = contexts("localhost", folder)
    (found,) = client.get_ca_certs(binary_form=True)
    return found


def test_plain_http_needs_no_tls_and_a_target_its_adapter() -> None:
    target = load_target('name = "x"\nbase_url = "http://chat.example"\nprotocol = "ai-sdk"\n', {})
    made = bench_of(target)
    assert (made.tls, made.adapter.id, made.address) == (None, "ai-sdk", ("chat.example", 80))
    assert len(made.nonce) == 8 and made.nonce != bench_of(target).nonce
    secure = bench_of(replace(target, base_url="https://chat.example"))
    assert secure.tls is not None and secure.address == ("chat.example", 443)
    with pytest.raises(HarnessError, match="no adapter"):
        adapter_of(replace(target, protocol="gopher"))
