from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from audit.faults import Bandwidth, Blackhole, Close, Fault, Latency, Reset, Slicer, Stall
from audit.faults.base import Direction
from audit.faults.chain import DIRECTIONS, Chain, Deliver, Finish, Outcome, Struck
from audit.faults.stage import How

from .drive import MS
from .settings_of import ANY_FAULT, LAW, LOSSLESS_FAULT


@dataclass
class World:
    """A chain on a virtual clock, between two sides that keep what they were told."""

    chain: Chain = field(default_factory=Chain)
    now_ns: int = 5_000 * MS
    sent: dict[Direction, bytes] = field(default_factory=lambda: {"down": b"", "up": b""})
    said: dict[Direction, list[How]] = field(default_factory=lambda: {"down": [], "up": []})
    log: list[Outcome] = field(default_factory=list)
    injected: int = 0

    def send(self, direction: Direction, data: bytes) -> None:
        if not self.said[direction]:
            self.sent[direction] += data
            self.log += self.chain.receive(direction, data, self.now_ns)

    def end(self, direction: Direction, how: How) -> None:
        if "rst" not in self.said[direction]:
            self.said[direction].append(how)
            self.log += self.chain.end(direction, how, self.now_ns)

    def inject(self, fault: Fault) -> None:
        self.injected += 1
        flows = {direction: fault.begin(direction, Random(f"{self.injected}{direction}")) for direction in DIRECTIONS}
        self.log += self.chain.attach(fault, flows, self.now_ns)

    def lift(self, fault: Fault) -> None:
        self.log += self.chain.lift(fault, self.now_ns)

    def wait(self, ms: int) -> None:
        until_ns = self.now_ns + ms * MS
        while (due_ns := self.chain.due()) is not None and due_ns <= until_ns:
            self.now_ns = max(self.now_ns, due_ns)
            self.log += self.chain.tick(self.now_ns)
        self.now_ns = until_ns

    def got(self, direction: Direction) -> bytes:
        return b"".join(o.data for o in self.log if isinstance(o, Deliver) and o.direction == direction)

    def told(self, direction: Direction) -> list[tuple[How, bool]]:
        return [(o.how, o.cut) for o in self.log if isinstance(o, Finish) and o.direction == direction]

    def struck(self) -> list[object]:
        return [o.fault for o in self.log if isinstance(o, Struck)]


DIRECTION = st.sampled_from(DIRECTIONS)
TRAFFIC = (
    st.tuples(st.just("send"), DIRECTION, st.binary(min_size=1, max_size=50))
    | st.tuples(st.just("end"), DIRECTION, st.sampled_from(["fin", "rst"]))
    | st.tuples(st.just("wait"), st.integers(0, 60))
)


def scripts(faults: st.SearchStrategy[Fault]) -> st.SearchStrategy[list[tuple[object, ...]]]:
    return st.lists(TRAFFIC | st.tuples(st.sampled_from(["inject", "lift"]), faults), max_size=25)


def play(script: list[tuple[object, ...]]) -> World:
    """Run a script; a lift takes off the fault injected last, whatever fault it was drawn with."""
    world, on = World(), list[Fault]()
    for what, *rest in script:
        if what == "inject":
            on.append(rest[0])  # type: ignore[arg-type]
            world.inject(on[-1])
        elif what == "lift":
            if on:
                world.lift(on.pop())
        else:
            getattr(world, str(what))(*rest)
    return world


# -- laws ----------------------------------------------------------------------------------------------------------


@LAW
@given(scripts(ANY_FAULT))
def test_what_is_delivered_is_a_prefix_of_what_was_sent(script: list[tuple[object, ...]]) -> None:
    world = play(script)
    for direction in DIRECTIONS:
        assert world.sent[direction].startswith(world.got(direction))


@LAW
@given(scripts(ANY_FAULT))
def test_nothing_is_delivered_behind_an_ending_and_only_a_rst_follows_a_fin(script: list[tuple[object, ...]]) -> None:
    world = play(script)
    for direction in DIRECTIONS:
        mine = [o for o in world.log if not isinstance(o, Struck) and o.direction == direction]
        kinds = [o.how if isinstance(o, Finish) else "data" for o in mine]
        assert [kind for kind in kinds if kind != "data"] in ([], ["fin"], ["rst"], ["fin", "rst"])
        assert "data" not in kinds[kinds.index("fin") if "fin" in kinds else len(kinds) :]
        assert "data" not in kinds[kinds.index("rst") if "rst" in kinds else len(kinds) :]


@LAW
@given(scripts(ANY_FAULT))
def test_what_is_held_is_what_came_in_and_not_out(script: list[tuple[object, ...]]) -> None:
    world = play(script)
    for direction in DIRECTIONS:
        assert world.chain.held(direction) == len(world.sent[direction]) - len(world.got(direction))


@LAW
@given(scripts(ANY_FAULT))
def test_a_fault_strikes_at_most_once_an_injection(script: list[tuple[object, ...]]) -> None:
    assert len(play(script).struck()) <= sum(what == "inject" for what, *_ in script)


@LAW
@given(scripts(LOSSLESS_FAULT))
def test_faults_that_only_delay_lose_nothing_once_they_are_lifted(script: list[tuple[object, ...]]) -> None:
    world = play([*script, *[("lift", None)] * len(script)])
    for direction in DIRECTIONS:
        assert world.got(direction) == world.sent[direction]
        ended = [how for how, _ in world.told(direction)]
        assert ended[-1:] == world.said[direction][-1:] or "rst" in world.said[direction]


