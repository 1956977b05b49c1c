from __future__ import annotations

from audit.load.result import MEASURES
from audit.load.room import Said
from audit.load.waits import LONG_S, Delays, Waits, no_delays


def waiting() -> tuple[Waits, Delays]:
    delays = no_delays(MEASURES)
    return Waits(delays), delays


def measured(delays: Delays) -> dict[str, list[float]]:
    return {name: [round(each, 6) for each in seconds] for name, seconds in delays.items() if seconds}


RUN, OTHER = Said(0, "k", 5, 0.1, 10.0), Said(1, "k2", 5, 0.1, 20.0)


def test_a_resume_is_over_with_the_first_news_and_with_everything() -> None:
    waits, delays = waiting()
    waits.resume(5.0)
    waits.news(RUN, 6.0)
    waits.news(RUN, 6.5)
    assert waits.returning
    waits.caught_up(7.0)
    waits.caught_up(8.0)
    assert measured(delays) == {"resume_delay": [1.0], "caught_up_delay": [2.0]}


def test_without_news_being_caught_up_is_all_there_is() -> None:
    waits, delays = waiting()
    waits.resume(5.0)
    waits.caught_up(7.0)
    assert measured(delays) == {"resume_delay": [2.0], "caught_up_delay": [2.0]}


def test_a_join_is_over_with_the_history() -> None:
    waits, delays = waiting()
    waits.join(1.0)
    waits.news(RUN, 1.5)
    assert measured(delays) == {}
    waits.caught_up(2.0)
    assert measured(delays) == {"join_delay": [1.0]}


def test_the_first_word_is_that_of_the_run_that_was_asked_for() -> None:
    waits, delays = waiting()
    waits.ask(RUN)
    waits.news(OTHER, 11.0)
    assert not waits.idle
    waits.news(RUN, 12.0)
    waits.news(RUN, 13.0)
    assert waits.idle
    assert measured(delays) == {"first_item_delay": [2.0]}


def test_a_run_that_ends_without_a_word_has_no_first_one() -> None:
    waits, delays = waiting()
    waits.ask(RUN)
    waits.ended(RUN, 12.0)
    waits.news(RUN, 13.0)
    assert measured(delays) == {}


def test_a_stop_is_over_with_the_end_of_its_run() -> None:
    waits, delays = waiting()
    waits.stop(RUN, 15.0)
    waits.ended(OTHER, 16.0)
    waits.ended(RUN, 17.0)
    waits.ended(RUN, 18.0)
    assert measured(delays) == {"stop_delay": [2.0]}


def test_a_wait_that_is_cut_short_counts_only_when_it_was_long() -> None:
    waits, delays = waiting()
    for after, found in ((LONG_S / 2, {}), (LONG_S, {"resume_delay": [LONG_S], "caught_up_delay": [LONG_S]})):
        waits.resume(5.0)
        waits.cut(5.0 + after)
        waits.caught_up(100.0)
        assert measured(delays) == found


def test_a_cut_ends_the_waits_for_words_and_endings_too() -> None:
    waits, delays = waiting()
    waits.ask(RUN)
    waits.stop(RUN, 11.0)
    waits.cut(13.0)
    waits.news(RUN, 20.0)
    waits.ended(RUN, 21.0)
    assert measured(delays) == {"first_item_delay": [3.0], "stop_delay": [2.0]}


def test_a_join_goes_on_over_a_cut() -> None:
    waits, delays = waiting()
    waits.join(1.0)
    waits.cut(2.5)
    waits.caught_up(4.0)
    assert measured(delays) == {"join_delay": [3.0]}


def test_nothing_arrives_before_it_was_intended() -> None:
    waits, delays = waiting()
    waits.resume(5.0)
    waits.caught_up(4.999)
    assert measured(delays) == {"resume_delay": [0.0], "caught_up_delay": [0.0]}


def test_who_gave_up_waits_for_nothing() -> None:
    waits, delays = waiting()
    waits.join(1.0)
    waits.resume(1.0)
    waits.ask(RUN)
    waits.forget()
    waits.caught_up(9.0)
    waits.news(RUN, 12.0)
    assert measured(delays) == {}


def test_a_steer_is_over_when_its_outcome_is_told() -> None:
    waits, delays = waiting()
    waits.steer("k-steer", RUN, 11.0)
    waits.steer_taken("k-steer", None)
    waits.steered("k-steer", 11.5)
    waits.steered("k-steer", 12.0)
    assert measured(delays) == {"steer_delay": [0.5]}
    assert waits.swallowed(RUN) == 0


def test_an_answer_may_tell_the_outcome_of_a_steer() -> None:
    waits, delays = waiting()
    waits.steer("k-steer", RUN, 11.0)
    waits.steer_taken("k-steer", 11.25)
    assert measured(delays) == {"steer_delay": [0.25]}


def test_a_steer_that_was_taken_and_whose_run_ends_without_its_outcome_is_swallowed_once() -> None:
    waits, delays = waiting()
    waits.steer("k-steer", RUN, 11.0)
    assert waits.swallowed(RUN) == 0  # it was not acknowledged yet: the answer may still say that it came too late
    waits.steer_taken("k-steer", None)
    assert waits.swallowed(OTHER) == 0
    assert waits.swallowed(RUN) == 1
    assert waits.swallowed(RUN) == 0
    assert measured(delays) == {}


def test_a_cut_leaves_a_steer_out_unless_it_was_waited_for_long() -> None:
    waits, delays = waiting()
    waits.steer("k-steer", RUN, 11.0)
    waits.cut(11.0 + LONG_S / 2)
    waits.steer("k2-steer", OTHER, 21.0)
    waits.cut(21.0 + LONG_S)
    waits.steered("k2-steer", 30.0)
    assert measured(delays) == {"steer_delay": [LONG_S]}
