"""The model beside the measured storms, and what it recommends: in words, and never as if it were measured."""

from __future__ import annotations

from dataclasses import replace

from audit.load.outlook import Forecast, Outlook, Setting
from audit.load.service import Service
from reports.load import render
from reports.load_outlook import told, view

from . import load_runs
from .parsed import parse

RATE = Service(1_500.0, at_least=False)
FORECASTS = (
    Forecast(20.0, 3.1, True, True, RATE, "measured 3.21 s, modelled 3.10 s: 1.04 times the model"),
    Forecast(40.0, 4.1, False, False, RATE, "measured never, modelled 4.10 s"),
)
SETTINGS = (
    Setting(500, "", "the target takes all of them back within a second, however they come", ""),
    Setting(
        50_000, "server-sent up to 33 s", "99 % are back after 34 s instead of 120 s", "a single device waits 17 s"
    ),
)
OUTLOOK = Outlook(RATE, FORECASTS, SETTINGS)


def text_of(outlook: Outlook | None) -> str:
    return " ".join(parse(render(load_runs.stormy(), outlook=outlook)).one("main").text.split())


def test_agreement_is_told_and_whose_rate_it_was() -> None:
    assert told(OUTLOOK, 20.0) == (
        "The simulation, told 1,500 resumes a second (as the other storms of this run showed): measured 3.21 s, "
        "modelled 3.10 s: 1.04 times the model. They agree."
    )
    assert "as this very storm showed" in told(OUTLOOK, 40.0) and "They disagree" in told(OUTLOOK, 40.0)
    assert (told(OUTLOOK, 30.0), told(None, 20.0)) == ("", "")


def test_agreeing_with_its_own_rate_is_said_to_prove_little() -> None:
    own = replace(FORECASTS[0], proves=False)
    assert "which proves little" in told(Outlook(RATE, (own,)), 20.0)


def test_the_report_shows_both_storms_and_the_settings_as_a_model() -> None:
    text = text_of(OUTLOOK)
    assert "1.04 times the model. They agree." in text and "They disagree" in text
    assert "What to set, by a model" in text and "A simulation, not a measurement." in text
    for said in ("50,000 devices", "server-sent up to 33 s", "99 % are back after 34 s", "A single device waits 17 s."):
        assert said in text
    assert "500 devicesnothingThe target takes all of them back within a second" in text.replace("> <", "><")


def test_a_target_that_kept_up_may_need_less() -> None:
    assert "its true rate is higher" not in text_of(OUTLOOK)
    assert "its true rate is higher" in text_of(replace(OUTLOOK, rate=Service(400.0, at_least=True)))


def test_without_numpy_the_report_says_so() -> None:
    text = text_of(Outlook(RATE, why_not="needs numpy, which is not installed"))
    assert "No model: needs numpy, which is not installed." in text
    assert "A simulation, not a measurement." not in text


def test_without_a_storm_nothing_is_said() -> None:
    assert view(None) is None
    assert "What to set" not in text_of(None)
