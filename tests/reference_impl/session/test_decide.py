from __future__ import annotations

from collections.abc import Sequence
from itertools import count

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from reference_impl.session import decide
from reference_impl.session.decide import Busy, Decision, Policy, UnknownRun
from reference_impl.session.event import Event
from reference_impl.session.run import State
from reference_impl.session.state import SessionState


class Session:
    """The pure core driven by hand: decisions are applied, and the runs whose turn it is begin."""

    def __init__(self, policy: Policy = "queue") -> None:
        self.policy: Policy = policy
        self.state = SessionState()
        self.log: list[Event] = []
        self._ids = map(str, count(1))

    def apply(self, events: Sequence[Event]) -> None:
        for event in (*events, *self._starts(events)):
            self.log.append(event)

    def _starts(self, events: Sequence[Event]) -> Sequence[Event]:
        for event in events:
            self.state.apply(event)
        starts = decide.start(self.state, self.policy)
        for event in starts:
            self.state.apply(event)
        return starts

    def prompt(self, key: str, text: str = "hello") -> Decision:
        decision = decide.prompt(self.state, key, text, self.policy, lambda: next(self._ids))
        self.apply(decision.events)
        return decision

    def stop(self, run: str | None = None, key: str | None = None) -> Decision:
        decision = decide.stop(self.state, run, key, "phone")
        self.apply(decision.events)
        return decision

    def say(self, run: str, text: str) -> None:
        self.apply([Event("text", run, {"text": text})])

    def finish(self, run: str, reason: State = State.COMPLETED) -> None:
        self.apply(decide.finish(self.state, self.state.runs[run], reason))

    def states(self) -> dict[str, str]:
        return {run.id: str(run.state) for run in self.state.runs.values()}


def test_a_prompt_begins_its_run() -> None:
    session = Session()
    assert session.prompt("k").run == "r_1"
    assert [event.kind for event in session.log] == ["user", "run-start"]
    assert session.log[0].data == {"id": "u_r_1", "text": "hello", "key": "k"}


def test_the_same_key_is_the_same_run_whatever_became_of_it() -> None:
    session = Session()
    session.prompt("k")
    for _ in range(2):
        again = session.prompt("k", "something else")
        assert (again.run, again.known, again.events) == ("r_1", True, ())
        session.finish("r_1")


def test_queued_prompts_begin_one_after_the_other() -> None:
    session = Session("queue")
    for key in "abc":
        session.prompt(key)
    assert session.states() == {"r_1": "running", "r_2": "queued", "r_3": "queued"}
    session.finish("r_1")
    assert session.states() == {"r_1": "completed", "r_2": "running", "r_3": "queued"}


def test_a_stopping_run_still_holds_the_turn() -> None:
    session = Session("queue")
    session.prompt("a")
    session.prompt("b")
    session.stop("r_1")
    assert session.states() == {"r_1": "stopping", "r_2": "queued"}
    session.finish("r_1", State.COMPLETED)
    assert session.states() == {"r_1": "stopped", "r_2": "running"}


def test_reject_refuses_while_a_run_goes_on_and_says_which() -> None:
    session = Session("reject")
    session.prompt("a")
    before = list(session.log)
    with pytest.raises(Busy, match="r_1"):
        session.prompt("b")
    assert session.log == before
    session.stop("r_1")
    assert not session.prompt("c").known  # after an accepted stop the next prompt just works


def test_interrupt_supersedes_what_is_going_on() -> None:
    session = Session("interrupt")
    session.prompt("a")
    session.prompt("b")
    assert session.states() == {"r_1": "superseded", "r_2": "running"}
    session.stop("r_2")
    session.prompt("c")
    session.prompt("d")  # the stopping run ends stopped, the queued one is superseded
    session.finish("r_2")
    assert session.states() == {"r_1": "superseded", "r_2": "stopped", "r_3": "superseded", "r_4": "running"}


def test_parallel_runs_go_side_by_side() -> None:
    session = Session("parallel")
    session.prompt("a")
    session.prompt("b")
    assert session.states() == {"r_1": "running", "r_2": "running"}


def test_a_stop_is_accepted_once() -> None:
    session = Session()
    session.prompt("a")
    assert session.stop("r_1").events == (Event("stop", "r_1", {"by": "phone"}),)
    assert session.stop(key="a") == Decision((), "r_1", known=True)
    session.finish("r_1")
    assert session.stop("r_1") == Decision((), "r_1", known=True)


def test_a_stop_may_come_before_its_prompt_and_even_before_a_busy_policy() -> None:
    session = Session("reject")
    session.prompt("a")
    assert session.stop(key="late").run is None
    assert session.stop(key="late").known
    late = session.prompt("late")
    assert [event.kind for event in late.events] == ["user", "run-end"]
    assert session.states() == {"r_1": "running", "r_2": "stopped"}
    assert session.prompt("late").known


def test_a_queued_run_is_stopped_without_having_begun() -> None:
    session = Session()
    session.prompt("a")
    session.prompt("b")
    session.stop("r_2")
    assert session.states() == {"r_1": "running", "r_2": "stopped"}
    assert [event.kind for event in session.log if event.run == "r_2"] == ["user", "stop", "run-end"]


def test_a_run_that_nobody_knows_is_said_to_be_unknown() -> None:
    with pytest.raises(UnknownRun, match="r_9"):
        Session().stop("r_9")


