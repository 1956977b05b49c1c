"""Defects of Live Control, each planted into the recording of a clean trial."""

from __future__ import annotations

from dataclasses import replace

from audit.event import Event, Phase
from audit.history import History

from .cutting import (
    MS,
    again,
    changed,
    delayed,
    did,
    edited,
    ended,
    next_cursor,
    note,
    saw,
    spliced,
    swapped,
    transcribed,
    without,
)


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


def the_second_answer_speaks_into_the_first(history: History) -> History:
    """A word of the queued answer also stands in the one before it."""
    last = {who: saw(history, who, "text", run=_first_run(history))[-1] for who in ("phone", "laptop")}
    place = {event.index: n for n, event in enumerate(last.values())}
    return edited(history, lambda e: [e, again(e, place[e.index], text="tok-0001 ")] if e.index in place else e)


def the_second_prompt_ends_the_first_answer(history: History) -> History:
    """What is to wait for its turn ends the first run: it failed, wherever that is read."""
    return _first_ended(history, "failed")


def the_superseded_answer_is_sent_on(history: History) -> History:
    """The laptop still gets a word of it, when its answer to the new prompt has begun."""
    first = _first_run(history)
    word, begun = saw(history, "laptop", "text", run=first)[-1], _other_texts(history, "laptop", first)[0]
    late = replace(again(word, text="tok-0059 ", cursor=next_cursor(begun)), t_ns=begun.t_ns + 1)
    end = saw(history, "laptop", "end", run=first)[0]  # told late as well, so that it is no text behind an ending
    return spliced(
        history,
        [*(e for e in history.events if e.index != end.index), late, replace(end, t_ns=late.t_ns + 1)],
    )


def nobody_says_what_became_of_the_steer(history: History) -> History:
    """It is acknowledged, and that is all."""
    gone = [e for e in history.events if e.what == "steer-outcome"]
    silent = without(history, *gone)
    return edited(silent, lambda e: replace(e, value=_plain(e)) if e.what == "steer" and e.op is not None else e)


def only_the_sender_sees_the_steer(history: History) -> History:
    """The laptop is never shown what the phone wished."""
    wish = saw(history, "laptop", "steer")[0]
    told = saw(history, "laptop", "steer-outcome", id=wish.value["id"])
    return without(history, wish, *told)


def the_steer_is_answered_a_second_time(history: History) -> History:
    """A run begins that nobody asked for."""
    start, told = saw(history, "phone", "start")[0], saw(history, "phone", "steer-outcome")[-1]
    return spliced(history, [*history.events, replace(again(start, run="r_fork"), t_ns=told.t_ns + 1)])


def the_transcript_tells_another_ending(history: History) -> History:
    """What everybody was told was stopped is completed after a reload, and the other way round."""
    other = {"stopped": "completed", "completed": "stopped"}
    return transcribed(history, lambda message: {**message, "ending": other.get(message["ending"], message["ending"])})


def it_is_written_on_out_of_sight(history: History) -> History:
    """Everybody is told that it was stopped; when everything has settled the transcript holds more than after the
    budget."""
    final = [e for e in history.events if e.what == "read" and e.phase is Phase.OK][-1]
    more = [
        {**m, "text": m["text"] + "tok-0200 tok-0201 "} if m["role"] == "assistant" else m
        for m in final.value["messages"]
    ]
    return swapped(history, final, changed(final, messages=more))


def stopping_what_waits_stops_what_is_written(history: History) -> History:
    """The run before the one that was stopped ends as well."""
    return _first_ended(history, "stopped")


def _first_run(history: History) -> str:
    return str(did(history, "phone", "prompt", Phase.OK)[0].value["run"])


def _other_texts(history: History, who: str, run: str) -> list[Event]:
    return [e for e in saw(history, who, "text") if e.value["run"] != run]


def _first_ended(history: History, reason: str) -> History:
    first = _first_run(history)
    told = edited(history, lambda e: changed(e, reason=reason) if e.what == "end" and e.value["run"] == first else e)
    return transcribed(told, lambda message: {**message, "ending": reason} if message["run"] == first else message)


def _plain(event: Event) -> dict[str, object]:
    return {key: value for key, value in event.value.items() if key != "outcome"}