@LAW
@given(scripts(ANY_FAULT))
def test_nothing_stays_due_once_its_time_has_passed(script: list[tuple[object, ...]]) -> None:
    world = play(script)
    world.wait(10_000_000)
    assert world.chain.due() is None


# -- cases ---------------------------------------------------------------------------------------------------------


def test_without_faults_bytes_and_endings_pass_as_they_are() -> None:
    world = World()
    world.send("up", b"ping")
    world.end("up", "fin")
    world.send("down", b"pong")
    world.end("down", "rst")
    assert world.log == [
        Deliver("up", b"ping"),
        Finish("up", "fin", cut=False),
        Deliver("down", b"pong"),
        Finish("down", "rst", cut=False),
    ]


def test_a_reset_after_a_fin_is_still_told() -> None:
    world = World()
    world.inject(Latency(5))
    world.end("up", "fin")
    world.wait(5)
    world.end("up", "rst")
    world.wait(5)
    assert world.told("up") == [("fin", False), ("rst", False)]


def test_a_cut_ends_both_ways_and_strikes_when_it_is_executed() -> None:
    world = World()
    world.inject(Close())
    assert world.log == [Finish("down", "fin", cut=True), Struck(Close()), Finish("up", "fin", cut=True)]


def test_after_a_cut_nothing_passes_either_way() -> None:
    world = World()
    world.inject(Reset())
    world.send("up", b"late")
    world.send("down", b"late")
    assert world.got("up") == world.got("down") == b""


def test_a_fin_passed_on_leaves_the_other_direction_open() -> None:
    world = World()
    world.inject(Latency(5))
    world.end("up", "fin")
    world.send("down", b"the answer")
    world.wait(5)
    assert world.told("up") == [("fin", False)]
    assert world.got("down") == b"the answer"


def test_a_reset_by_one_side_goes_through_a_latency_as_a_reset() -> None:
    world = World()
    world.inject(Latency(5))
    world.end("down", "rst")
    assert world.told("down") == []
    world.wait(5)
    assert world.told("down") == [("rst", False)]


def test_a_cut_waits_behind_what_later_faults_still_hold() -> None:
    world = World()
    world.inject(Close(after_bytes=3))
    world.inject(Latency(5))
    world.send("down", b"abcdef")
    assert world.log == [Struck(Latency(5))]
    world.wait(5)
    assert world.got("down") == b"abc"
    assert world.told("down") == world.told("up") == [("fin", True)]
    assert world.struck() == [Latency(5), Close(after_bytes=3)]


def test_a_later_blackhole_swallows_a_cut_which_then_never_struck() -> None:
    world = World()
    world.inject(Close(after_bytes=3))
    world.inject(Blackhole())
    world.send("down", b"abcdef")
    assert world.told("down") == world.told("up") == []
    assert world.struck() == [Blackhole()]


def test_a_cut_after_a_blackhole_is_heard() -> None:
    world = World()
    world.inject(Blackhole())
    world.inject(Reset())
    assert world.told("down") == world.told("up") == [("rst", True)]


def test_a_blackhole_swallows_the_reset_of_a_side() -> None:
    world = World()
    world.inject(Blackhole())
    world.end("up", "rst")
    world.wait(60_000)
    assert world.told("up") == []


def test_a_blackhole_that_swallowed_nothing_passes_again_when_lifted() -> None:
    world = World()
    world.inject(Blackhole())
    world.send("up", b"lost")
    world.lift(Blackhole())
    world.send("down", b"heard")
    world.send("up", b"lost too")
    assert world.got("down") == b"heard"
    assert world.got("up") == b""


def test_a_half_closed_connection_can_still_be_reset() -> None:
    world = World()
    world.end("up", "fin")
    world.inject(Reset())
    assert world.told("up") == [("fin", False), ("rst", True)]
    assert world.told("down") == [("rst", True)]


def test_a_cut_that_was_lifted_in_time_does_not_come() -> None:
    world = World()
    world.inject(Close(after_bytes=3))
    world.lift(Close(after_bytes=3))
    world.send("down", b"abcdef")
    assert world.got("down") == b"abcdef"
    assert world.struck() == []


def test_faults_act_in_the_order_of_injection() -> None:
    world = World()
    world.inject(Stall(duration_ms=10))
    world.inject(Slicer(2, delay_us=1_000))
    world.send("down", b"abcdef")
    world.wait(10)
    assert world.got("down") == b"ab"
    world.wait(2)
    assert world.got("down") == b"abcdef"
    assert world.struck() == [Stall(duration_ms=10), Slicer(2, delay_us=1_000)]


def test_lifting_one_fault_leaves_the_others_on() -> None:
    world = World()
    world.inject(Bandwidth(1))
    world.inject(Stall())
    world.send("down", b"abcdef")
    world.lift(Bandwidth(1))
    assert world.got("down") == b""
    world.lift(Stall())
    assert world.got("down") == b"abcdef"


def test_the_same_fault_injected_twice_strikes_twice_and_is_lifted_once() -> None:
    world = World()
    world.inject(Latency(5))
    world.inject(Latency(5))
    world.send("up", b"x")
    world.wait(9)
    assert world.got("up") == b""
    assert world.struck() == [Latency(5)] * 2
    world.lift(Latency(5))
    assert world.got("up") == b"x"
    assert world.chain.due() is None
    assert len(world.chain) == 2
