from __future__ import annotations

import pytest

from audit.contract import Contract, Disconnect
from audit.picture import Picture, ended_stopped, resumed, stop_pressed, tried_to_resume, was_cut

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
