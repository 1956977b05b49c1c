"""Defects of Resilient Delivery, each planted into the recording of a clean trial."""

from __future__ import annotations

from dataclasses import replace

from audit.event import Phase
from audit.history import History

from .cutting import (
    MS,
    again,
    changed,
    cursor_before,
    delayed,
    did,
    edited,
    ended,
    next_cursor,
    note,
    saw,
    swapped,
    told_nothing_first,
    transcribed,
    without,
)


def a_word_is_lost_in_the_cut(history: History) -> History:
    """The resume starts one item too late."""
    return without(history, saw(history, "phone", "text", conn=2)[0])


def the_last_word_is_lost(history: History) -> History:
    """The resume brings all but the word in front of the ending."""
    return without(history, saw(history, "phone", "text", conn=2)[-1])


def a_word_comes_twice_under_two_cursors(history: History) -> History:
    """The resumed stream repeats an item with a cursor of its own, so that no client can drop it."""
    last, end = saw(history, "phone", "text", conn=2)[-1], saw(history, "phone", "end", conn=2)[-1]
    return swapped(history, last, last, again(last, cursor=next_cursor(end)))


def two_words_change_places(history: History) -> History:
    """Two items of the resumed stream overtake each other."""
    first, second = saw(history, "phone", "text", conn=2)[1:3]
    places = {first.index: second.value["text"], second.index: first.value["text"]}
    return edited(history, lambda e: changed(e, text=places[e.index]) if e.index in places else e)


def a_character_is_split_at_the_seam(history: History) -> History:
    """The first word after the resume has lost a byte of its last character."""
    word = saw(history, "phone", "text", conn=2)[0]
    return swapped(history, word, changed(word, text=word.value["text"].rstrip()[:-1] + "\ufffd "))


def a_word_nobody_said(history: History) -> History:
    """Two frames are glued together at the seam."""
    word = saw(history, "phone", "text", conn=2)[0]
    return swapped(history, word, changed(word, text="tok-00tok-0035 "))


def bytes_that_are_no_frame(history: History) -> History:
    """The resumed stream begins in the middle of a frame."""
    word = saw(history, "phone", "text", conn=2)[0]
    broken = replace(again(word), what="problem", value={"conn": 2, "error": "not JSON"})
    return swapped(history, word, word, broken)


def the_ending_comes_twice(history: History) -> History:
    """The resumed stream ends the run, and ends it again."""
    end = saw(history, "phone", "end")[-1]
    return swapped(history, end, end, again(end, cursor=next_cursor(end)))


def the_ending_does_not_say_how(history: History) -> History:
    """Every device is told that the run is over, and nobody whether it was completed."""
    return edited(history, lambda e: changed(e, reason="unknown") if e.what == "end" else e)


def the_ending_never_comes(history: History) -> History:
    """The last word is there, and the spinner goes on until nobody waits any longer."""
    calm = note(history, "settled")
    waited = swapped(history, calm, changed(calm, why="deadline"))
    return without(waited, *(e for e in waited.events if e.what == "end"))


def the_run_dies_with_the_connection(history: History) -> History:
    """All words had been said; still the run is called failed, because a connection was lost."""
    return ended(history, "completed", "failed")


def the_resume_is_answered_late(history: History) -> History:
    """It takes longer than its deadline until the resume is answered at all."""
    done = did(history, "phone", "resume", Phase.OK)[0]
    return delayed(history, 5_000, lambda e: e.index >= done.index)


def the_resumed_stream_starts_late(history: History) -> History:
    """The resume is accepted, and its first item takes two and a half seconds; nobody else waits."""
    done, over = did(history, "phone", "resume", Phase.OK)[0], saw(history, "laptop", "closed")[-1]
    return delayed(history, 2_500, lambda e: e.index > done.index and (e.who != "laptop" or e.index == over.index))


def two_items_share_a_cursor(history: History) -> History:
    """In a burst, two words get the cursor of the same millisecond."""
    first, second = saw(history, "laptop", "text")[20:22]
    return swapped(history, second, changed(second, cursor=first.value["cursor"]))


