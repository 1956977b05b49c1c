"""session.js in a real Chromium, against everything that takes a connection away."""

from __future__ import annotations

import json
import signal

import pytest

from tests.chromium import Chromium

from ..devices import client
from .pages import Chat, Process, opened, reload, run, words

pytestmark = [pytest.mark.browser, pytest.mark.sockets, pytest.mark.asyncio(loop_scope="package")]

LONG = "[items=200 pace_ms=5]"


def counted(text: str) -> int:
    """How many words of the scripted agent this is; they are complete and in order."""
    said = text.split()
    assert said == words(1, len(said)).split()
    return len(said)


async def test_a_server_that_is_killed_mid_answer_costs_nothing_that_was_shown(
    browser: Chromium, server: Process
) -> None:
    chat = await opened(browser, server.url, "killed")
    await chat.ask(LONG)
    await chat.shows("tok-0020")
    await server.end(signal.SIGKILL)
    await chat.until("['waiting', 'connecting'].includes(document.body.dataset.status)")
    shown = counted((await chat.said())[0])
    await chat.ask("[items=3 pace_ms=1]")  # nobody is there: it is sent when somebody is
    await chat.until("document.querySelector('.user[data-state=sending]')")
    await server.start()
    await chat.click("#status")
    await chat.ended("failed")
    await chat.ended("completed")
    first, second = [row for row in await chat.rows() if row["kind"] == "assistant"]
    assert first["note"] == "Failed: server restarted"
    assert counted(first["text"]) >= shown >= 20
    assert second["text"].strip() == words(1, 3)
    assert [frame["cursor"][-3:] != ":0" for frame in chat.subscriptions()[1:]] == [True]  # it went on from there
    async with client(server.url, "killed") as phone:
        messages = (await phone.get("/transcript"))["messages"]
    assert [row["text"] for row in messages] == [row["text"] for row in await chat.rows()]
    assert [row["role"] for row in messages] == ["user", "assistant"] * 2
    assert all("ERR_CONNECTION_REFUSED" in json.dumps(event) for event in chat.page.noise())


async def test_a_prompt_that_was_stopped_before_anybody_heard_it_never_speaks(
    browser: Chromium, server: Process
) -> None:
    chat = await opened(browser, server.url, "unheard")
    await server.end(signal.SIGKILL)
    await chat.until("document.body.dataset.status !== 'live'")
    await chat.ask(LONG)
    await chat.until("document.querySelector('#doing').textContent === 'Sending'")
    await chat.press("Escape")
    await chat.until("document.querySelector('#doing').textContent === 'Stopping…'")
    await server.start()
    await chat.click("#status")
    await chat.ended("stopped")
    assert counted((await chat.said())[0]) < 20


async def test_a_reload_mid_answer_goes_on_from_the_last_event(browser: Chromium, url: str) -> None:
    chat = await opened(browser, url, "reload")
    await chat.ask(LONG)
    await chat.shows("tok-0020")
    await reload(chat)
    await chat.shows("tok-0020")
    await chat.ended("completed")
    assert counted((await chat.said())[0]) == 200
    first, second = chat.subscriptions()
    assert first["from"] == "fold"
    assert int(second["cursor"].partition(":")[2]) >= 20
    assert len([row for row in await chat.rows() if row["kind"] == "user"]) == 1
    assert chat.page.noise() == []


async def test_a_prompt_that_was_not_acknowledged_survives_a_reload_and_counts_once(
    browser: Chromium, server: Process
) -> None:
    chat = await opened(browser, server.url, "kept")
    server.tell(signal.SIGSTOP)  # it takes what is sent, and does not answer
    await chat.ask("[items=3 pace_ms=1]")
    await chat.until("document.querySelector('.user[data-state=sending]')")
    (sent,) = [frame for frame in chat.sent() if frame["type"] == "prompt"]
    await chat.page.open("about:blank")  # so that nobody hears the answer
    server.tell(signal.SIGCONT)
    await chat.page.open(f"{server.url}/?session=kept")
    await chat.ended("completed")
    await chat.until("sessionStorage['durable-session/1/kept/outbox'] === '[]'")
    again = [frame for frame in chat.sent() if frame["type"] == "prompt"]
    assert again == [sent, sent]
    await chat.until("document.querySelectorAll('.user').length === 1")
    async with client(server.url, "kept") as phone:
        assert len((await phone.get("/transcript"))["messages"]) == 2


HELD_BACK = """
sessionStorage.setItem('durable-session/1/once/outbox', JSON.stringify([%s]));
const send = WebSocket.prototype.send;
WebSocket.prototype.send = function (text) {
  if (JSON.parse(text).type === 'prompt') globalThis.letGo = () => send.call(this, text);
  else send.call(this, text);
};
"""


