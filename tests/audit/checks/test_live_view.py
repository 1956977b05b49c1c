from __future__ import annotations

from audit.checks.live_view import LIVE_VIEW
from audit.event import Phase

from .judged import GAP, PASS, judged
from .story import Story


def watching() -> Story:
    """The laptop asks, the phone watches from the beginning."""
    story = Story("laptop", "phone")
    story.joins("laptop")
    story.joins("phone")
    story.prompts("laptop")
    return story.wait(60)


def speak(story: Story, numbers: range, *to: str) -> Story:
    for number in numbers:
        story.wait(30).says([number], *to)
    return story


def test_words_are_seen_as_they_come() -> None:
    story = speak(watching(), range(1, 21), "laptop", "phone").ends("laptop", "phone")
    phone = judged(LIVE_VIEW, story)["phone"]
    assert (phone.verdict, phone.value, phone.unit) == (PASS, 93, "ms")
    assert "saw 20 words of run-1 as they came" in phone.why


def test_the_whole_answer_pops_in_at_the_end() -> None:
    story = speak(watching(), range(1, 21), "laptop")
    burst = len(story.events)
    story.says(range(1, 21), "phone").ends("laptop", "phone")
    phone = judged(LIVE_VIEW, story)["phone"]
    assert (phone.verdict, phone.unit) == (GAP, "ms")
    assert {burst, burst + 19} < set(phone.evidence)
    assert "all 20 words came after 682 ms" in phone.why


def test_it_sees_no_word_before_the_end() -> None:
    story = speak(watching(), range(1, 21), "laptop").ends("laptop")
    end = len(story.events) - 1
    story.says(range(1, 21), "phone").ends("phone")
    phone = judged(LIVE_VIEW, story)["phone"]
    assert phone.verdict is GAP
    assert end in phone.evidence


def test_what_the_join_itself_delivers_is_not_live() -> None:
    story = Story("laptop", "phone")
    story.prompts("laptop")
    speak(story, range(1, 6), "laptop")
    story.joins("phone")
    story.says(range(1, 6), "phone")
    speak(story, range(6, 21), "laptop").ends("laptop")
    assert judged(LIVE_VIEW, story)["phone"].verdict is GAP


def test_it_cannot_watch() -> None:
    story = Story("laptop", "phone")
    story.prompts("laptop")
    join = story.does("phone", "join", Phase.FAIL, {"unsupported": True, "error": "no such thing"}, conn=1)
    speak(story, range(1, 3), "laptop").ends("laptop")
    phone = judged(LIVE_VIEW, story)["phone"]
    assert (phone.verdict, phone.evidence) == (GAP, (join, join + 1))
    assert "no such thing" in phone.why


def test_a_short_run_proves_nothing() -> None:
    story = watching().says(range(1, 21), "laptop").says(range(1, 21), "phone").ends("laptop", "phone")
    assert judged(LIVE_VIEW, story) == {}


def test_who_was_disturbed_joined_late_or_not_at_all_is_no_case() -> None:
    frozen = watching()
    frozen.note("phone", "freeze")
    late = speak(Story("laptop", "phone"), range(0), "laptop")
    late.prompts("laptop")
    alone = Story("laptop", "phone")
    alone.prompts("laptop")
    for story in (frozen, late, alone):
        speak(story, range(1, 21), "laptop").ends("laptop")
    late.joins("phone")
    assert [judged(LIVE_VIEW, story) for story in (frozen, late, alone)] == [{}, {}, {}]


def test_who_hung_up_or_lost_its_link_in_between_is_no_case() -> None:
    hung_up = watching()
    hung_up.sees("phone", "closed", how="timeout")
    lost = watching()
    lost.strikes("phone", "blackhole")
    for story in (hung_up, lost):
        speak(story, range(1, 21), "laptop").ends("laptop")
    assert [judged(LIVE_VIEW, story) for story in (hung_up, lost)] == [{}, {}]


def test_a_run_that_others_saw_only_at_its_end_says_nothing_of_the_observer() -> None:
    story = watching().wait(500).says(range(1, 4), "laptop").ends("laptop")
    assert judged(LIVE_VIEW, story) == {}


def test_a_few_words_at_the_end_may_well_be_all_there_was() -> None:
    story = watching().wait(500).says(range(1, 10), "laptop", "phone").ends("laptop", "phone")
    assert judged(LIVE_VIEW, story)["phone"].verdict is PASS
    story = watching().wait(500).says(range(1, 11), "laptop", "phone").ends("laptop", "phone")
    assert judged(LIVE_VIEW, story)["phone"].verdict is GAP
