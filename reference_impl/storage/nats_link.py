"""The parts of NATS JetStream that the store needs, by its wire API (docs.nats.io/reference/reference-protocols)."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from base64 import b64decode
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias
from urllib.parse import urlsplit

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.errors import Error, NoRespondersError, SlowConsumerError

from .base import StoreError
from .following import Unreachable

_CONNECT_S = 2
_TRY_S = 1.0  # how long one request may take
_PATIENCE_S = 4.0  # how long a request is repeated
_AGAIN_S = 0.05
_PAGE = 256  # messages asked for at once
_NOT_FOUND, _NOT_AVAILABLE = 404, 503
_NAME_IN_USE, _WRONG_LAST_SEQUENCE = 10058, 10071

Heard: TypeAlias = Callable[[Msg], Awaitable[None]]

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Kept:
    """A message in a stream. time: when it was taken, by the clock of the server, seconds."""

    seq: int
    data: bytes
    time: float


class Refused(StoreError):
    """JetStream answered with an error."""

    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(f"NATS: {error.get('description', error)}")
        self.code = int(error.get("code", 0))
        self.detail = int(error.get("err_code", 0))


class Link:
    """One connection. missed: called when messages may have been missed."""

    def __init__(self, url: str, missed: Callable[[], None]) -> None:
        self._url = url
        self._missed = missed
        self._client = Client()

    @property
    def largest(self) -> int:
        """Bytes of the largest message the server takes."""
        return self._client.max_payload

    async def open(self) -> None:
        """Connect. Raises StoreError."""
        try:
            await _greeted(self._url)  # the client would go on trying for long
            await self._client.connect(
                self._url,
                connect_timeout=_CONNECT_S,
                reconnect_time_wait=_AGAIN_S,  # type: ignore[arg-type]
                max_reconnect_attempts=-1,
                ping_interval=2,
                reconnected_cb=self._back,
                error_cb=self._troubled,
            )
        except (Error, OSError) as problem:
            raise StoreError(str(problem) or type(problem).__name__) from problem

    async def close(self) -> None:
        """Disconnect."""
        with suppress(Error, OSError, AssertionError):  # the last: it was never connected
            await self._client.close()

    async def make(self, stream: str, config: dict[str, Any]) -> dict[str, Any]:
        """The stream's configuration; it is made when it is not there. Raises StoreError."""
        try:
            made = await self._ask(f"STREAM.CREATE.{stream}", {"name": stream, **config})
        except Refused as refused:
            if refused.detail != _NAME_IN_USE:
                raise
            made = await self._ask(f"STREAM.INFO.{stream}", {})
        return dict(made["config"])

    async def put(self, subject: str, data: bytes, last: int | None = None, *, instead: bool = False) -> int:
        """Add a message; its sequence number, or 0 when `last` is given and not the last one of the subject any more.

        instead: in place of all messages of the subject. Repeats itself when there is no answer: 0 may then also mean
        that this message itself came after `last`. Raises StoreError, Unreachable when it may or may not be there.
        """
        headers = {} if last is None else {"Nats-Expected-Last-Subject-Sequence": str(last)}
        if instead:
            headers["Nats-Rollup"] = "sub"
        try:
            return int((await self._request(subject, data, headers))["seq"])
        except Refused as refused:
            if refused.detail == _WRONG_LAST_SEQUENCE:
                return 0
            raise

    async def last(self, stream: str, subject: str) -> Kept | None:
        """The newest message of a subject, by the server that leads the stream. Raises StoreError."""
        return await self._get(stream, {"last_by_subj": subject})

    async def next(self, stream: str, subject: str, seq: int) -> Kept | None:
        """The first message of a subject from that sequence number on. Raises StoreError."""
        return await self._get(stream, {"seq": seq, "next_by_subj": subject})

    async def purge(self, stream: str, subject: str, before: int = 0) -> None:
        """Forget the messages of a subject before that sequence number, 0 for all of them. Raises StoreError."""
        await self._ask(f"STREAM.PURGE.{stream}", {"filter": subject, "seq": before})

    async def drop(self, stream: str, seq: int) -> None:
        """Forget one message, if it is there. Raises StoreError."""
        with suppress(Refused):
            await self._ask(f"STREAM.MSG.DELETE.{stream}", {"seq": seq})

    async def messages(
        self, stream: str, subject: str, begin: int, end: int
    ) -> AsyncGenerator[tuple[int, bytes], None]:
        """The messages of a subject from one sequence number up to another, which is there. Raises StoreError."""
        inbox, found = self._client.new_inbox(), asyncio.Queue[Msg]()
        heard = await self.hear(inbox, found.put)
        reader = ""
        try:
            reader = await self._reader(stream, subject, begin)
            seq, count = 0, 0
            while seq < end:
                if count % _PAGE == 0:
                    await self._turn(f"{stream}.{reader}", inbox)
                message = await _soon(found)
                seq, count = _place(message), count + 1
                yield seq, message.data
        finally:
            with suppress(Error, OSError, StoreError):
                await heard.unsubscribe()
                await self._client.publish(f"$JS.API.CONSUMER.DELETE.{stream}.{reader}")

    async def _reader(self, stream: str, subject: str, begin: int) -> str:
        """A consumer that asks for no acknowledgement and goes away by itself. Raises StoreError."""
        config = {
            "filter_subject": subject,
            "ack_policy": "none",
            "deliver_policy": "by_start_sequence",
            "opt_start_seq": max(1, begin),
            "mem_storage": True,
            "num_replicas": 1,
            "inactive_threshold": int(2 * _PATIENCE_S * 1e9),  # nanoseconds
        }
        made = await self._ask(f"CONSUMER.CREATE.{stream}", {"stream_name": stream, "config": config})
        return str(made["name"])

    async def hear(self, subject: str, heard: Heard) -> Subscription:
        """Call `heard` with each message that is published from here on. Raises Unreachable."""
        try:
            subscription = await self._client.subscribe(subject, cb=heard)
            try:
                await self._client.flush(timeout=int(_PATIENCE_S))
            except BaseException:
                await subscription.unsubscribe()
                raise
        except (Error, OSError) as problem:
            raise Unreachable(f"NATS: no answer to a subscription: {problem}") from problem
        return subscription

    async def _turn(self, reader: str, inbox: str) -> None:
        """Ask for more messages. Raises Unreachable."""
        request = json.dumps({"batch": _PAGE, "expires": int(_PATIENCE_S * 1e9)}).encode()
        try:
            await self._client.publish(f"$JS.API.CONSUMER.MSG.NEXT.{reader}", request, reply=inbox)
        except (Error, OSError) as problem:
            raise Unreachable(f"NATS: a stream cannot be read at the moment: {problem}") from problem

    async def _get(self, stream: str, which: dict[str, Any]) -> Kept | None:
        try:
            found = (await self._ask(f"STREAM.MSG.GET.{stream}", which))["message"]
        except Refused as refused:
            if refused.code == _NOT_FOUND:
                return None
            raise
        return Kept(int(found["seq"]), b64decode(found.get("data", "")), _seconds(found["time"]))

    async def _ask(self, what: str, request: dict[str, Any]) -> dict[str, Any]:
        """What the JetStream API answers. What is asked here may be done twice."""
        return await self._request(f"$JS.API.{what}", json.dumps(request).encode() if request else b"")

    async def _request(self, subject: str, data: bytes, headers: dict[str, str] | None = None) -> dict[str, Any]:
        """The answer; asked again for a while when there is none. Raises Refused or Unreachable."""
        until, problem = time.monotonic() + _PATIENCE_S, ""
        while True:
            try:
                return _opened(await self._client.request(subject, data, timeout=_TRY_S, headers=headers or None))
            except Refused as refused:
                if refused.code != _NOT_AVAILABLE:
                    raise
                problem = str(refused)
            except NoRespondersError:
                problem = "nobody there answers for JetStream"
            except (Error, OSError) as failure:
                problem = str(failure) or type(failure).__name__
            if self._client.is_closed or time.monotonic() > until:
                raise Unreachable(f"NATS: no answer to {subject}: {problem}")
            await asyncio.sleep(_AGAIN_S)

    async def _back(self) -> None:
        self._missed()

    async def _troubled(self, problem: Exception) -> None:
        logger.info("NATS: %s", problem or type(problem).__name__)
        if isinstance(problem, SlowConsumerError):
            self._missed()


