from __future__ import annotations

from audit.checks.screen import labels
from audit.checks.transcript import Answer, answers
from audit.event import Event, Phase, Value

from .story import Story, answer, asked

KNOWN = {"run-1": "run-1", "r1": "run-1", "run-2": "run-2", "r2": "run-2"}


def read(*messages: Value) -> Event:
    return Event(0, 0, "phone", Phase.OK, "read", {"messages": list(messages)})


def test_answers_that_name_their_run() -> None:
    found = answers(read(asked("?"), answer("b", "r2", "stopped", "m2"), answer("a", "r1", "running")), KNOWN)
    assert found == {"run-2": Answer("b", "stopped", "m2"), "run-1": Answer("a", "running", "m1")}
    assert found["run-2"].ended
    assert not found["run-1"].ended


def test_several_messages_of_one_run_are_one_answer() -> None:
    found = answers(read(answer("tok-0001 ", ending=None), answer("tok-0002", id="m2")), KNOWN)
    assert found == {"run-1": Answer("tok-0001 tok-0002", "completed", "m2")}


def test_nameless_answers_belong_to_the_prompts_in_order() -> None:
    found = answers(read(answer("a", None), asked("?"), answer("b", None), answer("extra", None)), KNOWN)
    assert {label: said.text for label, said in found.items()} == {"run-1": "a", "run-2": "b"}


def test_a_nameless_answer_belongs_to_the_prompt_before_it_where_one_went_unanswered() -> None:
    first, second, late = asked("?", "u1"), asked("?", "u2"), answer("b", None)
    assert list(answers(read(first, second, late), KNOWN)) == ["run-2"]
    assert list(answers(read(first, first, late), KNOWN)) == ["run-1"]
    assert list(answers(read(asked("?", None), asked("?", None), late), KNOWN)) == ["run-2"]
    assert list(answers(read(first, second, asked("?", "u3"), late), KNOWN)) == ["run-1"]  # not all of them are ours


def test_answers_may_come_after_all_prompts() -> None:
    found = answers(read(asked("?", "u1"), asked("?", "u2"), answer("a", None), answer("b", None)), KNOWN)
    assert {label: said.text for label, said in found.items()} == {"run-1": "a", "run-2": "b"}


def test_a_refused_prompt_has_no_answer() -> None:
    story = Story("phone")
    story.does("phone", "prompt", Phase.FAIL, label="run-1", key="k1", text="?")
    story.prompts("phone", "run-2", None)
    assert list(answers(read(answer("b", None)), labels(story.history()))) == ["run-2"]


def test_a_transcript_without_messages_tells_nothing() -> None:
    assert answers(Event(0, 0, "phone", Phase.OK, "read", {}), KNOWN) == {}
