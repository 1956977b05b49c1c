from __future__ import annotations

from typing import Any, TypeAlias

import pytest

from audit.contract import Contract, Disconnect
from audit.picture import (
    Picture,
    came_in_silence,
    ended_stopped,
    fell_silent,
    resumed,
    stop_pressed,
    tried_to_resume,
    waited_in_silence,
    was_cut,
)
from audit.result import Excerpt, Judgment

from .making import judgment, shown


@pytest.mark.parametrize(
    ("event", "cut"),
    [
        (("phone", "seen", "closed", {"how": "rst"}), True),
        (("phone", "seen", "closed", {"how": "local"}), False),
        (("phone", "note", "offline", {}), True),
        (("link:phone", "note", "fault", {"state": "struck"}), True),
        (("link:phone", "note", "fault", {"state": "armed"}), False),
    ],
)
def test_what_counts_as_a_cut(event: tuple[str, str, str, dict[str, object]], cut: bool) -> None:
    assert was_cut(judgment("loss", "gap", excerpt=shown(event))) is cut


def test_resumes() -> None:
    asked: tuple[str, str, str, dict[str, object]] = ("phone", "invoke", "resume", {})
    fruitless = judgment("loss", "gap", excerpt=shown(asked, ("phone", "ok", "resume", {"nothing": True})))
    assert tried_to_resume(fruitless) and not resumed(fruitless)
    assert resumed(judgment("loss", "gap", excerpt=shown(asked, ("phone", "ok", "resume", {}))))


def test_stops() -> None:
    pressed = judgment("loss", "gap", excerpt=shown(("phone", "invoke", "stop", {})))
    assert stop_pressed(pressed) and not ended_stopped(pressed)
    assert ended_stopped(judgment("loss", "gap", excerpt=shown(("phone", "seen", "end", {"reason": "stopped"}))))


def test_without_an_excerpt_nothing_is_known() -> None:
    bare = judgment("loss", "gap")
    assert not any(look(bare) for look in (was_cut, tried_to_resume, resumed, ended_stopped, stop_pressed))


@pytest.mark.parametrize(
    ("verdict", "disconnect", "expected"),
    [("pass", "continue", True), ("pass", "cancel", False), ("gap", "continue", False), ("pass", None, False)],
)
def test_drops_continue_only_where_promised_and_seen(
    verdict: str, disconnect: Disconnect | None, expected: bool
) -> None:
    picture = Picture((judgment("survival", verdict),), {}, Contract(disconnect=disconnect))
    assert picture.drops_continue is expected


# -- silences ---------------------------------------------------------------------------------------------------------

Row: TypeAlias = tuple[str, str, str, dict[str, Any]]
SAID: Row = ("phone", "seen", "text", {"text": "tok-0001 "})
ENTERED: Row = ("phone", "ok", "join", {"conn": 2})
STOPPED: Row = ("phone", "ok", "stop", {"conn": 2})
LAG: Row = ("stage", "note", "lag", {"ms": 120})
ENDED: Row = ("phone", "seen", "end", {"reason": "stopped"})
AWAY: Row = ("phone", "note", "offline", {})


def at(*rows: tuple[int, Row]) -> Judgment:
    """A gap whose excerpt shows these at these milliseconds."""
    events = shown(*(row for _, row in rows)).events
    timed = tuple({**row, "t": ms * 1_000_000} for (ms, _), row in zip(rows, events, strict=True))
    return judgment("live-view", "gap", excerpt=Excerpt(timed))


def test_a_silence_that_ends_with_words() -> None:
    assert fell_silent(at((0, SAID), (900, SAID)))
    assert not fell_silent(at((0, SAID), (200, SAID)))
    assert not fell_silent(at((0, SAID), (900, ENDED)))


def test_what_the_audit_notes_in_between_breaks_no_silence() -> None:
    assert fell_silent(at((0, SAID), (300, LAG), (600, LAG), (900, SAID)))


def test_a_device_that_was_away_heard_nothing_for_another_reason() -> None:
    assert not fell_silent(at((0, SAID), (100, AWAY), (900, SAID)))


def test_who_came_in_a_silence() -> None:
    assert came_in_silence(at((0, ENTERED), (900, SAID)))
    assert came_in_silence(at((0, ENTERED), (20, SAID), (900, SAID)))
    assert not came_in_silence(at((0, ENTERED), (300, SAID), (900, SAID)))
    assert not came_in_silence(at((0, ("phone", "fail", "join", {"unsupported": True})), (900, SAID)))


def test_a_stop_that_waited() -> None:
    assert waited_in_silence(at((0, STOPPED), (900, ENDED)))
    assert waited_in_silence(at((0, STOPPED), (30, SAID), (900, ENDED)))
    assert not waited_in_silence(at((0, STOPPED), (300, SAID), (600, SAID), (900, ENDED)))
    assert not waited_in_silence(at((0, SAID), (900, ENDED)))


def test_without_an_excerpt_nothing_was_silent() -> None:
    bare = judgment("live-view", "gap")
    assert not (fell_silent(bare) or came_in_silence(bare) or waited_in_silence(bare))
