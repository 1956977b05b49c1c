from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, rule
from websockets.frames import Frame
from websockets.streams import StreamReader

from reference_impl.session.event import Data, Event
from reference_impl.session.log import Expired, Log, entry
from reference_impl.session.subscription import Subscription

EPOCH = "k3j9"


def add(log: Log) -> None:
    offset = log.head + 1
    log.append(entry(Event("text", "r_1", {"text": f"word-{offset} "}), EPOCH, offset))


def messages(written: bytes) -> Iterator[Data]:
    reader = StreamReader()
    reader.feed_data(written)
    while reader.buffer:
        try:
            next(Frame.parse(reader.read_exact, mask=False))
        except StopIteration as parsed:
            yield json.loads(parsed.value.data)


class Reader:
    """A device: what it saw, and where it is."""

    def __init__(self, log: Log) -> None:
        self.seen: list[int] = []
        self.subscription = Subscription(log, "ws", 0)
        self.history_ends = [log.head]
        self.told: list[int] = []

    def read(self, limit: int) -> bool:
        piece = self.subscription.take(limit)
        for message in messages(piece):
            if message["type"] == "event":
                self.seen.append(message["offset"])
            else:
                assert message["cursor"] == f"{EPOCH}:{self.seen[-1] if self.seen else 0}"
                self.told.append(int(message["cursor"].split(":")[1]))
        return bool(piece)

    def resume(self, log: Log) -> None:
        resumption = log.resume(f"{EPOCH}:{self.seen[-1] if self.seen else 0}")
        assert resumption.recovered
        self.subscription = Subscription(log, "ws", resumption.after)
        if len(self.told) < len(self.history_ends):
            self.history_ends.pop()  # cut before it was caught up: nobody told it
        self.history_ends.append(log.head)


class AnyInterleaving(RuleBasedStateMachine):
    """Appends, joins, reads, cuts and resumes in any order: each device sees exactly the log, in order."""

    readers = Bundle("readers")

    @initialize(before=st.integers(0, 20))
    def begin(self, before: int) -> None:
        self.log = Log(EPOCH)
        self.all: list[Reader] = []
        for _ in range(before):
            add(self.log)

    @rule(count=st.integers(1, 8))
    def append(self, count: int) -> None:
        for _ in range(count):
            add(self.log)

    @rule(target=readers)
    def join(self) -> Reader:
        reader = Reader(self.log)
        self.all.append(reader)
        return reader

    @rule(reader=readers, limit=st.integers(1, 2_000))
    def read(self, reader: Reader, limit: int) -> None:
        reader.read(limit)

    @rule(target=readers, reader=consumes(readers))
    def cut_and_resume(self, reader: Reader) -> Reader:
        reader.resume(self.log)
        return reader

    @invariant()
    def saw_a_prefix_of_the_log(self) -> None:
        for reader in self.all:
            assert reader.seen == list(range(1, len(reader.seen) + 1))

    def teardown(self) -> None:
        for reader in getattr(self, "all", ()):
            while reader.read(500):
                pass
            assert reader.seen == list(range(1, self.log.head + 1))
            assert reader.told == reader.history_ends


TestAnyInterleaving = AnyInterleaving.TestCase
TestAnyInterleaving.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)


def test_history_ends_at_the_head_of_the_moment_it_was_asked_for() -> None:
    log = Log(EPOCH)
    add(log)
    subscription = Subscription(log, "sse", 0)
    add(log)
    first = subscription.take(1 << 20)
    assert first.endswith(b'data: {"type":"caught-up","cursor":"k3j9:1"}\n\n\r\n')
    assert b'"offset":2' in subscription.take(1 << 20)
    assert subscription.take(1 << 20) == b""


def test_a_reader_that_fell_behind_the_oldest_event_is_told() -> None:
    log = Log(EPOCH, retain=2)
    subscription = Subscription(log, "ws", 0)
    for _ in range(10):
        add(log)
    log.trim()
    subscription.take(1)  # the end of history, which was empty
    with pytest.raises(Expired):
        subscription.take(1 << 20)
