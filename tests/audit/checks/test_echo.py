from __future__ import annotations

from typing import Any

from audit.checks.echo import ECHO
from audit.event import Phase

from .judged import GAP, PASS, judged, verdicts
from .story import Story, answer, asked, counted

TEXT = "count (run-1)"


def prompting(**changes: Any) -> Story:
    """The phone prompts; the laptop holds the session's stream."""
    story = Story("phone", "laptop", **changes)
    story.joins("phone")
    story.joins("laptop")
    story.prompts("phone")
    return story


def prompt(story: Story) -> int:
    return next(e.index for e in story.events if e.what == "prompt")


def test_the_prompt_appears_once() -> None:
    story = prompting()
    story.sees("phone", "user", text=TEXT, id="u1")
    echo = story.sees("laptop", "user", text=TEXT, id="u1")
    laptop = judged(ECHO, story)["laptop"]
    assert (laptop.verdict, laptop.evidence) == (PASS, (prompt(story), echo))


def test_a_transcript_that_it_shows_will_do() -> None:
    story = Story("phone", "laptop")
    story.prompts("phone")
    story.reads("laptop", asked(TEXT), answer(counted(3)), shown=True)
    story.joins("laptop", nothing=True)
    assert verdicts(ECHO, story) == {"laptop": PASS}


def test_the_prompt_never_appears() -> None:
    story = prompting()
    story.says(range(1, 4), "phone", "laptop")
    laptop = judged(ECHO, story)["laptop"]
    assert (laptop.verdict, laptop.value, laptop.unit) == (GAP, 0, "times")
    opened = next(e.index for e in story.events if e.who == "laptop" and e.phase is Phase.OK)
    assert laptop.evidence == (opened, prompt(story))
    assert laptop.why.startswith("The laptop never showed the phone's prompt for run-1")


def test_the_prompt_appears_twice() -> None:
    story = prompting()
    twice = [story.sees("laptop", "user", text=TEXT, id=id) for id in ("u1", "u2")]
    laptop = judged(ECHO, story)["laptop"]
    assert (laptop.verdict, laptop.value, laptop.evidence) == (GAP, 2, (prompt(story), *twice))


def test_the_sender_sees_its_own_prompt_twice() -> None:
    story = prompting()
    story.sees("laptop", "user", text=TEXT, id="u1")
    for id in ("u1", "u2"):
        story.sees("phone", "user", text=TEXT, id=id)
    assert verdicts(ECHO, story) == {"phone": GAP, "laptop": PASS}


def test_equal_prompts_are_counted() -> None:
    story = prompting()
    story.does("phone", "prompt", answer={"run": "r2"}, text=TEXT, key="k2", label="run-2")
    story.sees("laptop", "user", text=TEXT, id="u1")
    assert verdicts(ECHO, story) == {"laptop": GAP}
    story.sees("laptop", "user", text=TEXT, id="u2")
    assert verdicts(ECHO, story) == {"laptop": PASS}


def test_another_device_has_no_way_in() -> None:
    story = Story("phone", "laptop")
    story.prompts("phone")
    join = story.does("laptop", "join", Phase.FAIL, {"unsupported": True}, conn=1)
    laptop = judged(ECHO, story)["laptop"]
    assert (laptop.verdict, laptop.evidence) == (GAP, (prompt(story), join + 1))


def test_another_device_without_a_way_in_may_still_read_the_prompt() -> None:
    story = Story("phone", "laptop")
    story.prompts("phone")
    story.reads("laptop", asked(TEXT), shown=True)
    story.does("laptop", "join", Phase.FAIL, {"unsupported": True}, conn=1)
    assert verdicts(ECHO, story) == {"laptop": PASS}


def test_a_refused_prompt_and_who_was_not_there_are_no_case() -> None:
    refused = Story("phone", "laptop")
    refused.joins("laptop")
    refused.does("phone", "prompt", Phase.FAIL, text=TEXT, key="k", label="run-1")
    absent = Story("phone", "laptop")
    absent.prompts("phone")
    left = prompting()
    left.note("laptop", "leave")
    assert [judged(ECHO, story) for story in (refused, absent, left)] == [{}, {}, {}]


def test_a_prompt_whose_answer_was_lost_counts_once_its_run_was_seen() -> None:
    story = Story("phone", "laptop")
    story.joins("laptop")
    story.does("phone", "prompt", Phase.INFO, {"run": "r1"}, text=TEXT, key="k", label="run-1")
    assert judged(ECHO, story) == {}
    story.says([1], "laptop")
    assert verdicts(ECHO, story) == {"laptop": GAP}


def test_who_joined_nothing_and_shows_nothing_is_no_case() -> None:
    story = Story("phone", "laptop")
    story.prompts("phone")
    story.joins("laptop", nothing=True)
    story.reads("laptop", asked(TEXT))  # fetched, but not shown
    assert judged(ECHO, story) == {}
