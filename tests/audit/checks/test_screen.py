from __future__ import annotations

from audit.checks.screen import labels, screens
from audit.event import Phase

from .story import Story, answer, asked, counted


def test_a_run_is_known_by_the_answer_to_its_prompt() -> None:
    story = Story("phone")
    story.prompts("phone", "run-1", "r1")
    story.prompts("phone", "run-2", None)
    assert labels(story.history()) == {"run-1": "run-1", "r1": "run-1", "run-2": "run-2"}


def test_a_run_is_known_by_the_stream_its_prompt_opened() -> None:
    story = Story("phone")
    story.prompts("phone", "run-1", None)
    story.note("phone", "named", label="run-1", run="r7")
    assert labels(story.history())["r7"] == "run-1"


def test_a_run_whose_answer_was_lost_is_known_by_the_echo_of_its_key() -> None:
    story = Story("phone")
    story.does("phone", "prompt", Phase.INFO, label="run-1", key="k", text="?")
    story.sees("phone", "user", run="r1", text="?", key="k")
    assert labels(story.history())["r1"] == "run-1"


def test_a_second_run_under_one_key_is_a_stranger() -> None:
    story = Story("phone")
    story.does("phone", "prompt", Phase.INFO, label="run-1", key="k", text="?")
    story.prompts("phone", "run-1", "r2", key="k")
    story.sees("phone", "user", run="r1", text="?", key="k")
    assert "r1" not in labels(story.history())


def test_a_snapshot_may_tell_the_ending() -> None:
    story = Story("phone")
    story.prompts("phone")
    index = story.sees("phone", "snapshot", text=counted(2), reason="completed")
    shown = screens(story.history())["phone"].run("run-1")
    assert (shown.ends, shown.ending) == ([index], "completed")


def test_a_full_replay_ends_again_with_the_same_ending() -> None:
    story = Story("phone", traits={"dedupe": "reset"})
    story.prompts("phone")
    story.says([1], "phone").ends("phone")
    story.sees("phone", "reset", conn=2)
    story.says([1], "phone", conn=2).ends("phone", conn=2)
    assert len(screens(story.history())["phone"].run("run-1").ends) == 1


def test_answers_without_run_ids_are_shown_in_the_order_of_the_prompts() -> None:
    story = Story("phone")
    story.prompts("phone", "run-1", "r1")
    story.prompts("phone", "run-2", "r2")
    messages = (asked("one", "u1"), answer("a", None), asked("two", "u2"), answer("b", None))
    story.reads("phone", *messages, shown=True)
    screen = screens(story.history())["phone"]
    assert (screen.run("run-1").text, screen.run("run-2").text) == ("a", "b")
    assert [text for _, _, text in screen.prompts] == ["one", "two"]


def test_looking_at_a_run_that_is_not_shown_changes_nothing() -> None:
    screen = screens(Story("phone").history())["phone"]
    assert screen.run("run-1").text == ""
    assert screen.runs == {}


def test_a_stream_that_starts_a_run_takes_the_place_of_its_transcript() -> None:
    for starts, text in ((True, counted(3)), (False, counted(2) + counted(3))):
        story = Story("phone", "laptop")
        story.prompts("phone")
        story.reads("laptop", answer(counted(2), ending="running"), shown=True)
        if starts:
            story.sees("laptop", "start")
        story.says(range(1, 4), "laptop")
        assert screens(story.history())["laptop"].run("run-1").text == text


def test_an_ending_that_was_unknown_is_cleared_up_by_a_transcript() -> None:
    story = Story("phone")
    story.prompts("phone")
    story.says([1], "phone").ends("phone", reason="unknown")
    story.reads("phone", answer(counted(1)), shown=True)
    shown = screens(story.history())["phone"].run("run-1")
    assert (len(shown.ends), shown.ending) == (1, "completed")