def a_cursor_runs_back(history: History) -> History:
    """One word of a burst has a cursor from long before."""
    words = saw(history, "laptop", "text")
    return swapped(history, words[20], changed(words[20], cursor=cursor_before(words[0])))


def nothing_to_resume_before_the_first_word(history: History) -> History:
    """The phone is told that nothing is there; when it asks once more it gets the answer."""
    return told_nothing_first(history, did(history, "phone", "resume")[0])


def coming_back_after_the_end_brings_half_of_it(history: History) -> History:
    """What finished while the phone was away has a hole."""
    words = saw(history, "phone", "text", conn=2)
    return without(history, *words[: len(words) // 2])


def coming_back_after_the_end_does_not_tell_it(history: History) -> History:
    """All words are there, and nothing says that they are all."""
    return without(history, saw(history, "phone", "end", conn=2)[0])


def the_same_prompt_makes_a_second_run(history: History) -> History:
    """The retry with the same key is taken for a new prompt."""
    done = did(history, "phone", "prompt", Phase.OK)[-1]
    return swapped(history, done, changed(done, run="r_another", duplicate=False))


def a_proxy_holds_the_words_back(history: History) -> History:
    """All that the laptop sees comes at once, just before the end."""
    words, end = saw(history, "laptop", "text"), saw(history, "laptop", "end")[0]
    late = {word.index: end.t_ns - MS + number for number, word in enumerate(words)}
    return edited(history, lambda e: replace(e, t_ns=late[e.index]) if e.index in late else e)


def the_silent_stream_is_cut(history: History) -> History:
    """Something on the laptop's way cuts what says nothing; the laptop comes back and misses no word."""
    beat = saw(history, "laptop", "ping")[-1]
    closed = replace(again(beat), what="closed", value={"conn": 1, "how": "rst"})
    asked = replace(again(beat, 1), phase=Phase.INVOKE, what="resume", value={"conn": 2}, t_ns=beat.t_ns + 2)
    done = replace(asked, index=asked.index + 1, phase=Phase.OK, op=asked.index, t_ns=beat.t_ns + 3)
    cut = swapped(history, beat, beat, closed, asked, done)
    late = {
        e.index for e in saw(cut, "laptop", "text", conn=1) + saw(cut, "laptop", "end", conn=1) if e.t_ns > done.t_ns
    }
    return edited(cut, lambda e: changed(e, conn=2) if e.index in late else e)


def the_working_agent_is_given_up(history: History) -> History:
    """A watchdog ends the run in the middle of the silence, and nothing more is said."""
    beat = saw(history, "phone", "ping")[-1]
    unsaid = [e for e in history.events if e.what == "text" and e.t_ns > beat.t_ns]
    told = saw(history, "phone", "end") + saw(history, "laptop", "end")
    early = edited(
        without(history, *unsaid), lambda e: replace(e, t_ns=beat.t_ns + 1) if e.index in {t.index for t in told} else e
    )
    said = "".join(e.value["text"] for e in saw(early, "phone", "text"))
    failed = ended(early, "completed", "failed")
    return transcribed(failed, lambda message: {**message, "text": said})


def everybody_waits_for_the_slow_phone(history: History) -> History:
    """After some hundred words nothing more comes to anybody for five seconds."""
    word = saw(history, "laptop", "text")[700]
    return delayed(history, 5_000, lambda e: e.index >= word.index)


def what_does_not_fit_is_dropped(history: History) -> History:
    """The phone's queue was full for a while."""
    return without(history, *saw(history, "phone", "text")[600:700])


def half_an_answer_is_called_complete(history: History) -> History:
    """The agent failed, and everybody is told that it has finished."""
    return ended(history, "failed", "completed")


def the_transcript_forgets_the_failure(history: History) -> History:
    """Every device is told that the run failed; what is stored says that it completed."""
    return transcribed(history, lambda message: {**message, "ending": "completed"})
