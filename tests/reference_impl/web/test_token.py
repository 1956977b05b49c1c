"""The page and its token in a real Chromium: it expires in the middle of an answer, is renewed, is refused, is kept
nowhere."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web

from reference_impl.access.gate import Access
from reference_impl.access.scopes import SCOPES, Scope
from reference_impl.access.tokens import Verifier, mint, secret_key
from reference_impl.server import build_app, listening
from tests.chromium import Chromium

from ..devices import client
from .pages import Chat, reload, run, words

pytestmark = [pytest.mark.browser, pytest.mark.sockets, pytest.mark.asyncio(loop_scope="package")]

KEY = secret_key(b"a secret of thirty-two bytes, or more")
DEVICE = """
const { Session } = await import('/web/session.js');
const session = new Session('s', { token: async () => (await fetch('/token')).text() });
globalThis.denials = [];
session.addEventListener('denied', ({ detail }) => denials.push(detail.message));
const became = async (wanted) => {
  while (session.status !== wanted) await new Promise((go) => session.addEventListener('status', go, { once: true }));
};
const leave = () => window.dispatchEvent(new Event('pagehide'));
Object.assign(globalThis, { session, became });
session.open();
"""
ASK = """
session.prompt('[items=%d pace_ms=8]');
const done = () => session.transcript.messages.find(({ ending }) => ending === 'completed');
while (!done()) await new Promise((resolve) => session.addEventListener('change', resolve, { once: true }));
session.close();
return session.transcript.messages.map(({ text }) => text.trim());
"""
EVERYWHERE = """JSON.stringify([location.href, history.state, document.cookie, {...localStorage}, {...sessionStorage},
  document.documentElement.outerHTML])"""


def token(seconds: float, session: str = "s", scopes: tuple[Scope, ...] = SCOPES) -> str:
    """One that expires so many seconds from now, exactly."""
    return mint(KEY, session, scopes, time.time() - int(time.time()) + seconds, "ann")


class Backend:
    """Whoever makes the page's tokens. life_s: of each. next: given before those, in this order. late_s: what the
    server's clock is ahead."""

    def __init__(self, life_s: float) -> None:
        self.url = ""
        self.life_s = life_s
        self.next: list[str] = []
        self.asked = 0
        self.late_s = 0.0

    async def answer(self, _: web.Request) -> web.Response:
        """`GET /token`."""
        self.asked += 1
        return web.Response(text=self.next.pop(0) if self.next else token(self.life_s))


@asynccontextmanager
async def backend(life_s: float = 60, warn_s: float = 30) -> AsyncIterator[Backend]:
    """A server that asks for tokens, with somebody who makes them."""
    made = Backend(life_s)
    app = build_app(access=Access(Verifier(KEY, lambda: time.time() + made.late_s), warn_s=warn_s))
    app.router.add_get("/token", made.answer)
    async with listening(app, "127.0.0.1", 0) as made.url:
        yield made


async def blank(browser: Chromium, url: str) -> Chat:
    """A page of that server on which nothing runs."""
    page = await browser.page()
    await page.open(f"{url}/web/style.css")
    return Chat(page)


def renewals(chat: Chat) -> list[dict[str, Any]]:
    """What it sent to go on with another token."""
    return [frame for frame in chat.sent() if frame["type"] == "renew"]


def secrets(chat: Chat) -> list[str]:
    """The tokens that it used."""
    made = (event["params"]["url"] for event in chat.page.events if event["method"] == "Network.webSocketCreated")
    return [address.partition("?token=")[2] for address in made]


async def test_a_token_that_expires_in_the_middle_of_an_answer_costs_no_word(browser: Chromium) -> None:
    async with backend(life_s=0.6, warn_s=0) as server:  # nobody is warned
        chat = await blank(browser, server.url)
        assert await run(chat, DEVICE + ASK % 150) == ["[items=150 pace_ms=8]", words(1, 150)]
        first, *more = chat.subscriptions()
        assert first["from"] == "fold"
        assert len(more) >= 1 and all("cursor" in frame for frame in more)
        assert renewals(chat) == []
        assert server.asked == len(secrets(chat)) == len(set(secrets(chat))) >= 2  # none again
        everything = await chat.page.evaluate(EVERYWHERE)
        assert not any(secret in everything for secret in secrets(chat))


