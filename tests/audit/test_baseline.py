from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from audit.baseline import hold, judged_by, known, marked
from audit.finding import Verdict
from audit.result import AuditResult, Judgment, KnownGap, RunFile, Untested
from audit.scoring import score_capabilities

from .making import judgment, rule
from .playing import scenario
from .test_result_file import RESULT

WHERE = {"loss": ("network-drop", "dead-air"), "order": ("network-drop",)}
SCENES = ("network-drop", "dead-air")


def entry(rule: str = "loss", scenario: str = "network-drop") -> KnownGap:
    return KnownGap(rule, scenario, "moves with the gateway", "chat-platform", "2027-03-31")


def audited(*findings: Judgment, trials: int = 3, scenes: tuple[str, ...] = SCENES) -> AuditResult:
    """A quick audit that played these scenarios."""
    runs = tuple(
        RunFile(f"{scene}-{number}.jsonl", scene, number, number == 0, "00")
        for scene in scenes
        for number in range(trials + 1)
    )
    return replace(RESULT, findings=findings, runs=runs, partial="", untested=())


GAP, KEPT = judgment("loss", "gap"), judgment("loss", "pass")
GAP_THERE, KEPT_THERE = judgment("loss", "gap", "dead-air"), judgment("loss", "pass", "dead-air")


def test_what_no_entry_covers_is_new() -> None:
    held = hold(audited(GAP, GAP_THERE, judgment("order", "pass")), [entry()], WHERE)
    assert (held.new, held.known, held.stale) == ((GAP_THERE,), (entry(),), ())


def test_an_entry_for_every_scenario_covers_them_all() -> None:
    anywhere = entry(scenario="*")
    held = hold(audited(GAP, GAP_THERE), [anywhere], WHERE)
    assert (held.new, held.known, held.stale) == ((), (anywhere,), ())


def test_an_entry_whose_gap_is_gone_is_stale() -> None:
    for verdict in ("pass", "not_applicable"):
        held = hold(audited(judgment("loss", verdict), GAP_THERE), [entry()], WHERE)
        assert (held.new, held.known, held.stale) == ((GAP_THERE,), (), (entry(),))


def test_what_could_not_be_tested_is_not_gone() -> None:
    unproven = audited(judgment("loss", "inconclusive"))
    elsewhere = audited(KEPT_THERE, scenes=("dead-air",))
    once = audited(KEPT, trials=1)  # a rare gap may have been missed
    for result in (unproven, elsewhere, once):
        assert hold(result, [entry()], WHERE).stale == ()


def test_an_entry_for_every_scenario_is_stale_when_all_of_them_pass() -> None:
    anywhere = entry(scenario="*")
    assert hold(audited(KEPT, KEPT_THERE), [anywhere], WHERE).stale == (anywhere,)
    assert hold(audited(KEPT, scenes=("network-drop",)), [anywhere], WHERE).stale == ()
    left_out = replace(
        audited(KEPT, scenes=("network-drop",)), untested=(Untested("dead-air", "No second device can follow."),)
    )
    assert hold(left_out, [anywhere], WHERE).stale == (anywhere,)


def test_the_entry_that_names_the_scenario_answers_first() -> None:
    entries = (entry(scenario="*"), entry())
    assert known(GAP, entries) == entry()
    assert known(GAP_THERE, entries) == entry(scenario="*")
    assert known(KEPT, entries) is None and known(judgment("order", "gap"), entries) is None


def test_known_gaps_still_count() -> None:
    result = audited(GAP)
    told = marked(result, hold(result, [entry()], WHERE))
    assert told.known == (entry(),)
    assert replace(told, known=()) == result
    assert score_capabilities(told.findings) == score_capabilities(result.findings)


def test_which_scenarios_judge_a_rule() -> None:
    loss, order = rule("loss"), rule("order")
    found = judged_by([scenario(id="one", rules=(loss, order)), scenario(id="two", rules=(loss,))])
    assert found == {"loss": ["one", "two"], "order": ["one"]}


ENTRIES = st.builds(entry, st.sampled_from(["loss", "order"]), st.sampled_from([*SCENES, "*"]))
FINDINGS = st.dictionaries(
    st.tuples(st.sampled_from(["loss", "order"]), st.sampled_from(SCENES)), st.sampled_from(list(Verdict)), max_size=4
).map(lambda found: [judgment(rule, verdict.value, scene) for (rule, scene), verdict in found.items()])


@given(FINDINGS, st.lists(ENTRIES, max_size=4, unique=True))
@settings(deadline=1_000)
def test_every_gap_is_new_or_known_and_no_entry_is_both(findings: list[Judgment], entries: list[KnownGap]) -> None:
    held = hold(audited(*findings), entries, WHERE)
    gaps = [found for found in findings if found.verdict is Verdict.GAP]
    assert [found for found in gaps if known(found, held.known) is None] == list(held.new)
    assert not set(held.known) & set(held.stale)
