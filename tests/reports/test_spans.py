from __future__ import annotations

from typing import Any

from audit.result import Excerpt
from reports.rows import rows
from reports.spans import Span, spans

TOPS = {"phone": 10.0, "tab": 98.0}


def drawn(*notes: tuple[str, str] | tuple[str, str, dict[str, Any]]) -> tuple[Span, ...]:
    events = tuple(
        {"i": n, "t": n, "who": note[0], "phase": "note", "what": note[1], "value": note[2] if len(note) > 2 else {}}
        for n, note in enumerate(notes)
    )
    shown = rows(Excerpt(events=events))
    return spans(shown, [100.0 + 50 * n for n in range(len(shown))], TOPS, 50.0, 900.0)


def test_offline_until_online() -> None:
    assert drawn(("phone", "offline"), ("phone", "online")) == (Span(100.0, 50.0, 10.0, "offline"),)


def test_devices_do_not_end_each_others_spans() -> None:
    found = drawn(("phone", "offline"), ("tab", "freeze"), ("phone", "online"), ("tab", "thaw"))
    assert found == (Span(100.0, 100.0, 10.0, "offline"), Span(150.0, 100.0, 98.0, "frozen"))


def test_a_span_that_began_before_the_excerpt_starts_at_the_edge() -> None:
    assert drawn(("tab", "thaw")) == (Span(50.0, 50.0, 98.0, "frozen"),)


def test_a_span_that_is_still_open_runs_to_the_edge() -> None:
    assert drawn(("phone", "offline")) == (Span(100.0, 800.0, 10.0, "offline"),)


def test_a_fault_is_a_span_only_when_it_was_lifted() -> None:
    struck: tuple[str, str, dict[str, Any]] = ("link:phone", "fault", {"state": "struck"})
    lifted: tuple[str, str, dict[str, Any]] = ("link:phone", "fault", {"state": "lifted"})
    assert drawn(struck) == ()
    assert drawn(struck, lifted) == (Span(100.0, 50.0, 10.0, "fault"),)
