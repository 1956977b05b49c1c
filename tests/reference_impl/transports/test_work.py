"""Workers on real sockets, frame by frame: offers, claims, numbers, leases, fences, control."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from reference_impl.session.event import Data
from reference_impl.settings import Settings
from reference_impl.storage.base import Batch, Store
from reference_impl.storage.memory import MemoryStore

from ..devices import Client, Message, client, server
from ..workers.raw import ONE, OTHER, WORKERS, RawWorker, SharedMemory, held, raw_worker

pytestmark = pytest.mark.sockets

BRIEF = replace(WORKERS, lease_s=0.3, alive_s=0.3)
GO_ON = replace(BRIEF, lost_runs="continue")


@asynccontextmanager
async def scene(settings: Settings = WORKERS, store: Store | None = None) -> AsyncIterator[tuple[str, Client]]:
    async with server(store, settings=settings) as url, client(url) as http:
        yield url, http


async def log_of(http: Client, endings: int = 1) -> list[Message]:
    """All events of the session, once so many runs have ended."""
    async with http.events() as device:
        await device.until_ended(endings)
        return device.events


def texts(events: list[Message]) -> list[str]:
    return [event["data"]["text"] for event in events if event["kind"] == "text"]


async def saved(worker: RawWorker, seq: int) -> None:
    """Until that much is acknowledged."""
    while (await worker.next("ack"))["seq"] < seq:
        pass


async def test_a_run_is_offered_claimed_written_and_ended() -> None:
    async with scene() as (url, http), raw_worker(url) as worker:
        prompted = await http.prompt("k", "what?")
        run = await worker.claimed()
        assert (run["run"], run["claim"], run["prompt"], run["said"]) == (prompted["run"], 1, "what?", {"": ""})
        await worker.append(run, 1, "this ")
        await worker.append(run, 1, "from below ", agent="a1")
        await worker.append(run, 2, "that")
        await saved(worker, 2)
        await worker.about(run, "finish", reason="completed")
        assert (await worker.next("run-end"))["reason"] == "completed"
        log = await log_of(http)
        assert [event["kind"] for event in log] == ["user", "run-start", "text", "text", "text", "run-end"]
        assert log[1]["data"] == {"holder": ONE}
        said = {tuple(event["by"]): event["data"] for event in log if event["kind"] == "text"}
        assert said == {
            (run["run"], 1, 1): {"text": "this "},
            (run["run"], 1, 2): {"text": "that"},
            (run["run"] + "/a1", 1, 1): {"text": "from below ", "agent": "a1"},
        }


async def test_what_is_acknowledged_is_in_the_log() -> None:
    """Not on its way there: the storage is asked, not the session."""
    store = MemoryStore()
    async with scene(store=store) as (url, http), raw_worker(url) as worker:
        await http.prompt("k", "x")
        run = await worker.claimed()
        for seq in range(1, 30):
            await worker.append(run, seq, f"{seq} ")
            await saved(worker, seq)
            assert json.loads((await store.load("s")).bodies[-1])["by"] == [run["run"], 1, seq]


async def test_runs_wait_for_a_worker_and_for_a_free_one() -> None:
    async with scene() as (url, http), client(url, "other") as elsewhere:
        first = await http.prompt("a", "1")
        second = await elsewhere.prompt("b", "2")
        assert [run["state"] for run in (await http.get())["runs"]] == ["queued"]
        async with raw_worker(url, slots=1) as worker:
            run = await worker.claimed()
            assert run["run"] == first["run"]
            await worker.about(run, "finish", reason="completed")
            assert (await worker.claimed())["run"] == second["run"]


async def test_the_next_prompt_of_a_session_waits_its_turn() -> None:
    async with scene() as (url, http), raw_worker(url, slots=8) as worker:
        first, second = await http.prompt("a", "1"), await http.prompt("b", "2")
        run = await worker.claimed()
        assert run["run"] == first["run"]
        await worker.about(run, "finish", reason="failed", error="enough")
        assert (await worker.claimed())["run"] == second["run"]
        assert "enough" in str(await log_of(http))


async def test_the_freest_worker_is_asked_and_one_that_does_not_answer_loses_the_offer() -> None:
    async with scene() as (url, http), raw_worker(url, ONE, slots=9) as mute, raw_worker(url, OTHER, slots=1) as other:
        prompted = await http.prompt("k", "x")
        assert (await mute.next("offer"))["run"] == prompted["run"]
        assert (await other.claimed())["run"] == prompted["run"]
        await mute.send("claim", session="s", run=prompted["run"])  # too late
        await mute.next("gone")
        assert [event["data"]["holder"] for event in await started(http)] == [OTHER]


async def test_of_many_offers_each_is_taken_back_from_whoever_it_was_made_to() -> None:
    async with scene() as (url, _), AsyncExitStack() as stack:
        people = [await stack.enter_async_context(client(url, f"s{number}")) for number in range(4)]
        prompted = [(await each.prompt("k", "x"))["run"] for each in people]  # they wait
        async with raw_worker(url, ONE, slots=2) as mute:
            assert {(await mute.next("offer"))["run"] for _ in range(2)} == set(prompted[:2])
            async with raw_worker(url, OTHER, slots=4) as other:
                for _ in prompted:
                    offer = await other.next("offer")
                    await other.send("claim", session=offer["session"], run=offer["run"])
                while len([each for each in other.seen if each["type"] == "run"]) < 4:
                    await other.next("run")


async def started(http: Client) -> list[Message]:
    async with http.events() as device:
        await device.until(lambda screen: any(message["type"] == "caught-up" for message in screen.messages))
        return [event for event in device.events if event["kind"] == "run-start"]


@pytest.mark.parametrize("elsewhere", [False, True], ids=["same server", "another server"])
async def test_what_is_repeated_after_a_reconnect_is_said_once(elsewhere: bool) -> None:
    store = SharedMemory()
    async with scene(store=store) as (url, http), server(store, settings=WORKERS) as second_url:
        async with raw_worker(url) as worker:
            await http.prompt("k", "x")
            run = await worker.claimed()
            for seq in range(1, 6):
                await worker.append(run, seq, f"{seq} ")
            await saved(worker, 2)  # it may have heard of less than there is
            for seq in range(6, 9):
                await worker.append(run, seq, f"{seq} ")
        async with raw_worker(second_url if elsewhere else url, runs=[held(run)]) as worker:
            again = await worker.next("held")
            assert again["claim"] == 1
            for seq in range(again["last"][""] + 1, 12):
                await worker.append(run, seq, f"{seq} ")
            for seq in range(1, 12):  # and once more
                await worker.append(run, seq, f"{seq} ")
            await worker.about(run, "finish", reason="completed")
            await worker.next("run-end")
        log = await log_of(http)
        assert texts(log) == [f"{seq} " for seq in range(1, 12)]
        assert [event["kind"] for event in log].count("run-start") == 1


async def test_what_is_said_before_the_server_knows_that_it_may_be_is_neither_said_nor_fenced() -> None:
    """It loads the session first; a worker that does not wait for `held` says it again then."""
    async with scene(store=SharedMemory()) as (url, http):
        async with raw_worker(url) as worker:
            await http.prompt("k", "x")
            run = await worker.claimed()
        address = url.replace("http", "ws", 1) + "/v1/work"
        async with connect(address, proxy=None) as socket:
            worker = RawWorker(socket, ONE)
            await worker.send("hello", worker=ONE, slots=1, runs=[held(run)])
            await worker.append(run, 1, "too soon")
            await worker.append(run, 2, "too soon")
            await worker.next("held")
            assert [message["type"] for message in worker.seen] == ["welcome", "held"]
            await worker.append(run, 1, "now")
            await saved(worker, 1)


async def test_a_server_that_is_behind_catches_up_with_what_the_worker_knows() -> None:
    """Else it would take the worker for a zombie, or its words for others than the next."""
    store, slow = SharedMemory(), Behind()
    slow._sessions, slow._id = store._sessions, store._id
    async with scene(store=store) as (url, http), server(slow, settings=WORKERS) as other, client(other) as there:
        await there.get()
        async with raw_worker(url) as worker:
            await http.prompt("k", "x")
            run = await worker.claimed()
            await worker.append(run, 1, "one ")
            await saved(worker, 1)
        async with raw_worker(other, runs=[held(run) | {"last": {"": 1}}]) as worker:
            assert (await worker.next("held"))["last"] == {"": 1}
            assert slow.told > 0


class Behind(SharedMemory):
    """Tells its followers of everything a moment late."""

    told = 0

    async def follow(self, session: str, epoch: str, after: int) -> AsyncGenerator[Batch, None]:
        while True:
            await asyncio.sleep(0.1)
            stored = await self.load(session)
            if stored.head > after:
                self.told += 1
                yield after + 1, stored.bodies[after:]
                after = stored.head


async def test_what_happened_while_nobody_was_connected_is_told_with_the_next_connection() -> None:
    async with scene(replace(WORKERS, grace_s=5)) as (url, http):
        async with raw_worker(url) as worker:
            await http.prompt("k", "x")
            run = await worker.claimed()
            await worker.about(run, "ask", id="q_1", what="may I?")
            await eventually_asked(http)
        await http.post("steer", run=run["run"], key="s", text="shorter")
        await http.post("approve", approval="q_1", granted=True)
        async with raw_worker(url, runs=[held(run)]) as worker:
            again = await worker.next("held")
            assert [steer["text"] for steer in again["steers"]] == ["shorter"]
            assert again["approvals"] == [{"id": "q_1", "granted": True}]
            await worker.about(run, "steer-outcome", id=again["steers"][0]["id"], outcome="taken")
            await worker.about(run, "ask", id="q_1", what="may I?")  # the same question
            assert (await worker.next("approval"))["granted"] is True
        await http.post("stop", run=run["run"])
        async with raw_worker(url, runs=[held(run)]) as worker:
            assert (await worker.next("held"))["stopping"] is True
            await worker.about(run, "finish", reason="completed")
            assert (await worker.next("run-end"))["reason"] == "stopped"
        kinds = [event["kind"] for event in await log_of(http)]
        assert (kinds.count("approval-request"), kinds.count("steer-outcome")) == (1, 1)
        async with raw_worker(url, runs=[held(run)]) as worker:
            assert (await worker.next("fenced"))["run"] == run["run"]


async def eventually_asked(http: Client) -> None:
    async with asyncio.timeout(5):
        while not (await http.get())["approvals"]:  # noqa: ASYNC110 - this device does not listen
            await asyncio.sleep(0.01)


async def test_control_reaches_the_worker_as_it_becomes_durable() -> None:
    async with scene() as (url, http), raw_worker(url) as worker:
        await http.prompt("k", "x")
        run = await worker.claimed()
        await http.post("steer", run=run["run"], key="s", text="in French")
        steer = await worker.next("steer")
        assert steer["text"] == "in French"
        await worker.about(run, "steer-outcome", id=steer["id"], outcome="refused")
        await worker.about(run, "ask", id="q_9", what="delete it?")
        await eventually_asked(http)
        await http.post("approve", approval="q_9", granted=False)
        assert (await worker.next("approval"))["granted"] is False
        await http.post("prompts", key="k2", text="y", policy="interrupt")
        assert (await worker.next("run-end"))["reason"] == "superseded"
        assert (await worker.claimed())["prompt"] == "y"


async def test_a_worker_that_does_not_stop_has_its_run_ended_and_says_nothing_more() -> None:
    async with scene(replace(WORKERS, grace_s=0.1)) as (url, http), raw_worker(url) as worker:
        await http.prompt("k", "x")
        run = await worker.claimed()
        await worker.append(run, 1, "before")
        await saved(worker, 1)
        await http.post("stop", run=run["run"])
        await worker.next("stop")
        await worker.append(run, 2, "after")
        assert (await worker.next("run-end"))["reason"] == "stopped"
        await worker.append(run, 3, "long after")
        await worker.next("fenced")
        assert texts(await log_of(http)) == ["before"]


async def test_a_lost_workers_run_fails_and_what_it_says_later_is_fenced() -> None:
    async with scene(BRIEF) as (url, http), raw_worker(url) as zombie:
        await http.prompt("k", "x")
        run = await zombie.claimed()
        await zombie.append(run, 1, "so far")
        await saved(zombie, 1)
        log = await log_of(http)  # it does not beat
        assert log[-1]["data"] == {"reason": "failed", "error": "the worker was lost"}
        await zombie.append(run, 2, "I am back")
        assert (await zombie.next("fenced"))["claim"] == 1
        await zombie.about(run, "finish", reason="completed")
        await zombie.next("fenced")
        assert await log_of(http) == log


async def test_another_worker_goes_on_from_the_last_word_and_the_zombie_is_fenced() -> None:
    async with scene(GO_ON) as (url, http), raw_worker(url, ONE) as zombie, raw_worker(url, OTHER) as other:
        await http.prompt("k", "x")
        run = await zombie.claimed()
        await zombie.append(run, 1, "so ")
        await zombie.append(run, 1, "below ", agent="a1")
        await saved(zombie, 1)
        beating = asyncio.create_task(beat(other))
        taken = await other.claimed()
        assert (taken["run"], taken["claim"], taken["last"]) == (run["run"], 2, {"": 0, "a1": 0})
        assert taken["said"] == {"": "so ", "a1": "below "}
        assert (await zombie.next("fenced"))["claim"] == 1
        await zombie.append(run, 2, "zombie")
        await zombie.next("fenced")
        await other.append(taken, 1, "far")
        await other.about(taken, "finish", reason="completed")
        await other.next("run-end")
        beating.cancel()
        log = await log_of(http)
        assert texts([event for event in log if "agent" not in event["data"]]) == ["so ", "far"]
        assert [event["kind"] for event in log].count("run-end") == 1


async def beat(worker: RawWorker) -> None:
    while True:
        await asyncio.sleep(0.05)
        await worker.send("beat")


async def test_a_worker_that_beats_keeps_its_run_and_one_that_says_goodbye_gives_it_up_at_once() -> None:
    async with scene(replace(WORKERS, lease_s=0.4)) as (url, http), raw_worker(url) as worker:
        await http.prompt("k", "x")
        run = await worker.claimed()
        for _ in range(20):
            await worker.send("beat")
            await worker.next("beat")
            await asyncio.sleep(0.05)
        assert (await http.get())["runs"][0]["state"] == "running"
        await worker.send("bye")
        await worker.socket.close()
        began = asyncio.get_running_loop().time()
        assert (await log_of(http))[-1]["data"]["reason"] == "failed"
        assert asyncio.get_running_loop().time() - began < 0.3
        assert run["claim"] == 1


async def test_a_claim_whose_answer_was_lost_is_answered_on_the_next_connection() -> None:
    async with scene() as (url, http):
        async with raw_worker(url) as worker:
            await http.prompt("k", "x")
            offer = await worker.next("offer")
            await worker.send("claim", session=offer["session"], run=offer["run"])
        async with raw_worker(url, runs=[held(offer, claim=0)]) as worker:
            run = await worker.next("run")
            assert (run["run"], run["claim"]) == (offer["run"], 1)
        assert len(await started(http)) == 1


async def test_a_new_connection_of_a_worker_replaces_the_old_one() -> None:
    async with scene() as (url, http), raw_worker(url) as before, raw_worker(url) as worker:
        await before.next("away")
        with pytest.raises(ConnectionClosed):
            await before.next("offer")
        await http.prompt("k", "x")
        await worker.claimed()


async def test_a_session_is_served_where_no_worker_is() -> None:
    """Prompted on one server, answered by a worker of another, read on both."""
    store = SharedMemory()
    async with scene(store=store) as (_, http), server(store, settings=WORKERS) as url, client(url) as there:
        async with raw_worker(url) as worker:
            await http.prompt("k", "x")
            run = await worker.claimed()
            await worker.append(run, 1, "from afar")
            await worker.about(run, "finish", reason="completed")
        assert await log_of(http) == await log_of(there)
        assert texts(await log_of(http)) == ["from afar"]


async def test_of_many_servers_exactly_one_gives_a_run_away() -> None:
    store = SharedMemory()
    nodes = [server(store, settings=WORKERS) for _ in range(2)]
    async with scene(store=store) as (_, http), nodes[0] as one, nodes[1] as two:
        left, right = raw_worker(one, ONE), raw_worker(two, OTHER)
        async with left as first, right as second:
            await http.prompt("k", "x")
            for worker in (first, second):
                offer = await worker.next("offer")
                await worker.send("claim", session="s", run=offer["run"])
            answers = {(await worker.next("run", "gone"))["type"] for worker in (first, second)}
            assert answers == {"run", "gone"}
            assert len(await started(http)) == 1


async def test_workers_go_on_through_a_restart_of_their_only_server() -> None:
    """Its storage is of one process, so the new one cannot know who lives: it gives them the time of a lease."""
    store = Kept()
    async with scene(store=store) as (url, http), raw_worker(url) as worker:
        await http.prompt("k", "x")
        run = await worker.claimed()
        await worker.append(run, 1, "before ")
        await saved(worker, 1)
    async with scene(store=store) as (url, http):
        assert (await http.get())["runs"][0]["state"] == "running"
        async with raw_worker(url, runs=[held(run)]) as worker:
            assert (await worker.next("held"))["last"] == {"": 1}
            await worker.append(run, 2, "after")
            await worker.about(run, "finish", reason="completed")
            await worker.next("run-end")
        assert texts(await log_of(http)) == ["before ", "after"]


class Kept(MemoryStore):
    """As a file would be: it is there after a restart, and nobody else is."""

    async def close(self) -> None:
        pass


async def test_the_conversation_before_a_run_is_told_when_asked_for() -> None:
    async with scene() as (url, http), raw_worker(url) as worker:
        await http.prompt("a", "one?")
        run = await worker.claimed()
        await worker.append(run, 1, "one.")
        await worker.about(run, "finish", reason="completed")
        await http.prompt("b", "two?")
        run = await worker.claimed()
        await worker.about(run, "history")
        told = await worker.next("history")
        assert told["messages"] == [{"role": "user", "text": "one?"}, {"role": "assistant", "text": "one."}]


# -- what is wrong ------------------------------------------------------------------------------------------------

WRONG: list[Data] = [
    {"type": "append", "session": "s", "run": "r", "claim": 1, "seq": "1", "text": "x"},
    {"type": "append", "session": "~work", "run": "r", "claim": 1, "seq": 1, "text": "x"},
    {"type": "append", "session": "s", "run": "r", "claim": 1, "seq": 1, "text": ""},
    {"type": "append", "session": "s", "run": "r", "claim": 1, "seq": 1, "text": "x", "agent": "a/b"},
    {"type": "finish", "session": "s", "run": "r", "claim": 1, "reason": "stopped"},
    {"type": "slots", "slots": True},
    {"type": "hello"},
    {"type": ["beat"]},
    {"type": None},
]


@pytest.mark.parametrize("frame", WRONG, ids=lambda frame: json.dumps(frame)[:60])
async def test_a_malformed_frame_closes_this_connection_by_name(frame: Data) -> None:
    async with scene() as (url, http), raw_worker(url) as worker:
        await worker.socket.send(json.dumps(frame))
        with pytest.raises(ConnectionClosed) as closed:
            await worker.next("never")
        assert closed.value.rcvd is not None
        assert (closed.value.rcvd.code, bool(closed.value.rcvd.reason)) == (4400, True)
        assert (await http.get())["runs"] == []


async def test_a_gap_in_the_numbers_is_not_written() -> None:
    async with scene() as (url, http), raw_worker(url) as worker:
        await http.prompt("k", "x")
        run = await worker.claimed()
        await worker.append(run, 2, "there is no 1")
        with pytest.raises(ConnectionClosed) as closed:
            await worker.next("ack")
        assert closed.value.rcvd is not None and closed.value.rcvd.code == 4400
        assert (await http.get("/transcript"))["messages"][1]["text"] == ""


@pytest.mark.parametrize("hello", ['{"type":"beat"}', "no", '{"type":"hello","worker":"x","slots":1,"runs":[]}'])
async def test_whoever_does_not_introduce_itself_is_sent_away(hello: str) -> None:
    async with scene() as (url, _), connect(url.replace("http", "ws", 1) + "/v1/work", proxy=None) as socket:
        await socket.send(hello)
        with pytest.raises(ConnectionClosed) as closed:
            await asyncio.wait_for(socket.recv(), 5)
        assert closed.value.rcvd is not None and closed.value.rcvd.code == 4400


async def test_a_worker_cannot_write_to_a_run_that_it_never_claimed() -> None:
    async with scene() as (url, http), raw_worker(url, ONE) as worker, raw_worker(url, OTHER, slots=0) as thief:
        await http.prompt("k", "x")
        run = await worker.claimed()
        await thief.append(run, 1, "mine")
        await thief.next("fenced")
        await worker.about(run, "finish", reason="completed")
        assert texts(await log_of(http)) == []


async def test_a_server_with_agents_of_its_own_takes_no_workers() -> None:
    async with server() as url:
        with pytest.raises(InvalidStatus) as refused:
            async with raw_worker(url):
                pass
        assert refused.value.response.status_code == 404


async def test_no_device_can_name_the_servers_own_sessions() -> None:
    async with server() as url, client(url, "~work") as http:
        assert (await http.send("GET", ""))[0] == 404
        assert (await http.post("prompts", key="k", text="x"))[0] == 404


async def test_a_stop_reaches_the_worker_within_fifty_milliseconds(
    record_property: Callable[[str, object], None],
) -> None:
    loop = asyncio.get_running_loop()
    took: list[float] = []
    async with scene() as (url, http), raw_worker(url) as worker:
        for number in range(100):
            await http.prompt(f"k{number}", "x")
            run = await worker.claimed()
            asked = loop.time()
            stopping = asyncio.create_task(http.post("stop", run=run["run"]))
            await worker.next("stop")
            took.append((loop.time() - asked) * 1_000)
            await stopping
            await worker.about(run, "finish", reason="completed")
            await worker.next("run-end")
    took.sort()
    record_property("stop_to_worker_p95_ms", took[94])
    assert took[94] < 50


async def test_workers_are_sent_elsewhere_when_the_server_goes() -> None:
    async with AsyncExitStack() as stack:
        url, _ = await stack.enter_async_context(scene())
        async with raw_worker(url) as worker:
            going = asyncio.create_task(stack.aclose())
            assert (await worker.next("away"))["retry_ms"] <= WORKERS.spread_ms
            await going
