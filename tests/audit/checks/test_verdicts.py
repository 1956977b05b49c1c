from __future__ import annotations

from audit.checks.verdicts import EVIDENCE_LIMIT, decisive, gap, passed, unproven, worst, worst_of_each


def test_evidence_is_in_order_once_each_and_not_too_much() -> None:
    assert decisive([5, 1, 5, 3]) == (1, 3, 5)
    many = decisive(range(100))
    assert len(many) == EVIDENCE_LIMIT
    assert (many[:6], many[6:]) == ((0, 1, 2, 3, 4, 5), (94, 95, 96, 97, 98, 99))


def test_the_gravest_finding_speaks_for_a_device() -> None:
    fine, open_, small = (
        passed("loss", "phone", "x"),
        unproven("loss", "phone", "x"),
        gap("loss", "phone", "x", [1], value=1),
    )
    large = gap("loss", "phone", "x", [2], value=2)
    assert list(worst([fine, open_])) == [open_]
    assert list(worst([open_, large, None, small])) == [large]
    assert list(worst([None])) == []


def test_each_device_is_spoken_for_once() -> None:
    phone, worse, trial = passed("stop", "phone", "x"), gap("stop", "phone", "x", [1]), passed("stop", None, "x")
    assert list(worst_of_each([phone, trial, worse])) == [worse, trial]
