from __future__ import annotations

from random import Random

from audit.faults import Refuse


def test_it_refuses_what_is_new_and_touches_nothing_that_is_open() -> None:
    assert Refuse().refuses
    assert Refuse().reaches == "new"
    assert Refuse().begin("down", Random(0)) is None
    assert Refuse().begin("up", Random(0)) is None
