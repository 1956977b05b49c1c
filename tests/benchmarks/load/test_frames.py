"""Every client is sent what the reference implementation sends: its own adapter reads it without a complaint."""

from __future__ import annotations

from audit.adapters.base import Item, ItemKind
from audit.load.alone import adapter_for
from audit.target_reading import load_target
from benchmarks.load import frames
from benchmarks.load.plans import TARGET
from tests.benchmarks.load.wire import payloads


def items(data: bytes) -> list[Item]:
    adapter = adapter_for(load_target(TARGET.format(port=1, format=frames.FORMAT), {}))
    reader = adapter.reader("join")
    return [item for payload in payloads(data) for item in reader.frame(payload)]


def test_a_subscription_is_answered_and_caught_up() -> None:
    reply, caught_up = items(frames.subscribed("sub-1"))
    assert reply.data == {"reply": "sub-1", "ok": True, "epoch": frames.EPOCH, "recovered": True}
    assert (caught_up.kind, caught_up.cursor) == (ItemKind.CAUGHT_UP, f"{frames.EPOCH}:0")


def test_an_answer_is_dense_and_ends() -> None:
    words = [frames.word(number) for number in (1, 2, 3)]
    found = items(frames.begun("p", "key") + b"".join(words) + frames.ended(3))
    cursors = [item.cursor for item in found if item.cursor]
    assert cursors == [f"{frames.EPOCH}:{offset}" for offset in range(1, 7)]
    assert [item.text for item in found if item.kind is ItemKind.TEXT] == ["tok-0001 ", "tok-0002 ", "tok-0003 "]
    assert found[-1].data == {"reason": "completed"}
    assert {item.run for item in found if item.run} == {frames.RUN}


def test_a_word_is_as_long_as_one_of_the_reference() -> None:
    assert len(frames.word(1)) == 115