async def _greeted(url: str) -> None:
    """Whether a NATS server is there at all. Raises OSError."""
    address = urlsplit(url)
    try:
        async with asyncio.timeout(_CONNECT_S):
            reader, writer = await asyncio.open_connection(address.hostname, address.port or 4222)
            try:
                greeting = await reader.read(5)
            finally:
                writer.close()
                await writer.wait_closed()
    except TimeoutError:
        raise OSError("it does not answer") from None
    if greeting != b"INFO ":
        raise OSError("what answers there is no NATS server")


def _opened(answer: Msg) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(answer.data)
    if "error" in said:
        raise Refused(said["error"])
    return said


async def _soon(found: asyncio.Queue[Msg]) -> Msg:
    """The next message of a reader. Raises Unreachable."""
    with suppress(asyncio.QueueEmpty):
        return found.get_nowait()
    try:
        async with asyncio.timeout(_PATIENCE_S):
            return await found.get()
    except TimeoutError:
        raise Unreachable("NATS: a stream that was being read went silent") from None


def _place(message: Msg) -> int:
    """Its sequence number in the stream, from the subject it would be acknowledged to (ADR-15, both forms)."""
    words = message.reply.split(".")
    if len(words) < 9:
        raise Unreachable(f"NATS: a stream cannot be read at the moment: {message.headers}")
    return int(words[5 if len(words) == 9 else 7])


def _seconds(time: str) -> float:
    """Of an RFC 3339 time in UTC with any number of decimals."""
    whole, _, decimals = time.rstrip("Z").partition(".")
    return datetime.fromisoformat(f"{whole}+00:00").timestamp() + float(f"0.{decimals or 0}")
