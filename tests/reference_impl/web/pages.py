"""The chat page in a real browser, as tests see it: what it shows, what it sends, and what people do to it."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tests.chromium import Chromium, Page

ROOT = Path(__file__).parents[3]
PATIENCE_S = 15.0
KEYS = {"Enter": 13, "Escape": 27, "Tab": 9}
ROWS = """
[...document.querySelectorAll('#messages > li')].map(item => ({
  kind: item.classList[0],
  text: item.querySelector('.text').textContent,
  note: item.querySelector('.note').textContent,
  ending: item.dataset.ending ?? '',
  who: item.querySelector('.who:not(.vh)')?.textContent ?? '',
}))
"""


class Chat:
    """One tab on one session."""

    def __init__(self, page: Page) -> None:
        self.page = page

    async def until(self, expression: str) -> None:
        """Return when it is true in the page."""
        for _ in range(int(PATIENCE_S / 0.02)):
            if await self.page.evaluate(f"!!({expression})"):
                return
            await asyncio.sleep(0.02)  # the page is asked again: its rendering is no event
        status = await self.page.evaluate("document.body.dataset.status")
        raise AssertionError(f"never true: {expression}; {status}; {json.dumps(await self.rows())[-600:]}")

    async def look(self, width: int, scheme: str = "light") -> None:
        """Give the page that width, on a system with that color scheme."""
        await self.page.size(width, 800)
        await self.page.media(prefers_color_scheme=scheme, prefers_reduced_motion="reduce")

    async def ask(self, text: str) -> None:
        """Type a prompt and press Enter."""
        await self.fill("#text", text)
        await self.press("Enter")

    async def fill(self, where: str, text: str) -> None:
        """Focus a box and type."""
        await self.page.send("Page.bringToFront")
        await self.page.evaluate(f"document.querySelector({where!r}).focus()")
        await self.page.send("Input.insertText", text=text)

    async def press(self, key: str) -> None:
        """Press a key where the focus is."""
        text = {"text": "\r"} if key == "Enter" else {}
        code = KEYS[key]
        await self.page.send("Input.dispatchKeyEvent", type="keyDown", key=key, windowsVirtualKeyCode=code, **text)
        await self.page.send("Input.dispatchKeyEvent", type="keyUp", key=key, windowsVirtualKeyCode=code)

    async def click(self, where: str) -> None:
        """Click on what a selector finds."""
        await self.page.evaluate(f"document.querySelector({where!r}).click()")

    async def rows(self) -> list[dict[str, str]]:
        """The messages, top to bottom."""
        found: list[dict[str, str]] = await self.page.evaluate(ROWS)
        return found

    async def said(self) -> list[str]:
        """The answers, each without the space at its end."""
        return [row["text"].strip() for row in await self.rows() if row["kind"] == "assistant"]

    async def status(self, status: str) -> None:
        """Return when the connection is that."""
        await self.until(f"document.body.dataset.status === {status!r}")

    async def shows(self, text: str) -> None:
        """Return when a message holds the text."""
        texts = "[...document.querySelectorAll('#messages .text')]"
        await self.until(f"{texts}.some(each => each.textContent.includes({json.dumps(text)}))")

    async def ended(self, ending: str, count: int = 1) -> None:
        """Return when so many runs ended so."""
        await self.until(f"document.querySelectorAll('.assistant:not(.sub)[data-ending={ending}]').length === {count}")

    def subscriptions(self) -> list[dict[str, Any]]:
        """What each of its connections asked for."""
        return [frame for frame in self.sent() if frame["type"] == "subscribe"]

    def sent(self) -> list[dict[str, Any]]:
        """Every message that it sent."""
        frames = (event for event in self.page.events if event["method"] == "Network.webSocketFrameSent")
        texts = (event["params"]["response"] for event in frames)
        return [json.loads(frame["payloadData"]) for frame in texts if frame["opcode"] == 1]


async def opened(browser: Chromium, url: str, session: str, width: int = 1280) -> Chat:
    """A tab that is live."""
    chat = Chat(await browser.page())
    await chat.look(width)
    await chat.page.open(f"{url}/?session={session}")
    await chat.status("live")
    return chat


async def reload(chat: Chat) -> None:
    """Return when the page has loaded again."""
    start = len(chat.page.events)
    await chat.page.send("Page.reload")
    await chat.page.until("Page.loadEventFired", start)


async def run(chat: Chat, program: str) -> Any:
    """The value of an asynchronous program in the page."""
    expression = f"(async () => {{ {program} }})()"
    answer = await chat.page.send("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
    assert "exceptionDetails" not in answer, answer
    return answer["result"].get("value")


def words(first: int, last: int, form: str = "tok-{:04d}") -> str:
    """What the scripted agent says."""
    return " ".join(form.format(number) for number in range(first, last + 1))


class Process:
    """The server as a process on one SQLite file, which can be killed and started again on the same port."""

    def __init__(self, path: Path) -> None:
        self.url = ""
        self._path = path
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Return when it listens."""
        port = self.url.rpartition(":")[2] or "0"
        command = ("-m", "reference_impl", "--port", port, "--storage", f"sqlite:{self._path}")
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, *command, stdout=asyncio.subprocess.PIPE, cwd=ROOT
        )
        assert self._process.stdout is not None
        line = (await asyncio.wait_for(self._process.stdout.readline(), 20)).decode()
        assert line.startswith("listening on http://127.0.0.1:")
        self.url = line.removeprefix("listening on ").strip()

    async def end(self, how: signal.Signals) -> None:
        """Send the signal and wait until it is gone."""
        assert self._process is not None
        if self.runs:
            self._process.send_signal(how)
        await self._process.wait()

    @property
    def runs(self) -> bool:
        """It was started, and has not ended."""
        return self._process is not None and self._process.returncode is None

    def tell(self, what: signal.Signals) -> None:
        """Send a signal that does not end it."""
        assert self._process is not None
        os.kill(self._process.pid, what)


@asynccontextmanager
async def process(path: Path) -> AsyncIterator[Process]:
    """A server process; killed when the context ends."""
    server = Process(path)
    await server.start()
    try:
        yield server
    finally:
        await server.end(signal.SIGKILL)
