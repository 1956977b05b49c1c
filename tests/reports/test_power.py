"""The figures of the release in the footer of a report."""

from __future__ import annotations

from pathlib import Path

import pytest

from audit.selftest.export import SCHEMA, dumped, figures
from reports import power

from ..audit.selftest.outcomes import HOW, case, found, gaps


@pytest.fixture(autouse=True)
def _fresh() -> None:
    power.footer.cache_clear()


def kept(monkeypatch: pytest.MonkeyPatch, folder: Path, text: str | None) -> str:
    """The footer of a release that keeps this file."""
    (folder / "assets").mkdir()
    if text is not None:
        (folder / "assets" / "selftest.json").write_text(text, encoding="utf-8")
    monkeypatch.setattr(power, "files", lambda _: folder)
    try:
        return power.footer()
    finally:
        power.footer.cache_clear()


def test_what_was_measured_is_told_with_its_intervals(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    measured = found((case("loses"), gaps("loss")), *((case(seed=seed), gaps()) for seed in range(300)))
    assert kept(monkeypatch, tmp_path, dumped(figures(measured, HOW))) == (
        "Selftest of durable-audit 1, rules 2026.11, 2026-11-20, a machine, 2 cores: it found 1 of 1 planted defects "
        "(95 % interval 20.6 to 100.0 %) and accused the innocent in 0 of 300 audits (95 % interval 0.0 to 1.3 %)."
    )


@pytest.mark.parametrize("text", [None, "", "{}", "[]", '{"schema": "durable-audit/selftest/0"}', '{"schema": "%s"}'])
def test_what_was_not_measured_is_told_too(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, text: str | None) -> None:
    assert kept(monkeypatch, tmp_path, text and text.replace("%s", SCHEMA)) == power.UNMEASURED


def test_both_sides_mean_the_same_schema() -> None:
    assert power.SCHEMA == SCHEMA
