from __future__ import annotations

from typing import Any

import pytest

from audit.contract import CAPABILITIES, Contract
from audit.diagnosis import PATTERNS, diagnose
from audit.finding import Severity
from audit.remedies import EFFORTS
from audit.result import Excerpt, Judgment

from .making import judgment, shown

CONTINUE, CANCEL = Contract(disconnect="continue"), Contract(disconnect="cancel")
PLAIN_SSE = {"resumes": False, "stop": "hangup"}
RESUMABLE = {"resumes": True, "stop": "command"}

DROP = ("phone", "seen", "closed", {"conn": 1, "how": "fin"})
RESUME = ("phone", "invoke", "resume", {"conn": 2})
RESUMED = ("phone", "ok", "resume", {"conn": 2})
NOTHING = ("phone", "ok", "resume", {"conn": 2, "nothing": True})
REFUSED = ("phone", "fail", "resume", {"unsupported": True})
STOP = ("phone", "invoke", "stop", {"label": "run-1"})
STOPPED = ("laptop", "seen", "end", {"reason": "stopped"})
READ_STOPPED = ("laptop", "ok", "read", {"messages": [{"role": "assistant", "ending": "stopped"}]})
FAILED = ("laptop", "seen", "end", {"reason": "failed"})


def gap(rule: str, *events: tuple[str, str, str, dict[str, Any]], scenario: str = "network-drop") -> Judgment:
    return judgment(rule, "gap", scenario, excerpt=shown(*events) if events else Excerpt())


def passed(rule: str) -> Judgment:
    return judgment(rule, "pass")


def names(
    *judgments: Judgment, traits: dict[str, Any] = RESUMABLE, contract: Contract = CONTINUE, agents: str = ""
) -> list[str]:
    return [found.id for found in diagnose(judgments, traits, contract, agents)]


def test_all_is_well_and_nothing_is_prescribed() -> None:
    assert names(*(passed(name) for name in ("loss", "survival", "stop", "join", "hang"))) == []


def test_what_could_not_be_proven_is_no_disease() -> None:
    assert names(*(judgment(name, "inconclusive") for name in ("loss", "survival", "stop", "join", "discovery"))) == []


# -- Single-Connection Trap -------------------------------------------------------------------------------------------


def test_the_trap_of_a_protocol_without_a_way_back() -> None:
    (found,) = diagnose((gap("loss", DROP, RESUME, REFUSED), gap("early-resume")), PLAIN_SSE, CONTINUE)
    assert found.id == "single-connection-trap"
    assert found.proof == ("loss@network-drop", "early-resume@network-drop")
    assert found.why.endswith("Seen here: phone says loss")


def test_the_trap_of_a_resume_that_never_brings_anything() -> None:
    assert names(gap("survival", DROP, RESUME, NOTHING, FAILED)) == ["single-connection-trap"]


def test_words_lost_although_a_resume_got_through_are_no_trap() -> None:
    assert names(gap("loss", DROP, RESUME, RESUMED)) == []
    assert names(gap("loss", DROP, RESUME, NOTHING), passed("resume-delay")) == []


def test_words_lost_without_a_drop_are_no_trap() -> None:
    assert names(gap("loss"), traits=PLAIN_SSE) == []


def test_words_lost_by_a_device_that_never_tried_to_come_back_are_no_trap() -> None:
    assert names(gap("loss", DROP)) == []


def test_away_at_the_end_with_no_way_back_is_the_trap_and_not_a_second_disease() -> None:
    assert names(gap("completion-window", DROP), traits=PLAIN_SSE) == ["single-connection-trap"]


def test_an_answer_that_is_read_in_full_afterwards_was_not_trapped() -> None:
    kept = (passed("survival"), passed("completion-window"))
    assert names(gap("loss", DROP), *kept, traits=PLAIN_SSE) == []
    assert names(gap("loss", DROP), *kept, traits=PLAIN_SSE, contract=CANCEL) == ["single-connection-trap"]
    assert names(gap("loss", DROP), kept[0], traits=PLAIN_SSE) == ["single-connection-trap"]


# -- Interrupted return -----------------------------------------------------------------------------------------------


def test_finished_while_away_where_resuming_works_otherwise() -> None:
    found = gap("completion-window", DROP, RESUME, NOTHING, scenario="long-absence")
    lost = gap("loss", DROP, RESUME, NOTHING, scenario="long-absence")
    assert names(found, lost, passed("resume-delay")) == ["producer-held-resume", "interrupted-return"]


def test_half_an_answer_on_return_is_not_held_by_its_producer() -> None:
    found = gap("completion-window", DROP, RESUME, RESUMED, scenario="long-absence")
    assert names(found, passed("resume-delay")) == ["interrupted-return"]


def test_a_resume_that_never_works_is_not_held_by_its_producer_either() -> None:
    assert names(gap("completion-window", DROP, RESUME, NOTHING)) == ["interrupted-return"]


