from __future__ import annotations

from dataclasses import replace

from reports.untested import undeclared, unknown

from . import samples


def test_reasons_are_told_once_with_all_that_they_kept_from_being_judged() -> None:
    found = unknown(samples.bad())
    assert [reason.what for reason in found.inconclusive] == [
        (("A resume always answers", ("The link goes silent", "Back after the end")),),
        (("Stopping twice is harmless", ("Stop in mid-answer",)),),
    ]
    assert [one.what for one in found.untested] == ["server-restart", "browser-tab"]


def test_promises_that_were_never_made() -> None:
    assert [told.split()[-1] for told in undeclared(samples.bad())] == ["(concurrent_send)", "(idempotency)"]
    assert undeclared(samples.reference()) == ()


def test_without_a_contract_nothing_is_declared() -> None:
    assert len(undeclared(replace(samples.bad(), target={"name": "x"}))) == 4
    assert len(undeclared(replace(samples.bad(), target={"contract": "yes"}))) == 4


def test_empty_only_when_nothing_is_left_open() -> None:
    assert not unknown(samples.bad()).empty
    clean = replace(samples.reference(), findings=samples.reference().findings[:3])
    assert unknown(clean).empty
