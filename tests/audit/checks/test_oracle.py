from __future__ import annotations

from audit.checks.oracle import disturbed, oracle
from audit.checks.screen import screens
from audit.checks.words import compare, words
from audit.event import Phase

from .story import Story, answer, counted, dropped


def shown(story: Story, device: str) -> list[str]:
    return [word.text for word in words(screens(story.history())[device].run("run-1"))]


def test_an_undisturbed_device_is_the_witness() -> None:
    found = oracle(dropped().history(), "run-1", "phone")
    assert found is not None
    assert (found.kind, found.source, len(found.words)) == ("witness", "laptop", 10)


def test_a_struck_device_is_no_witness() -> None:
    story = dropped()
    assert disturbed(story.history()) == {"phone"}
    assert oracle(story.history(), "run-1", "laptop") is None


def test_the_final_transcript_comes_next() -> None:
    story = dropped()
    story.reads("phone", answer(counted(10)), final=True)
    found = oracle(story.history(), "run-1", "laptop")
    assert found is not None
    assert (found.kind, len(found.words)) == ("final-read", 10)


def test_a_transcript_that_says_a_word_twice_that_was_asked_for_once_does_not_testify() -> None:
    told = {"runs": {"run-1": {"items": 10, "format": "tok-{:04d}"}}}
    story = Story("phone", oracle=told)
    story.prompts("phone")
    story.reads("phone", answer(counted(4) + counted(10)), final=True)
    found = oracle(story.history(), "run-1")
    assert found is not None
    assert (found.kind, len(found.words)) == ("counting", 10)


def test_counting_is_the_last_resort_and_only_for_runs_that_nobody_stopped() -> None:
    told = {"runs": {"run-1": {"items": 3, "format": "tok-{:04d}"}}}
    story = Story("phone", oracle=told)
    story.prompts("phone")
    found = oracle(story.history(), "run-1")
    assert found is not None
    assert found.words == ("tok-0001", "tok-0002", "tok-0003")
    story.stops("phone")
    assert oracle(story.history(), "run-1") is None


def test_a_repeat_with_the_same_cursor_is_not_shown() -> None:
    story = dropped()
    story.says([10], "phone", conn=2)
    assert shown(story, "phone") == counted(10).split()
    assert len(screens(story.history())["phone"].run("run-1").repeats) == 1


def test_a_snapshot_replaces_and_a_reset_starts_over() -> None:
    story = Story("phone", traits={"dedupe": "reset"})
    story.prompts("phone")
    story.says([1, 2], "phone")
    story.sees("phone", "reset")
    story.says([1, 2, 3], "phone")
    assert shown(story, "phone") == counted(3).split()
    story.sees("phone", "snapshot", text=counted(5))
    assert shown(story, "phone") == counted(5).split()


def test_a_word_may_span_pieces() -> None:
    story = Story("phone")
    story.prompts("phone")
    for number, piece in enumerate(["to", "k-00", "01 tok", "-0002"]):
        story.sees("phone", "text", text=piece, cursor=f"e:{number}")
    assert shown(story, "phone") == ["tok-0001", "tok-0002"]


def test_each_difference_is_of_one_kind() -> None:
    oracle_words = tuple(counted(6).split())
    story = Story("phone", traits={"dedupe": "none"})
    story.prompts("phone")
    for text in ["tok-0001 ", "tok-0003 ", "tok-0003 ", "tok-\ufffd004 ", "tok-0006 ", "tok-0005 "]:
        story.sees("phone", "text", text=text)
    found = compare(oracle_words, words(screens(story.history())["phone"].run("run-1")))
    assert found.missing == ("tok-0002",)
    assert [word.text for word in found.repeated] == ["tok-0003"]
    assert [word.text for word in found.foreign] == ["tok-\ufffd004"]
    assert [word.text for word in found.reordered] == ["tok-0005"]


def test_a_device_that_had_nothing_to_resume_shows_the_transcript_it_read() -> None:
    story = dropped()
    story.add("phone", Phase.NOTE, "forget")
    story.reads("phone", answer(counted(10)), shown=True)
    assert shown(story, "phone") == counted(10).split()
    assert screens(story.history())["phone"].run("run-1").ending == "completed"


def test_a_device_that_came_late_or_had_to_resume_is_no_witness() -> None:
    late = Story("phone", "tab")
    late.prompts("phone")
    late.says([1, 2], "phone")
    late.joins("tab")
    late.says([3, 4, 5], "tab", "phone").ends("tab", "phone")
    assert oracle(late.history(), "run-1", "phone") is None
    back = Story("phone", "tab")
    back.prompts("phone")
    back.resumes("tab")
    back.says([1, 2], "tab", conn=2).ends("tab", conn=2)
    assert oracle(back.history(), "run-1", "phone") is None


def test_a_witness_that_saw_words_twice_or_damaged_yields_to_the_counting() -> None:
    for numbers in ((1, 2, 2, 3), (1, 3, 2), (1, 2, 9)):
        story = Story("phone", "laptop", oracle={"runs": {"run-1": {"items": 3, "format": "tok-{:04d}"}}})
        story.meta["traits"]["dedupe"] = "none"
        story.joins("laptop")
        story.prompts("phone")
        story.says(numbers, "laptop").ends("laptop")
        found = oracle(story.history(), "run-1", "phone")
        assert found is not None
        assert (found.kind, found.words) == ("counting", ("tok-0001", "tok-0002", "tok-0003"))