async def test_a_prompt_that_had_arrived_is_not_shown_again_beside_a_folded_transcript(
    browser: Chromium, url: str
) -> None:
    async with client(url, "once") as phone:
        await phone.prompt("k", "[items=3 pace_ms=0]")
    chat = Chat(await browser.page())
    command = json.dumps({"type": "prompt", "id": "i", "key": "k", "text": "[items=3 pace_ms=0]"})
    await chat.page.send("Page.enable")
    await chat.page.send("Page.addScriptToEvaluateOnNewDocument", source=HELD_BACK % command)
    await chat.page.open(f"{url}/?session=once")
    await chat.shows("tok-0003")
    await chat.until("globalThis.letGo")
    assert [(row["kind"], row["note"]) for row in await chat.rows()] == [("user", ""), ("assistant", "")]
    assert await run(chat, "return sessionStorage['durable-session/1/once/outbox']") != "[]"
    await run(chat, "letGo()")
    await chat.until("sessionStorage['durable-session/1/once/outbox'] === '[]'")
    assert [row["kind"] for row in await chat.rows()] == ["user", "assistant"]


async def test_a_connection_that_says_nothing_for_three_seconds_is_given_up(browser: Chromium, server: Process) -> None:
    chat = await opened(browser, server.url, "silent")
    await run(chat, "globalThis.heardAt = Date.now()")
    server.tell(signal.SIGSTOP)
    await chat.until("document.body.dataset.status !== 'live'")
    assert 1_900 < await run(chat, "return Date.now() - heardAt") < 4_500
    server.tell(signal.SIGCONT)
    await chat.status("live")
    assert chat.page.noise() == []


async def test_a_server_that_goes_away_says_when_to_come_back(browser: Chromium, server: Process) -> None:
    chat = await opened(browser, server.url, "away")
    await chat.ask(LONG)
    await chat.shows("tok-0005")
    await server.end(signal.SIGTERM)
    await chat.ended("failed")  # told before the server went
    await server.start()
    await chat.click("#status")
    await chat.status("live")
    counted((await chat.said())[0])
    assert "cursor" in chat.subscriptions()[-1]


async def test_a_page_that_was_frozen_is_gone_and_comes_back_at_once(browser: Chromium, url: str) -> None:
    chat, other = await opened(browser, url, "frozen"), await opened(browser, url, "frozen")
    await other.page.send("Page.bringToFront")
    await other.until("document.querySelector('#devices .count').textContent === '2'")
    await chat.page.send("Page.setWebLifecycleState", state="frozen")
    await other.until("document.querySelector('#devices .count').textContent === '1'")
    await other.ask("[items=5 pace_ms=1]")
    await other.ended("completed")
    await chat.page.send("Page.setWebLifecycleState", state="active")
    await chat.page.send("Page.bringToFront")
    await chat.ended("completed")
    assert await chat.rows() == await other.rows()
    assert chat.subscriptions()[-1]["cursor"].endswith(":0")


async def test_a_message_that_is_too_large_is_given_back_and_the_next_one_goes_through(
    browser: Chromium, url: str
) -> None:
    chat = await opened(browser, url, "large")
    await run(chat, "document.querySelector('#text').value = 'x'.repeat(70_000)")
    await run(chat, "document.querySelector('#ask').requestSubmit()")
    await chat.until("document.querySelector('#notice').textContent.startsWith('Not sent')")
    assert await run(chat, "return document.querySelector('#text').value.length") == 70_000
    await run(chat, "document.querySelector('#text').value = ''")
    await chat.ask("[items=3 pace_ms=1]")
    await chat.ended("completed")
    assert await chat.said() == [words(1, 3)]


async def test_a_refused_prompt_comes_back_into_the_box_with_the_reason(browser: Chromium, url: str) -> None:
    chat = await opened(browser, url, "refused")
    await chat.ask("[items=nonsense]")
    await chat.until("document.querySelector('#notice').textContent.startsWith('Not sent: items=nonsense')")
    assert await run(chat, "return document.querySelector('#text').value") == "[items=nonsense]"
    await chat.until("document.querySelector('#messages').children.length === 0")


async def test_a_history_that_cannot_be_continued_is_fetched_anew(browser: Chromium, url: str) -> None:
    async with client(url, "gap") as phone:
        await phone.prompt("k", "[items=5 pace_ms=0]")
        chat = await opened(browser, url, "gap")
        await chat.ended("completed")
        messages = [row | {"text": "of another history"} for row in (await phone.get("/transcript"))["messages"]]
        kept = json.dumps({"epoch": "other", "offset": 99, "messages": messages})
        forget = f"sessionStorage.setItem('durable-session/1/gap/transcript', {json.dumps(kept)})"
        await chat.page.send("Page.addScriptToEvaluateOnNewDocument", source=forget)
        await reload(chat)
        await chat.shows("tok-0005")
    await chat.until("!document.querySelector('#messages').textContent.includes('another history')")
    assert [row["text"].strip() for row in await chat.rows()] == ["[items=5 pace_ms=0]", words(1, 5)]
    assert [frame.get("cursor", frame.get("from")) for frame in chat.subscriptions()] == ["fold", "other:99", "fold"]


