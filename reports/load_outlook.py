"""What the measured storms of a run say of storms to come: a model beside each, and what to set."""

from __future__ import annotations

from dataclasses import dataclass

from audit.load.outlook import Forecast, Outlook

from .text import count, visible

_WHY = 200


@dataclass(frozen=True, slots=True)
class Advice:
    """A row of the table of settings; setting: empty when nothing has to be set, or nothing helps."""

    crowd: str
    setting: str
    gain: str
    cost: str


@dataclass(frozen=True, slots=True)
class View:
    """rate: in words; kept_up: the target was never at its limit. missing: why there is no model, if there is none."""

    rate: str
    kept_up: bool
    advice: tuple[Advice, ...]
    missing: str


def view(outlook: Outlook | None) -> View | None:
    """None when there was no storm to learn from."""
    if outlook is None:
        return None
    rows = (
        Advice(count(each.devices, "device"), visible(each.backoff, 80), _sentence(each.gain), _sentence(each.cost))
        for each in outlook.settings
    )
    kept_up = outlook.rate is not None and outlook.rate.at_least
    return View(str(outlook.rate or ""), kept_up, tuple(rows), visible(outlook.why_not, _WHY))


def told(outlook: Outlook | None, at_s: float) -> str:
    """The storm of this instant beside the simulated one, in words; empty when none was simulated."""
    found = next((each for each in outlook.forecasts if each.at_s == at_s), None) if outlook else None
    return (
        "" if found is None else f"The simulation, told {found.rate} ({_whose(found)}): {found.told}. {_meant(found)}"
    )


def _whose(found: Forecast) -> str:
    return "as the other storms of this run showed" if found.proves else "as this very storm showed"


def _meant(found: Forecast) -> str:
    if not found.agree:
        return "They disagree: something slows the way back that the model does not know of, or the rate is not steady."
    if not found.proves:
        return "They agree, which proves little, for the rate is this storm's own: plan two to put it to the test."
    return "They agree."


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}." if text else ""
