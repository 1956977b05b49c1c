"""Steers, approvals, interrupts, sub-agents and folded joins, as devices see them."""

from __future__ import annotations

import pytest

from ..devices import Client, Message

pytestmark = pytest.mark.sockets

SHORT = "[items=3 pace_ms=0]"
LONG = "[items=5000 pace_ms=5]"


async def carried_out(phone: Client, what: str, **fields: object) -> Message:
    """A command's answer, when it was carried out."""
    status, answer = await phone.post(what, **fields)
    assert status == 202, answer
    return answer


async def test_a_steer_is_heard_by_the_agent_and_its_outcome_by_everyone(phone: Client) -> None:
    async with phone.events() as laptop:
        run = (await phone.prompt("k", "[items=4000 pace_ms=5]"))["run"]
        await laptop.until(lambda screen: "text" in screen.kinds())
        told = await carried_out(phone, "steer", run=run, key="s", text='[format="now-{}"]')
        assert told == {"ok": True, "steer": told["steer"]}
        assert (await carried_out(phone, "steer", run=run, key="s", text="again"))["steer"] == told["steer"]
        await laptop.until(lambda screen: "now-" in screen.text())
        outcomes = [event["data"] for event in laptop.events if event["kind"] == "steer-outcome"]
        assert outcomes == [{"id": told["steer"], "outcome": "taken"}]
        await phone.post("stop", run=run)
        await laptop.until_ended()
        late = await carried_out(phone, "steer", run=run, key="late", text="x")
        assert late["outcome"] == "too-late"
        await laptop.until(lambda screen: screen.kinds().count("steer-outcome") == 2)
    status, refused = await phone.post("steer", run="r_0", key="s", text="x")
    assert (status, refused["code"]) == (404, "unknown-run")


async def test_an_approval_is_answered_once_from_any_device(phone: Client) -> None:
    async with phone.events() as laptop:
        await phone.prompt("k", "[items=3 pace_ms=0 approve_at=2]")
        await laptop.until(lambda screen: "approval-request" in screen.kinds())
        (asked,) = (await phone.get())["approvals"]
        first = await carried_out(phone, "approve", approval=asked["id"], granted=False, by="phone")
        second = await carried_out(phone, "approve", approval=asked["id"], granted=True, by="laptop")
        assert first == second == {"ok": True, "approval": asked["id"], "granted": False, "by": "phone"}
        await laptop.until_ended()
        assert laptop.text() == "tok-0001 tok-0002 "
    assert (await phone.get())["approvals"] == []
    status, refused = await phone.post("approve", approval="q_0", granted=True)
    assert (status, refused["code"]) == (404, "unknown-approval")


async def test_what_a_run_left_open_is_closed_with_it(phone: Client) -> None:
    async with phone.events() as laptop:
        run = (await phone.prompt("k", "[items=3 pace_ms=0 approve_at=2]"))["run"]
        await laptop.until(lambda screen: "approval-request" in screen.kinds())
        await phone.post("steer", run=run, key="s", text="hurry")  # nobody reads it: the agent waits
        await phone.post("stop", run=run)
        await laptop.until_ended()
    closed = [event["data"] for event in laptop.events if event["kind"] in ("approval", "steer-outcome")]
    assert [each.get("outcome", each.get("granted")) for each in closed] == ["too-late", None]


async def test_one_prompt_may_interrupt_where_others_queue(phone: Client) -> None:
    async with phone.events() as laptop:
        await phone.prompt("a", LONG)
        await phone.post("prompts", key="b", text=SHORT, policy="interrupt")
        await laptop.until_ended(2)
    assert laptop.endings() == ["superseded", "completed"]
    status, refused = await phone.post("prompts", key="c", text="x", policy="parallel")
    assert (status, refused["code"]) == (400, "bad-request")


async def test_sub_agents_write_into_the_session_under_their_own_names(phone: Client) -> None:
    async with phone.events() as laptop:
        await phone.prompt("k", "[items=2 pace_ms=0 agents=2]")
        await laptop.until_ended()
    said = {(event["data"].get("agent"), event["data"]["text"]) for event in laptop.events if event["kind"] == "text"}
    assert {("a1", "a1.tok-0002 "), ("a2", "a2.tok-0001 "), (None, "tok-0002 ")} <= said
    messages = (await phone.get("/transcript"))["messages"]
    own = next(row for row in messages if row["role"] == "assistant" and "agent" not in row)
    assert own["text"] == "tok-0001 tok-0002 "
    assert sorted(row["agent"] for row in messages if "agent" in row) == ["a1", "a2"]
    assert {row["ending"] for row in messages if row["role"] == "assistant"} == {"completed"}


async def test_a_late_device_may_have_the_transcript_in_the_place_of_every_event(phone: Client) -> None:
    async with phone.events() as laptop:
        await phone.prompt("k", "[items=200 pace_ms=0]")
        await laptop.until_ended()
    async with phone.events(query="?from=fold") as late:
        await late.until(lambda screen: bool(screen.messages) and screen.messages[-1]["type"] == "caught-up")
        (folded,) = [message for message in late.messages if message["type"] == "folded"]
        assert late.events == []
        assert folded["messages"] == (await phone.get("/transcript"))["messages"]
        assert folded["cursor"] == late.messages[-1]["cursor"]
        await phone.prompt("next", SHORT)
        await late.until_ended()
        assert late.kinds()[0] == "user"