FAKE = """
const { Session } = await import('/web/session.js');
const { backoff } = await import('/web/backoff.js');
const { newKey } = await import('/web/outbox.js');
const { Tab } = await import('/web/tab.js');
const real = globalThis.WebSocket;
const made = [];
class Fake {
  static OPEN = 1;
  readyState = 1;
  sent = [];
  constructor() { made.push(this); }
  send(text) { this.sent.push(JSON.parse(text)); }
  close() {}
  say(...messages) { for (const each of messages) this.onmessage({ data: JSON.stringify(each) }); }
  begin(...messages) {
    this.onopen();
    this.say({ type: 'reply', id: 'subscribe', ok: true, recovered: true }, ...messages);
  }
}
const soon = () => new Promise((resolve) => setTimeout(resolve));
const event = (offset, kind, run, data) => ({ type: 'event', epoch: 'e', offset, kind, run, data });
const folded = { type: 'folded', cursor: 'e:0', messages: [], approvals: [] };
const caught = { type: 'caught-up', cursor: 'e:0' };
globalThis.WebSocket = Fake;
const session = new Session('fake', { tab: new Tab('fake', null) });
try { %s } finally { session.close(); globalThis.WebSocket = real; }
"""


async def test_it_waits_as_long_as_the_server_says(browser: Chromium, url: str) -> None:
    chat = await opened(browser, url, "fake")
    program = """
    session.open(); await soon(); made[0].begin(folded, caught, {type: 'away', retry_ms: 4321});
    made[0].onclose({ code: 1001 });
    return [session.status, Math.round((session.retryAt - Date.now()) / 100), session.devices];
    """
    assert await run(chat, FAKE % program) == ["waiting", 43, None]


async def test_the_wait_doubles_up_to_a_bound_and_is_spread(browser: Chromium, url: str) -> None:
    chat = await opened(browser, url, "fake")
    program = """return [[0, 1, 2, 5, 6, 50].map(n => backoff(n, () => 1)), backoff(50, () => 0), newKey().length,
      new Set(Array.from({length: 100}, newKey)).size];"""
    assert await run(chat, FAKE % program) == [[250, 500, 1000, 8000, 10_000, 10_000], 0, 24, 100]


async def test_an_event_twice_counts_once_and_a_hole_is_never_shown(browser: Chromium, url: str) -> None:
    chat = await opened(browser, url, "fake")
    program = """
    const gaps = []; session.addEventListener('gap', ({detail}) => gaps.push(detail.reason));
    session.open(); await soon();
    const start = [event(1, 'user', 'r', {id: 'u', text: 'q', key: 'k'}), event(2, 'run-start', 'r', {})];
    const one = event(3, 'text', 'r', {text: 'one '});
    made[0].begin(folded, caught, ...start, ...start, one, one);
    const before = session.transcript.messages.map(({text}) => text);
    made[0].say(event(5, 'text', 'r', {text: 'three '}));
    const after = session.transcript.messages.map(({text}) => text);
    session.check(); await soon(); made[1].onopen();
    return { before, after, gaps, from: made[1].sent[0].from };
    """
    told = await run(chat, FAKE % program)
    assert told == {"before": ["q", "one "], "after": ["q", "one "], "gaps": ["hole"], "from": "fold"}


async def test_what_is_not_acknowledged_is_sent_again_with_the_same_key(browser: Chromium, url: str) -> None:
    chat = await opened(browser, url, "fake")
    program = """
    session.open(); await soon(); made[0].begin(folded, caught);
    const reply = session.prompt('half \\ud83d of a pair', { key: 'k' });
    session.stop({ key: 'k' });
    made[0].onclose({ code: 1006 }); session.check(); await soon();
    made[1].begin({ type: 'caught-up', cursor: 'e:0' });
    const [, prompt] = made[1].sent;
    made[1].say({ type: 'reply', id: prompt.id, ok: false, code: 'unavailable' });
    const kept = session.outbox.length;
    session.check(); await soon(); made[2].begin({ type: 'caught-up', cursor: 'e:0' });
    made[2].say({ type: 'reply', id: prompt.id, ok: true, run: 'r', duplicate: true });
    return { kept, reply: await reply, left: session.outbox.map(({type}) => type), text: prompt.text,
      same: new Set(made.map(({sent}) => JSON.stringify(sent.slice(1)))).size === 1, made: made.length,
      types: made[2].sent.map(({type}) => type) };
    """
    told = await run(chat, FAKE % program)
    assert told.pop("reply")["run"] == "r"
    assert told == {
        "kept": 2, "left": ["stop"], "text": "half \ufffd of a pair", "same": True, "made": 3,
        "types": ["subscribe", "prompt", "stop"],
    }  # fmt: skip


async def test_a_closed_session_stays_closed(browser: Chromium, url: str) -> None:
    chat = await opened(browser, url, "fake")
    program = """
    session.open(); await soon(); made[0].begin(folded, caught); session.close();
    window.dispatchEvent(new Event('online')); session.check();
    return [made.length, session.status];
    """
    assert await run(chat, FAKE % program) == [1, "closed"]
