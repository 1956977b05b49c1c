from __future__ import annotations

from dataclasses import replace

import pytest

from audit.load.churn import Storm
from audit.load.service import Service, best_known, service

from .samples import storm

AT_ONCE = Storm(20.0, 1.0, away_s=0.5, jitter_s=0.0)


def test_the_rate_is_what_was_done_from_the_first_return_to_the_last() -> None:
    found = service(storm(2.5, devices=1_000), AT_ONCE)
    assert found is not None and not found.at_least
    assert found.rate == pytest.approx(0.99 * 1_000 / 2.0)
    assert str(found) == "495 resumes a second"


def test_a_target_that_kept_up_can_do_more_than_was_seen() -> None:
    found = service(storm(2.6, devices=1_000), replace(AT_ONCE, jitter_s=2.0))
    assert found is not None and found.at_least
    assert str(found) == "at least 471 resumes a second"


@pytest.mark.parametrize(("busy_s", "at_least"), [(0.01, True), (0.2, False)])
def test_a_crowd_that_comes_at_once_is_always_the_limit_unless_nothing_could_be_seen(
    busy_s: float, at_least: bool
) -> None:
    found = service(storm(0.5 + busy_s, devices=1_000), AT_ONCE)
    assert found is not None and found.at_least is at_least


@pytest.mark.parametrize(("recovered_s", "devices"), [(None, 1_000), (2.0, 19), (0.4, 1_000)])
def test_what_says_nothing_gives_no_rate(recovered_s: float | None, devices: int) -> None:
    assert service(storm(recovered_s, devices), AT_ONCE) is None


def test_of_several_a_limit_counts_more_than_a_bound_and_the_lowest_limit_is_relied_on() -> None:
    bound, higher, slow, quick = Service(900, True), Service(950, True), Service(400, False), Service(500, False)
    assert best_known([bound, quick, slow]) == slow
    assert best_known([bound, higher]) == higher
    assert best_known([]) is None
