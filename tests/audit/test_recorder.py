from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.errors import HarnessError
from audit.event import Phase
from audit.history import load_history
from audit.masking import MASK
from audit.recorder import Recorder

META = {"scenario": "story"}


class Sink(io.StringIO):
    """Counts how often it was flushed, and what it held then."""

    def __init__(self) -> None:
        super().__init__()
        self.flushed: list[int] = []

    def flush(self) -> None:
        super().flush()
        self.flushed.append(len(self.getvalue()))


class FullDisk(io.StringIO):
    def write(self, text: str) -> int:
        if self.tell() > 100:
            raise OSError(28, "No space left on device")
        return super().write(text)


def recorded(value: dict[str, Any], *secrets: str) -> tuple[dict[str, Any], str]:
    """The value as it is kept, and the whole file."""
    sink = io.StringIO()
    recorder = Recorder(sink, META, secrets)
    event = recorder.add("phone", Phase.SEEN, "text", value)
    assert recorder.events == [event]
    assert load_history(sink.getvalue().split("\n")).events == (event,)
    return event.value, sink.getvalue()


def test_indices_are_dense_time_never_runs_back_and_the_file_is_the_history() -> None:
    sink = io.StringIO()
    recorder = Recorder(sink, META)
    invoke = recorder.add("phone", Phase.INVOKE, "join", {"conn": 1})
    recorder.add("phone", Phase.OK, "join", {"conn": 1}, invoke.index)
    recorder.add("stage", Phase.NOTE, "settled")
    history = recorder.finish()
    assert [event.index for event in history.events] == [0, 1, 2]
    times = [event.t_ns for event in history.events]
    assert times == sorted(times) and recorder.now_ns() >= times[-1]
    assert load_history(sink.getvalue().split("\n")) == history
    assert history.whole and history.meta == META


def test_every_line_is_on_disk_before_the_next_thing_happens() -> None:
    sink = Sink()
    recorder = Recorder(sink, META)
    for number in range(3):
        recorder.add("phone", Phase.SEEN, "text", {"text": str(number)})
        assert sink.flushed[-1] == len(sink.getvalue())
    assert len(sink.flushed) == 4


def test_a_lone_surrogate_is_kept_escaped_and_flushed_too(tmp_path: Path) -> None:
    path = tmp_path / "story-1.jsonl"
    with path.open("w", encoding="utf-8") as file:
        recorder = Recorder(file, META)
        recorder.add("phone", Phase.SEEN, "text", {"text": "half \ud83d"})
        last = path.read_text(encoding="utf-8").splitlines()[-1]
        assert json.loads(last)["value"] == {"text": "half \ud83d"}
        assert "\\ud83d" in last
        recorder.finish()
    assert load_history(path.read_text(encoding="utf-8").splitlines()).events == tuple(recorder.events)


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("your token is hunter2!", "hunter2"),
        ('a "quoted\\ secret"\n', '"quoted\\ secret"'),
        ("half \ud83d and hunter2", "hunter2"),
        ("hunter2\udce9", "hunter2\udce9"),
        ('{"echo":"a \\"b\\" c"}', 'a "b" c'),  # an excerpt of the target's own JSON
        ('{"echo":"caf\\u00e9-secret"}', "café-secret"),
    ],
)
def test_secrets_reach_neither_memory_nor_file(text: str, secret: str) -> None:
    kept, file = recorded({"text": text, "messages": [{"role": "user", "text": text}]}, secret)
    assert MASK in kept["text"] and kept["messages"][0]["text"] == kept["text"]
    inside = json.dumps(secret, ensure_ascii=False)[1:-1]
    assert secret not in kept["text"] and inside not in file and json.dumps(secret)[1:-1] not in file


def test_a_secret_that_is_part_of_another_hides_all_of_it() -> None:
    assert recorded({"text": "key=abcd-efgh"}, "abcd", "abcd-efgh")[0] == {"text": f"key={MASK}"}


@pytest.mark.parametrize("secret", ["true", "conn", "text", "value", "phone", "user", "seen", "1234", '":"', "null"])
def test_a_secret_that_looks_like_our_own_words_breaks_nothing(secret: str) -> None:
    """Headers such as `X-Debug: true` or `X-Role: user` are masked like any other."""
    value = {"conn": 1234, "text": "said", "shown": True, "messages": [{"role": "user", "text": "x", "id": None}]}
    assert recorded(value, secret)[0] == value


def test_a_false_trace_of_a_secret_in_the_escaped_line_changes_nothing() -> None:
    assert recorded({"text": "\nabc"}, "nabc")[0] == {"text": "\nabc"}


TEXTS = st.text(st.characters(codec="utf-8", exclude_characters=MASK), max_size=8)


@given(TEXTS.filter(bool), TEXTS, TEXTS)
def test_no_secret_survives(secret: str, before: str, after: str) -> None:
    assert secret not in recorded({"error": f"{before}{secret}{after}", "conn": 1}, secret)[0]["error"]


def test_a_flood_of_events_is_dropped_but_not_what_tells_of_it() -> None:
    recorder = Recorder(io.StringIO(), META, limit=3)
    for number in range(10):
        recorder.add("phone", Phase.SEEN, "text", {"text": str(number)})
    assert recorder.full and len(recorder.events) == 3
    recorder.add("phone", Phase.SEEN, "problem", {"error": "more was sent than a trial records"})
    recorder.add("phone", Phase.SEEN, "closed", {"how": "local"})
    recorder.add("phone", Phase.INVOKE, "resume", {"conn": 2})
    recorder.add("stage", Phase.NOTE, "settled", {"why": "nobody"})
    assert [event.what for event in recorder.finish().events][3:] == ["problem", "closed", "resume", "settled"]


def test_a_flood_of_long_texts_is_one_too() -> None:
    sink = io.StringIO()
    recorder = Recorder(sink, META, characters=10_000)
    for _ in range(100):
        recorder.add("phone", Phase.SEEN, "text", {"text": "x" * 1_000})
    assert recorder.full and len(sink.getvalue()) < 12_000


def test_a_full_disk_is_our_trouble_and_said_so() -> None:
    recorder = Recorder(FullDisk(), META)
    with pytest.raises(HarnessError, match="No space left on device"):
        for _ in range(10):
            recorder.add("phone", Phase.SEEN, "text", {"text": "one"})
