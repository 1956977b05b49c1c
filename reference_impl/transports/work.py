"""Workers: agents in processes of their own, each with one WebSocket for all the runs it has (docs/agents.md).

Nothing here decides anything: who has a run stands in its session's log, and what a worker writes is judged by the
number of its claim. So a worker may lose this connection, and go on with what it was writing on another server.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from contextlib import suppress

from aiohttp import WSMessage, WSMsgType, web

from ..errors import Refused, Unavailable
from ..session.event import Data, dumps
from ..session.frames import ws_text
from ..session.producer import Fenced, OutOfSequence
from ..session.run import State
from ..storage.base import StoreError
from ..workers.base import WINDOW, Hand, Place
from ..workers.desk import Desk
from ..workers.pool import Pool, Worker
from . import commands
from .stream import Ending, Stream
from .websocket import GOING_AWAY, INTERNAL, MALFORMED, TOO_SLOW, Malformed, forget_failure
from .work_frames import Held, decode_hello, read

_PING = ws_text(b'{"type":"ping"}')
_LARGEST_BYTES = 1024 * 1024
_CLOSE_S = 1.0

logger = logging.getLogger(__name__)


async def connect(request: web.Request) -> web.WebSocketResponse:
    """`GET /v1/work`. Raises Refused when this server's agents are its own."""
    pool = request.app[commands.HUB].pool
    if pool is None:
        raise Refused("not-found", "this server leaves nothing to workers; start it with --agents workers", 404)
    socket = web.WebSocketResponse(timeout=_CLOSE_S, max_msg_size=_LARGEST_BYTES, compress=False)
    await socket.prepare(request)
    if request.transport is not None:
        await _Connection(pool, socket, request, request.transport).serve()
        forget_failure(socket)
    return socket


