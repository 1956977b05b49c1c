from __future__ import annotations

from audit.checks.discovery import DISCOVERY
from audit.event import Phase

from .judged import GAP, INCONCLUSIVE, PASS, judged
from .story import Story


def speaking() -> Story:
    """The laptop has seen six words of its answer."""
    story = Story("laptop", "phone")
    story.joins("laptop")
    story.prompts("laptop")
    story.says(range(1, 7), "laptop")
    return story


def joined(story: Story) -> tuple[int, ...]:
    return tuple(e.index for e in story.events if e.what == "join" and e.who == "phone")


def test_it_finds_the_run() -> None:
    story = speaking()
    story.joins("phone")
    story.wait(30).says([1], "phone")
    phone = judged(DISCOVERY, story)["phone"]
    assert (phone.verdict, phone.value, phone.unit) == (PASS, 32, "ms")
    assert phone.evidence == (*joined(story), len(story.events) - 1)


def test_a_run_that_was_accepted_and_has_not_spoken_yet_counts() -> None:
    story = Story("laptop", "phone")
    story.prompts("laptop")
    story.joins("phone", nothing=True)
    story.wait(100).says([1, 2], "laptop")
    assert judged(DISCOVERY, story)["phone"].verdict is GAP


def test_it_is_told_that_there_is_nothing() -> None:
    story = speaking()
    story.joins("phone", nothing=True)
    story.wait(60).says([7, 8], "laptop").ends("laptop")
    phone = judged(DISCOVERY, story)["phone"]
    assert (phone.verdict, phone.evidence) == (GAP, (*joined(story), len(story.events) - 3))
    assert 'was answered "nothing there"' in phone.why


def test_it_is_let_in_and_sees_nothing() -> None:
    story = speaking()
    story.joins("phone")
    story.wait(60).says([7], "laptop")
    assert judged(DISCOVERY, story)["phone"].verdict is GAP


def test_it_is_refused_or_has_no_way_in() -> None:
    for reply in ({"status": 404}, {"unsupported": True}):
        story = speaking()
        story.does("phone", "join", Phase.FAIL, reply, conn=1)
        story.wait(60).says([7], "laptop")
        phone = judged(DISCOVERY, story)["phone"]
        assert phone.verdict is GAP
        assert set(joined(story)) <= set(phone.evidence)


def test_nobody_could_tell_whether_it_was_going_on() -> None:
    story = speaking()
    story.joins("phone", nothing=True)
    phone = judged(DISCOVERY, story)["phone"]
    assert (phone.verdict, phone.evidence) == (INCONCLUSIVE, joined(story))


def test_a_run_whose_end_was_under_way_is_no_case() -> None:
    story = speaking()
    story.joins("phone", nothing=True)
    story.ends("laptop")
    assert judged(DISCOVERY, story) == {}


def test_a_run_that_is_over_stopped_or_its_own_is_no_case() -> None:
    over = speaking().ends("laptop")
    over.joins("phone", nothing=True)
    stopped = speaking()
    stopped.stops("laptop")
    stopped.joins("phone", nothing=True)
    own = speaking()
    own.note("laptop", "forget")
    own.joins("laptop", conn=2, nothing=True)
    assert [judged(DISCOVERY, story) for story in (over, stopped, own)] == [{}, {}, {}]


def test_what_it_sees_after_a_refusal_was_not_found_by_the_join() -> None:
    story = speaking()
    story.joins("phone", nothing=True)
    story.says([1], "phone", conn=2).wait(60).says([7], "laptop")
    assert judged(DISCOVERY, story)["phone"].verdict is GAP


def test_who_had_watched_the_run_finds_nothing_new() -> None:
    story = speaking()
    story.says([1], "phone")
    story.joins("phone", conn=2, nothing=True)
    story.wait(60).says([7], "laptop")
    assert judged(DISCOVERY, story) == {}
