from __future__ import annotations

from dataclasses import replace
from typing import get_args

import pytest

from audit.features import left_out, missing
from audit.load.result import HookResult
from audit.means import Means
from audit.runner import adapter_of
from audit.scenario import Feature
from audit.target import Hooks, Stranger, Target
from audit.target_reading import load_target

from .playing import scenario

FULL = load_target('name = "t"\nbase_url = "http://127.0.0.1:1"\nprotocol = "session"\n', {})
FULL = replace(FULL, hooks=Hooks(restart="restart it", token="print it"), stranger=Stranger({"Authorization": "x"}))
BARE = load_target(
    'name = "t"\nbase_url = "http://127.0.0.1:1"\nprotocol = "chat-sse"\n[oracle]\nprompt = "Count."\n', {}
)


def lacking(target: Target, hooks: bool = False) -> dict[Feature, str]:
    return missing(target, adapter_of(target).traits, hooks)


def test_a_target_with_everything_lacks_nothing() -> None:
    assert lacking(FULL, hooks=True) == {}


def test_a_hook_is_run_only_when_it_may_be() -> None:
    assert lacking(FULL) == {"restart": "Restarting the target is left out; --allow-hooks lets it happen."}


def test_a_bare_target_lacks_it_all_and_says_what_to_do() -> None:
    found = lacking(BARE, hooks=True)
    assert set(found) == set(get_args(Feature)) - {"apart"}
    assert "[oracle] fails" in found["fails"] and "[auth.stranger]" in found["stranger"]


@pytest.mark.parametrize("special", ["fails", "pauses"])
def test_a_prompt_of_ones_own_will_do(special: Feature) -> None:
    oracle = replace(BARE.oracle, **{special: "Do it."})  # type: ignore[arg-type]
    assert special not in lacking(replace(BARE, oracle=oracle))


def test_a_scenario_is_left_out_for_the_first_thing_it_needs_and_does_not_get() -> None:
    wants = replace(scenario(), needs=("stop", "steers"))
    assert left_out(wants, lacking(FULL)) == ""
    assert left_out(wants, lacking(BARE)) == lacking(BARE)["stop"]


def test_whoever_makes_credentials_makes_a_strangers_too() -> None:
    made = replace(FULL, stranger=None)
    assert "stranger" not in lacking(made)
    assert "[auth.stranger]" in lacking(replace(made, hooks=Hooks()))["stranger"]


async def test_means_of_our_own_need_no_leave() -> None:
    async def restart() -> HookResult:
        raise AssertionError("not here")

    ours = replace(BARE, means=Means(restart=restart))
    assert "restart" not in lacking(ours)
    assert "renewal" in lacking(ours)


def test_answers_that_cannot_be_told_apart_are_a_matter_of_streams_that_carry_several() -> None:
    wire = 'name = "t"\nbase_url = "http://127.0.0.1:1"\nprotocol = "json-socket"\n'
    assert "apart" in lacking(load_target(wire, {}))
    assert "apart" not in lacking(load_target(wire + '[options]\nrun_field = "run"\n', {}))
    assert "apart" not in lacking(BARE)  # each of its answers has a stream of its own
