from __future__ import annotations

from dataclasses import replace

import pytest

from audit.baseline import Held
from audit.gates import Gates
from audit.result import Grade, KnownGap

from .making import judgment
from .test_result_file import RESULT

GAP, UNPROVEN, PASS = judgment("loss", "gap"), judgment("order", "inconclusive"), judgment("hang", "pass")
MET = replace(RESULT, verdict=Grade("A", "good", 91.46), findings=(PASS,), partial="")


@pytest.mark.parametrize(
    ("gates", "code", "reason"),
    [
        (Gates(), 0, ""),
        (Gates(fail_under=91), 0, "gates met"),
        (Gates(fail_under=91.5), 1, "score 91.4 is under 91.5"),
        (Gates(strict=True), 0, "gates met"),
    ],
)
def test_a_score_passes_or_fails(gates: Gates, code: int, reason: str) -> None:
    assert gates.judge(MET) == (code, reason)


@pytest.mark.parametrize(
    ("findings", "reason"),
    [
        ((PASS, GAP), "strict: 1 gap, 0 unproven"),
        ((PASS, UNPROVEN, UNPROVEN), "strict: 0 gaps, 2 unproven"),
        ((GAP, UNPROVEN), "strict: 1 gap, 1 unproven"),
    ],
)
def test_strict_lets_no_gap_through_and_nothing_unproven(findings: tuple[object, ...], reason: str) -> None:
    found = replace(MET, findings=findings)  # type: ignore[arg-type]
    assert Gates(strict=True).judge(found) == (1, reason)
    assert Gates().judge(found) == (0, "")


def test_what_could_not_be_concluded_is_neither_passed_nor_failed() -> None:
    nothing = replace(MET, verdict=Grade("?", "nothing", None))
    for gates in (Gates(), Gates(fail_under=0), Gates(strict=True)):
        code, reason = gates.judge(nothing)
        assert (code, "nothing could be concluded" in reason) == (3, True)


def test_an_interrupted_run_says_so_before_anything_else() -> None:
    partial = replace(MET, partial="interrupted: 3 of 8 trials ran to their end", verdict=Grade("?", "nothing", None))
    assert Gates(fail_under=99, strict=True).judge(partial) == (130, "interrupted: 3 of 8 trials ran to their end")


# -- with a baseline -----------------------------------------------------------------------------------------------

KNOWN = KnownGap("loss", "network-drop", "moves with the gateway", "chat-platform", "2027-03-31")
NOTHING = Held(new=(), known=(), stale=())


@pytest.mark.parametrize(
    ("held", "code", "reason"),
    [
        (NOTHING, 0, "gates met"),
        (replace(NOTHING, known=(KNOWN,)), 0, "gates met"),
        (replace(NOTHING, new=(GAP,)), 1, "1 gap that the baseline does not know: loss@network-drop"),
        (
            replace(NOTHING, stale=(KNOWN,)),
            4,
            "1 entry of the baseline is stale, the gap is no longer there: remove loss@network-drop",
        ),
    ],
)
def test_a_new_gap_and_a_stale_entry_fail_differently(held: Held, code: int, reason: str) -> None:
    assert Gates().judge(replace(MET, findings=(PASS, GAP)), held) == (code, reason)


def test_a_new_gap_outweighs_a_stale_entry_and_both_are_told() -> None:
    code, reason = Gates(fail_under=99).judge(MET, Held(new=(GAP,) * 12, known=(), stale=(KNOWN, KNOWN)))
    assert code == 1
    under, new, stale = reason.splitlines()
    assert under == "score 91.4 is under 99"
    assert new.startswith("12 gaps that") and new.endswith(" and 2 more")
    assert stale.startswith("2 entries of the baseline are stale")


def test_strict_lets_known_gaps_through_but_nothing_unproven() -> None:
    held = replace(NOTHING, known=(KNOWN,))
    assert Gates(strict=True).judge(replace(MET, findings=(GAP,)), held) == (0, "gates met")
    assert Gates(strict=True).judge(replace(MET, findings=(GAP, UNPROVEN)), held) == (1, "strict: 1 unproven")


def test_a_partial_run_is_held_to_nothing() -> None:
    assert Gates().judge(replace(MET, partial="interrupted"), Held((GAP,), (), (KNOWN,))) == (130, "interrupted")
