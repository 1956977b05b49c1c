"""The core of the server against a model of it: any mutant of log or subscription is found by using it at random.

The model of a session is the list of what was appended; of a subscription, the offsets that it still has to say.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.errors import FlakyFailure
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from reference_impl.mutants import MUTANTS, Mutant
from reference_impl.mutants.pieces import frames
from reference_impl.parts import Parts
from reference_impl.session.event import Data, Event
from reference_impl.session.frames import Form
from reference_impl.session.log import entry
from reference_impl.session.subscription import Subscription

FORMS: tuple[Form, ...] = ("sse", "ws")


def replaced(parts: Parts) -> set[str]:
    """The names of the parts that are not the server's own."""
    clean = Parts()
    return {
        name
        for name in ("log", "session", "stream", "subscription")
        if getattr(parts, name) is not getattr(clean, name)
    }


@dataclass
class Reader:
    """A subscription, and the offsets that it has to say next."""

    subscription: Subscription
    form: Form
    session: int
    expected: list[int]
    told: bool = False  # where history ends
    history: int = 0
    said: list[Data] = field(default_factory=list)


class Core(RuleBasedStateMachine):
    """Two sessions, whose events are appended, and devices that join, resume and read as they like."""

    parts = Parts()

    def __init__(self) -> None:
        super().__init__()
        self.logs = [self.parts.log(f"e{number}", retain=60) for number in (0, 1)]
        self.events: tuple[list[Event], list[Event]] = ([], [])
        self.readers: list[Reader] = []

    @rule(session=st.integers(0, 1), words=st.integers(1, 25), ends=st.booleans())
    def agent_speaks(self, session: int, words: int, ends: bool) -> None:
        run = f"r_{session}"
        new = [Event("text", run, {"text": f"w{number} "}) for number in range(words)]
        new += [Event("run-end", run, {"reason": "completed"})] if ends else []
        log = self.logs[session]
        for event in new:
            log.append(entry(event, log.epoch, log.head + 1))
            self.events[session].append(event)
        for reader in self.readers:
            if reader.session == session:
                reader.expected += range(log.head + 1 - len(new), log.head + 1)

    @rule(session=st.integers(0, 1), back=st.integers(0, 40), form=st.sampled_from(FORMS), cursor=st.booleans())
    def device_comes(self, session: int, back: int, form: Form, cursor: bool) -> None:
        log = self.logs[session]
        after = max(log.trimmed, log.head - back)
        found = log.resume(log.cursor(after)) if cursor else log.resume(None)
        start = after if cursor else log.trimmed
        assert found.recovered == (cursor or not log.trimmed)
        subscription = self.parts.subscription(log, form, found.after)
        expected = list(range(start + 1, log.head + 1))
        self.readers.append(Reader(subscription, form, session, expected, history=log.head))

    @rule(cursor=st.sampled_from(["", "e0", "e9:1", "e0:99999", "e0:-1", "e0:01", "e1:1"]))
    def stranger_comes(self, cursor: str) -> None:
        assert not self.logs[0].resume(cursor).recovered

    @rule(session=st.integers(0, 1))
    def device_comes_too_late(self, session: int) -> None:
        log = self.logs[session]
        if log.trimmed:
            assert not log.resume(log.cursor(log.trimmed - 1)).recovered

    @rule(which=st.integers(0, 50), limit=st.sampled_from([1, 300, 100_000]))
    def device_reads(self, which: int, limit: int) -> None:
        if not self.readers:
            return
        reader = self.readers[which % len(self.readers)]
        while piece := reader.subscription.take(limit):
            for frame in frames(reader.form, piece):
                self.hears(reader, frame.message)
        assert reader.told
        assert reader.expected == []

    @rule()
    def everybody_is_up_to_date_before_old_events_go(self) -> None:
        for which in range(len(self.readers)):
            self.device_reads(which, 100_000)
        for log in self.logs:
            log.trim()

    def hears(self, reader: Reader, message: Data) -> None:
        """Events in order, each as it was appended, and once in between that history is over."""
        if message["type"] == "caught-up":
            assert not reader.told
            assert message["cursor"] == self.logs[reader.session].cursor(reader.history)
            reader.told = True
            return
        assert reader.expected
        assert message["offset"] == reader.expected.pop(0)
        assert reader.told == (message["offset"] > reader.history)
        event = self.events[reader.session][message["offset"] - 1]
        assert (message["kind"], message["run"], message["data"]) == (event.kind, event.run, event.data)


CORE_IDS = (
    "resume-skip", "seam-repeat", "burst-reorder", "end-missing", "cross-talk", "gap-silent", "last-word-evicted",
    "ring-small", "replay-glued", "seam-reorder", "end-never", "end-twice", "end-early", "id-by-millisecond",
    "id-unordered", "replay-thin", "clock-cursor",
)  # fmt: skip
"""Those whose defect is in what log and subscription make of words and endings. Others replace them, too, and go wrong
with what the model does not have: other kinds of events, connections, transcripts."""
CORE_MUTANTS = tuple(each for each in MUTANTS if each.id in CORE_IDS)
OFTEN = settings(
    max_examples=200,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate],  # that it is found is what counts, not how small it can be shown
    report_multiple_bugs=False,
    database=None,
)


SEARCH = settings(OFTEN, max_examples=2_000)  # it ends with the first find


def test_the_core_is_as_its_model() -> None:
    run_state_machine_as_test(Core, settings=OFTEN)


@pytest.mark.parametrize("mutant", CORE_MUTANTS, ids=lambda each: str(each.id))
def test_every_mutant_of_the_core_is_found(mutant: Mutant) -> None:
    machine = type("Mutated", (Core,), {"parts": mutant.parts(1.0)})
    with pytest.raises((AssertionError, FlakyFailure)):  # some depend on which device is asked first: also a find
        run_state_machine_as_test(machine, settings=SEARCH)


def test_they_are_mutants_of_the_core() -> None:
    assert {each.id for each in CORE_MUTANTS} == set(CORE_IDS)
    assert all(replaced(each.parts(1.0)) & {"log", "subscription"} for each in CORE_MUTANTS)
