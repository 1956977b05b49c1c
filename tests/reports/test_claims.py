from __future__ import annotations

from dataclasses import replace
from typing import get_args

from audit.outlook import Claim, Standing
from reports.claims import STANDINGS, refuted, rows

from . import samples

CLAIMS = tuple(
    Claim(f"contract.{standing}", "x", standing, "y", ("loss@network-drop",)) for standing in get_args(Standing)
)


def test_every_standing_has_a_word() -> None:
    assert set(STANDINGS) == set(get_args(Standing))


def test_what_was_refuted_comes_first_and_is_linked() -> None:
    found = rows(replace(samples.bad(), claims=CLAIMS), {("loss", "network-drop"): "t1g1-1"})
    assert [row.word for row in found] == ["refuted", "not proven", "kept", "not declared"]
    assert found[0].evidence[0].anchor == "t1g1-1"


def test_only_what_was_refuted_was() -> None:
    assert [claim.key for claim in refuted(replace(samples.bad(), claims=CLAIMS))] == ["contract.refuted"]
    assert refuted(samples.reference()) == ()


def test_the_bad_sample_breaks_its_word() -> None:
    assert {"contract.disconnect", "contract.stop_budget_ms"} <= {claim.key for claim in refuted(samples.bad())}