# -- Sticky session ---------------------------------------------------------------------------------------------------

ASKED = ("phone", "ok", "prompt", {"conn": 1})
HELD = ("phone", "ok", "read", {"messages": [{"role": "user"}]})
EMPTY: tuple[str, str, str, dict[str, Any]] = ("phone", "ok", "read", {"messages": []})
UNKNOWN = ("laptop", "fail", "read", {"status": 404})
STOP_UNKNOWN = ("laptop", "fail", "stop", {"status": 404})


@pytest.mark.parametrize("absent", [UNKNOWN, EMPTY])
def test_a_session_that_comes_and_goes_sticks_to_a_server(absent: tuple[str, str, str, dict[str, Any]]) -> None:
    assert names(gap("echo", ASKED, HELD, absent, HELD)) == ["sticky-session"]


def test_what_it_explains_gets_no_other_name() -> None:
    torn = gap("loss", DROP, RESUME, NOTHING, ASKED, HELD, UNKNOWN, HELD)
    stops = (gap("stop", ASKED, STOP_UNKNOWN), gap("stop-vs-disconnect", ASKED, STOP_UNKNOWN))
    alone = (gap("join", ASKED, UNKNOWN), gap("discovery", ASKED, UNKNOWN))
    (found,) = diagnose((torn, *stops, *alone), RESUMABLE, CONTINUE)
    assert (found.id, len(found.proof)) == ("sticky-session", 5)
    assert names(torn, gap("stop", ASKED, STOP)) == ["trapped-user", "sticky-session"]


def test_what_came_late_or_went_for_good_sticks_to_nothing() -> None:
    late, expired = gap("echo", UNKNOWN, ASKED, UNKNOWN, HELD), gap("echo", ASKED, HELD, UNKNOWN)
    run_by_run = gap("echo", ASKED, HELD, ASKED, UNKNOWN, HELD)
    assert names(late, expired, run_by_run) == []


def test_a_read_that_fails_of_itself_tells_nothing() -> None:
    broken = ("laptop", "fail", "read", {"status": 500})
    assert names(gap("echo", ASKED, HELD, broken, HELD)) == []


def test_an_answer_that_died_of_the_absence_explains_why_it_is_not_there() -> None:
    died = gap("survival", DROP, STOPPED, RESUME, RESUMED, scenario="long-absence")
    assert names(died, gap("completion-window"), gap("handoff")) == ["resume-cancel-conflict"]


# -- SSE Resume-Cancel Conflict ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("told", [STOPPED, READ_STOPPED])
def test_a_drop_that_ended_as_a_stop_is_the_conflict(told: tuple[str, str, str, dict[str, Any]]) -> None:
    assert names(gap("survival", DROP, RESUME, RESUMED, told)) == ["resume-cancel-conflict"]


def test_a_drop_that_ended_otherwise_is_not() -> None:
    assert names(gap("survival", DROP, RESUME, RESUMED, FAILED)) == []


def test_a_run_that_somebody_did_stop_proves_no_mistake() -> None:
    assert names(gap("survival", DROP, STOP, STOPPED, RESUME, RESUMED)) == []


def test_stops_and_drops_alike_where_stopping_works_are_the_conflict() -> None:
    assert names(gap("stop-vs-disconnect"), passed("stop")) == ["resume-cancel-conflict"]
    assert names(gap("stop-vs-disconnect"), traits=PLAIN_SSE, contract=CANCEL) == ["resume-cancel-conflict"]


def test_stops_that_do_nothing_are_not_the_conflict_but_a_trapped_user() -> None:
    assert names(gap("stop-vs-disconnect"), gap("stop")) == ["trapped-user"]


def test_hanging_up_that_ends_nothing_traps_the_user() -> None:
    judgments = (gap("stop-vs-disconnect"), passed("survival"))
    assert names(*judgments, traits={"resumes": True, "stop": "hangup"}) == ["trapped-user"]


def test_no_stop_at_all_traps_the_user() -> None:
    traits = {"resumes": True, "stop": "none"}
    assert names(gap("stop-vs-disconnect"), gap("stop-reach"), traits=traits) == ["trapped-user"]


# -- Orchestrator Dual-Purpose Problem --------------------------------------------------------------------------------

JOINED = ("phone", "ok", "join", {"conn": 2})
WORD = ("phone", "seen", "text", {"text": "tok-0002 "})
ENTERED = ("laptop", "ok", "stop", {"conn": 2})


def held_up(
    rule: str, before: tuple[str, str, str, dict[str, Any]], *then: tuple[str, str, str, dict[str, Any]]
) -> Judgment:
    """A gap in whose excerpt nothing is said for more than a second after `before`."""
    excerpt = shown(before, *then)
    late = tuple({**row, "t": row["t"] + (1_300_000_000 if row["i"] else 0)} for row in excerpt.events)
    return judgment(rule, "gap", "device-join", excerpt=Excerpt(late))


