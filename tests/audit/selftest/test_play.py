"""How much of its profile a case plays."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest

from audit import builtin
from audit.errors import HarnessError
from audit.scenario import Scenario
from audit.selftest import play as playing
from audit.selftest.case import CLEAN, Case, Seen
from audit.selftest.play import play, together
from audit.target import Target
from audit.target_reading import load_target
from scenarios import SCENARIOS

IDS = ("network-drop", "device-join", "lost-reply")


@pytest.fixture
def played(monkeypatch: pytest.MonkeyPatch) -> list[tuple[tuple[str, ...], str]]:
    """No server: `loss` notices wherever network-drop is played, `resubmission` in a standard lost-reply only."""
    asked: list[tuple[tuple[str, ...], str]] = []
    going: set[str] = set()
    policies: list[str] = []

    @asynccontextmanager
    async def started(name: str, more: Sequence[str]) -> AsyncIterator[Target]:
        if "broken" in more:
            raise HarnessError("it did not start")
        policies.append(more[more.index("--policy") + 1])
        yield load_target(builtin.toml(name, "http://127.0.0.1:1"), {})

    async def once(case: Case, target: Target, chosen: Sequence[Scenario], profile: str) -> Seen:
        assert target.contract.concurrent_send == policies[-1] == case.policy
        ids = tuple(each.id for each in chosen)
        asked.append((ids, profile))
        assert not going or "server-restart" not in ids  # it would disturb them
        going.update(ids)
        await asyncio.sleep(0)
        going.difference_update(ids)
        gaps = {"loss"} & ({"loss"} if "network-drop" in ids else set())
        gaps |= {"resubmission"} if "lost-reply" in ids and profile == "standard" else set()
        return Seen(dict.fromkeys(gaps, "so"), tuple(gaps), trials=len(ids))

    monkeypatch.setattr(builtin, "started", started)
    monkeypatch.setattr(playing, "_once", once)
    return asked


async def of(mutant: str, *rules: str, profile: str = "standard") -> Seen:
    return await play(Case(mutant, 1, profile, 2, IDS, rules), SCENARIOS)


async def test_a_clean_audit_plays_everything_in_full(played: list[tuple[tuple[str, ...], str]]) -> None:
    await of(CLEAN)
    assert [(set(ids), profile) for ids, profile in played] == [(set(IDS), "standard")]


async def test_a_mutant_that_is_found_early_plays_the_rest_no_longer(
    played: list[tuple[tuple[str, ...], str]],
) -> None:
    found = await of("m", "loss")
    assert played == [(("network-drop", "device-join"), "standard"), (("lost-reply",), "quick")]
    assert (found.gaps, found.trials, found.error) == ({"loss": "so"}, 3, "")


async def test_one_that_is_not_is_given_the_whole_profile(played: list[tuple[tuple[str, ...], str]]) -> None:
    found = await of("m", "loss", "resubmission")
    assert played[1:] == [(("lost-reply",), "quick"), (("lost-reply",), "standard")]
    assert found.gaps.keys() == {"loss", "resubmission"}


async def test_a_quick_profile_is_played_once(played: list[tuple[tuple[str, ...], str]]) -> None:
    assert (await of("m", "resubmission", profile="quick")).gaps.keys() == {"loss"}
    assert [profile for _, profile in played] == ["quick", "quick"]


async def test_a_server_with_another_policy_declares_it(played: list[tuple[tuple[str, ...], str]]) -> None:
    case = Case("m", 1, "quick", 2, IDS, ("loss",), "interrupt")
    assert (await play(case, SCENARIOS)).error == ""
    assert played


async def test_what_would_disturb_the_sentinels_is_played_after_them(
    played: list[tuple[tuple[str, ...], str]],
) -> None:
    await play(Case("m", 1, "quick", 2, (*IDS, "server-restart"), ("loss",)), SCENARIOS)
    assert [ids for ids, _ in played] == [("network-drop", "device-join"), ("lost-reply",), ("server-restart",)]
    played.clear()
    await play(Case("m", 1, "quick", 2, ("network-drop", "server-restart"), ("loss",)), SCENARIOS)
    assert [ids for ids, _ in played] == [("network-drop",), ("server-restart",)]


@pytest.mark.usefixtures("played")
async def test_what_cannot_be_measured_says_why() -> None:
    found = await of("broken", "loss")
    assert found.error == "HarnessError: it did not start"
    assert found.wall_s > 0


def test_of_several_audits_the_first_to_speak_is_heard() -> None:
    one = Seen({"loss": "first"}, ("loss",), {}, 3)
    other = Seen({"loss": "second", "stop": "too"}, ("loss", "stop"), {"join": "unproven"}, 4, error="cut short")
    found = together((one, other))
    assert found.gaps == {"loss": "first", "stop": "too"}
    assert (found.judged, found.trials, found.error) == (("loss", "stop"), 7, "cut short")
