from __future__ import annotations

import asyncio

import pytest

from audit.adapters.base import Answer, Item, ItemKind, Operation
from audit.event import Phase
from audit.replies import Attempt, Replies


def attempt(operation: Operation = "prompt") -> tuple[Attempt, list[Answer]]:
    """An attempt, and what it was completed with."""
    completed: list[Answer] = []
    return Attempt(operation, None, 1, completed.append), completed


def reply(id: str, run: str | None = None, **value: object) -> Item:
    return Item(ItemKind.REPLY, run=run, data={"reply": id, **value})


def test_the_first_answer_counts() -> None:
    mine, completed = attempt()
    first, second = Answer(Phase.OK, {"run": "r1"}), Answer(Phase.INFO, {"timeout": True})
    assert [mine.settle(first), mine.settle(second)] == [first, first]
    assert completed == [first]


@pytest.mark.parametrize(
    ("operation", "phase"),
    [("prompt", Phase.INFO), ("stop", Phase.INFO), ("join", Phase.FAIL), ("resume", Phase.FAIL), ("read", Phase.FAIL)],
)
def test_only_commands_may_have_happened_all_the_same(operation: Operation, phase: Phase) -> None:
    assert attempt(operation)[0].doubt is phase


async def test_replies_find_those_who_wait_for_them() -> None:
    replies, (prompt, prompted), (stop, stopped) = Replies(), attempt(), attempt("stop")
    with replies.expecting(prompt, "p", 1) as first, replies.expecting(stop, "s", 1) as second:
        replies.take(reply("s", ok=False, code="unknown-run"))
        replies.take(reply("p", "r1", ok=True, duplicate=True))
        replies.take(reply("nobody", ok=True))
        replies.take(reply("p", ok=False))  # told twice
    assert await first == Answer(Phase.OK, {"duplicate": True, "run": "r1"}) == prompted[0]
    assert await second == Answer(Phase.FAIL, {"code": "unknown-run"}) == stopped[0]
    assert (len(prompted), len(stopped)) == (1, 1)


async def test_a_reply_completes_its_operation_before_anybody_is_woken() -> None:
    replies, (mine, completed) = Replies(), attempt()
    with replies.expecting(mine, "p", 1):
        replies.take(reply("p", ok=True))
        assert completed == [Answer(Phase.OK)]


async def test_without_an_id_having_asked_is_the_answer() -> None:
    mine, completed = attempt()
    with Replies().expecting(mine, None, 1) as answer:
        assert await answer == Answer(Phase.OK)
    assert completed == []


async def test_a_lost_connection_takes_its_own_answers_with_it_and_no_others() -> None:
    replies, (old, _), (new, _) = Replies(), attempt("join"), attempt("prompt")
    with replies.expecting(old, "sub", 1) as first, replies.expecting(new, "p", 2) as second:
        replies.lose(1)
        assert first.done() and not second.done()
        assert (await first).phase is Phase.FAIL and "socket closed" in (await first).value["error"]
        replies.lose(2)
        assert (await second).phase is Phase.INFO


async def test_a_reply_that_comes_too_late_is_nobodys() -> None:
    replies, (mine, completed) = Replies(), attempt()
    with pytest.raises(TimeoutError), replies.expecting(mine, "p", 1) as answer:
        async with asyncio.timeout(0):
            await answer
    replies.take(reply("p", ok=True))
    replies.lose(1)
    assert completed == []


async def test_an_id_that_is_used_again_belongs_to_the_newer_attempt() -> None:
    replies, (old, _), (new, completed) = Replies(), attempt("join"), attempt("resume")
    with replies.expecting(old, "sub-1", 1), replies.expecting(new, "sub-1", 2) as answer:
        replies.take(reply("sub-1", ok=True))
        assert await answer == completed[0]
    assert old.answer is None
