"""The chat page in a real Chromium: what people see and do while everything works."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.chromium import Chromium

from ..devices import client
from .pages import Chat, opened, words

pytestmark = [pytest.mark.browser, pytest.mark.sockets, pytest.mark.asyncio(loop_scope="package")]

GROUND = "getComputedStyle(document.body).backgroundColor"
FITS = "document.documentElement.scrollWidth <= innerWidth && document.querySelector('main').scrollWidth <= innerWidth"


LOOKS = [(1280, "light", "rgb(255, 255, 255)"), (1280, "dark", "rgb(15, 19, 23)"), (360, "light", "rgb(255, 255, 255)")]


async def test_words_come_as_they_are_said_and_the_page_is_quiet(browser: Chromium, url: str, tmp_path: Path) -> None:
    chat = await opened(browser, url, "quiet")
    await chat.until("!document.querySelector('#empty').hidden")
    await chat.ask("Count. [items=40 pace_ms=10 agents=1]")
    await chat.shows("tok-0002")
    assert "tok-0040" not in "".join(await chat.said())  # it is shown while it is said, not when it is done
    await chat.until("!document.querySelector('#run').hidden")
    await chat.ended("completed")
    assert await chat.said() == [words(1, 40), words(1, 40, "a1.tok-{:04d}")]
    assert [row["who"] for row in await chat.rows()] == ["", "", "a1"]
    await chat.until("document.querySelector('#run').hidden")
    for width, scheme, ground in LOOKS:
        await chat.look(width, scheme)
        assert await chat.page.evaluate(FITS)
        assert await chat.page.evaluate(GROUND) == ground
        assert len(await chat.page.screenshot(tmp_path / "chat.png", whole=False)) > 10_000
    asked_for = [address for address in chat.page.requests() if not address.startswith("ws:")]
    assert all(address.startswith((f"{url}/web/", f"{url}/?")) for address in asked_for)
    assert chat.page.noise() == []


async def test_an_address_without_a_session_gets_a_new_one(browser: Chromium, url: str) -> None:
    page = await browser.page()
    await page.open(f"{url}/")
    chat = Chat(page)
    await chat.status("live")
    assert await page.evaluate("location.search.match(/^[?]session=[0-9a-f]{10}$/) !== null")
    await page.open(f"{url}/?session=../etc")
    await chat.status("live")
    assert await page.evaluate("location.search.match(/^[?]session=[0-9a-f]{10}$/) !== null")
    assert "up to 128" in await page.evaluate("document.querySelector('#notice').textContent")


async def test_tabs_show_the_same_and_know_of_each_other(browser: Chromium, url: str) -> None:
    one, two = await opened(browser, url, "tabs"), await opened(browser, url, "tabs")
    for chat in (one, two):
        await chat.until("document.querySelector('#devices .count').textContent === '2'")
    await one.ask("Count. [items=30 pace_ms=5]")
    await one.ended("completed")
    await two.page.send("Page.bringToFront")
    await two.ask("And again. [items=5 pace_ms=1]")
    for chat in (two, one):
        await chat.page.send("Page.bringToFront")
        await chat.ended("completed", 2)
    assert await one.rows() == await two.rows()
    third = await opened(browser, url, "tabs")  # late, by the folded transcript
    await third.ended("completed", 2)
    assert third.subscriptions()[0]["from"] == "fold"
    assert await third.rows() == await one.rows()


async def test_escape_stops_the_answer(browser: Chromium, url: str) -> None:
    chat = await opened(browser, url, "stop")
    await chat.ask("[items=2000 pace_ms=10]")
    await chat.shows("tok-0003")
    await chat.press("Escape")
    await chat.ended("stopped")
    assert (await chat.rows())[-1]["note"] == "Stopped"
    assert await chat.page.evaluate("document.querySelector('#run').hidden")


async def test_steering_changes_the_answer_and_says_what_became_of_it(browser: Chromium, url: str) -> None:
    chat = await opened(browser, url, "steer")
    await chat.ask("[items=2000 pace_ms=10]")
    await chat.until("document.querySelector('#run:not([hidden]) #wish:enabled')")
    await chat.fill("#wish", 'louder [format="LOUD-{}"]')
    await chat.press("Enter")
    await chat.shows("LOUD-")
    await chat.fill("#wish", "kindly")
    await chat.press("Enter")
    await chat.until("document.querySelectorAll('.steered .note').length === 2")
    await chat.until("[...document.querySelectorAll('.steered')].every(each => each.dataset.outcome)")
    assert [row["note"] for row in await chat.rows() if row["kind"] == "steered"] == ["taken", "refused"]
    await chat.click("#stop")
    await chat.ended("stopped")


@pytest.mark.parametrize(("answer", "note", "last"), [("yes", "Approved", 6), ("no", "Denied", 4)])
async def test_an_approval_is_answered_from_any_tab(
    browser: Chromium, url: str, answer: str, note: str, last: int
) -> None:
    asking, other = await opened(browser, url, f"ask-{answer}"), await opened(browser, url, f"ask-{answer}")
    await asking.ask("[items=6 pace_ms=1 approve_at=4]")
    await asking.until("document.querySelector('.approval[data-state=open]')")
    await other.page.send("Page.bringToFront")
    await other.until("document.querySelector('.approval[data-state=open]')")
    await other.click(f".approval .{answer}")
    for chat in (other, asking):
        await chat.page.send("Page.bringToFront")
        await chat.ended("completed")
        assert await chat.said() == [words(1, last)]
        assert [row["note"] for row in await chat.rows() if row["kind"] == "approval"] == [note]
        assert await chat.page.evaluate("document.querySelector('.answers').hidden")


async def test_endings_are_told_apart(browser: Chromium, url: str) -> None:
    async with client(url, "endings") as phone:
        await phone.post("prompts", key="1", text="[items=2 pace_ms=1]")
        await phone.post("prompts", key="2", text="[items=4 pace_ms=1 fail_at=2]")
        await phone.post("prompts", key="3", text="[items=900 pace_ms=1]")
        chat = await opened(browser, url, "endings")
        await chat.ended("running")
        await phone.post("prompts", key="4", text="[items=900 pace_ms=1]", policy="interrupt")
        await chat.ended("superseded")
        await phone.post("stop", key="4")
        await chat.ended("stopped")
    notes = [row["note"] for row in await chat.rows() if row["kind"] == "assistant"]
    assert notes[1] == "Failed: the agent failed after word 2, as its script says"
    late = await opened(browser, url, "endings")  # by the folded transcript
    await late.ended("superseded")
    assert await late.rows() == await chat.rows()
    assert [note.partition(":")[0] for note in notes] == ["", "Failed", "Cut short by a newer prompt", "Stopped"]


async def test_a_queued_prompt_says_so_and_takes_its_turn(browser: Chromium, url: str) -> None:
    chat = await opened(browser, url, "queue")
    await chat.ask("[items=2000 pace_ms=10]")
    await chat.shows("tok-0001")
    await chat.ask("[items=3 pace_ms=1]")
    await chat.until("document.querySelector('.user[data-state=queued]')")
    assert (await chat.rows())[-1]["note"] == "waiting for its turn"
    assert await chat.page.evaluate("document.querySelector('#doing').textContent") == "Answering · 1 queued"
    await chat.click("#stop")
    await chat.ended("completed")
    assert (await chat.said())[-1] == words(1, 3)
    assert [row["note"] for row in await chat.rows() if row["kind"] == "user"] == ["", ""]


async def test_screen_readers_hear_an_answer_once_when_it_is_whole(browser: Chromium, url: str) -> None:
    chat = await opened(browser, url, "heard")
    await chat.page.evaluate("""
      globalThis.heard = [];
      new MutationObserver(() => heard.push(document.querySelector('#said').textContent))
        .observe(document.querySelector('#said'), {childList: true})
    """)
    await chat.ask("[items=30 pace_ms=2]")
    await chat.ended("completed")
    await chat.until("heard.length > 0")
    assert await chat.page.evaluate("heard") == [words(1, 30) + "  Answer complete"]
    assert await chat.page.evaluate("document.querySelector('#messages').closest('[aria-live]') === null")


async def test_everything_has_a_name_and_can_be_reached_by_keyboard(browser: Chromium, url: str) -> None:
    chat = await opened(browser, url, "keys")
    await chat.ask("[items=2000 pace_ms=10 approve_at=3]")
    await chat.until("document.querySelector('.approval[data-state=open]')")
    nameless = """[...document.querySelectorAll('button, a, input, textarea')].filter(each =>
      !(each.textContent.trim() || each.getAttribute('aria-label') || each.title)).length"""
    assert await chat.page.evaluate(nameless) == 0
    reached = set()
    for _ in range(14):
        await chat.press("Tab")
        focused = "(document.activeElement.id || document.activeElement.className || document.activeElement.tagName)"
        reached.add(await chat.page.evaluate(focused))
    assert {"skip", "status", "new", "yes", "no", "wish", "steer", "stop", "text", "send"} <= reached
    await chat.press("Escape")
    await chat.ended("stopped")


async def test_the_reader_stays_where_the_reader_is(browser: Chromium, url: str) -> None:
    chat = await opened(browser, url, "scroll", width=360)
    await chat.ask("[items=3000 pace_ms=2]")
    await chat.until("document.querySelector('main').scrollTop > 300")  # it follows
    await chat.page.evaluate("document.querySelector('main').scrollTop = 0")
    await chat.until("!document.querySelector('#latest').hidden")
    length = len((await chat.said())[0])
    await chat.until(f"document.querySelector('.assistant .text').textContent.length > {length + 200}")
    assert await chat.page.evaluate("document.querySelector('main').scrollTop") == 0
    await chat.click("#latest")
    await chat.until("document.querySelector('#latest').hidden")
    await chat.press("Escape")
    await chat.ended("stopped")


async def test_markup_in_what_is_said_is_text(browser: Chromium, url: str) -> None:
    chat = await opened(browser, url, "markup")
    evil = "<img/src=x/onerror=document.title='owned'>"
    await chat.ask(f'{evil} [items=2 pace_ms=1 format="{evil}-{{}}"]')
    await chat.ended("completed")
    await asyncio.sleep(0.05)
    assert await chat.page.evaluate("document.querySelectorAll('#messages img').length") == 0
    assert await chat.page.evaluate("document.title") == "markup · Session"
    assert chat.page.noise() == []
