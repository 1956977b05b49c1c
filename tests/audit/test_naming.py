from __future__ import annotations

from typing import cast

from audit.adapters.base import Call, Frame, Item, ItemKind, Reader
from audit.channel import Wire
from audit.memory import Run, Session
from audit.naming import Naming
from audit.stream import Stream

UNANSWERED, ANSWERED = Frame("{}"), Frame("{}", "p-1")


def wire(run: Run | None = None) -> Wire:
    return Wire(1, cast("Stream", None), cast("Reader", None), run)


def run(label: str = "run-1", id: str | None = None) -> Run:
    return Run(label, "count", "k", 5, id=id)


def naming(session: Session, *, subscribes: bool) -> tuple[Naming, list[str]]:
    learned: list[str] = []
    return Naming(
        session, subscribes=subscribes, learned=lambda each: learned.append(f"{each.label}={each.id}")
    ), learned


def said(id: str | None = None) -> Item:
    return Item(ItemKind.TEXT, "tok-1 ", id)


def test_what_names_no_run_is_of_the_one_the_stream_was_opened_for() -> None:
    first, second = run(), run("run-2")
    mine, learned = naming(Session("s", current=second), subscribes=False)
    assert mine.name(wire(first), said(), second) == "run-1"
    assert mine.name(wire(), said(), first) == "run-1"
    assert mine.name(wire(), said(), None) == "run-2"
    assert Naming(Session("s"), subscribes=False, learned=lambda _: None).name(wire(), said(), None) is None
    assert not learned


def test_a_response_goes_on_telling_of_its_run_whatever_is_asked_meanwhile() -> None:
    first, second = run(), run("run-2")
    mine, _ = naming(Session("s"), subscribes=False)
    opened = wire()
    assert mine.name(opened, said(), first) == "run-1"
    assert mine.name(opened, said(), second) == "run-1"
    shared, _ = naming(Session("s"), subscribes=True)
    assert (shared.name(opened_ := wire(), said(), first), shared.name(opened_, said(), second)) == ("run-1", "run-2")


def test_the_stream_that_a_prompt_opened_tells_the_id() -> None:
    asked = run()
    mine, learned = naming(Session("s", {"run-1": asked}, asked), subscribes=False)
    mine.asked(asked, Call("POST", "/", stream=True))
    assert mine.name(wire(asked), said("r1"), asked) == "r1"
    assert (asked.id, learned) == ("r1", ["run-1=r1"])
    assert mine.name(wire(asked), said("r2"), asked) == "r2"
    assert (asked.id, learned) == ("r1", ["run-1=r1"])


def test_a_shared_stream_tells_the_id_only_where_prompts_are_not_answered() -> None:
    for step, ids in ((ANSWERED, None), (UNANSWERED, "r1")):
        asked = run()
        mine, learned = naming(Session("s", {"run-1": asked}, asked), subscribes=True)
        mine.asked(asked, step)
        assert mine.name(wire(), said("r1"), asked) == "r1"
        assert (asked.id, bool(learned)) == (ids, ids is not None)


def test_late_words_of_a_known_run_name_no_other() -> None:
    known, asked = run(id="r1"), run("run-2")
    mine, learned = naming(Session("s", {"run-1": known, "run-2": asked}, asked), subscribes=True)
    mine.asked(asked, UNANSWERED)
    assert mine.name(wire(), said("r1"), asked) == "r1"
    assert (asked.id, learned) == (None, [])
    mine.name(wire(), said("r2"), asked)
    assert learned == ["run-2=r2"]


def test_a_device_that_only_watches_learns_nothing() -> None:
    asked = run()
    mine, learned = naming(Session("s", {"run-1": asked}, asked), subscribes=True)
    assert mine.name(wire(), said("r1"), asked) == "r1"
    assert (asked.id, learned) == (None, [])
