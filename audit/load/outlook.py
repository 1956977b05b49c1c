"""What the storms of a load say of storms to come: the simulation held to each of them, and what to set for `retry`.

Plain data, so that a report can show it without numpy; numpy is imported where a storm is simulated.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .commands import ANSWER_S
from .planned import played
from .result import LoadResult, StormResult
from .service import Service, best_known, service

if TYPE_CHECKING:
    from .churn import Storm
    from .stampede import Stampede

TIMES = (1, 10)  # the crowd that was measured, and a larger one
PEAK = 2.0  # times the rate: what a target may be asked for in one second
MOST = 12  # storms
MODEL_NEEDS = "needs numpy, which is not installed"


@dataclass(frozen=True, slots=True)
class Forecast:
    """One storm. modelled_s: seconds until 99 % were back (None: never). proves: the rate came from other storms, so
    that agreement says something. told: measured and modelled in words."""

    at_s: float
    modelled_s: float | None
    agree: bool
    proves: bool
    rate: Service
    told: str


@dataclass(frozen=True, slots=True)
class Setting:
    """What to set for a crowd of so many devices, what that brings and what it costs. backoff: empty where the target
    takes everybody back within a second, or nothing keeps the bound; then `gain` says which."""

    devices: int
    backoff: str
    gain: str
    cost: str


@dataclass(frozen=True, slots=True)
class Outlook:
    """why_not: why nothing was modelled; empty when it was."""

    rate: Service | None = None
    forecasts: tuple[Forecast, ...] = ()
    settings: tuple[Setting, ...] = ()
    why_not: str = ""


def outlook(result: LoadResult) -> Outlook | None:
    """None when no storm was planned, or the run proves nothing."""
    storms = played(result)[:MOST]
    if not storms or result.void:
        return None
    rates = [service(measured, planned) for planned, measured in storms]
    rate = best_known(each for each in rates if each is not None)
    if rate is None:
        return Outlook(why_not="no storm was recovered from, so there is no rate to model with")
    try:
        return Outlook(rate, tuple(_forecasts(storms, rates, result.seed)), tuple(_settings(storms, rate, result.seed)))
    except ImportError:
        return Outlook(rate, why_not=MODEL_NEEDS)


def _forecasts(
    storms: Sequence[tuple[Storm, StormResult]], rates: Sequence[Service | None], seed: int
) -> Iterator[Forecast]:
    from .stampede import simulate  # noqa: PLC0415  # numpy
    from .storm import as_planned, compare  # noqa: PLC0415

    for at, (planned, measured) in enumerate(storms):
        others = best_known(rate for row, rate in enumerate(rates) if rate is not None and row != at)
        rate = others or rates[at]
        if rate is None or measured.devices <= 0:
            continue
        _, backoff = as_planned(planned, measured.devices)
        model = simulate(_stampede(measured.devices, rate, refused=measured.refused), backoff, seed)
        found = compare(measured, model)
        yield Forecast(planned.at_s, found.modelled_s, found.agree, others is not None, rate, found.told)


def _settings(storms: Sequence[tuple[Storm, StormResult]], rate: Service, seed: int) -> Iterator[Setting]:
    from .storm import recommend  # noqa: PLC0415  # numpy

    crowd = max(measured.devices for _, measured in storms)
    for devices in (crowd * times for times in TIMES):
        if devices <= rate.rate:
            yield Setting(devices, "", "the target takes all of them back within a second, however they come", "")
            continue
        advice = recommend(_stampede(devices, rate, refused=1), PEAK * rate.rate, seed=seed)
        if advice is None:
            yield Setting(devices, "", f"nothing that was tried stays below {PEAK * rate.rate:,.0f} attempts/s", "")
        else:
            yield Setting(devices, str(advice.backoff), advice.gain, advice.cost)


def _stampede(devices: int, rate: Service, *, refused: int) -> Stampede:
    """A target that refused nobody has room for all; of one that did, a second's worth is taken to wait."""
    from .stampede import Stampede  # noqa: PLC0415  # numpy

    return Stampede(devices, rate.rate, devices if not refused else max(1, round(rate.rate)), ANSWER_S)
