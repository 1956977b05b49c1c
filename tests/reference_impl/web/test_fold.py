"""The page's fold, run by Node, against the server's own: the same transcript after every single event."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from reference_impl.session.event import decode
from reference_impl.session.state import SessionState

from ..devices import Client, Message

pytestmark = pytest.mark.sockets

FAILURE = "the agent failed after word 5, as its script says"
FOLD = Path(__file__).parents[3] / "reference_impl" / "web" / "fold.js"
PROGRAM = """
import { readFileSync } from "node:fs";
const [source, {events, folded}] = JSON.parse(readFileSync(0, "utf8"));
const { EMPTY, cursorOf, fold, follows, going, inTurns, known, unfold } =
  await import("data:text/javascript," + encodeURIComponent(source));
const frozen = (transcript) => {  // what changed anything in place would throw
  transcript.messages.forEach(Object.freeze);
  Object.freeze(transcript.messages);
  return Object.freeze(transcript);
};
const steps = [EMPTY];
for (const event of events) {
  const last = steps.at(-1);
  if (!follows(last, event) || known(last, event)) throw new Error("not the next one: " + event.offset);
  const next = frozen(fold(last, event));
  if (!known(next, event) || follows(next, event)) throw new Error("taken twice: " + event.offset);
  steps.push(next);
}
const onwards = (begin, rest) => rest.reduce((now, event) => frozen(fold(now, event)), frozen(begin));
const ends = folded.map((message, at) => onwards(unfold(message), events.slice(at)));
console.log(JSON.stringify({
  steps: steps.map(({ messages }) => messages),
  cursors: steps.map(cursorOf),
  ends: ends.map(({ messages }) => messages),
  going: steps.map(going),
  joined: folded.map((message) => going(unfold(message))),
  turns: inTurns(steps.at(-1).messages).map(({ run }) => run),
}));
"""


def run_node(events: list[Message], folded: list[Message]) -> dict[str, Any]:
    node = shutil.which("node")
    assert node is not None, "Node is missing: run `make setup`"
    told = json.dumps([FOLD.read_text(encoding="utf-8"), {"events": events, "folded": folded}])
    done = subprocess.run(
        [node, "--input-type=module", "--eval", PROGRAM],
        input=told, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def said(messages: list[Message]) -> list[dict[str, Any]]:
    """What both folds know of a transcript; `stopping` is a page's word for a run that still runs."""
    rows = [message for message in messages if message["role"] in {"user", "assistant"}]
    return [
        {name: row[name] for name in ("role", "id", "text", "run", "key", "error", "agent") if name in row}
        | {"ending": "running" if row.get("ending") == "stopping" else row.get("ending")}
        for row in rows
    ]


async def lively(phone: Client) -> list[Message]:
    """A session in which everything happens that can; all its events."""
    async with phone.socket() as device:
        await device.ask("subscribe")
        await device.ask("prompt", key="k1", text="[items=8 pace_ms=1 agents=2]")
        await device.ask("prompt", key="k2", text='[items=9 pace_ms=1 fail_at=5 agents=1 format="é漢🙂-{}"]')
        await device.until_ended(2)
        steered = await device.ask("prompt", key="k3", text="[items=500 pace_ms=4]")
        await device.ask("steer", run=steered["run"], key="s1", text='[format="W{}"]')
        await device.ask("steer", run=steered["run"], key="s2", text="no script")
        await device.until(lambda screen: screen.kinds().count("steer-outcome") == 2)
        await device.ask("prompt", key="k4", text="[items=4 pace_ms=1 approve_at=2]", policy="interrupt")
        await device.until(lambda screen: "approval-request" in screen.kinds())
        asked = next(event for event in device.events if event["kind"] == "approval-request")
        await device.ask("approve", approval=asked["data"]["id"], granted=True)
        await device.until_ended(4)
        await device.ask("prompt", key="k5", text="[items=4 pace_ms=1 approve_at=2]")
        await device.until(lambda screen: screen.kinds().count("approval-request") == 2)
        await device.ask("prompt", key="k6", text="[items=4 pace_ms=1]")
        await device.ask("stop", key="k6")  # before its turn
        await device.ask("stop", key="k5")  # while it waits for an answer
        await device.ask("stop", key="k7")  # before there is such a prompt
        await device.ask("prompt", key="k7", text="[items=4]")
        await device.until_ended(7)
        assert sorted(device.endings()) == ["completed"] * 2 + ["failed"] + ["stopped"] * 3 + ["superseded"]
        return device.events


def states(events: list[Message]) -> tuple[list[list[dict[str, Any]]], list[Message]]:
    """The server's transcript after each event, and the `folded` message it would send then."""
    state, transcripts, folded = SessionState(), [], []
    for number in range(len(events) + 1):
        if number:
            state.apply(decode(json.dumps(events[number - 1]).encode()))
        asked = [{"id": each.id, "run": each.run, "what": each.what} for each in state.waiting()]
        transcripts.append(state.transcript())
        cursor = f"{events[0]['epoch']}:{number}"
        folded.append({"type": "folded", "cursor": cursor, "messages": transcripts[-1], "approvals": asked})
    return transcripts, folded


async def test_the_page_folds_as_the_server_does_from_any_place(phone: Client) -> None:
    events = await lively(phone)
    transcripts, folded = states(events)
    result = run_node(events, folded)

    assert [said(messages) for messages in result["steps"]] == [said(messages) for messages in transcripts]
    assert result["cursors"] == [None, *(f"{event['epoch']}:{event['offset']}" for event in events)]
    assert all(said(messages) == said(transcripts[-1]) for messages in result["ends"])
    assert [row["key"] for row in result["ends"][-1] if row["role"] == "user"] == [f"k{n}" for n in range(1, 8)]
    assert {row["error"] for row in result["ends"][-1] if row.get("error")} == {FAILURE}
    assert result["joined"] == json.loads(json.dumps(result["going"]).replace("stopping", "running"))
    assert said((await phone.get("/transcript"))["messages"]) == said(result["steps"][-1])

    end = result["steps"][-1]
    assert {row["error"] for row in end if row.get("error")} == {FAILURE}
    assert [row["outcome"] for row in end if row["role"] == "steer"] == ["taken", "refused"]
    assert [(row["open"], row["granted"]) for row in end if row["role"] == "approval"] == [(False, True), (False, None)]
    assert not any(row.get("queued") for row in end)
    assert result["turns"] == sorted(result["turns"], key=result["turns"].index)  # each run's messages are together


async def test_it_tells_what_goes_on(phone: Client) -> None:
    events = await lively(phone)
    going = run_node(events, [])["going"]
    seen = {tuple(each["state"] for each in now) for now in going}
    assert {(), ("queued",), ("running",), ("running", "queued"), ("stopping",)} <= seen
    assert going[-1] == []


def test_kinds_that_are_not_known_only_move_the_cursor() -> None:
    event = {"type": "event", "epoch": "e", "offset": 1, "kind": "thought", "run": "r", "data": {"text": "x"}}
    result = run_node([event], [])
    assert (result["steps"], result["cursors"]) == ([[], []], [None, "e:1"])
