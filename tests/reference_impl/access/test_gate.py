from __future__ import annotations

import math

import pytest

from reference_impl.access.gate import Access, Gate, Pass
from reference_impl.access.limits import Limits
from reference_impl.access.scopes import EVERYTHING, SCOPES, Grant
from reference_impl.errors import Refused

FOREVER = math.inf
TOKENS = {
    "ann": Grant("ann", "s", frozenset({"read", "prompt"}), 1_000.0),
    "ann-later": Grant("ann", "s", frozenset({"read", "prompt"}), 2_000.0),
    "ann-prompts": Grant("ann", "s", frozenset({"prompt"}), 2_000.0),
    "ann-elsewhere": Grant("ann", "t", frozenset(SCOPES), 2_000.0),
    "bob": Grant("bob", "s", frozenset(SCOPES), 2_000.0),
}


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def gate(clock: Clock, **limits: float) -> Gate:
    return Gate(Access(TOKENS.__getitem__, limits=Limits(**limits)), clock, clock)  # type: ignore[arg-type]


def code(problem: pytest.ExceptionInfo[Refused]) -> tuple[str, int]:
    return problem.value.code, problem.value.status


def test_without_a_key_everybody_may_do_everything() -> None:
    assert Gate(Access()).admit(None) is EVERYTHING
    assert Gate(Access()).admit("whatever") is EVERYTHING


@pytest.mark.parametrize("token", [None, ""])
def test_with_a_key_a_token_is_needed(token: str | None) -> None:
    with pytest.raises(Refused) as problem:
        gate(Clock()).admit(token)
    assert code(problem) == ("unauthorized", 401)
    assert problem.value.message == "a token is missing"


def test_a_pass_is_for_the_session_of_its_token() -> None:
    Pass(gate(Clock()), "s", TOKENS["ann"])
    with pytest.raises(Refused) as problem:
        Pass(gate(Clock()), "t", TOKENS["ann"])
    assert code(problem) == ("forbidden", 403)


@pytest.mark.parametrize(
    ("command", "may"),
    [("subscribe", True), ("prompt", True), ("ping", True), ("renew", True), ("stop", False), ("steer", False),
     ("approve", False)],
)  # fmt: skip
def test_each_command_needs_its_scope(command: str, may: bool) -> None:
    allowed = Pass(gate(Clock()), "s", TOKENS["ann"])
    if may:
        allowed.check(command)
        return
    with pytest.raises(Refused) as problem:
        allowed.check(command)
    assert code(problem) == ("forbidden", 403)
    assert '"control"' in problem.value.message


def test_a_pass_ends_and_is_renewed_in_place() -> None:
    clock = Clock()
    allowed = Pass(gate(clock), "s", TOKENS["ann"])
    allowed.check("subscribe")
    clock.now = 999.0
    allowed.check("prompt")
    assert allowed.left_s == 1.0
    clock.now = 1_000.0
    with pytest.raises(Refused) as problem:
        allowed.check("prompt")
    assert code(problem) == ("unauthorized", 401)
    allowed.renew("ann-later")
    allowed.check("prompt")
    assert allowed.left_s == 1_000.0


@pytest.mark.parametrize("token", ["ann-elsewhere", "ann-prompts", "bob", ""])
def test_a_renewal_cannot_change_what_a_connection_is(token: str) -> None:
    allowed = Pass(gate(Clock()), "s", TOKENS["ann"])
    allowed.check("subscribe")
    with pytest.raises(Refused):
        allowed.renew(token)
    assert allowed.grant is TOKENS["ann"]


def test_a_connection_that_does_not_read_may_go_on_without_that_scope() -> None:
    allowed = Pass(gate(Clock()), "s", TOKENS["ann"])
    allowed.renew("ann-prompts")
    with pytest.raises(Refused):
        allowed.check("subscribe")


def test_a_session_and_a_subject_have_a_rate_each() -> None:
    clock = Clock()
    busy = gate(clock, session_commands_per_s=4.0, subject_commands_per_s=2.0, burst_s=1.0)
    ann, bob = Pass(busy, "s", TOKENS["ann"]), Pass(busy, "s", TOKENS["bob"])
    for _ in range(2):
        ann.check("prompt")
    with pytest.raises(Refused) as problem:
        ann.check("prompt")
    assert code(problem) == ("rate-limited", 429)
    assert problem.value.retry_ms is not None
    assert 500 <= problem.value.retry_ms <= 2_000
    for _ in range(2):
        bob.check("stop")  # what was refused to one is not taken from the other
    carl = Pass(busy, "s", Grant("carl", "*", frozenset(SCOPES), FOREVER))
    with pytest.raises(Refused):
        carl.check("stop")  # the session has had its four
    bob.check("subscribe")
    bob.check("ping")
    clock.now = 1.0
    ann.check("prompt")


def test_those_without_a_subject_are_counted_by_session_alone() -> None:
    open_ = Gate(Access(limits=Limits(session_commands_per_s=None, subject_commands_per_s=1.0)))
    allowed = Pass(open_, "s", EVERYTHING)
    for _ in range(100):
        allowed.check("prompt")
