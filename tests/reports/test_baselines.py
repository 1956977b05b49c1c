from __future__ import annotations

from dataclasses import replace
from xml.etree.ElementTree import fromstring

from audit.result import AuditResult, KnownGap, Repeated
from reports import baselines, html, junit, markdown, terminal

from . import samples
from .parsed import parse

ANSWER = KnownGap("loss", "*", "moves with the new gateway", "chat-platform", "2027-03-31")
NOTE = "known until 2027-03-31 (chat-platform): moves with the new gateway"


def known() -> AuditResult:
    return replace(samples.bad(), known=(ANSWER,))


def test_a_known_gap_says_until_when_who_and_why() -> None:
    lost, _, doubled, *_ = known().findings
    assert baselines.note(known(), lost) == NOTE
    assert baselines.note(known(), doubled) == ""
    assert baselines.counted(known()) == "2 of 10 gaps are known and still count in the scores"
    assert baselines.counted(samples.bad()) == ""


def test_every_report_shows_it() -> None:
    page = " ".join(parse(html.render([known()])).one("main").text.split())
    assert "Known gap until 2027-03-31 (chat-platform): moves with the new gateway" in page
    assert "2 of 10 gaps are known and still count in the scores." in page
    console = terminal.summary(known(), 120)
    assert console.count(NOTE) == 2 and "2 of 10 gaps are known" in console
    assert markdown.summary([known()]).count("known until 2027-03-31") == 2


def test_a_build_is_not_red_for_a_known_gap() -> None:
    before, after = (fromstring(junit.render(result)) for result in (samples.bad(), known()))
    counts = [(int(root.get("failures", "")), int(root.get("skipped", ""))) for root in (before, after)]
    assert counts[1] == (counts[0][0] - 2, counts[0][1] + 2)
    skipped = [case.find("skipped") for case in after.iter("testcase") if case.get("name") == "loss"]
    assert [None if each is None else each.get("message") for each in skipped] == [NOTE, NOTE]
    assert skipped[0] is not None and "Known gap: until 2027-03-31" in (skipped[0].text or "")


def test_scores_are_as_they_were() -> None:
    assert (
        terminal.summary(known()).split("gaps, worst first")[0]
        == terminal.summary(samples.bad()).split("gaps, worst first")[0]
    )


def test_rates_never_stand_without_their_interval() -> None:
    assert "3/3 (44–100 %)" in terminal.summary(samples.bad(), 120)
    assert "| 3/3 (44–100 %) |" in markdown.summary([samples.bad()])
    page = parse(html.render([samples.bad()]))
    heads = [head.text for head in page.has_class("at")]
    assert heads and all("3/3" not in head or "44–100" in head for head in heads)


def test_added_trials_are_told() -> None:
    result = replace(samples.bad(), repeated=(Repeated("network-drop", 3, ("resume-delay", "hang")),))
    told = "3 trials of network-drop were added: what was measured for resume-delay, hang lay near the threshold."
    assert baselines.repeats(result) == (told,)
    assert told in " ".join(parse(html.render([result])).one("main").text.split())
    assert told in " ".join(terminal.summary(result, 200).split())
    assert "were added" in markdown.summary([result])


def test_an_owner_may_be_anybody() -> None:
    for nasty in samples.NASTY:
        answer = KnownGap("loss", "*", nasty, nasty, nasty)
        result = replace(samples.bad(), known=(answer,), repeated=(Repeated(nasty, 1, (nasty,)),))
        fromstring(junit.render(result))
        assert "<script>alert" not in html.render([result])
        assert "\x1b" not in terminal.summary(result)
        markdown.summary([result])
