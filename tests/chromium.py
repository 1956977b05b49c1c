"""A real Chromium for tests, driven by the raw DevTools protocol over one WebSocket.

No driver library: https://chromedevtools.github.io/devtools-protocol/ is JSON with ids. Pages are reached by flat
sessions (Target.attachToTarget, flatten). The browser is ended by its own process, never by name.
"""

from __future__ import annotations

import asyncio
import json
from base64 import b64decode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

EXECUTABLE = Path("/usr/bin/chromium")
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--remote-debugging-port=0",
)
_NOISE = ("Log.entryAdded", "Runtime.consoleAPICalled", "Runtime.exceptionThrown")
_START_S, _ANSWER_S, _END_S = 30.0, 30.0, 5.0


class DevToolsError(Exception):
    """The browser refused a command."""


@dataclass
class Page:
    """One tab. events: everything it reported, in order."""

    browser: Chromium
    session: str
    events: list[dict[str, Any]] = field(default_factory=list)

    async def send(self, method: str, **params: Any) -> dict[str, Any]:
        """Send a command and give its result."""
        return await self.browser.send(method, session=self.session, **params)

    async def open(self, url: str) -> None:
        """Navigate, and wait until the page has loaded."""
        for domain in ("Page", "Network", "Log", "Runtime"):
            await self.send(f"{domain}.enable")
        start = len(self.events)
        await self.send("Page.navigate", url=url)
        await self.until("Page.loadEventFired", start)

    async def until(self, method: str, start: int = 0) -> dict[str, Any]:
        """The first such event from `start` on; TimeoutError when it does not come."""
        async with asyncio.timeout(_ANSWER_S), self.browser.news:
            await self.browser.news.wait_for(lambda: any(e["method"] == method for e in self.events[start:]))
        return next(event for event in self.events[start:] if event["method"] == method)

    async def size(self, width: int, height: int) -> None:
        """Set the viewport in CSS pixels."""
        await self.send(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 500
        )

    async def media(self, media: str = "", **features: str) -> None:
        """Emulate a medium (`print`) and features, written with underscores (`prefers_color_scheme="dark"`)."""
        named = [{"name": name.replace("_", "-"), "value": value} for name, value in features.items()]
        await self.send("Emulation.setEmulatedMedia", media=media, features=named)

    async def evaluate(self, expression: str) -> Any:
        """The JSON value of an expression in the page."""
        answer = await self.send("Runtime.evaluate", expression=expression, returnByValue=True)
        if "exceptionDetails" in answer:
            raise DevToolsError(answer["exceptionDetails"]["text"])
        return answer["result"].get("value")

    async def screenshot(self, path: Path, whole: bool = True) -> bytes:
        """Write a PNG of the page (or of the viewport) and give its bytes."""
        answer = await self.send("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        return _write(path, answer["data"])

    async def pdf(self, path: Path) -> bytes:
        """Print to PDF and give its bytes."""
        answer = await self.send("Page.printToPDF", printBackground=True, preferCSSPageSize=True)
        return _write(path, answer["data"])

    def requests(self) -> list[str]:
        """Every address the page asked for."""
        sent = (event for event in self.events if event["method"] == "Network.requestWillBeSent")
        return [event["params"]["request"]["url"] for event in sent]

    def noise(self) -> list[dict[str, Any]]:
        """Everything that reached the console: messages, policy violations, exceptions."""
        return [event for event in self.events if event["method"] in _NOISE]


@dataclass
class Chromium:
    """A running browser; see `chromium`."""

    socket: ClientConnection
    pages: dict[str, Page] = field(default_factory=dict)
    answers: dict[int, asyncio.Future[dict[str, Any]]] = field(default_factory=dict)
    news: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def page(self) -> Page:
        """A new, empty tab."""
        target = await self.send("Target.createTarget", url="about:blank")
        attached = await self.send("Target.attachToTarget", targetId=target["targetId"], flatten=True)
        return self.pages.setdefault(attached["sessionId"], Page(self, attached["sessionId"]))

    async def send(self, method: str, session: str | None = None, **params: Any) -> dict[str, Any]:
        """Send a command to the browser, or to one session of it."""
        number = len(self.answers) + 1
        self.answers[number] = asyncio.get_running_loop().create_future()
        message: dict[str, Any] = {"id": number, "method": method, "params": params}
        if session is not None:
            message["sessionId"] = session
        await self.socket.send(json.dumps(message))
        async with asyncio.timeout(_ANSWER_S):
            return await self.answers[number]

    async def listen(self) -> None:
        """Hand out answers and events until the browser hangs up."""
        async for text in self.socket:
            message = json.loads(text)
            if "id" in message:
                self._settle(message)
            else:
                await self._report(message)

    def _settle(self, message: dict[str, Any]) -> None:
        waiting = self.answers[message["id"]]
        if waiting.done():
            return
        if "error" in message:
            waiting.set_exception(DevToolsError(message["error"]["message"]))
        else:
            waiting.set_result(message["result"])

    async def _report(self, message: dict[str, Any]) -> None:
        page = self.pages.get(message.get("sessionId", ""))
        if page is not None:
            async with self.news:
                page.events.append(message)
                self.news.notify_all()


@asynccontextmanager
async def chromium(profile: Path) -> AsyncIterator[Chromium]:
    """A browser with a profile folder of its own, which ends with the block."""
    process = await asyncio.create_subprocess_exec(
        EXECUTABLE,
        *FLAGS,
        f"--user-data-dir={profile}",
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        address = await _address(profile / "DevToolsActivePort", process)
        async with connect(address, max_size=None, ping_interval=None, compression=None, proxy=None) as socket:
            browser = Chromium(socket)
            listening = asyncio.create_task(browser.listen())
            try:
                yield browser
            finally:
                await _close(browser, listening)
    finally:
        await _end(process)


async def _address(file: Path, process: asyncio.subprocess.Process) -> str:
    """The WebSocket address that the browser writes down once it listens: a port, then a path."""
    async with asyncio.timeout(_START_S):
        while True:
            if address := _written(file):
                return address
            if process.returncode is not None:
                raise DevToolsError(f"Chromium ended with {process.returncode} before it listened")
            await asyncio.sleep(0.02)  # a file cannot be awaited


def _written(file: Path) -> str:
    lines = file.read_text().split() if file.exists() else []
    return f"ws://127.0.0.1:{lines[0]}{lines[1]}" if len(lines) == 2 else ""


async def _close(browser: Chromium, listening: asyncio.Task[None]) -> None:
    with suppress(Exception):  # it may hang up before it answers
        await asyncio.wait_for(browser.send("Browser.close"), _END_S)
    listening.cancel()
    with suppress(asyncio.CancelledError, Exception):
        await listening


async def _end(process: asyncio.subprocess.Process) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(process.wait(), _END_S)
    if process.returncode is None:
        process.kill()
        await process.wait()


def _write(path: Path, data: str) -> bytes:
    content = b64decode(data)
    path.write_bytes(content)
    return content
