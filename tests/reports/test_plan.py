from __future__ import annotations

from dataclasses import replace

from reports.gaps import Budget, gaps
from reports.plan import plan

from . import samples
from .words import DETACH, LOG, RULES


def test_cheapest_first_and_every_remedy_once() -> None:
    result = samples.bad()
    stages = plan(result, gaps(result, "t1", Budget()), "t1")
    assert [stage.effort for stage in stages] == ["configuration", "endpoint", "session layer"]
    remedies = [action.remedy for stage in stages for action in stage.actions]
    assert len(set(remedies)) == len(remedies)


def test_an_action_names_the_diagnoses_and_the_gaps_it_addresses() -> None:
    result = samples.bad()
    stages = plan(result, gaps(result, "t1", Budget()), "t1")
    addressed = {
        action.remedy: [link.text for link in action.addresses] for stage in stages for action in stage.actions
    }
    assert addressed[DETACH] == ["Single-Connection Trap"]
    assert addressed[LOG][:3] == ["Single-Connection Trap", "SSE Resume-Cancel Conflict", "All devices agree"]


def test_a_rule_that_a_diagnosis_explains_prescribes_nothing_of_its_own() -> None:
    result = samples.bad()
    told = gaps(result, "t1", Budget())
    links = [link.text for stage in plan(result, told, "t1") for action in stage.actions for link in action.addresses]
    assert "Nothing is lost" not in links
    undiagnosed = replace(result, diagnoses=())
    links = [
        link.text for stage in plan(undiagnosed, told, "t1") for action in stage.actions for link in action.addresses
    ]
    assert "Nothing is lost" in links


def test_what_addresses_most_comes_first_within_its_effort() -> None:
    result = samples.bad()
    for stage in plan(result, gaps(result, "t1", Budget()), "t1"):
        sizes = [len(action.addresses) for action in stage.actions]
        assert sizes == sorted(sizes, reverse=True)


def test_an_effort_that_is_not_known_comes_last() -> None:
    odd = replace(RULES["loss"], remedy=replace(LOG, effort="prayer"))
    result = replace(samples.bad(), rules={**RULES, "join": odd})
    assert plan(result, gaps(result, "t1", Budget()), "t1")[-1].effort == "prayer"


def test_nothing_broken_needs_nothing_done() -> None:
    assert plan(samples.reference(), (), "t1") == ()