class _Connection:
    """workers.base.Wire: one worker on one socket."""

    def __init__(
        self, pool: Pool, socket: web.WebSocketResponse, request: web.Request, transport: asyncio.Transport
    ) -> None:
        self._pool = pool
        self._hub = request.app[commands.HUB]
        self._socket = socket
        self._transport = transport
        drain = request.writer.drain
        self._stream = Stream(
            transport, drain, ping=_PING, farewell=_farewell, settings=pool.settings, ended=self._ended
        )
        self._hands: dict[Place, tuple[Desk, Hand]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._resuming: set[Place] = set()  # what is said about these is said again when they are held
        self._left = False
        self._closing: asyncio.Task[None] | None = None

    def send(self, message: Data) -> None:
        """Send a message; does nothing when the connection is over."""
        self._stream.write(ws_text(dumps(message)))

    def leave(self) -> None:
        """Send the worker away; it comes back here or elsewhere."""
        self._stream.leave()

    async def serve(self) -> None:
        """Until the connection is over, whoever ends it."""
        worker: Worker | None = None
        try:
            id_, slots, runs = decode_hello(_text(await self._socket.receive()))
            worker = await self._pool.join(id_, self, (held.place for held in runs))
            self.send({"type": "welcome", "lease_ms": round(self._pool.settings.lease_s * 1_000), "window": WINDOW})
            for held in runs:
                self._resuming.add(held.place)
                self._do(worker, self._resume(worker, held))
            self._pool.resize(worker, slots)
            async for message in self._socket:
                self._take(worker, _text(message))
                await self._stream.room()
        except (Malformed, OutOfSequence) as problem:
            await self._socket.close(code=MALFORMED, message=str(problem).encode()[:120])
        except (Unavailable, StoreError) as problem:
            logger.warning("a worker is sent away: %s", problem)
            self.leave()
        except Exception:
            logger.exception("a worker's connection broke down")
            await self._socket.close(code=INTERNAL)
        finally:
            self._stream.end(Ending.GONE)
            if worker is not None:
                await self._pool.part(worker, for_good=self._left)
            if self._closing is not None:
                await self._closing

    def _take(self, worker: Worker, text: str) -> None:
        """Carry out one message. Raises Malformed, OutOfSequence, Unavailable."""
        frame = read(text)
        match frame["type"]:
            case "beat":
                self._do(worker, self._beat(worker))
            case "slots":
                self._pool.resize(worker, frame["slots"])
            case "bye":
                self._left = True
            case "claim":
                self._do(worker, self._claim(worker, (frame["session"], frame["run"])))
            case _:
                self._of_run(worker, frame)

    def _of_run(self, worker: Worker, frame: Data) -> None:
        place = frame["session"], frame["run"]
        desk, hand = self._hands.get(place, (None, None))
        if place in self._resuming:
            return
        if desk is None or hand is None or hand.claim != frame["claim"]:
            self._fence(place, frame["claim"])
            return
        if frame["type"] == "append":
            try:
                desk.write(hand, frame["seq"], frame["text"], frame.get("agent") or "")
            except Fenced:
                self._fence(place, hand.claim)
            return
        self._do(worker, self._command(desk, hand, frame))

    async def _command(self, desk: Desk, hand: Hand, frame: Data) -> None:
        try:
            match frame["type"]:
                case "finish":
                    await desk.finish(hand, State(frame["reason"]), frame.get("error"))
                case "ask":
                    await desk.ask(hand, frame["id"], frame["what"])
                case "steer-outcome":
                    await desk.answer(hand, frame["id"], frame["outcome"])
                case "history":
                    hand.send("history", messages=desk.history(hand))
        except Fenced:
            self._fence((hand.session, hand.run.id), hand.claim)

    async def _beat(self, worker: Worker) -> None:
        await self._pool.beat(worker)
        self.send({"type": "beat"})

    async def _claim(self, worker: Worker, place: Place) -> None:
        """The worker wants the run: it gets it, or somebody else has it."""
        desk = await self._pool.claim(worker, place)
        if desk is None or not self._attach(worker, desk, place, 0):
            self.send({"type": "gone", "session": place[0], "run": place[1]})

    async def _resume(self, worker: Worker, held: Held) -> None:
        """The worker held the run on another connection; or it wanted it (claim 0), and never heard what came of it."""
        desk = (await self._hub.session(held.place[0])).desk
        if desk is not None:
            await desk.caught_up(held.place[1], held.claim, held.last)
        self._resuming.discard(held.place)
        if held.claim == 0:
            await self._claim(worker, held.place)
        elif desk is None or not self._attach(worker, desk, held.place, held.claim):
            self._fence(held.place, held.claim)

    def _attach(self, worker: Worker, desk: Desk, place: Place, claim: int) -> bool:
        def released() -> None:
            self._hands.pop(place, None)
            self._pool.release(worker, place)

        hand = desk.attach(place[1], worker.id, self, released, claim)
        if hand is None:
            self._pool.release(worker, place)
            return False
        worker.held.add(place)
        self._hands[place] = (desk, hand)
        return True

    def _fence(self, place: Place, claim: int) -> None:
        self.send({"type": "fenced", "session": place[0], "run": place[1], "claim": claim})

    def _do(self, worker: Worker, work: Coroutine[None, None, None]) -> None:
        """Beside reading on, in the order asked for; a failing storage sends the worker away, to try again."""

        async def done() -> None:
            try:
                await work
            except (Unavailable, StoreError) as problem:
                logger.warning("worker %s is sent away: %s", worker.id, problem)
                self.leave()

        task = asyncio.create_task(done())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _ended(self) -> None:
        if self._stream.ending is not Ending.GONE:
            code = TOO_SLOW if self._stream.ending is Ending.SLOW else GOING_AWAY
            self._closing = asyncio.create_task(self._close(code))

    async def _close(self, code: int) -> None:
        asyncio.get_running_loop().call_later(_CLOSE_S, self._transport.abort)
        with suppress(ConnectionError):
            await self._socket.close(code=code)


def _farewell(wait_ms: int) -> bytes:
    return ws_text(dumps({"type": "away", "retry_ms": wait_ms}))


def _text(message: WSMessage) -> str:
    if message.type is not WSMsgType.TEXT:
        raise Malformed("messages are text frames")
    text: str = message.data
    return text
