from __future__ import annotations

import asyncio

import pytest

from reference_impl.settings import Settings

from ..devices import Client, client, server

pytestmark = pytest.mark.sockets

LONG = "[items=2000 pace_ms=5]"
SHORT = "[items=3 pace_ms=0]"


async def test_a_prompt_repeated_with_its_key_makes_one_run(phone: Client) -> None:
    answers = await asyncio.gather(*(phone.prompt("k", SHORT) for _ in range(8)))
    async with phone.events() as device:
        await device.until_ended()
    assert len({answer["run"] for answer in answers}) == 1
    assert sorted(answer["duplicate"] for answer in answers) == [False] + [True] * 7
    assert (await phone.prompt("k", SHORT))["duplicate"] is True
    assert (await phone.get())["head"] == 6
    assert device.kinds() == ["user", "run-start", "text", "text", "text", "run-end"]


async def test_a_stop_ends_the_run_within_its_budget_and_everyone_is_told(phone: Client) -> None:
    async with phone.events() as device, phone.socket() as other:
        await other.ask("subscribe")
        run = (await phone.prompt("k", LONG))["run"]
        await device.until(lambda screen: len(screen.events) >= 10)
        assert await phone.post("stop", run=run, by="phone") == (202, {"ok": True, "run": run, "ended": False})
        loop = asyncio.get_running_loop()
        acknowledged = loop.time()
        await device.until_ended()
        await other.until_ended()
        assert loop.time() - acknowledged < 0.5
        assert device.kinds()[-2:] == ["stop", "run-end"]
        assert device.events[-2]["data"] == {"by": "phone"}
        assert device.endings() == ["stopped"]
        assert other.events == device.events
        kept = await phone.get("/transcript")
        assert kept["messages"][1] == {"role": "assistant", "id": f"a_{run}", "text": device.text(), "run": run,
                                       "ending": "stopped"}  # fmt: skip
        await phone.prompt("k2", SHORT)  # and the next prompt just works
        await device.until_ended(2)


async def test_stopping_what_has_ended_changes_nothing_and_says_so(phone: Client) -> None:
    run = (await phone.prompt("k", SHORT))["run"]
    async with phone.events() as device:
        await device.until_ended()
    head = (await phone.get())["head"]
    for fields in ({"run": run}, {"key": "k"}, {"run": run}):
        assert await phone.post("stop", **fields) == (202, {"ok": True, "run": run, "ended": True})
    assert (await phone.get())["head"] == head


async def test_a_stop_by_key_before_the_prompt_arrives_is_remembered(phone: Client) -> None:
    for _ in range(2):
        assert await phone.post("stop", key="late") == (202, {"ok": True, "ended": False})
    run = (await phone.prompt("late", LONG))["run"]
    async with phone.events() as device:
        await device.until_ended()
    assert [(event["kind"], event["run"]) for event in device.events] == [
        ("stop", None),
        ("user", run),
        ("run-end", run),
    ]
    assert device.endings() == ["stopped"]
    assert await phone.post("stop", key="late") == (202, {"ok": True, "run": run, "ended": True})


async def test_a_late_stop_never_hits_the_next_run(phone: Client) -> None:
    first = (await phone.prompt("a", SHORT))["run"]
    async with phone.events() as device:
        await device.until_ended()
        await phone.prompt("b", "[items=40 pace_ms=2]")
        await phone.post("stop", run=first)
        await device.until_ended(2)
    assert device.endings() == ["completed", "completed"]


async def test_an_unknown_run_is_said_to_be_unknown(phone: Client) -> None:
    status, answer = await phone.post("stop", run="r_nobody")
    assert (status, answer["ok"], answer["code"]) == (404, False, "unknown-run")


async def test_queued_prompts_are_answered_one_after_the_other(phone: Client) -> None:
    async with phone.events() as device:
        runs = [(await phone.prompt(key, LONG if key == "a" else SHORT))["run"] for key in "abc"]
        states = {run["run"]: run["state"] for run in (await phone.get())["runs"]}
        assert [states[run] for run in runs] == ["running", "queued", "queued"]
        await phone.post("stop", key="a")
        await device.until_ended(3)
    begun = [event["run"] for event in device.events if event["kind"] in ("run-start", "run-end")]
    assert begun == [run for run in runs for _ in range(2)]


async def test_a_queued_run_can_be_stopped(phone: Client) -> None:
    async with phone.events() as device:
        first = (await phone.prompt("a", LONG))["run"]
        second = (await phone.prompt("b", LONG))["run"]
        assert (await phone.post("stop", run=second))[1]["ended"] is False
        await device.until_ended()
        await phone.post("stop", run=first)
        await device.until_ended(2)
    ends = [event["run"] for event in device.events if event["kind"] == "run-end"]
    assert ends == [second, first]
    assert device.endings() == ["stopped", "stopped"]


async def test_reject_refuses_a_second_prompt_until_the_first_is_over() -> None:
    async with server(settings=Settings(policy="reject")) as url, client(url) as phone:
        run = (await phone.prompt("a", LONG))["run"]
        status, answer = await phone.post("prompts", key="b", text=SHORT)
        assert (status, answer["ok"], answer["code"]) == (409, False, "busy")
        assert (await phone.post("prompts", key="a", text=LONG))[1]["duplicate"] is True
        await phone.post("stop", run=run)
        await phone.prompt("b", SHORT)


