from __future__ import annotations

import io

import pytest
from rich.console import Console

from audit import progress
from audit.progress import shown
from audit.runner import Step
from audit.scenario import TrialPlan

from .playing import scenario


def step(done: int, total: int = 3) -> Step:
    return Step(done, total, TrialPlan(scenario(), done, 7, "quick"))


def test_without_a_terminal_it_is_a_line_now_and_then(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with shown("chat") as tell:
        for done in (1, 2, 3):
            tell(step(done))
    assert capsys.readouterr() == ("", "chat: 3 of 3 trials\n")
    monkeypatch.setattr(progress, "EVERY_S", 0.0)
    with shown("chat") as tell:
        tell(step(1))
    assert capsys.readouterr().err == "chat: 1 of 3 trials\n"


def test_on_a_terminal_it_is_a_live_line_that_goes_away(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = io.StringIO()
    monkeypatch.setattr(progress, "Console", lambda **_: Console(file=screen, force_terminal=True, width=80))
    with shown("chat") as tell:
        tell(step(1))
        tell(step(2))
    assert "story-2" in screen.getvalue() and "2/3" in screen.getvalue()
