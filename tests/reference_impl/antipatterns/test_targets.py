"""The audit's own adapters, configured as an antipattern's target says, against the antipattern itself."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from functools import partial

import pytest
from aiohttp import ClientSession, web

from audit.adapters.base import Adapter, Call, Dial, Frame, Item, ItemKind, Step, View
from reference_impl.antipatterns import ANTIPATTERNS, Antipattern, sticky_nodes

from .support import client_of, counted

_HTTP = tuple(antipattern for antipattern in ANTIPATTERNS if antipattern.protocol != "json-socket")
(_SOCKET,) = (antipattern for antipattern in ANTIPATTERNS if antipattern.protocol == "json-socket")


def _app(antipattern: Antipattern) -> Callable[[], web.Application]:
    """Its application; where the next request may land on another node, with one node."""
    return partial(sticky_nodes.build_app, nodes=1) if antipattern.id == "sticky-nodes" else antipattern.build_app


def _adapter(antipattern: Antipattern) -> Adapter:
    module = importlib.import_module("audit.adapters." + antipattern.protocol.replace("-", "_"))
    adapter: Adapter = module.KIND.configure(dict(antipattern.options))
    assert adapter.id == antipattern.protocol
    return adapter


async def _exchange(client: ClientSession, step: Step) -> tuple[int, dict[str, str], bytes]:
    assert isinstance(step, Call), step
    async with client.request(step.method, step.path, data=step.body, headers=step.headers) as got:
        return got.status, {name.lower(): value for name, value in got.headers.items()}, await got.read()


def _check(items: list[Item], words: int) -> None:
    kinds = [item.kind for item in items]
    assert kinds == [ItemKind.START, *[ItemKind.TEXT] * words, ItemKind.END]
    assert "".join(item.text for item in items) == counted(words)
    assert items[-1].data == {"reason": "completed"}


@pytest.mark.parametrize("antipattern", _HTTP, ids=lambda antipattern: antipattern.id)
async def test_a_prompt_is_answered_and_read(antipattern: Antipattern) -> None:
    adapter, view = _adapter(antipattern), View("s1")
    async with client_of(_app(antipattern)) as client:
        status, headers, body = await _exchange(client, adapter.prompt(view, "[items=7]", "k1"))
        assert adapter.answer("prompt", status, headers, b"").streaming
        items = adapter.reader("prompt").feed(body)
        _check(items, 7)
        if adapter.traits.history:
            step = adapter.read(View("s1", run=items[0].run))
            status, headers, body = await _exchange(client, step)
            assert adapter.transcript(body)[-1].text == counted(7)


@pytest.mark.parametrize("antipattern", _HTTP, ids=lambda antipattern: antipattern.id)
async def test_what_can_be_stopped_and_resumed_has_a_place_to_ask(antipattern: Antipattern) -> None:
    adapter, view = _adapter(antipattern), View("s1")
    async with client_of(_app(antipattern)) as client:
        _, _, body = await _exchange(client, adapter.prompt(view, "[items=2]", "k1"))
        items = adapter.reader("prompt").feed(body)
        after = View("s1", run=items[0].run, cursor=items[0].cursor)
        if adapter.traits.stop == "command":
            assert (await _exchange(client, adapter.stop(after, "k1")))[0] == 200
        if adapter.traits.resumes:
            assert (await _exchange(client, adapter.resume(after)))[0] in (200, 204)


async def test_the_frames_of_the_socket_are_read() -> None:
    adapter, view = _adapter(_SOCKET), View("s1")
    dial, prompt = adapter.join(view), adapter.prompt(view, "[items=7]", "k1")
    assert isinstance(dial, Dial)
    assert isinstance(prompt, Frame)
    reader, items = adapter.reader("join"), list[Item]()
    async with client_of(_SOCKET.build_app) as client, client.ws_connect(dial.path) as socket:
        await socket.send_str(prompt.text)
        while not items or items[-1].kind is not ItemKind.END:
            items += reader.frame(await socket.receive_str(timeout=5))
    _check(items, 7)
    assert items[0].run
