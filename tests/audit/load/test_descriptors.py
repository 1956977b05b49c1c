from __future__ import annotations

import resource

import pytest

from audit.errors import ConfigError
from audit.load import descriptors
from audit.load.descriptors import allow, needed


class Limits:
    def __init__(self, soft: int, hard: int) -> None:
        self.soft, self.hard = soft, hard

    def get(self, _: int) -> tuple[int, int]:
        return self.soft, self.hard

    def set(self, _: int, limits: tuple[int, int]) -> None:
        self.soft, self.hard = limits


@pytest.fixture
def limits(monkeypatch: pytest.MonkeyPatch) -> Limits:
    found = Limits(256, 20_000)
    monkeypatch.setattr(resource, "getrlimit", found.get)
    monkeypatch.setattr(resource, "setrlimit", found.set)
    return found


def test_the_soft_limit_is_raised_as_far_as_is_needed(limits: Limits) -> None:
    allow(5_000)
    assert (limits.soft, limits.hard) == (needed(5_000), 20_000)
    allow(10)
    assert limits.soft == needed(5_000)  # never lowered


def test_more_than_the_hard_limit_is_refused_with_what_would_help(limits: Limits) -> None:
    with pytest.raises(ConfigError, match=r"20000.*(\n.*)*more processes"):
        allow(10_000)
    assert limits.soft == 256


def test_no_limit_is_enough_for_anything(limits: Limits) -> None:
    limits.soft = limits.hard = resource.RLIM_INFINITY
    allow(1_000_000)
    assert limits.soft == resource.RLIM_INFINITY


def test_every_device_may_hold_two_sockets() -> None:
    assert needed(100) == 200 + descriptors.SPARE
