from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from audit.checks.facts import texts
from audit.checks.screen import screens
from audit.checks.subagents import SUBAGENTS
from audit.checks.voices import voices

from .judged import GAP, INCONCLUSIVE, PASS, judged
from .story import Story, answer, counted

TEN = {"oracle": {"runs": {"run-1": {"items": 10, "format": "tok-{:04d}"}}}}
ALL = range(1, 11)


def fanout(**changes: Any) -> Story:
    """The laptop asks for ten words of each of three, and the phone follows."""
    story = Story("laptop", "phone", "tablet", **(TEN | changes))
    story.joins("laptop")
    story.joins("phone")
    story.prompts("laptop")
    return story


def speak(story: Story, numbers: Iterable[int], *to: str, agent: str = "a1", conn: int = 1, base: int = 100) -> None:
    """A sub-agent says numbered words; its cursors are its own."""
    for n in numbers:
        for who in to:
            story.sees(who, "text", conn=conn, text=f"tok-{n:04d} ", cursor=f"e:{base + n}", agent=agent)


def finished(story: Story, *to: str) -> Story:
    """The orchestrator says its own ten words, and that is all."""
    story.says(ALL, *to).ends(*to)
    return story


def test_every_voice_reaches_everybody_each_for_itself() -> None:
    story = fanout()
    speak(story, ALL, "laptop", "phone", agent="a1")
    speak(story, ALL, "laptop", "phone", agent="a2", base=200)
    finished(story, "laptop", "phone")
    history = story.history()
    found = judged(SUBAGENTS, history)
    assert {device: each.verdict for device, each in found.items()} == {"laptop": PASS, "phone": PASS}
    assert "sub-agents a1 and a2 said in run-1" in found["phone"].why
    assert len(texts(history, "run-1", "phone")) == 10  # its own words and nobody else's
    assert screens(history)["phone"].run("run-1/a2").text == counted(10)


def test_a_late_device_that_lacks_what_was_said_before() -> None:
    story = fanout()
    speak(story, range(1, 6), "laptop", "phone")
    join = story.joins("tablet")
    speak(story, range(6, 11), "laptop", "phone", "tablet")
    finished(story, "laptop", "phone", "tablet")
    tablet = judged(SUBAGENTS, story)["tablet"]
    assert (tablet.verdict, tablet.value, tablet.unit) == (GAP, 5, "words")
    assert "never showed tok-0001, tok-0002, tok-0003, tok-0004, tok-0005 (5 of 10 words) of the sub-agent a1" in (
        tablet.why
    )
    assert join in tablet.evidence


def test_without_numbered_words_another_device_is_the_witness() -> None:
    story = fanout(oracle={"runs": {}})
    for who in ("laptop", "phone"):
        story.sees(who, "text", text="some free words ", agent="critic")
    story.sees("laptop", "text", text="and more ", agent="critic")
    finished(story, "laptop", "phone")
    phone = judged(SUBAGENTS, story)["phone"]
    assert (phone.verdict, phone.value) == (GAP, 2)
    assert "the laptop showed them" in phone.why


def test_two_voices_under_one_name() -> None:
    story = fanout()
    for n in ALL:
        for base in (100, 200):
            speak(story, [n], "laptop", "phone", base=base)
    finished(story, "laptop", "phone")
    phone = judged(SUBAGENTS, story)["phone"]
    assert (phone.verdict, phone.value) == (GAP, 10)
    assert "as if it were several" in phone.why


def test_words_that_wait_for_the_orchestrator() -> None:
    story = fanout()
    story.says(ALL, "laptop", "phone").wait(900)
    speak(story, ALL, "laptop", "phone")
    story.ends("laptop", "phone")
    laptop = judged(SUBAGENTS, story)["laptop"]
    assert (laptop.verdict, laptop.unit) == (GAP, "ms")
    assert laptop.value is not None and laptop.value > 900
    assert "then its words came all at once" in laptop.why


def test_a_transcript_keeps_them_apart() -> None:
    story = fanout()
    speak(story, ALL, "laptop", "phone")
    finished(story, "laptop", "phone")
    story.reads("tablet", answer(counted(10)), answer(counted(10)) | {"agent": "a1"}, shown=True)
    shown = screens(story.history())["tablet"]
    assert (shown.run("run-1").text, shown.run("run-1/a1").text) == (counted(10), counted(10))


def test_what_was_stopped_is_not_held_to_what_was_asked_for() -> None:
    story = fanout()
    speak(story, range(1, 5), "laptop", "phone")
    story.stops("laptop")
    story.ends("laptop", "phone", reason="stopped")
    (voice,) = voices(story.history())["run-1"]
    assert (voice.counted, len(voice.words)) == (False, 4)
    assert judged(SUBAGENTS, story)["phone"].verdict is PASS


def test_nobody_delegated() -> None:
    story = finished(fanout(), "laptop", "phone")
    assert judged(SUBAGENTS, story) == {}  # nor was anybody asked to
    story.note("stage", "mark", name="busy", label="run-1")
    assert {device: each.verdict for device, each in judged(SUBAGENTS, story).items()} == {None: INCONCLUSIVE}


def test_who_has_left_is_owed_nothing() -> None:
    story = fanout()
    speak(story, range(1, 3), "laptop", "phone")
    story.note("phone", "leave")
    speak(story, range(3, 11), "laptop")
    finished(story, "laptop")
    assert judged(SUBAGENTS, story).keys() == {"laptop"}
