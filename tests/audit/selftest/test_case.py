"""What a selftest plays."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from audit.selftest.case import CLEAN, SENTINELS, Case, Mutant, Seen, cases, played
from scenarios import SCENARIOS

ids = st.text("abc-", min_size=1)


@given(case=st.builds(Case, mutant=ids, scenarios=st.lists(ids).map(tuple), rules=st.lists(ids).map(tuple)))
def test_a_case_crosses_processes(case: Case) -> None:
    assert Case.load(case.dump()) == case
    assert "\n" not in case.dump()


@given(seen=st.builds(Seen, gaps=st.dictionaries(ids, st.text()), wall_s=st.floats(0, 9), cpu_s=st.floats(0, 9)))
def test_what_was_seen_crosses_processes(seen: Seen) -> None:
    assert Seen.load(seen.dump()) == seen
    assert "\n" not in seen.dump()


def test_a_mutant_plays_what_can_answer_its_rules_and_one_scenario_of_each_capability() -> None:
    chosen = played(Mutant("m", "", (1,), ("resubmission",)), SCENARIOS)
    answering = {each.id for each in SCENARIOS if "resubmission" in {rule.id for rule in each.checks}}
    assert answering
    assert set(chosen) == answering | set(SENTINELS)
    capabilities = [each.capability for each in SCENARIOS if each.id in SENTINELS]
    assert len(capabilities) == len(set(capabilities)) == 3


def test_clean_audits_play_everything_each_with_a_seed_of_its_own() -> None:
    found = cases([Mutant("m", "", (1,), ("loss",))], SCENARIOS, clean=3, profile="quick", seed=5, jobs=2)
    assert [(each.mutant, each.seed, each.clean) for each in found] == [
        ("m", 5, False), (CLEAN, 5, True), (CLEAN, 6, True), (CLEAN, 7, True)
    ]  # fmt: skip
    assert all(each.scenarios == tuple(scenario.id for scenario in SCENARIOS) for each in found if each.clean)
    assert [each.name for each in found[:2]] == ["m", "clean, seed 5"]
