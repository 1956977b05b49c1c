from __future__ import annotations

import pytest

from audit.checks.wording import at, joined, listed, outcome, shortened
from audit.event import Event, Phase, Value


def done(phase: Phase, **value: object) -> Event:
    return Event(3, 512_340_000, "phone", phase, "resume", dict(value), 2)


def test_few_words_are_named_and_many_are_not() -> None:
    assert listed(["a", "b"], 9) == "a, b (2 of 9 words)"
    assert listed(list("abcdef"), 9) == "a, b … f (6 of 9 words)"
    assert listed(["x" * 100], 1) == f"{'x' * 40}… (1 of 1 words)"


@pytest.mark.parametrize(
    ("names", "said"), [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (list("abc"), "a, b and c")]
)
def test_names_in_a_row(names: list[str], said: str) -> None:
    assert joined(names) == said


@pytest.mark.parametrize(
    ("phase", "value", "said"),
    [
        (Phase.OK, {}, "was answered"),
        (Phase.OK, {"nothing": True}, 'was answered "nothing there"'),
        (Phase.FAIL, {"status": 404, "error": "no such run"}, "failed (404: no such run)"),
        (Phase.FAIL, {"unsupported": True, "error": "no cursor"}, "is not offered (no cursor)"),
        (Phase.INFO, {}, "broke off"),
    ],
)
def test_how_an_operation_went(phase: Phase, value: Value, said: str) -> None:
    assert outcome(done(phase, **value)) == said


def test_an_operation_without_an_answer_and_one_with_a_long_reason() -> None:
    assert outcome(None) == "was never answered"
    assert len(outcome(done(Phase.FAIL, error="x" * 999))) < 200


def test_a_long_reason_is_cut_between_two_words() -> None:
    said = "the answer is the response to the prompt, " * 3
    short = outcome(done(Phase.FAIL, error=said))
    assert short == f"failed ({'the answer is the response to the prompt, ' * 2}the answer is…)"


@pytest.mark.parametrize(
    ("text", "limit", "short"),
    [
        ("one two", 7, "one two"),
        ("one two", 6, "one…"),
        ("one, two", 7, "one…"),
        ("one two three", 8, "one two…"),
        ("onetwothree", 7, "onetwo…"),
        ("", 3, ""),
    ],
)
def test_shortening(text: str, limit: int, short: str) -> None:
    assert shortened(text, limit) == short
    assert len(shortened(text, limit)) <= limit


def test_a_moment_is_told_in_seconds() -> None:
    assert at(done(Phase.OK)) == "0.51 s"
