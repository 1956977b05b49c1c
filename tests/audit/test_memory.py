from __future__ import annotations

import pytest

from audit.adapters.base import Item, ItemKind, Message
from audit.memory import Memory, Run, Session

RUN = Run("run-1", "count", "key-1", 10)


def told(*items: Item, run: str | None = "r1") -> Memory:
    memory = Memory()
    for item in items:
        memory.take(item, run)
    return memory


def test_words_are_counted_by_id_or_by_our_label() -> None:
    run = Run("run-1", "count", "key-1", 10, id="r1")
    by_id, by_label = Memory(), Memory()
    by_id.take(Item(ItemKind.TEXT, "one two "), "r1")
    by_id.take(Item(ItemKind.TEXT, "three "), "r1")
    by_label.take(Item(ItemKind.TEXT, "one "), "run-1")
    assert (by_id.seen(run), by_label.seen(run), Memory().seen(run)) == (3, 1, 0)
    assert by_id.seen(RUN) == 0  # before anybody knows that r1 is run-1


def test_a_replay_starts_over() -> None:
    run = Run("run-1", "count", "key-1", 10, id="r1")
    one_two = Item(ItemKind.TEXT, "one two ")
    assert told(one_two, Item(ItemKind.RESET), Item(ItemKind.TEXT, "one ")).seen(run) == 1
    assert told(one_two, Item(ItemKind.SNAPSHOT, "one two three")).seen(run) == 3


def test_the_cursor_is_the_last_that_was_named() -> None:
    memory = told(Item(ItemKind.TEXT, "one", cursor="e:1"), Item(ItemKind.TEXT, "two"), Item(ItemKind.PING))
    assert memory.cursor == "e:1"
    memory.take(Item(ItemKind.CAUGHT_UP, cursor="e:9"), None)
    assert (memory.cursor, memory.words) == ("e:9", {"r1": 2})


@pytest.mark.parametrize(
    "item",
    [Item(ItemKind.END, data={"reason": "stopped"}), Item(ItemKind.SNAPSHOT, "one", data={"reason": "completed"})],
)
def test_an_ending_is_told_by_a_marker_or_a_finished_snapshot(item: Item) -> None:
    run = Run("run-1", "count", "key-1", 10, id="r1")
    assert told(item).ended(run)
    assert not told(Item(ItemKind.SNAPSHOT, "one")).ended(run)
    assert not told(item, run="r2").ended(run)


def test_a_transcript_tells_words_and_endings_of_named_and_unnamed_runs() -> None:
    session = Session("s", {label: Run(label, "count", label, 3) for label in ("run-1", "run-2", "run-3")})
    memory = Memory()
    memory.read(
        (
            Message("user", "count"),
            Message("assistant", "one two", ending="completed"),
            Message("assistant", "one"),
            Message("assistant", "one two three", run="r9", ending="stopped"),
            Message("assistant", "on", run="r10", ending="running"),
        ),
        session,
    )
    assert memory.words == {"run-1": 2, "run-2": 1, "r9": 3}
    assert memory.over == {"run-1", "r9"}


def test_more_answers_than_runs_are_nobodys() -> None:
    memory = Memory()
    memory.read((Message("assistant", "hello", ending="completed"),), Session("s"))
    assert (memory.words, memory.over) == ({}, set())


def test_a_session_finds_a_run_by_id_or_label() -> None:
    session = Session("s", {"run-1": Run("run-1", "count", "k", 3, id="r1")})
    assert session.run_of("r1") is session.run_of("run-1") is session.runs["run-1"]
    assert session.run_of("r2") is None


def test_a_session_finds_the_answer_to_a_run_in_a_transcript() -> None:
    first, second = Run("run-1", "count", "k1", 3, id="r1"), Run("run-2", "count", "k2", 3)
    session = Session("s", {"run-1": first, "run-2": second})
    asked, one, two = Message("user", "count"), Message("assistant", "one"), Message("assistant", "two")
    assert session.answer(first, (asked, one, asked)) is one
    assert session.answer(second, (asked, one, asked)) is None
    assert session.answer(second, (asked, one, asked, two)) is two
    named = Message("assistant", "one", run="r1")
    assert (session.answer(first, (two, named)), session.answer(second, (two, named))) == (named, None)


def test_what_a_sub_agent_says_is_not_counted_as_the_run() -> None:
    run = Run("run-1", "count", "key-1", 10, id="r1")
    memory = told(Item(ItemKind.TEXT, "one two "), Item(ItemKind.TEXT, "one ", data={"agent": "a1"}))
    assert memory.seen(run) == 2
    below = Message("assistant", "one two three", "m2", "r1", "completed", "a1")
    own = Message("assistant", "one two", "m1", "r1", "completed")
    session = Session("s", {"run-1": run})
    assert session.answer(run, (own, below)) is own
    fresh = Memory()
    fresh.read((own, below), session)
    assert (fresh.seen(run), fresh.ended(run)) == (2, True)


def test_questions_wait_until_somebody_has_answered_and_the_last_count_of_devices_holds() -> None:
    memory = told(
        Item(ItemKind.APPROVAL_REQUEST, data={"id": "q1"}), Item(ItemKind.APPROVAL_REQUEST, data={"id": "q2"})
    )
    assert list(memory.asked) == ["q1", "q2"]
    memory.take(Item(ItemKind.APPROVAL, data={"id": "q1", "granted": True}), "r1")
    memory.take(Item(ItemKind.PRESENCE, data={"devices": 3}), None)
    assert (list(memory.asked), memory.present) == (["q2"], 3)