async def test_interrupt_supersedes_the_running_one_at_once() -> None:
    async with server(settings=Settings(policy="interrupt")) as url, client(url) as phone, phone.events() as device:
        first = (await phone.prompt("a", LONG))["run"]
        await device.until(lambda screen: len(screen.events) >= 5)
        second = (await phone.prompt("b", SHORT))["run"]
        await device.until_ended(2)
        assert device.endings() == ["superseded", "completed"]
        last_of_first = max(event["offset"] for event in device.events if event["run"] == first)
        assert last_of_first < min(event["offset"] for event in device.events if event["run"] == second)


async def test_parallel_runs_do_not_bleed_into_each_other() -> None:
    async with server(settings=Settings(policy="parallel")) as url, client(url) as phone, phone.events() as device:
        runs = {
            (await phone.prompt(name, f'[items=30 pace_ms=2 format="{name}{{}}"]'))["run"]: name for name in ("x", "y")
        }
        await device.until_ended(2)
        spoken = [event["run"] for event in device.events if event["kind"] == "text"]
        assert spoken.index(list(runs)[1]) < 30  # side by side
        for run, name in runs.items():
            assert device.text(run).split() == [f"{name}{n}" for n in range(1, 31)]


async def test_a_failing_agent_reads_as_failed(phone: Client) -> None:
    await phone.prompt("k", "[items=5 pace_ms=0 fail_at=3]")
    async with phone.events() as device:
        await device.until_ended()
    assert device.events[-1]["data"] == {
        "reason": "failed",
        "error": "the agent failed after word 3, as its script says",
    }
    assert len(device.text().split()) == 3
    answer = (await phone.get("/transcript"))["messages"][1]
    assert (answer["ending"], answer["error"]) == ("failed", "the agent failed after word 3, as its script says")


async def test_the_transcript_is_folded_and_says_what_goes_on(phone: Client) -> None:
    run = (await phone.prompt("k", "[items=400 pace_ms=5]"))["run"]
    async with phone.events() as device:
        await device.until(lambda screen: len(screen.events) >= 10)
        now = await phone.get("/transcript")
        await device.until(lambda screen: len(screen.events) >= now["head"])
    text = "".join(event["data"]["text"] for event in device.events[: now["head"]] if event["kind"] == "text")
    assert now == {
        "epoch": device.events[0]["epoch"],
        "head": now["head"],
        "messages": [
            {"role": "user", "id": f"u_{run}", "text": "[items=400 pace_ms=5]", "run": run, "ending": None, "key": "k"},
            {"role": "assistant", "id": f"a_{run}", "text": text, "run": run, "ending": "running"},
        ],
    }
    await phone.post("stop", run=run)


async def test_a_session_exists_as_soon_as_it_is_named(phone: Client) -> None:
    summary = await phone.get()
    assert summary == {"session": "s", "epoch": summary["epoch"], "head": 0, "runs": [], "approvals": []}
    assert (await phone.get("/transcript"))["messages"] == []


async def test_sessions_are_independent(phone: Client) -> None:
    url = phone.path.partition("/v1")[0]
    async with client(url, "other") as stranger, phone.events() as mine, stranger.events() as theirs:
        await asyncio.gather(phone.prompt("k", SHORT), stranger.prompt("k", "[items=2 pace_ms=0 format=o{}]"))
        await mine.until_ended()
        await theirs.until_ended()
    assert mine.text().split() == ["tok-0001", "tok-0002", "tok-0003"]
    assert theirs.text().split() == ["o1", "o2"]
    assert mine.events[0]["epoch"] != theirs.events[0]["epoch"]


@pytest.mark.parametrize(
    ("method", "what", "body", "status", "code"),
    [
        ("POST", "/prompts", b"{", 400, "bad-request"),
        ("POST", "/prompts", b"\xff\xfe", 400, "bad-request"),
        ("POST", "/prompts", b"[" * 60_000, 400, "bad-request"),
        ("POST", "/prompts", b"[]", 400, "bad-request"),
        ("POST", "/prompts", b'{"key":"k"}', 400, "bad-request"),
        ("POST", "/prompts", b'{"key":"k","text":"\\ud83d"}', 400, "bad-request"),
        ("POST", "/prompts", b'{"key":"k","text":"[items=0]"}', 400, "bad-script"),
        ("POST", "/prompts", b'{"key":"k","text":"%b"}' % (b"x" * 100_000), 413, "too-large"),
        ("POST", "/stop", b"{}", 400, "bad-request"),
        ("POST", "/stop", b'{"run":"r_1","by":7}', 400, "bad-request"),
        ("GET", "/nothing", None, 404, "not-found"),
        ("GET", "/prompts", None, 405, "method-not-allowed"),
        ("GET", "/ws", None, 400, "bad-request"),
    ],
)
async def test_what_cannot_be_done_is_refused_by_name(
    phone: Client, method: str, what: str, body: bytes | None, status: int, code: str
) -> None:
    got, answer = await phone.send(method, what, body)
    assert (got, answer["ok"], answer["code"]) == (status, False, code)
    assert answer["message"]
    assert "Traceback" not in answer["message"]
    assert (await phone.get())["head"] == 0


@pytest.mark.parametrize("name", ["a b", "a%2Fb", "x" * 129, "%F0%9F%99%82"])
async def test_a_session_has_a_plain_name(phone: Client, name: str) -> None:
    async with client(phone.path.partition("/v1")[0], name) as odd:
        assert (await odd.send("GET", ""))[0] == 404
