"""Crowds against real servers: what is right is found right, and every planted defect is found."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from audit.errors import Unreachable
from audit.event import Value
from audit.load import commands, line
from audit.load import crowd as crowd_module
from audit.load.alone import adapter_for
from audit.load.churn import Act, Churn, Schedule, Seat, Storm, schedule
from audit.load.crowd import Crowd
from audit.load.gates import in_force, judged, verdict
from audit.load.report_of import load_result
from audit.load.result import LoadResult
from audit.target import Target
from audit.target_reading import load_target
from reference_impl.antipatterns import ANTIPATTERNS
from reference_impl.antipatterns.serve import serving
from reference_impl.server import build_app, listening
from tests.audit.faults.certificate import contexts

from .planted import Planted, planted

pytestmark = pytest.mark.sockets

NONCES = itertools.count()
WORDS, PACE_MS = 12, 50
CHURN = Churn(devices=2, seconds=0.8, words=WORDS, pace_ms=PACE_MS, per_session=2)
MEASURED = (
    "join_delay", "first_item_delay", "item_delay", "resume_delay", "caught_up_delay", "stop_delay",
    "steer_delay",
)  # fmt: skip

TARGET = """
name = "t"
base_url = "{url}"
protocol = "{protocol}"
[options]
{options}
[contract]
disconnect = "continue"
concurrent_send = "{sends}"
stop_budget_ms = 100
"""


def target(url: str, protocol: str = "session", options: str = "", sends: str = "queue") -> Target:
    return load_target(TARGET.format(url=url, protocol=protocol, options=options, sends=sends), {})


def plan(*acts: Act, devices: int = 2, slow: bool = False) -> Schedule:
    """One session; the first device asks."""
    seats = tuple(Seat(number, 0, number == 0, slow and number > 0) for number in range(devices))
    arrivals = [Act(0.0, number, "arrive") for number in range(devices)]
    return Schedule(seats, tuple(sorted([*arrivals, *acts], key=lambda act: act.at_s)))


ASK = Act(0.1, 0, "prompt")
DROPS = [Act(0.3, 1, "drop", cut="rst", away_s=0.2), Act(0.4, 0, "drop", cut="fin", away_s=0.2)]


def of(where: Target, acts: Schedule, churn: Churn = CHURN, **more: Any) -> Crowd:
    return Crowd(where, adapter_for(where), acts, churn, nonce=f"n{next(NONCES)}", **more)


async def run(where: Target, acts: Schedule, churn: Churn = CHURN, **more: Any) -> Value:
    crowd = of(where, acts, churn, **more)
    await crowd.run()
    found = crowd.totals()
    assert json.loads(json.dumps(found)) == found
    assert not [kind for kind in found["errors"] if kind.startswith("internal")]
    return found


def faults(found: Value) -> dict[str, int]:
    return {name: count for name, count in found["counts"].items() if count and name not in ("words", "runs")}


def result(found: Value, churn: Churn = CHURN) -> LoadResult:
    return load_result(found, churn, target("http://127.0.0.1:1"), [], 1, "now")


@asynccontextmanager
async def reference() -> AsyncIterator[str]:
    async with listening(build_app(), "127.0.0.1", 0) as url:
        yield url


@pytest.fixture(autouse=True)
def _no_long_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crowd_module, "DRAIN_S", 1.0)
    monkeypatch.setattr(crowd_module, "START_S", 0.02)


# -- a server that does it right ----------------------------------------------------------------------------------


async def test_the_reference_under_churn_has_no_fault() -> None:
    churn = Churn(
        devices=30, seconds=2.5, words=20, pace_ms=20, think_s=0.1, drop_every_s=0.2, away_s=0.1, stay_s=0.3,
        stop_share=0.3, steer_share=0.5, slow_share=0.2, per_session=3, storms=(Storm(1.5, away_s=0.1, jitter_s=0.1),),
    )  # fmt: skip
    acts = schedule(churn, 11)
    async with reference() as url:
        transports = [target(url, options=f'transport = "{name}"') for name in ("websocket", "sse")]
        both = await asyncio.gather(*(run(where, acts, churn) for where in transports))
    for found in both:
        assert (faults(found), found["errors"]) == ({}, {})
        assert found["prompts"] == acts.prompts() > 15
        assert found["resumes"] > 60
        assert found["counts"]["words"] > 20 * 15
        told = result(found, churn)
        assert all(told.measures[name].count for name in MEASURED)
        (storm,) = told.storms
        assert storm.devices
        assert storm.recovered_s is not None


async def test_a_steer_is_told_its_outcome_and_changes_no_word() -> None:
    async with reference() as url:
        found = await run(target(url), plan(ASK, Act(0.4, 0, "steer")))
    assert (faults(found), found["errors"]) == ({}, {})
    steered = result(found).measures["steer_delay"]
    assert steered.count == 1


async def test_tls_makes_no_difference(tmp_path: Path) -> None:
    ours, _ = contexts("localhost", tmp_path)
    runner = web.AppRunner(build_app(), access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=ours).start()
    where = replace(target(f"https://localhost:{runner.addresses[0][1]}"), verify_tls=False)
    stopping = [ASK, *DROPS, Act(0.6, 0, "stop")]
    found = await run(where, plan(*stopping))
    await runner.cleanup()
    assert faults(found) == {}
    assert found["errors"] == {}
    assert found["resumes"] == 2


async def test_the_clock_of_the_kernel_may_be_used() -> None:
    async with reference() as url:
        found = await run(target(url), plan(ASK, *DROPS), receive_clock="kernel")
    assert faults(found) == {}
    told = result(found)
    assert found["health"]["delay_error"]["count"] > 0
    assert told.measures["item_delay"].count > WORDS


async def test_a_silent_cut_is_survived_and_its_socket_let_go() -> None:
    async with reference() as url:
        found = await run(target(url), plan(ASK, Act(0.3, 1, "drop", cut="silence", away_s=0.4)))
    assert faults(found) == {}
    assert (found["resumes"], found["errors"]) == (1, {})


async def test_what_is_asked_while_away_is_asked_on_return() -> None:
    acts = plan(Act(0.1, 0, "drop", cut="rst", away_s=0.4), Act(0.2, 0, "prompt"))
    async with reference() as url:
        found = await run(target(url), acts)
    assert faults(found) == {}
    assert found["counts"]["runs"] == 2
    first = result(found).measures["first_item_delay"]
    assert first.count == 1
    assert first.max is not None
    assert first.max < 300  # from its return, not from when it could not ask


async def test_a_new_device_in_the_same_seat_is_told_everything() -> None:
    async with reference() as url:
        found = await run(target(url), plan(ASK, Act(0.4, 1, "leave")))
    assert faults(found) == {}
    assert found["counts"]["runs"] == 2
    assert found["counts"]["words"] > 2 * WORDS


# -- planted defects ----------------------------------------------------------------------------------------------


PLANTED: dict[str, set[str]] = {
    "": set(),
    "skip-at-resume": {"lost"},
    "repeat-at-resume": {"repeated"},
    "replay-at-resume": {"replayed"},
    "reorder": {"reordered"},
    "garble": {"foreign"},
    "no-end": {"unended"},
    "fail": {"wrong_end"},
    "hang-up": set(),
    "no-reply": set(),
    "never-back": {"unanswered"},  # what they would have been told, nobody knows: it is not lost for sure
}


async def against(defect: str, *acts: Act) -> tuple[Value, Planted]:
    async with planted(defect) as server:
        return await run(target(server.url), plan(*acts)), server


async def together(defects: Iterable[str], *acts: Act) -> dict[str, tuple[Value, Planted]]:
    """Each defect in a crowd and on a server of its own, a few at a time: they share a loop, and acts have instants."""
    found: dict[str, tuple[Value, Planted]] = {}
    waiting = list(defects)
    for some in (waiting[at : at + 4] for at in range(0, len(waiting), 4)):
        found |= zip(some, await asyncio.gather(*(against(each, *acts) for each in some)), strict=True)
    return found


async def test_every_planted_defect_is_found_and_nothing_else() -> None:
    told = await together(PLANTED, ASK, *DROPS)
    assert {defect: set(faults(found)) for defect, (found, _) in told.items()} == PLANTED
    for defect, (found, _) in told.items():
        assert bool(found["samples"]) == bool(PLANTED[defect] - {"replayed"}), defect
    hung_up, _ = told["hang-up"]
    assert hung_up["errors"] == {"closed by the target: clean 1001": 1}
    assert hung_up["resumes"] == 3
    _, silent = told["no-reply"]
    assert silent.seen.count("prompt") == 2  # in doubt after the drop, so it was sent again


async def test_a_steer_that_is_taken_and_forgotten_is_an_error() -> None:
    told = [await against(defect, ASK, Act(0.4, 0, "steer")) for defect in ("", "steer-swallowed")]
    assert [found["errors"] for found, _ in told] == [{}, {"steer: taken, and never told what became of it": 1}]
    assert [result(found).measures["steer_delay"].count for found, _ in told] == [1, 0]


STOPPED: dict[str, set[str]] = {
    "": set(),
    "stop-ignored": {"wrong_end", "after_stop"},
    "late-stop": {"after_stop"},
    "no-end": {"unended"},  # and nothing is owed that may never have been said
}


async def test_a_stop_is_judged_by_its_effect() -> None:
    stop = Act(0.24, 0, "stop")
    told = await together(STOPPED, ASK, stop)
    assert {defect: set(faults(found)) for defect, (found, _) in told.items()} == STOPPED
    measured = {defect: result(found).measures["stop_delay"].count for defect, (found, _) in told.items()}
    assert measured == {**dict.fromkeys(STOPPED, 1), "no-end": 0}


async def test_whoever_never_came_back_fails_the_run_without_accusing_the_target_of_loss() -> None:
    found, _ = await against("never-back", ASK, DROPS[0])
    told = judged(result(found), in_force())
    assert (told.unanswered, told.lost, told.unended) == (1, 0, 0)
    assert verdict(told) == (1, "gate failed: unanswered == 0 (it was 1)")
    assert told.samples[0]["fault"] == "it was never let in again"


async def test_a_device_that_is_refused_comes_back_later_and_its_clock_goes_on() -> None:
    acts = plan(ASK, Act(0.8, 1, "drop", cut="rst", away_s=0.1))
    async with planted(refuse=2) as server:
        crowd = of(target(server.url), acts, replace(CHURN, seconds=2.0))
        await crowd.run()
    found = crowd.totals()
    assert faults(found) == {}
    assert found["errors"] == {"resume: HTTP 503": 2}
    assert found["refused"] == 2
    delay = result(found).resume_delay_ms
    assert delay.count == 1
    assert delay.max is not None
    assert delay.max > 250  # two waits, the shorter of them at least 125 ms, the longer 250 ms


@pytest.mark.parametrize("patience_s", [10.0, 0.3])
async def test_a_way_back_that_is_never_answered_is_counted(monkeypatch: pytest.MonkeyPatch, patience_s: float) -> None:
    """Whether the load ends before anybody gives up, or the device tries again and again."""
    for module in (line, commands):
        monkeypatch.setattr(module, "ANSWER_S", patience_s)
    monkeypatch.setattr(crowd_module, "WATCH_S", 0.05)
    async with planted("deaf") as server:
        acts = plan(ASK, Act(1, 1, "drop", cut="rst", away_s=0.1))
        found = await run(target(server.url), acts, replace(CHURN, seconds=1.6))
    tries = found["refused"]
    assert found["resumes"] == 1
    assert faults(found) == {"unanswered": 1}
    assert sum(found["errors"].values()) == tries
    assert all(kind.endswith(": no answer") for kind in found["errors"])
    assert bool(tries) == (patience_s < 1)
    told = judged(result(found), in_force())
    assert verdict(told) == (1, "gate failed: unanswered == 0 (it was 1)")


async def test_a_subscription_that_is_refused_is_a_refusal() -> None:
    async with planted("refused-subscription") as server:
        found = await run(target(server.url), plan())
    assert found["refused"] >= 2
    assert set(found["errors"]) == {"join: no"}


async def test_a_prompt_that_is_refused_makes_no_run() -> None:
    async with planted("refused-prompt") as server:
        found = await run(target(server.url), plan(ASK, Act(0.3, 0, "stop")))
    assert faults(found) == {}
    assert found["errors"] == {"prompt: busy": 1}
    assert server.seen.count("stop") == 0


async def test_a_resume_sends_the_cursor_of_the_last_event() -> None:
    async with planted() as server:
        await run(target(server.url), plan(ASK, DROPS[0]))
    assert server.cursors[:2] == [None, None]
    resumed = server.cursors[2]
    assert resumed is not None
    assert 3 <= int(resumed.removeprefix("e:")) <= 7


# -- other protocols ----------------------------------------------------------------------------------------------


@asynccontextmanager
async def antipattern(name: str) -> AsyncIterator[Target]:
    kind = next(each for each in ANTIPATTERNS if each.id == name)
    async with serving(kind.build_app()) as url:
        yield load_target(toml({"name": name, "base_url": url, **kind.target}), {})


def toml(table: dict[str, object]) -> str:
    """A flat table with flat tables in it."""
    plain = [f"{key} = {json.dumps(value)}" for key, value in table.items() if not isinstance(value, dict)]
    tables = [(key, value) for key, value in table.items() if isinstance(value, dict)]
    inner = [f"[{key}]\n" + "\n".join(f"{k} = {json.dumps(v)}" for k, v in value.items()) for key, value in tables]
    return "\n".join([*plain, *inner])


async def twice(name: str) -> tuple[Value, Value]:
    """Undisturbed, and with a drop in the middle."""
    two = plan(ASK, Act(0.9, 0, "prompt", 1), devices=1)
    async with antipattern(name) as where:
        both = run(where, two, replace(CHURN, seconds=1.6)), run(where, plan(ASK, DROPS[1], devices=1))
        calm, disturbed = await asyncio.gather(*both)
    return calm, disturbed


async def test_every_protocol_can_be_put_under_load() -> None:
    names = ("naive-sse", "cancel-on-disconnect", "private-socket", "resumable-no-stop")  # one for each
    for name, (calm, disturbed) in zip(names, await asyncio.gather(*map(twice, names)), strict=True):
        assert (faults(calm), calm["errors"]) == ({}, {}), name
        assert (calm["counts"]["runs"], calm["counts"]["words"]) == (2, 2 * WORDS)
        assert result(calm).measures["item_delay"].count == 2 * WORDS
        survives = name == "resumable-no-stop"
        assert bool(faults(disturbed)) != survives, name


async def watched(name: str) -> Value:
    async with antipattern(name) as where:
        return await run(where, plan(ASK, Act(0.24, 1, "drop", cut="rst", away_s=0.2), Act(0.5, 1, "leave")))


async def test_a_device_may_watch_where_every_run_has_its_own_stream() -> None:
    for found in await asyncio.gather(watched("cancel-on-disconnect"), watched("resumable-no-stop")):
        assert faults(found) == {}
        assert found["counts"]["runs"] == 2
        assert found["counts"]["words"] >= 2 * WORDS


async def test_hanging_up_is_a_stop_where_there_is_no_other() -> None:
    async with antipattern("naive-sse") as where:
        found = await run(where, plan(ASK, Act(0.3, 0, "stop"), Act(0.6, 0, "prompt", 1), devices=1))
    assert faults(found) == {}
    assert found["counts"]["runs"] == 2


# -- how a run ends -----------------------------------------------------------------------------------------------


async def test_a_run_that_is_ended_early_tells_what_it_has_and_accuses_nobody() -> None:
    async with reference() as url:
        crowd = of(target(url), plan(ASK, Act(30.0, 0, "prompt", 1)), replace(CHURN, seconds=60, words=2_000))
        asyncio.get_running_loop().call_later(0.3, crowd.finish, "interrupted")
        asyncio.get_running_loop().call_later(0.4, crowd.finish, "again")
        crowd_module.EARLY_S, kept = 0.2, crowd_module.EARLY_S
        await crowd.run()
        crowd_module.EARLY_S = kept
    found = crowd.totals()
    assert faults(found) == {}
    assert found["counts"]["words"] > 4
    assert found["partial"] == "interrupted"
    assert found["acts"] == [4, 3]


async def test_nobody_there_is_told_before_anything_begins() -> None:
    with pytest.raises(Unreachable):
        await of(target("http://127.0.0.1:9"), plan(ASK)).run()


async def test_a_target_that_dies_ends_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crowd_module, "DEAD_S", 0.5)
    monkeypatch.setattr(crowd_module, "WATCH_S", 0.1)
    monkeypatch.setattr(crowd_module, "EARLY_S", 0.1)
    async with planted() as server:
        crowd = of(target(server.url), plan(ASK), replace(CHURN, seconds=60, words=200))
        running = asyncio.create_task(crowd.run())
        async with asyncio.timeout(10.0):
            while not crowd.totals()["counts"]["words"]:
                await asyncio.wait({running}, timeout=0.05)
    await asyncio.wait_for(running, 10.0)
    found = crowd.totals()
    assert found["counts"]["words"] > 0
    assert "stopped answering" in found["partial"]
    told = judged(result(found), in_force())
    assert "stopped answering" in told.void
    assert verdict(told)[0] == 3  # nobody interrupted it


async def test_what_breaks_in_the_generator_is_told_and_voids_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("our own mistake")

    async with planted() as server:
        crowd = of(target(server.url), plan(ASK))
        asyncio.get_running_loop().call_later(0.1, broken)
        await crowd.run()
    found = crowd.totals()
    assert found["errors"] == {"internal: RuntimeError('our own mistake')": 1}
    assert "generator itself failed" in result(found).void


async def test_live_figures_are_given_once() -> None:
    async with planted() as server:
        crowd = of(target(server.url), plan(ASK))
        taken: list[dict[str, Value]] = []
        for at in (0.4, 0.6, 0.8, 1.4):
            asyncio.get_running_loop().call_later(at, lambda: taken.append(crowd.take()))
        await crowd.run()
    seen = [row["item_delay"]["count"] for row in [*taken, crowd.take()] if "item_delay" in row]
    assert len(seen) > 1
    assert sum(seen) == 2 * WORDS
