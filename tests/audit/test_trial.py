from __future__ import annotations

import asyncio
import io
import json
from dataclasses import replace

import pytest

from audit import trial
from audit.errors import HarnessError
from audit.faults import Close
from audit.history import History, load_history
from audit.judge import judge
from audit.masking import MASK
from audit.scenario import TrialPlan
from audit.stage import Pace, Stage
from audit.trial import meta, play

from .playing import ask_and_settle, bench, played, reference, scenario
from .test_recorder import FullDisk

pytestmark = pytest.mark.sockets


def notes(history: History, what: str) -> list[dict[str, object]]:
    return [event.value for event in history.events if event.what == what]


async def test_a_trial_leaves_its_history_in_the_sink_and_gives_the_same() -> None:
    sink = io.StringIO()
    async with reference() as made:
        history = await play(TrialPlan(scenario(), 1, 7, "quick"), made, Pace(), sink)
    assert load_history(sink.getvalue().splitlines()) == history
    assert history.devices == {"phone": "phone", "laptop": "laptop"}
    assert notes(history, "settled") == [{"why": "ended"}]
    words = [event.value["text"] for event in history.of("laptop") if event.what == "text"]
    assert words == [f"tok-{number:04d} " for number in range(1, 9)]
    assert {finding.verdict.value for finding in judge(history, scenario().checks)} <= {"pass", "not_applicable"}


async def test_a_fault_leaves_its_receipt_on_the_devices_link() -> None:
    async def script(stage: Stage) -> None:
        (phone,) = await stage.devices("phone")
        await stage.inject(phone, Close())
        await stage.lift(phone, Close())

    async with reference() as made:
        history = await played(made, script)
    receipts = notes(history, "fault")
    assert [each["state"] for each in receipts] == ["armed", "struck", "lifted"]
    assert receipts[1]["fault"] == "close" and receipts[1]["conn"] == 1
    assert isinstance(receipts[1]["down_bytes"], int) and receipts[1]["down_bytes"] > 0
    assert {event.who for event in history.events if event.what == "fault"} == {"link:phone"}


async def test_the_meta_holds_all_that_a_judge_needs() -> None:
    made = bench("http://127.0.0.1:9", more='[contract]\ndisconnect = "continue"\n')
    found = meta(TrialPlan(scenario(), 2, 7, "standard"), made, Pace(12.5, False))
    assert json.loads(json.dumps(found)) == found  # plain JSON
    picked = {key: found[key] for key in ("scenario", "trial", "twin", "seed", "profile", "target", "protocol")}
    assert picked == {
        "scenario": "story",
        "trial": 2,
        "twin": False,
        "seed": 7,
        "profile": "standard",
        "target": "story",
        "protocol": "session",
    }
    assert found["contract"]["disconnect"] == "continue"
    assert found["deadlines"] == {
        "first_item_s": 1.0, "resume_s": 0.5, "stop_budget_ms": 1000, "pace_ms": 12.5, "pause_ms": 0.0,
    }  # fmt: skip
    assert (found["oracle"], found["point"]) == ({"counting": False}, {"kind": "middle", "arm": ""})
    assert found["versions"]["ruleset"] and found["traits"]["subscribes"] is True


async def test_no_secret_of_the_target_file_is_in_a_history() -> None:
    more = '[auth]\nheaders = { Authorization = "Bearer s3cret-token", X-Role = "user", X-Debug = "true" }\n'
    sink = io.StringIO()

    async def echo(stage: Stage) -> None:
        stage.note("mark", name="s3cret-token was echoed", shown=True, role="user")
        await ask_and_settle(stage)

    async with reference(more) as made:
        named = replace(made, target=replace(made.target, name="chat s3cret-token"))
        history = await play(TrialPlan(scenario(echo), 1, 7, "quick"), named, Pace(), sink)
    assert "s3cret-token" not in sink.getvalue()
    assert history.meta["target"] == f"chat {MASK}"
    assert notes(history, "mark") == [{"name": f"{MASK} was echoed", "shown": True, "role": "user"}]
    assert notes(history, "settled") == [{"why": "ended"}]  # and masking broke nothing


@pytest.mark.parametrize("error", [KeyError("phone"), TypeError("ours"), AssertionError(), OSError("gone")])
async def test_a_script_that_fails_is_our_failure_and_proves_nothing(error: Exception) -> None:
    async def script(stage: Stage) -> None:
        await stage.devices("phone")
        raise error

    async with reference() as made:
        history = await played(made, script)
    (aborted,) = notes(history, "aborted")
    assert type(error).__name__ in str(aborted["error"]) and history.whole
    assert {finding.verdict.value for finding in judge(history, scenario().checks)} == {"inconclusive"}


async def test_a_trial_that_does_not_end_is_aborted(monkeypatch: pytest.MonkeyPatch) -> None:
    async def script(stage: Stage) -> None:
        await stage.devices("phone")
        await asyncio.Event().wait()

    monkeypatch.setattr(trial, "TRIAL_LIMIT_S", 0.2)
    async with reference() as made:
        history = await played(made, script)
    assert "did not end within 0.2 s" in str(notes(history, "aborted")[0]["error"])


async def test_a_canceled_trial_leaves_a_history_that_was_cut_short_and_no_socket() -> None:
    sink = io.StringIO()
    reached = asyncio.Event()

    async def script(stage: Stage) -> None:
        await stage.devices("phone")
        reached.set()
        await asyncio.Event().wait()

    async with reference() as made:
        playing = asyncio.create_task(play(TrialPlan(scenario(script), 1, 7, "quick"), made, Pace(), sink))
        await reached.wait()
        playing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await playing
    history = load_history(sink.getvalue().splitlines())
    assert not history.whole
    assert [event.value["how"] for event in history.events if event.what == "closed"] == ["local"]


async def test_a_history_that_cannot_be_written_ends_the_audit() -> None:
    async with reference() as made:
        with pytest.raises(HarnessError, match="disk full"):
            await play(TrialPlan(scenario(), 1, 7, "quick"), made, Pace(), FullDisk())


async def test_a_target_that_is_gone_makes_failures_and_no_error() -> None:
    history = await played(bench("http://127.0.0.1:9"))
    failed = [event for event in history.events if event.phase == "fail"]
    assert failed and all(event.value["error"] for event in failed)
    assert not notes(history, "aborted")