def test_sub_agents_that_are_not_heard_prove_it() -> None:
    assert names(gap("subagents")) == ["orchestrator-dual-purpose"]


def test_a_device_that_came_while_it_was_busy_proves_it_where_an_orchestrator_is_declared() -> None:
    late = held_up("live-view", JOINED, WORD)
    assert names(late, agents="orchestrator") == ["orchestrator-dual-purpose"]
    assert names(late, agents="single") == []
    assert names(gap("live-view", JOINED, WORD), agents="orchestrator") == []


def test_words_and_stops_that_wait_alike_prove_it_and_nothing_else_is_named() -> None:
    lumps, waiting = held_up("buffering", WORD, WORD), held_up("control-delay", ENTERED, STOPPED)
    both = (lumps, waiting, gap("stop-vs-disconnect"))
    assert names(*both, agents="orchestrator") == ["orchestrator-dual-purpose"]
    assert names(lumps, agents="orchestrator") == ["buffering-path"]
    assert names(waiting, agents="orchestrator") == []


def test_where_stops_get_through_the_orchestrator_is_free() -> None:
    found = (held_up("live-view", JOINED, WORD), gap("buffering"), passed("control-delay"))
    assert names(*found, agents="orchestrator") == ["buffering-path"]


def test_a_device_that_was_away_waited_for_itself() -> None:
    away: tuple[str, str, str, dict[str, Any]] = ("phone", "note", "offline", {})
    assert names(held_up("live-view", JOINED, away, WORD), agents="orchestrator") == []


def test_what_was_left_out_of_an_excerpt_is_no_silence() -> None:
    late = held_up("live-view", JOINED, WORD)
    assert late.excerpt is not None
    cut = tuple({**row, "i": row["i"] * 5} for row in late.excerpt.events)
    assert names(judgment("live-view", "gap", excerpt=Excerpt(cut)), agents="orchestrator") == []


# -- the others -------------------------------------------------------------------------------------------------------


def test_a_stream_is_private_when_it_can_be_neither_found_nor_joined() -> None:
    private = (gap("join", scenario="device-join"), gap("discovery", scenario="device-join"))
    assert names(*private) == ["private-stream"]
    assert names(private[0]) == []
    assert names(private[1]) == []


def test_a_handoff_fails_of_itself_only_where_the_other_device_can_enter() -> None:
    assert names(gap("handoff")) == ["context-blind-handoff"]
    assert names(gap("handoff"), gap("join"), gap("discovery")) == ["private-stream"]


@pytest.mark.parametrize(
    ("rule", "name"), [("buffering", "buffering-path"), ("hang", "silent-agent"), ("silence", "silent-agent")]
)
def test_one_gap_one_name(rule: str, name: str) -> None:
    assert names(gap(rule)) == [name]


def test_watchers_behind_a_buffering_path_wait_too_if_they_can_enter() -> None:
    (found,) = diagnose((gap("buffering"), gap("live-view")), RESUMABLE, CONTINUE)
    assert found.proof == ("buffering@network-drop", "live-view@network-drop")
    (alone, *_) = diagnose((gap("buffering"), gap("live-view"), gap("join")), RESUMABLE, CONTINUE)
    assert alone.proof == ("buffering@network-drop",)


def test_a_private_stream_is_why_nobody_can_carry_it_on() -> None:
    (found,) = diagnose((gap("join"), gap("discovery"), gap("handoff")), RESUMABLE, CONTINUE)
    assert found.proof == ("join@network-drop", "discovery@network-drop", "handoff@network-drop")


def test_the_heaviest_proof_is_quoted() -> None:
    light = judgment("stop-reach", "gap", severity=Severity.HIGH, why="light")
    heavy = judgment("stop", "gap", severity=Severity.CRITICAL, why="heavy")
    (found,) = diagnose((light, heavy), RESUMABLE, CONTINUE)
    assert found.why.endswith("Seen here: heavy")


def test_without_traits_nothing_breaks() -> None:
    assert names(gap("loss", DROP), traits={}) == ["single-connection-trap"]


@pytest.mark.parametrize("pattern", PATTERNS, ids=lambda pattern: pattern.id)
def test_every_pattern_is_told_and_treated_cheapest_first(pattern: Any) -> None:
    assert pattern.id == pattern.id.lower().replace(" ", "-")
    assert pattern.capability in CAPABILITIES
    assert pattern.proof.__doc__ and pattern.felt.endswith(".") and pattern.why.endswith(".")
    efforts = [EFFORTS.index(remedy.effort) for remedy in pattern.remedies]
    assert efforts == sorted(efforts) and efforts
    for remedy in pattern.remedies:
        assert all(text.endswith(".") for text in (remedy.action, remedy.gain, remedy.cost))


def test_names_are_unique() -> None:
    assert len({pattern.id for pattern in PATTERNS}) == len(PATTERNS) == len({each.proof for each in PATTERNS})