def test_a_lost_process_fails_what_ran_stops_what_was_stopping_and_keeps_what_was_queued() -> None:
    session = Session("parallel")
    session.prompt("a")
    session.prompt("b")
    session.policy = "queue"
    session.prompt("c")
    session.stop("r_2")
    ends = decide.abandon(session.state, "server restarted")
    assert [(end.run, end.data) for end in ends] == [
        ("r_1", {"reason": "failed", "error": "server restarted"}),
        ("r_2", {"reason": "stopped"}),
    ]
    session.apply(ends)
    assert session.states() == {"r_1": "failed", "r_2": "stopped", "r_3": "running"}


def test_the_transcript_is_folded_and_tells_every_ending() -> None:
    session = Session()
    session.prompt("a", "first")
    session.say("r_1", "one ")
    session.prompt("b", "second")
    session.prompt("c", "third")
    session.say("r_1", "two ")
    session.stop("r_3")
    session.finish("r_1")
    rows = [(row["role"], row["run"], row["text"], row["ending"]) for row in session.state.transcript()]
    assert rows == [
        ("user", "r_1", "first", None),
        ("assistant", "r_1", "one two ", "completed"),
        ("user", "r_2", "second", None),
        ("user", "r_3", "third", None),
        ("assistant", "r_3", "", "stopped"),
        ("assistant", "r_2", "", "running"),
    ]
    assert len({row["id"] for row in session.state.transcript()}) == len(rows)


class AnyUse(RuleBasedStateMachine):
    """Prompts, retries, stops, words, endings and restarts in any order, under any policy."""

    @initialize(policy=st.sampled_from(decide.POLICIES))
    def begin(self, policy: Policy) -> None:
        self.session = Session(policy)
        self.accepted: dict[str, str] = {}

    @rule(key=st.sampled_from("abcdefgh"))
    def prompt(self, key: str) -> None:
        before = len(self.session.log)
        try:
            decision = self.session.prompt(key)
        except Busy:
            assert self.session.policy == "reject"
            assert len(self.session.log) == before
            return
        assert decision.known == (key in self.accepted)
        assert self.accepted.setdefault(key, decision.run or "") == decision.run
        assert not decision.known or len(self.session.log) == before

    @rule(key=st.sampled_from("abcdefgh"))
    def stop_by_key(self, key: str) -> None:
        self.session.stop(key=key)
        if key in self.accepted:
            assert self.session.state.runs[self.accepted[key]].state not in (State.RUNNING, State.QUEUED)

    @rule(data=st.data(), ending=st.sampled_from([State.COMPLETED, State.FAILED]))
    def agent_is_done(self, data: st.DataObject, ending: State) -> None:
        begun = [run.id for run in self.session.state.runs.values() if run.state is not State.QUEUED]
        if begun:
            self.session.finish(data.draw(st.sampled_from(begun)), ending)

    @rule()
    def agents_speak(self) -> None:
        for run in tuple(self.session.state.active.values()):
            if run.state is State.RUNNING:
                self.session.say(run.id, "word ")

    @rule()
    def process_dies(self) -> None:
        """What is read back from the log is what was there, and every run that had begun is ended."""
        read_back = SessionState()
        for event in self.session.log:
            read_back.apply(event)
        assert read_back.transcript() == self.session.state.transcript()
        assert (read_back.keys, read_back.stopped_keys) == (self.session.state.keys, self.session.state.stopped_keys)
        self.session.state = read_back
        self.session.apply(decide.abandon(read_back, "server restarted"))

    @invariant()
    def every_run_has_one_story(self) -> None:
        for run in self.session.state.runs.values():
            kinds = [event.kind for event in self.session.log if event.run == run.id]
            assert kinds[0] == "user"
            assert kinds.count("user") == 1
            assert kinds.count("run-start") <= 1
            assert kinds.count("run-end") == int(run.state.ended)
            assert "run-end" not in kinds[:-1]
            assert "text" not in kinds or kinds.index("text") > kinds.index("run-start")

    @invariant()
    def an_accepted_stop_is_kept(self) -> None:
        stopped = {event.run for event in self.session.log if event.kind == "stop"}
        for run in self.session.state.runs.values():
            assert run.id not in stopped or run.state in (State.STOPPING, State.STOPPED)

    @invariant()
    def turns_are_kept(self) -> None:
        going_on = [run for run in self.session.state.active.values() if run.state is not State.QUEUED]
        assert self.session.policy == "parallel" or len(going_on) <= 1
        assert going_on or not self.session.state.active  # nobody waits for nothing


TestAnyUse = AnyUse.TestCase
TestAnyUse.settings = settings(max_examples=80, stateful_step_count=30, deadline=None)


def test_a_run_is_claimed_when_it_is_its_turn_or_when_its_holder_is_dead() -> None:
    state = SessionState()
    for run in ("r1", "r2"):
        state.apply(Event("user", run, {"id": f"u_{run}", "text": "x", "key": run}))
    assert decide.claim(state, "r2", "w_1", "queue").known  # not its turn
    (start,) = decide.claim(state, "r1", "w_1", "queue").events
    assert (start.kind, start.data) == ("run-start", {"holder": "w_1"})
    state.apply(start)
    assert decide.claim(state, "r1", "w_2", "queue").known
    assert decide.claim(state, "r1", "w_2", "queue", dead={"w_3"}).known
    (again,) = decide.claim(state, "r1", "w_2", "queue", dead={"w_1"}).events
    state.apply(again)
    assert (state.runs["r1"].holder, state.runs["r1"].claim) == ("w_2", 2)
    state.apply(Event("stop", "r1", {"by": "phone"}))
    assert decide.claim(state, "r1", "w_3", "queue", dead={"w_2"}).known  # what is stopping is ended, not taken over
    with pytest.raises(UnknownRun):
        decide.claim(state, "r9", "w_1", "queue")
