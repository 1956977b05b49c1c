from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference_impl.session.producer import Stamp
from reference_impl.streams.problems import StreamRefused
from reference_impl.streams.producers import StreamProducers

STAMPS = st.builds(Stamp, st.sampled_from("ab"), st.integers(0, 3), st.integers(0, 4))


def outcome(producers: StreamProducers, stamp: Stamp) -> str:
    try:
        if not producers.check(stamp):
            return "known"
    except StreamRefused as refused:
        return {403: "fenced", 409: "hole", 400: "late"}[refused.status]
    producers.accept(stamp)
    return "new"


@given(st.lists(STAMPS, max_size=40))
def test_every_producer_gets_what_the_protocol_says(stamps: list[Stamp]) -> None:
    producers = StreamProducers()
    places: dict[str, tuple[int, int]] = {}
    for stamp in stamps:
        found = outcome(producers, stamp)
        epoch, last = places.get(stamp.producer, (-1, -1))
        if stamp.producer in places and stamp.epoch < epoch:
            assert found == "fenced"
        elif stamp.epoch == epoch:
            assert found == ("known" if stamp.sequence <= last else "new" if stamp.sequence == last + 1 else "hole")
        elif stamp.producer in places:
            assert found == ("late" if stamp.sequence else "new")
        else:
            assert found == ("hole" if stamp.sequence else "new")
        if found == "new":
            places[stamp.producer] = (stamp.epoch, stamp.sequence)
        assert producers.place(stamp.producer) == places.get(stamp.producer)


def test_a_refusal_says_what_the_server_knows() -> None:
    producers = StreamProducers()
    producers.accept(Stamp("a", 2, 5))
    with pytest.raises(StreamRefused) as zombie:
        producers.check(Stamp("a", 1, 6))
    assert zombie.value.headers == {"Producer-Epoch": "2"}
    with pytest.raises(StreamRefused) as hole:
        producers.check(Stamp("a", 2, 8))
    assert hole.value.headers == {"Producer-Expected-Seq": "6", "Producer-Received-Seq": "8"}
