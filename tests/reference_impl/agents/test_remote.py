from __future__ import annotations

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from reference_impl.agents.base import Said
from reference_impl.agents.remote import Message, RemoteRun

from ..devices import eventually

TOLD: Message = {
    "type": "run", "session": "s", "run": "r", "claim": 2, "prompt": "what?", "stopping": False, "steers": [],
    "said": {"": "so far", "a1": "below"}, "last": {}, "approvals": [],
}  # fmt: skip
HELD: Message = {"type": "held", "claim": 2, "last": {}, "approvals": [], "steers": [], "stopping": False}


def run(window: int = 256) -> tuple[RemoteRun, list[Message]]:
    sent: list[Message] = []
    return RemoteRun(TOLD, window, sent.append), sent


def appended(sent: list[Message]) -> list[tuple[int, str]]:
    return [(message["seq"], message["text"]) for message in sent if message["type"] == "append"]


async def test_an_agent_sees_what_was_said_before_it_took_over() -> None:
    made, _ = run()
    assert (made.prompt, made.said, made.said_by("a1"), made.said_by("a2")) == ("what?", "so far", "below", "")


@given(st.lists(st.integers(0, 12), max_size=5))
def test_after_each_reconnect_exactly_what_is_not_acknowledged_is_said_again(known: list[int]) -> None:
    async def play() -> None:
        made, sent = run()
        for number in range(1, 13):
            await made.say("", str(number))
        durable = durable_before = 0
        for last in known:
            durable = max(durable, last)
            assert made.held()["last"] == {"": min(durable_before, 12)}
            durable_before = durable
            sent.clear()
            made.hear(HELD | {"last": {"": durable}})
            assert appended(sent) == [(number, str(number)) for number in range(durable + 1, 13)]

    asyncio.run(play())


async def test_an_agent_that_is_ahead_of_the_storage_waits() -> None:
    made, sent = run(window=2)

    async def speak() -> None:
        for number in range(1, 6):
            await made.say("", str(number))

    speaking = asyncio.create_task(speak())
    await eventually(lambda: len(appended(sent)) == 2)
    await made.say("a1", "one agent does not wait for another")
    made.hear({"type": "ack", "seq": 1})
    await eventually(lambda: len(appended(sent)) == 4)
    made.hear({"type": "ack", "seq": 3})
    await speaking
    assert [seq for seq, text in appended(sent) if text.isdigit()] == [1, 2, 3, 4, 5]


async def test_what_was_asked_wished_and_ended_without_a_connection_is_said_again() -> None:
    made, sent = run()
    asking, remembering = asyncio.create_task(made.ask("may I?")), asyncio.create_task(made.history())
    made.hear({"type": "steer", "id": "s_1", "text": "shorter"})
    wish = await made.wishes.get()
    await wish.refuse()
    await eventually(lambda: len(sent) == 3)
    made.held()
    made.finish("failed", "no")
    assert len(sent) == 3  # it waits for the answer
    before = [*sent, {"type": "finish", "session": "s", "run": "r", "claim": 2, "reason": "failed", "error": "no"}]
    sent.clear()
    made.hear(HELD | {"steers": [{"id": "s_1", "text": "shorter"}, {"id": "s_2", "text": "longer"}]})
    by_type = {message["type"]: message for message in before}
    assert {message["type"]: message for message in sent} == by_type
    assert by_type["steer-outcome"]["outcome"] == "refused"
    assert (await made.wishes.get()).text == "longer"
    assert made.wishes.empty()  # the first is not wished again
    made.hear({"type": "history", "messages": [{"role": "user", "text": "hi"}]})
    assert await remembering == [Said("user", "hi")]
    made.hear(HELD | {"approvals": [{"id": by_type["ask"]["id"], "granted": True}]})
    assert await asking is True


async def test_a_stop_that_was_missed_is_heard_with_the_next_connection() -> None:
    made, _ = run()
    made.task = asyncio.create_task(asyncio.sleep(60))
    made.hear(HELD | {"stopping": True})
    await asyncio.gather(made.task, return_exceptions=True)
    assert made.stopped and made.task.cancelled()
