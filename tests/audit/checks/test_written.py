from __future__ import annotations

from audit.checks.convergence import CONVERGENCE
from audit.checks.written import differences

from .judged import GAP, judged
from .story import Story, answer, asked, counted


def settled(why: str = "ended", reason: str = "completed") -> Story:
    """Two devices have read an answer of five words to its end."""
    story = Story("phone", "laptop")
    story.joins("phone")
    story.joins("laptop")
    story.prompts("phone")
    for who in ("phone", "laptop"):
        story.sees(who, "user", id="u1", text="count (run-1)", key="key-run-1")
    story.says(range(1, 6), "phone", "laptop").ends("phone", "laptop", reason=reason)
    story.note("stage", "settled", why=why)
    return story


def test_the_transcript_holds_what_the_screens_do() -> None:
    story = settled()
    story.reads("phone", asked("count (run-1)"), answer(counted(5)), final=True)
    assert list(differences(story.history())) == []


def test_a_transcript_that_lacks_the_last_word() -> None:
    story = settled()
    read = story.reads("phone", asked("count (run-1)"), answer(counted(4)), final=True) + 1
    ((why, evidence),) = differences(story.history())
    assert why == "The transcript of run-1 lacks tok-0005 (1 of 5 words), which the phone shows."
    assert evidence[-1] == read
    found = judged(CONVERGENCE, story)[None]
    assert (found.verdict, found.why, found.evidence) == (GAP, why, evidence)


def test_a_prompt_with_another_id() -> None:
    story = settled()
    story.reads("phone", asked("count (run-1)", "m7"), answer(counted(5)), final=True)
    ((why, _),) = differences(story.history())
    assert why == 'The prompt "count (run-1)" has the id u1 on the phone and m7 in the transcript.'


def test_what_proves_nothing() -> None:
    for story, said in (
        (settled("deadline"), answer(counted(4))),  # it may still be on its way
        (settled(reason="stopped"), answer(counted(4), ending="stopped")),  # for stop-visibility to judge
        (settled(), answer(counted(4), ending=None)),  # it does not say that it is complete
        (settled(), answer(counted(4), run="r_other")),
    ):
        story.reads("phone", said, final=True)
        assert list(differences(story.history())) == []
    story = settled()
    story.reads("phone", answer(counted(4)))
    assert list(differences(story.history())) == []
