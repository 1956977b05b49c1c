"""Records of a session, read whole, from a mark, or while some of them are being purged."""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from reference_impl.storage.nats_records import Fold, Record, decode

STEPS = st.lists(st.tuples(st.sampled_from(["events", "snapshot", "deleted"]), st.integers(0, 4)), max_size=25)


@dataclass
class Model:
    """What a session is after each step, kept the plain way."""

    epoch: str = "e0"
    first: int = 1
    snapshot: bytes = b""
    events: list[bytes] = field(default_factory=list)  # all of this epoch
    records: list[Record] = field(default_factory=list)
    ends: list[tuple[str, int]] = field(default_factory=list)  # epoch and head after each record

    def step(self, kind: str, amount: int, name: int) -> None:
        head = len(self.events)
        if kind == "events":
            new = tuple(b"%d.%d" % (name, part) for part in range(amount + 1))
            self.events.extend(new)
            self.records.append(Record("events", self.epoch, head + 1, len(self.events), new))
        elif kind == "snapshot":
            upto = min(head, self.first - 1 + amount)
            said = b"upto %d" % upto
            self.records.append(Record("snapshot", self.epoch, upto + 1, head, (said,)))
            if upto >= self.first:
                self.first, self.snapshot = upto + 1, said
        else:
            self.epoch, self.first, self.snapshot, self.events = f"e{name + 1}", 1, b"", []
            self.records.append(Record("deleted", self.epoch, 1, 0))
        self.ends.append((self.epoch, len(self.events)))


def model(steps: list[tuple[str, int]]) -> Model:
    made = Model()
    for name, (kind, amount) in enumerate(steps):
        made.step(kind, amount, name)
    return made


def fold(records: list[Record], epoch: str = "e0", after: int = 0) -> Fold:
    made = Fold(epoch, after)
    for record in records:
        made.add(record)
    return made


@given(STEPS)
def test_records_add_up_to_the_session(steps: list[tuple[str, int]]) -> None:
    session = model(steps)
    added = fold(session.records)
    assert added.whole
    assert (added.epoch, added.first, added.snapshot) == (session.epoch, session.first, session.snapshot)
    assert added.head == len(session.events)
    assert list(added.bodies()) == session.events[session.first - 1 :]


@given(STEPS, st.integers(0, 25))
def test_from_a_mark_on_they_add_up_to_the_rest(steps: list[tuple[str, int]], place: int) -> None:
    session = model(steps)
    place = min(place, len(session.records))
    epoch, head = session.ends[place - 1] if place else ("e0", 0)
    added = fold(session.records[place:], epoch, head)
    assert added.whole
    assert (added.epoch, added.head) == (session.epoch, len(session.events))
    if epoch == session.epoch and head >= session.first - 1:
        assert added.first <= head + 1
        assert list(added.bodies(head)) == session.events[head:]
    elif epoch == session.epoch:
        assert added.first == session.first


@given(STEPS, st.data())
def test_a_reader_that_missed_purged_records_has_the_session_or_knows_it_has_not(
    steps: list[tuple[str, int]], data: st.DataObject
) -> None:
    """Events that a snapshot stands for vanish; the reader may have got some of them before."""
    session = model([step for step in steps if step[0] != "deleted"])
    gone = [n for n, record in enumerate(session.records) if record.kind == "events" and record.head < session.first]
    missed = data.draw(st.sets(st.sampled_from(gone))) if gone else set()
    added = fold([record for n, record in enumerate(session.records) if n not in missed])
    assert added.whole
    assert (added.first, added.snapshot) == (session.first, session.snapshot)
    assert list(added.bodies()) == session.events[session.first - 1 :]


@given(STEPS, st.data())
def test_a_hole_that_no_snapshot_explains_is_noticed(steps: list[tuple[str, int]], data: st.DataObject) -> None:
    session = model([step for step in steps if step[0] != "deleted"])
    kept = [n for n, record in enumerate(session.records) if record.kind == "events" and record.head >= session.first]
    if len(kept) > 1:
        missed = data.draw(st.sampled_from(kept[:-1]))  # a missing last one is no hole yet
        assert not fold([record for n, record in enumerate(session.records) if n != missed]).whole


@given(st.lists(st.binary()), st.sampled_from(["events", "snapshot", "deleted"]))
def test_a_record_is_what_was_encoded(bodies: list[bytes], kind: str) -> None:
    record = Record(kind, "e0", 3, 7, tuple(bodies))  # type: ignore[arg-type]
    assert decode(record.encode()) == record


def test_no_two_records_have_the_same_id() -> None:
    assert len({Record("events", "e", 1, 1).id for _ in range(100)}) == 100