async def test_a_token_is_renewed_before_it_expires_and_the_connection_stays(browser: Chromium) -> None:
    async with backend(life_s=1.8, warn_s=60) as server:  # each is about to expire from the beginning
        chat = await blank(browser, server.url)
        assert await run(chat, DEVICE + ASK % 250) == ["[items=250 pace_ms=8]", words(1, 250)]
        assert len(chat.subscriptions()) == 1
        assert 1 <= len(renewals(chat)) <= 3  # without pause it would be hundreds
        assert server.asked == 1 + len(renewals(chat))


async def test_a_token_that_is_kept_is_used_until_it_is_refused(browser: Chromium) -> None:
    async with backend(life_s=600) as server:
        chat = await blank(browser, server.url)
        server.next = [token(60)]
        await run(chat, DEVICE + "await became('live'); leave(); session.check(); await became('live'); leave();")
        server.late_s = 100  # while the page slept; that is nobody's business
        assert await run(chat, "session.check(); await became('live'); session.close(); return denials") == []
        assert server.asked == 2
        *old, last = secrets(chat)
        assert {*old} == {old[0]} and last != old[0]
        assert len(old) in (3, 4)  # one more try may be under way before it is known why the one before failed


async def test_a_session_that_does_not_open_says_why_until_it_does(browser: Chromium) -> None:
    program = """
    session.addEventListener('denied', () => session.check());
    await became('live');
    const reply = await session.prompt('x');
    session.close();
    return [[...new Set(denials)], reply.code];
    """
    async with backend() as server:
        chat = await blank(browser, server.url)
        server.next = ["", "nonsense", token(60, "t"), token(60, scopes=("prompt",)), token(60, scopes=("read",))]
        denials, code = await run(chat, DEVICE + program)
        assert denials == [
            "a token is missing", "the token is malformed", "the token is for another session",
            'the token does not have the scope "read"',
        ]  # fmt: skip
        assert code == "forbidden"
        assert server.asked == 5


async def test_the_chat_page_takes_its_token_from_the_address_and_leaves_it_nowhere(browser: Chromium) -> None:
    async with backend() as server:
        chat = Chat(await browser.page())
        one, other = token(60), token(61)
        await chat.page.open(f"{server.url}/?session=s#token={one}")
        await chat.status("live")
        await chat.ask("[items=3 pace_ms=1]")
        await chat.ended("completed")
        assert await chat.page.evaluate("location.href") == f"{server.url}/?session=s"
        assert one not in await chat.page.evaluate(EVERYWHERE)
        entries = (await chat.page.send("Page.getNavigationHistory"))["entries"]
        assert entries[-1]["url"] == f"{server.url}/?session=s"
        assert chat.page.noise() == []

        await reload(chat)  # the token was nowhere, so it is gone
        await chat.until("document.querySelector('#notice').textContent.includes('a token is missing')")
        await chat.shows("tok-0003")  # of what was shown, nothing is
        await chat.page.evaluate(f"location.hash = 'token={other}'")
        await chat.status("live")
        await chat.until("document.querySelector('#notice').hidden")
        assert await chat.page.evaluate("location.href") == f"{server.url}/?session=s"
        assert other not in await chat.page.evaluate(EVERYWHERE)
        assert secrets(chat) == [one, *[""] * (len(secrets(chat)) - 2), other]


async def test_the_chat_page_survives_the_end_of_its_token(browser: Chromium) -> None:
    async with backend() as server, client(server.url, "s", token(60)) as phone:
        await phone.prompt("k", "[items=180 pace_ms=8]")
        chat = Chat(await browser.page())
        await chat.page.open(f"{server.url}/?session=s#token={token(0.8)}")
        await chat.until("document.querySelector('#notice').textContent.includes('the token has expired')")
        await chat.page.evaluate(f"location.hash = 'token={token(60)}'")
        await chat.ended("completed")
        assert await chat.said() == [words(1, 180)]
        assert len([row for row in await chat.rows() if row["kind"] == "user"]) == 1
        assert renewals(chat) == []  # there was no other one
