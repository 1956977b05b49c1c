from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from reference_impl.mutants.pieces import END, TEXT, frames
from reference_impl.session.event import Event
from reference_impl.session.frames import Form
from reference_impl.session.log import Log, entry
from reference_impl.session.subscription import Subscription

TEXTS = st.text(st.characters(exclude_categories=["Cs"])) | st.integers(60, 70_000).map("x".__mul__)


@given(
    texts=st.lists(TEXTS | st.just('"kind":"text","kind":"run-end"}\n{'), max_size=6),
    form=st.sampled_from(["sse", "ws"]),
)
def test_a_piece_falls_apart_into_the_frames_it_was_made_of(texts: list[str], form: Form) -> None:
    log = Log("e")
    entries = [entry(Event("text", "r_1", {"text": text}), "e", place) for place, text in enumerate(texts, start=1)]
    for each in entries:
        log.append(each)
    piece = Subscription(log, form, 0).take(10_000_000)
    found = list(frames(form, piece))
    assert [frame.raw for frame in found[:-1]] == [each.sse if form == "sse" else each.ws for each in entries]
    assert [frame.message["data"]["text"] for frame in found[:-1]] == texts
    assert all(frame.is_text and frame.run == "r_1" for frame in found[:-1])
    assert (found[-1].message["type"], found[-1].is_text, found[-1].run) == ("caught-up", False, None)
    assert piece.count(TEXT) == len(texts)
    assert END not in piece


def test_the_kinds_that_mutants_look_for_are_as_the_wire_writes_them() -> None:
    assert TEXT in entry(Event("text", "r", {"text": ""}), "e", 1).ws
    end = entry(Event("run-end", "r", {"reason": "completed"}), "e", 1)
    assert END in end.sse
    assert json.loads(end.body)["kind"] == "run-end"
