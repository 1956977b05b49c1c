from __future__ import annotations

from dataclasses import replace

import pytest

from audit.gates import Gates
from audit.result import Grade

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
