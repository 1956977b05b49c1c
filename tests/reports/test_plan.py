from __future__ import annotations

from dataclasses import replace

from reports.gaps import Budget, gaps, places
from reports.plan import Action, Link, by_rule, plan

from . import samples

BAD = samples.bad()
ANCHORS = places(gaps(BAD, "t1", Budget()))


def actions() -> list[Action]:
    return [action for stage in plan(BAD, ANCHORS, "t1") for action in stage.actions]


def test_stages_come_cheapest_first_and_steps_keep_their_numbers() -> None:
    stages = plan(BAD, ANCHORS, "t1")
    assert [stage.effort for stage in stages] == ["configuration", "endpoint", "session layer"]
    assert [action.number for action in actions()] == list(range(1, len(BAD.plan) + 1))


def test_every_gap_is_closed_by_one_step_and_told_on_this_page() -> None:
    closed = [name for step in BAD.plan for name in step.closes]
    gaps_found = {f"{each.rule}@{each.scenario}" for each in BAD.findings if each.verdict is samples.GAP}
    assert sorted(closed) == sorted(gaps_found)
    assert all(link.anchor for action in actions() for link in action.closes)


def test_a_step_says_where_it_leads_and_what_it_spares() -> None:
    *_, last = actions()
    assert last.leads_to == "A, 100"
    assert last.spares.startswith("Go straight here and you do not need step")
    assert actions()[0].spares == ""


def test_a_step_links_the_diagnoses_it_treats() -> None:
    treated = {link for action in actions() for link in action.treats}
    assert Link("Single-Connection Trap", "t1d1") in treated


def test_an_effort_that_is_not_known_comes_last() -> None:
    odd = replace(BAD, plan=(replace(BAD.plan[0], effort="prayer"), *BAD.plan[1:]))
    assert plan(odd, ANCHORS, "t1")[-1].effort == "prayer"


def test_nothing_broken_needs_nothing_done() -> None:
    assert plan(samples.reference(), {}, "t1") == ()


def test_a_rule_that_broke_in_many_scenarios_is_named_once() -> None:
    names = ("loss@network-drop", "join@device-join", "loss@dead-air")
    anchors = {("loss", "network-drop"): "t1g1-1", ("loss", "dead-air"): "t1g1-2"}
    assert by_rule(names, anchors) == (Link("loss (2 scenarios)", "t1g1-1"), Link("join@device-join", ""))
