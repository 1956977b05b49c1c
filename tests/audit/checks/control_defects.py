"""Defects of Live Control, each planted into the recording of a clean trial."""

from __future__ import annotations

from dataclasses import replace

from audit.event import Phase
from audit.history import History

from .cutting import MS, again, delayed, did, ended, next_cursor, note, saw, spliced, swapped, transcribed, without


def it_goes_on_behind_the_ending(history: History) -> History:
    """Everybody is told that it was stopped, and more than a second later the laptop still gets a word."""
    word, end = saw(history, "laptop", "text")[-1], saw(history, "laptop", "end")[0]
    late = replace(again(word, text="tok-0200 ", cursor=next_cursor(end)), t_ns=end.t_ns + 1_200 * MS)
    after = delayed(history, 1_300, lambda e: e.index >= note(history, "settled").index)
    return spliced(after, [*after.events, late])


def the_watcher_is_not_told(history: History) -> History:
    """The laptop's text just stands still."""
    return without(history, *saw(history, "laptop", "end"))


def the_stopped_text_is_thrown_away(history: History) -> History:
    """The transcript keeps nothing of what was said before the stop."""
    return transcribed(history, lambda message: {**message, "text": ""})


def only_the_device_that_asked_may_stop(history: History) -> History:
    """The laptop's stop is refused; the run ends as stopped all the same, so that nothing else can be to blame."""
    done = did(history, "laptop", "stop", Phase.OK)[0]
    refusal = {"status": 403, "error": "not your run"}
    return swapped(history, done, replace(done, phase=Phase.FAIL, value=refusal))


def the_old_stop_hits_the_next_run(history: History) -> History:
    """The second run is stopped by the stop that was meant for the first."""
    return ended(history, "completed", "stopped")


def stopping_twice_is_an_error(history: History) -> History:
    """The stop that comes too late is answered with 404."""
    done = did(history, "phone", "stop", Phase.OK)[-1]
    return swapped(history, done, replace(done, phase=Phase.FAIL, value={"status": 404, "error": "no such run"}))


def a_reconnect_brings_it_back_to_life(history: History) -> History:
    """The phone reconnects after the stop, and the answer is written on."""
    seam, last = saw(history, "phone", "caught-up", conn=2)[0], saw(history, "phone", "text")[-1]
    return swapped(
        history, seam, seam, replace(again(last, text="tok-0200 ", conn=2, cursor=next_cursor(seam)), t_ns=seam.t_ns)
    )


def a_reconnect_starts_it_again(history: History) -> History:
    """The phone reconnects after the stop, and the run begins a second time."""
    seam, start = saw(history, "phone", "caught-up", conn=2)[0], saw(history, "phone", "start")[0]
    return swapped(history, seam, seam, replace(again(start, conn=2, cursor=next_cursor(seam)), t_ns=seam.t_ns))


def the_next_prompt_waits_for_the_stopped_run(history: History) -> History:
    """After the stop the next answer takes nine seconds to begin."""
    asked = did(history, "phone", "prompt")[1]
    first = next(e for e in history.events if e.index > asked.index and e.what == "text")
    return delayed(history, 9_000, lambda e: e.index >= first.index)


def the_stop_is_told_late(history: History) -> History:
    """No word comes any more, but it takes a second and a half until anybody is told that it was stopped."""
    end = next(e for e in history.events if e.what == "end")
    done = did(history, "phone", "stop", Phase.OK)[0]
    return delayed(history, 1_500, lambda e: e.index >= end.index and e.index != done.index)


def stopping_is_only_leaving(history: History) -> History:
    """The stopped run completes, as the one whose connection was lost."""
    return ended(history, "stopped", "completed")
