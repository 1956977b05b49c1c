from __future__ import annotations

from dataclasses import replace

from reports.capacity_words import bend, headline, line, need, summary

from . import capacity_runs


def test_the_headline_says_how_many_held_and_how_it_ended() -> None:
    assert headline(capacity_runs.broke()).startswith("It held 2,000 devices. The climb ended: broke at 2,500 devices")
    assert headline(capacity_runs.held()) == (
        "It held 1,500 devices, the most that was asked of it; its limit was not reached."
    )
    assert headline(capacity_runs.empty()) == "No step held: interrupted at 500 devices."


def test_one_step_shows_no_knee_and_no_want_of_one() -> None:
    assert bend(replace(capacity_runs.held(), rungs=capacity_runs.held().rungs[:1])) == ""
    assert bend(capacity_runs.held()).startswith("No knee: as far as it was measured")


def test_what_more_would_need_is_only_said_when_asked() -> None:
    assert "10 instances (95 %: 10 to 12)" in need(capacity_runs.broke())
    assert need(replace(capacity_runs.broke(), wanted=None)) == ""


def test_a_step_in_a_line() -> None:
    assert line(capacity_runs.rung(500)).endswith(": held")
    told = line(capacity_runs.rung(2_500, broke="12 resumes were refused"))
    assert "2,500 devices" in told and told.endswith("broke: 12 resumes were refused")


def test_the_summary_calls_the_model_one() -> None:
    told = summary(capacity_runs.broke())
    assert told.startswith("Capacity of acme-chat: It held 2,000 devices.")
    assert "Model: A model fitted to 5 steps" in told
    assert "2,000 devices (95 %: 1,800 to 2,000)" in told
    assert "No model: needs 4 different numbers" in summary(capacity_runs.held())
