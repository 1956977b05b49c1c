from __future__ import annotations

from audit.load.result import MEASURES
from audit.load.room import Said
from audit.load.waits import LONG_S, Delays, Waits


def waiting() -> tuple[Waits, Delays]:
    delays: Delays = {name: [] for name in MEASURES}
    return Waits(delays), delays


def measured(delays: Delays) -> dict[str, list[float]]:
    return {name: seconds for name, seconds in delays.items() if seconds}


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
