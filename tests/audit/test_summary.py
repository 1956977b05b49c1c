from __future__ import annotations

from audit.finding import Finding, Severity, Verdict
from audit.summary import Replay, Summary, worst

from .checks.story import dropped
from .making import rule

HISTORY = dropped().history()
RULES = (rule("order", severity="high"), rule("loss"))


def finding(verdict: str, value: float | None = None, device: str | None = None, id: str = "loss") -> Finding:
    evidence = (5,) if verdict == "gap" else ()
    return Finding(
        id, Verdict(verdict), f"{device or 'all'}: {verdict}", device, evidence, value, "words" if value else ""
    )


def summary(*trials: list[Finding], scenario: str = "network-drop") -> Summary:
    made = Summary(RULES, ("connection-reset", "network-drop"), Replay("my chat.toml", 7))
    for number, findings in enumerate(trials, start=1):
        made.add(scenario, number, f"{scenario}-{number}.jsonl", HISTORY, findings)
    return made


def test_the_worst_trial_speaks_and_the_rest_is_counted() -> None:
    (told,) = summary(
        [finding("pass", 0.0)], [finding("gap", 3.0, "phone"), finding("pass", 1.0)], [finding("inconclusive")]
    ).judgments()
    assert (told.verdict, told.why, told.device, told.trial) == (Verdict.GAP, "phone: gap", "phone", 2)
    assert (told.gaps, told.trials, told.unproven) == (1, 2, 1)
    assert (told.low, told.high) == (0.0945, 0.9055)
    assert (told.run, told.evidence) == ("network-drop-2.jsonl", (5,))
    assert told.severity is Severity.CRITICAL
    assert told.replay == "durable-audit run 'my chat.toml' --scenario network-drop --seed 7 --trial 2"


def test_among_gaps_the_greatest_is_shown_and_the_first_of_equals() -> None:
    (told,) = summary(
        [finding("gap", 1.0, "phone")], [finding("gap", 9.0, "tab")], [finding("gap", 9.0, "laptop")]
    ).judgments()
    assert (told.device, told.trial) == ("tab", 2)
    assert (told.value, told.spread, told.unit) == (9.0, (1.0, 9.0), "words")


def test_what_could_not_be_proven_outweighs_what_passed() -> None:
    (told,) = summary([finding("pass")], [finding("inconclusive")]).judgments()
    assert (told.verdict, told.gaps, told.trials, told.unproven) == (Verdict.INCONCLUSIVE, 0, 1, 1)


def test_only_gaps_and_inconclusives_bring_an_excerpt() -> None:
    verdicts = ("gap", "inconclusive", "pass", "not_applicable")
    shown = {verdict: summary([finding(verdict)]).judgments()[0].excerpt for verdict in verdicts}
    assert shown["gap"] is not None and shown["inconclusive"] is not None
    assert shown["pass"] is None and shown["not_applicable"] is None


def test_what_does_not_apply_names_no_trial() -> None:
    (told,) = summary([finding("not_applicable")]).judgments()
    assert (told.trial, told.run, told.replay, told.trials) == (None, "", "", 0)
    assert (told.low, told.high) == (0.0, 1.0)


def test_the_median_is_over_the_worst_device_of_each_trial() -> None:
    (told,) = summary(
        [finding("pass", 1.0), finding("pass", 5.0)], [finding("pass", 2.0)], [finding("pass", 30.0)]
    ).judgments()
    assert (told.value, told.spread) == (5.0, (2.0, 30.0))


def test_figures_are_written_as_they_will_be_read() -> None:
    (told,) = summary([finding("gap", 3)], [finding("gap", 1234.56789)]).judgments()
    assert (repr(told.value), repr(told.spread)) == ("618.784", "(3.0, 1234.568)")


def test_the_order_is_that_of_the_rules_then_of_the_scenarios() -> None:
    made = Summary(RULES, ("connection-reset", "network-drop"), Replay("t", 1))
    for scenario in ("network-drop", "connection-reset"):
        made.add(scenario, 1, "f", HISTORY, [finding("pass"), finding("pass", id="order")])
    assert [(each.rule, each.scenario) for each in made.judgments()] == [
        ("order", "connection-reset"),
        ("order", "network-drop"),
        ("loss", "connection-reset"),
        ("loss", "network-drop"),
    ]


def test_worst() -> None:
    assert worst([]) is Verdict.NOT_APPLICABLE
    assert worst([Verdict.NOT_APPLICABLE, Verdict.PASS]) is Verdict.PASS
    assert worst([Verdict.PASS, Verdict.INCONCLUSIVE]) is Verdict.INCONCLUSIVE
    assert worst([Verdict.INCONCLUSIVE, Verdict.GAP]) is Verdict.GAP
