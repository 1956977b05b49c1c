"""What a device can ask for, on any transport; and the HTTP requests that ask for it."""

from __future__ import annotations

import json
from math import ceil
from typing import Any, Final

from aiohttp import hdrs, web

from ..errors import Refused
from ..hub import Hub
from ..live import LiveSession
from ..session.decide import Policy
from ..session.event import Data, dumps

HUB: Final = web.AppKey("hub", Hub)

ASKED_FOR: Final[tuple[Policy, ...]] = ("queue", "reject", "interrupt")  # what one prompt may ask for

_LONGEST_KEY = 200


async def prompt(session: LiveSession, fields: Data) -> Data:
    """Carry out `{"key","text","policy"?}`; the reply's own fields. Raises Refused."""
    decision = await session.prompt(_key(fields), _text(fields, "text"), _policy(fields))
    return {"run": decision.run, "duplicate": decision.known}


async def stop(session: LiveSession, fields: Data) -> Data:
    """Carry out `{"run"?,"key"?,"by"?}`; the reply's own fields. Raises Refused."""
    run = _text(fields, "run") if fields.get("run") is not None else None
    key = _key(fields) if fields.get("key") is not None else None
    if run is None and key is None:
        raise Refused("bad-request", 'a stop names a "run" or the "key" of a prompt')
    decision, ended = await session.stop(run, key, _by(fields))
    return ({} if decision.run is None else {"run": decision.run}) | {"ended": ended}


async def steer(session: LiveSession, fields: Data) -> Data:
    """Carry out `{"run","key","text","by"?}`; the reply's own fields. Raises Refused."""
    steering = await session.steer(_text(fields, "run"), _key(fields), _text(fields, "text"), _by(fields))
    return {"steer": steering.id} | ({"outcome": steering.outcome} if steering.outcome else {})


async def approve(session: LiveSession, fields: Data) -> Data:
    """Carry out `{"approval","granted","by"?}`; the reply's own fields: whose answer counted. Raises Refused."""
    granted = fields.get("granted")
    if not isinstance(granted, bool):
        raise Refused("bad-request", '"granted" must be true or false')
    known = await session.approve(_text(fields, "approval"), granted, _by(fields))
    return {"approval": known.id, "granted": known.granted, "by": known.by}


COMMANDS: Final = {"prompt": prompt, "stop": stop, "steer": steer, "approve": approve}


async def post(request: web.Request) -> web.Response:
    """`POST …/prompts`, `…/stop`, `…/steer`, `…/approve`."""
    session = await find(request)
    name = request.path.rpartition("/")[2]
    return answer(await COMMANDS["prompt" if name == "prompts" else name](session, await _fields(request)), 202)


async def get_transcript(request: web.Request) -> web.Response:
    """`GET …/transcript`."""
    return _json((await find(request)).transcript(), 200)


async def get_summary(request: web.Request) -> web.Response:
    """`GET /v1/sessions/{sid}`."""
    return _json((await find(request)).summary(), 200)


async def get_health(request: web.Request) -> web.Response:
    """`GET /health`."""
    return answer({}, 200)


async def find(request: web.Request) -> LiveSession:
    """The session that a request names. Raises Unavailable."""
    return await request.app[HUB].session(request.match_info["sid"])


def answer(fields: Data, status: int) -> web.Response:
    """The command was carried out."""
    return _json({"ok": True} | fields, status)


def refusal(problem: Refused) -> web.Response:
    """The command was not carried out."""
    response = _json(refused(problem), problem.status)
    if problem.retry_ms is not None:
        response.headers[hdrs.RETRY_AFTER] = str(ceil(problem.retry_ms / 1_000))
    if problem.status == 401:
        response.headers[hdrs.WWW_AUTHENTICATE] = "Bearer"
    return response


def refused(problem: Refused) -> Data:
    """A refusal's fields, the same on every transport."""
    told = {"ok": False, "code": problem.code, "message": problem.message}
    return told if problem.retry_ms is None else told | {"retry_ms": problem.retry_ms}


def decode_object(text: str | bytes) -> Data:
    """A JSON object from a device that can be sent on as UTF-8. Raises Refused."""
    try:
        value: Any = json.loads(text)
        dumps(value)  # finds halves of surrogate pairs, which JSON can escape and UTF-8 cannot say
    except (ValueError, RecursionError):
        raise Refused("bad-request", "this is not JSON in UTF-8") from None
    if not isinstance(value, dict):
        raise Refused("bad-request", "this is not a JSON object")
    return value


async def _fields(request: web.Request) -> Data:
    return decode_object(await request.read())


def _json(value: Data, status: int) -> web.Response:
    return web.Response(body=dumps(value), status=status, content_type="application/json")


def _key(fields: Data) -> str:
    key = _text(fields, "key")
    if len(key) > _LONGEST_KEY:
        raise Refused("bad-request", f'"key" is longer than {_LONGEST_KEY} characters')
    return key


def _by(fields: Data) -> str:
    return _text({"by": "device"} | fields, "by")[:_LONGEST_KEY]


def _policy(fields: Data) -> Policy | None:
    policy: Policy | None = fields.get("policy")
    if policy is not None and policy not in ASKED_FOR:
        raise Refused("bad-request", f'"policy" is none of {", ".join(ASKED_FOR)}')
    return policy


def _text(fields: Data, name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str) or not value:
        raise Refused("bad-request", f'"{name}" must be a string that is not empty')
    return value
