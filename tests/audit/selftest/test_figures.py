"""The two figures."""

from __future__ import annotations

import pytest

from audit.selftest.case import Seen
from audit.selftest.figures import Share

from .outcomes import case, found, gaps


def test_what_was_named_and_noticed_is_found() -> None:
    power = found((case("loses"), gaps("loss")), (case("stops"), gaps("stop")), (case(), gaps()))
    assert [dict(row.cells) for row in power.rows] == [{"loss": "found"}, {"stop": "found"}]
    assert (power.detection, power.alarms, power.elsewhere) == (Share(2, 2), Share(0, 1), 0)
    assert power.verdict() == (0, "every planted defect was found, and nobody innocent was accused")


def test_what_was_named_and_did_not_notice_is_missed() -> None:
    power = found((case("loses"), gaps("order")))
    assert dict(power.rows[0].cells) == {"loss": "missed", "order": "also"}
    assert (power.rows[0].missed, power.detection) == (("loss",), Share(0, 1))
    assert power.verdict() == (1, "the selftest failed: 1 missed")


@pytest.mark.parametrize(
    ("seen", "why"),
    [
        (Seen(judged=("loss",)), "it passed"),
        (Seen(unproven={"loss": "network-drop: no receipt"}), "network-drop: no receipt"),
        (Seen(), "no history held a case of it"),
    ],
)
def test_a_miss_says_why(seen: Seen, why: str) -> None:
    assert found((case("loses"), seen)).rows[0].why == {"loss": why}


def test_an_accusation_in_another_capability_is_false_unless_the_defect_really_shows_there() -> None:
    power = found((case("loses"), gaps("loss", "join", "stop")))
    assert dict(power.rows[0].cells) == {"loss": "found", "join": "also", "stop": "false"}
    assert (power.rows[0].detected, power.rows[0].false, power.elsewhere) == (True, ("stop",), 1)
    assert power.verdict() == (1, "the selftest failed: 1 accused in another capability")


def test_a_clean_audit_that_accuses_is_one_false_alarm_whatever_the_number_of_rules() -> None:
    power = found((case(seed=4), gaps("loss", "stop")), (case(seed=3), gaps()))
    assert [(each.seed, each.alarm) for each in power.clean] == [(3, False), (4, True)]
    assert power.alarms == Share(1, 2)
    assert power.alarms.interval == (0.0945, 0.9055)
    assert power.verdict() == (1, "the selftest failed: 1 false alarms")


def test_what_could_not_be_measured_counts_neither_way_and_is_told() -> None:
    power = found((case("loses"), Seen(error="broke")), (case("stops"), gaps("stop")), (case(), Seen(error="late")))
    assert (power.detection, power.alarms) == (Share(1, 1), Share(0, 0))
    assert power.unmeasured == (("loses", "broke"), ("clean, seed 3", "late"))
    assert power.verdict() == (3, "not everything could be measured: loses: broke")


def test_nothing_planned_is_nothing_proven() -> None:
    assert found().verdict()[0] == 3


def test_an_interrupted_selftest_keeps_what_there_is() -> None:
    power = found((case("loses"), gaps("order")), interrupted=True)
    assert power.verdict() == (130, "interrupted after 1 of 9 audits")
    assert power.detection == Share(0, 1)
