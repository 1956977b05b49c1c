"""Excerpts told as small stories: what the devices of a gap saw."""

from __future__ import annotations

import json
from collections.abc import Iterable

from audit.event import Phase
from audit.result import EXCERPT_LIMIT, Excerpt
from tests.audit.checks.story import Story, answer


def cut(story: Story, marks: dict[int, str], shown: Iterable[int] | None = None) -> Excerpt:
    """The events of a story (all that fit, or the `shown` ones) as an excerpt."""
    events = story.history().events
    kept = sorted(shown) if shown is not None else range(min(len(events), EXCERPT_LIMIT))
    rows = tuple(json.loads(events[index].dump()) for index in kept)
    devices = story.history().devices
    left_out = kept[-1] - kept[0] + 1 - len(rows) if rows else 0
    return Excerpt(rows, {str(index): mark for index, mark in marks.items()}, devices, left_out)


def lost() -> Excerpt:
    """A phone is cut off after nine words, comes back two seconds later, and is told that there is nothing."""
    story = Story("phone", "laptop", step_ms=4)
    story.joins("laptop")
    prompt = story.prompts("phone")
    story.wait(180)
    story.says(range(1, 6), "phone", "laptop")
    story.wait(20)
    fault = story.strikes("phone", "reset")
    story.note("phone", "offline")
    first = len(story.events)
    story.says(range(6, 13), "laptop")
    missing = dict.fromkeys(range(first, len(story.events)), "missing")
    story.wait(1_900)
    story.note("phone", "online")
    resume = story.resumes("phone", cursor="e:5", nothing=True)
    story.ends("laptop")
    story.note("stage", "settled", why="deadline")
    return cut(story, {prompt: "evidence", fault: "fault", resume: "evidence", **missing})


def sparse() -> Excerpt:
    """As the engine cuts it: landmarks only, with most words between them left out."""
    story = Story("phone", "laptop", step_ms=3)
    story.joins("laptop")
    prompt = story.prompts("phone")
    story.wait(200)
    story.note("stage", "point", kind="middle", seen=30)
    story.says(range(1, 31), "phone", "laptop")
    last = len(story.events) - 2
    fault = story.strikes("phone", "blackhole")
    story.add("phone", Phase.SEEN, "closed", conn=1, how="timeout")
    closed = len(story.events) - 1
    story.says(range(31, 61), "laptop")
    word = len(story.events) - 1
    story.ends("laptop")
    story.wait(5_000)
    resume = story.does(
        "phone", "resume", Phase.FAIL, {"status": 404, "error": "no such stream"}, conn=2, cursor="e:30"
    )
    story.note("stage", "settled", why="deadline")
    end = len(story.events) - 1
    shown = {0, 1, 2, 3, prompt, prompt + 1, 6, 7, 8, last - 1, last, last + 1, fault, closed, closed + 1, closed + 2}
    shown |= {word - 2, word - 1, word, word + 1, resume, resume + 1, end}
    return cut(story, {fault: "fault", last: "missing", word: "missing", resume: "evidence"}, shown)


def repeated() -> Excerpt:
    """A resume replays what was shown already."""
    story = Story("phone", "laptop", step_ms=5)
    story.joins("phone")
    story.prompts("phone")
    story.says(range(1, 7), "phone")
    fault = story.strikes("phone", "close")
    story.wait(300)
    story.resumes("phone", cursor="e:6", recovered=True)
    first = len(story.events)
    story.says(range(3, 7), "phone", conn=2)
    twice = dict.fromkeys(range(first, len(story.events)), "repeated")
    story.says(range(7, 11), "phone", conn=2)
    story.ends("phone", conn=2)
    return cut(story, {fault: "fault", **twice})


def reordered() -> Excerpt:
    """Live words overtake the replay in a burst of half a millisecond."""
    story = Story("phone", step_ms=0.02)
    story.joins("phone")
    story.prompts("phone")
    story.says((1, 2, 3), "phone")
    fault = story.strikes("phone", "reset")
    story.wait(120)
    story.resumes("phone", cursor="e:3")
    story.says((7, 8), "phone", conn=2)
    first = len(story.events)
    story.says((4, 5, 6), "phone", conn=2)
    marks = dict.fromkeys(range(first, len(story.events)), "reordered")
    story.says((9, 10), "phone", conn=2)
    story.ends("phone", conn=2)
    return cut(story, {fault: "fault", **marks})


def ignored_stop() -> Excerpt:
    """Stop is acknowledged, and words keep coming on both devices."""
    story = Story("phone", "laptop", step_ms=12)
    story.joins("phone")
    story.joins("laptop")
    story.prompts("phone")
    story.says(range(1, 5), "phone", "laptop")
    stop = story.stops("phone")
    story.wait(1_050)
    first = len(story.events)
    story.says(range(5, 12), "phone", "laptop")
    late = {index: "late" for index in range(first, len(story.events)) if story.events[index].who == "phone"}
    story.ends("phone", "laptop")
    return cut(story, {stop: "evidence", stop + 1: "evidence", **late})


def frozen() -> Excerpt:
    """A tab is frozen in mid-answer and hears nothing after its thaw."""
    story = Story("tab", "laptop", step_ms=8)
    story.joins("tab")
    story.joins("laptop")
    story.prompts("laptop")
    story.says(range(1, 5), "tab", "laptop")
    story.note("tab", "freeze")
    first = len(story.events)
    story.says(range(5, 9), "laptop")
    marks = dict.fromkeys(range(first, len(story.events)), "missing")
    story.wait(3_000)
    story.note("tab", "thaw")
    story.wait(5_000)
    story.note("tab", "forget")
    story.reads("tab", answer("tok-0001 tok-0002"), shown=True)
    story.sees("tab", "problem", error="unexpected token in JSON")
    story.add("tab", Phase.SEEN, "gap", conn=2, reason="expired")
    return cut(story, marks)


def refused_join() -> Excerpt:
    """A second device asks for the session and is told that nobody is talking."""
    story = Story("phone", "laptop", "tablet", step_ms=9)
    story.joins("phone")
    story.prompts("phone")
    story.says(range(1, 7), "phone")
    join = story.joins("laptop", conn=1, nothing=True)
    story.does("tablet", "join", Phase.INFO, {"error": "connection reset"}, conn=1)
    story.says(range(7, 10), "phone")
    story.ends("phone")
    return cut(story, {join: "evidence", join + 1: "evidence"})
