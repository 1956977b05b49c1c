"""Fast never means lenient: whatever the fast decoders accept, the adapter's own reader reads the same."""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.adapters.base import ItemKind
from audit.load.decode import PLAIN, Fast, fast_for, may_hold_half

from .seers import adapter_of

EVENT: dict[str, Any] = {
    "type": "event",
    "epoch": "k3",
    "offset": 17,
    "kind": "text",
    "run": "r_4f",
    "data": {"text": "tok-0012 "},
}
ODD: st.SearchStrategy[Any] = st.sampled_from(
    [None, 0, 1, 1.0, -1, True, 10**30, "", "x", "é漢🙂", "\ud83d", [], {}, {"text": 1}, {"text": "a", "b": 1}]
)
KEYS = st.sampled_from([*EVENT, "more", "text"])


def both() -> list[Fast]:
    fast = fast_for(adapter_of("session"))
    assert fast is not None
    return [fast, PLAIN]


def read(payload: bytes) -> list[Any]:
    return adapter_of("session").reader("join").frame(payload)


@pytest.mark.parametrize("fast", both())
def test_a_text_event_is_what_the_reader_says(fast: Fast) -> None:
    payload = json.dumps(EVENT, ensure_ascii=False).encode()
    event = fast.text(payload)
    (item,) = read(payload)
    assert (item.kind, item.text, item.run) == (ItemKind.TEXT, event.data.text, event.run)
    assert item.cursor == f"{event.epoch}:{event.offset}"


@pytest.mark.parametrize("fast", both())
@given(
    changes=st.lists(st.tuples(KEYS, ODD), max_size=3),
    drop=st.sets(KEYS, max_size=1),
    ascii=st.booleans(),
    order=st.randoms(),
)
def test_whatever_it_accepts_the_reader_reads_the_same(
    fast: Fast, changes: list[tuple[str, Any]], drop: set[str], ascii: bool, order: Any
) -> None:
    told = [(k, v) for k, v in {**EVENT, **dict(changes)}.items() if k not in drop]
    order.shuffle(told)
    payload = json.dumps(dict(told), ensure_ascii=ascii).encode("utf-8", "surrogatepass")
    try:
        event = fast.text(payload)
    except ValueError:
        return
    if not (event.run and event.epoch):
        return  # an empty name matches no run: it takes the long way all the same
    (item,) = read(payload)
    assert (item.kind, item.text, item.run) == (ItemKind.TEXT, event.data.text, event.run)
    assert item.cursor == f"{event.epoch}:{event.offset}"


DAMAGED = [
    b"", b"{", b"null", b"[]", b'"event"', b'{"type":"event"}', b"\xff\xfe", b'{"type":"ping"}',
    b'{"type":"event","epoch":"k","offset":1,"kind":"text","run":"r","data":{"text":"a"}} x',
    b'{"type":"event","epoch":"k","offset":1,"kind":"text","run":"r","data":{"text":"a\xff"}}',
    b'{"type":"event","epoch":"k","offset":1,"kind":"text","run":"r","data":{"text":"\\ud83d"}}',
    b'{"type":"event","epoch":"k","offset":01,"kind":"text","run":"r","data":{"text":"a"}}',
    b'{"type":"event","epoch":"k","offset":NaN,"kind":"text","run":"r","data":{"text":"a"}}',
    b'{"type":"event","epoch":"k","offset":1,"kind":"user","run":"r","data":{"text":"a"}}',
    b'{"type":"reply","epoch":"k","offset":1,"kind":"text","run":"r","data":{"text":"a"}}',
    b'\xef\xbb\xbf{"type":"event","epoch":"k","offset":1,"kind":"text","run":"r","data":{"text":"a"}}',
    b'{"a":' * 100_000,
]  # fmt: skip


@pytest.mark.parametrize("fast", both())
@pytest.mark.parametrize("payload", DAMAGED, ids=range(len(DAMAGED)))
def test_everything_else_is_left_to_the_reader(fast: Fast, payload: bytes) -> None:
    with pytest.raises(ValueError):
        fast.text(payload)


NOTICES = [
    b'{"type":"ping"}',
    b'{"type":"caught-up","cursor":"k3:40"}',
    b'{"type":"reply","id":"sub-1","ok":true,"recovered":true,"epoch":"k3","head":40}',
    b'{"head":40,"epoch":"k3","recovered":true,"id":"sub-1","ok":true,"type":"reply"}',
]
NO_NOTICES = [
    b'{"type":"caught-up","cursor":""}', b'{"type":"caught-up"}', b'{"type":"caught-up","cursor":1}',
    b'{"type":"reply","id":"1","ok":false,"recovered":true,"epoch":"k3","head":40}',
    b'{"type":"reply","id":"1","ok":true,"recovered":false,"epoch":"k3","head":40}',
    b'{"type":"reply","id":"","ok":true,"recovered":true,"epoch":"k3","head":40}',
    b'{"type":"reply","id":"2","ok":true,"run":"r_1","duplicate":false}',
    b'{"type":"subscribed","recovered":true,"epoch":"k3","head":1}',
    json.dumps(EVENT).encode(), b"", b"{", b'{"type":"ping","more":1}',
]  # fmt: skip


@pytest.mark.parametrize("payload", NOTICES)
def test_a_notice_is_what_the_reader_says(payload: bytes) -> None:
    fast, plain = both()
    (item,) = read(payload)
    what = {ItemKind.PING: "", ItemKind.CAUGHT_UP: item.cursor, ItemKind.REPLY: item.data.get("reply")}[item.kind]
    assert fast.notice(payload) == (item.kind, what)
    with pytest.raises(ValueError, match="notice"):
        plain.notice(payload)


@pytest.mark.parametrize("payload", NO_NOTICES)
def test_what_is_no_notice_is_left_to_the_reader(payload: bytes) -> None:
    for fast in both():
        with pytest.raises(ValueError):
            fast.notice(payload)


def test_only_the_session_protocol_has_fast_decoders() -> None:
    assert fast_for(adapter_of("chat-sse")) is None


def test_without_msgspec_the_standard_library_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "msgspec", None)
    assert fast_for(adapter_of("session")) is PLAIN


@pytest.mark.parametrize(("payload", "may"), [
    (b'{"text":"\\ud83d"}', True), (b'{"text":"\\uDE42"}', True), (b'{"text":"\\u00e9"}', False), (b"plain", False),
])  # fmt: skip
def test_half_a_character(payload: bytes, may: bool) -> None:
    assert may_hold_half(payload) == may
