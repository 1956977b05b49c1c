"""Defects, planted one by one into golden histories: the proof that every rule can fail, and that it alone does.

A mutator is a pure function from the history of one scenario to the history that a target with exactly one defect
would have left. Each is named after the defect, and tells what a user would see.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from audit.event import Event, Phase
from audit.history import History

from .cutting import MS, NEW, again, changed, delayed, did, edited, saw, spliced, swapped, without

Mutate = Callable[[History], History]


@dataclass(frozen=True, slots=True)
class Mutator:
    """Plants the defect of `rule` in the golden history of a trial of `scenario`."""

    rule: str
    scenario: str
    mutate: Mutate
    trial: int = 1

    @property
    def name(self) -> str:
        """The defect."""
        return self.mutate.__name__


# -- Resilient Delivery ---------------------------------------------------------------------------------------------


def a_word_is_lost_in_the_cut(history: History) -> History:
    """The resume starts one item too late."""
    return without(history, saw(history, "phone", "text", conn=2)[0])


def the_last_word_is_lost(history: History) -> History:
    """The resume brings all but the word in front of the ending."""
    return without(history, saw(history, "phone", "text", conn=2)[-1])


def a_word_comes_twice_under_two_cursors(history: History) -> History:
    """The resumed stream repeats an item with a cursor of its own, so that no client can drop it."""
    last, end = saw(history, "phone", "text", conn=2)[-1], saw(history, "phone", "end", conn=2)[-1]
    return swapped(history, last, last, again(last, cursor=_next(end)))


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
    return swapped(history, end, end, again(end, cursor=_next(end)))


def the_ending_does_not_say_how(history: History) -> History:
    """Every device is told that the run is over, and nobody whether it was completed."""
    return edited(history, lambda e: changed(e, reason="unknown") if e.what == "end" else e)


def the_ending_never_comes(history: History) -> History:
    """The last word is there, and the spinner goes on until nobody waits any longer."""
    gone = [e for e in history.events if e.what == "end"]
    calm = next(e for e in history.of("stage") if e.what == "settled")
    return edited(without(history, *gone), lambda e: changed(e, why="deadline") if _same(e, calm) else e)


def the_run_dies_with_the_connection(history: History) -> History:
    """All words had been said; still the run is called failed, because a connection was lost."""
    return _ended(history, "completed", "failed")


def the_resume_is_answered_late(history: History) -> History:
    """It takes longer than its deadline until the resume is answered at all."""
    done = did(history, "phone", "resume", Phase.OK)[0]
    return delayed(history, 5_000, lambda e: e.index >= done.index)


def the_resumed_stream_starts_late(history: History) -> History:
    """The resume is accepted, and its first item takes two and a half seconds; nobody else waits."""
    done = did(history, "phone", "resume", Phase.OK)[0]
    return delayed(history, 2_500, lambda e: e.index > done.index and not _live(e, "laptop"))


def two_items_share_a_cursor(history: History) -> History:
    """In a burst, two words get the cursor of the same millisecond."""
    first, second = saw(history, "laptop", "text")[20:22]
    return swapped(history, second, changed(second, cursor=first.value["cursor"]))


def a_cursor_runs_back(history: History) -> History:
    """One word of a burst has a cursor from long before."""
    words = saw(history, "laptop", "text")
    return swapped(history, words[20], changed(words[20], cursor=_before(words[0])))


def nothing_to_resume_before_the_first_word(history: History) -> History:
    """The phone is told that nothing is there; when it asks once more it gets the answer."""
    asked, done = did(history, "phone", "resume")[0], did(history, "phone", "resume", Phase.OK)[0]
    refused = replace(again(asked, 1), phase=Phase.OK, op=NEW, value={"conn": 9, "nothing": True})
    early = replace(asked, index=NEW, value={**asked.value, "conn": 9})
    return swapped(history, asked, early, replace(refused, t_ns=asked.t_ns), asked) if done else history


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


# -- Continuity Across Surfaces -------------------------------------------------------------------------------------


def a_hole_at_the_seam_of_the_join(history: History) -> History:
    """The tablet has the history and what comes live, but not the word between them."""
    seam = saw(history, "tablet", "caught-up")[0]
    return without(history, next(e for e in saw(history, "tablet", "text") if e.index > seam.index))


def an_overlap_at_the_seam_of_the_join(history: History) -> History:
    """The tablet's live part starts with the last word of its history, under another cursor."""
    seam = saw(history, "tablet", "caught-up")[0]
    last = [e for e in saw(history, "tablet", "text") if e.index < seam.index][-1]
    return swapped(history, seam, seam, replace(again(last, cursor="live:1"), t_ns=seam.t_ns))


def nobody_is_talking(history: History) -> History:
    """The tablet is told that nothing is going on; when it asks once more it gets the answer."""
    asked = did(history, "tablet", "join")[0]
    early = replace(asked, index=NEW, value={"conn": 9})
    told = replace(early, index=NEW + 1, phase=Phase.OK, op=NEW, value={"conn": 9, "nothing": True})
    return swapped(history, asked, early, told, asked)


def the_watcher_sees_it_at_the_end(history: History) -> History:
    """The phone has joined, and every word that is said from then on comes when the answer is over."""
    seam, end = saw(history, "phone", "caught-up")[0], saw(history, "phone", "end")[0]
    late = {e.index: end.t_ns - 1 for e in saw(history, "phone", "text") if e.index > seam.index}
    return edited(history, lambda e: replace(e, t_ns=late[e.index]) if e.index in late else e)


def a_word_has_another_cursor_elsewhere(history: History) -> History:
    """What one device calls 1:40 is 2:40 to another."""
    word = saw(history, "tablet", "text")[40]
    return swapped(history, word, changed(word, cursor="elsewhere:40"))


def a_prompt_has_another_id_elsewhere(history: History) -> History:
    """The same question is two messages on two devices."""
    prompt = saw(history, "tablet", "user")[0]
    return swapped(history, prompt, changed(prompt, id="u_another"))


def the_prompt_is_not_shown_elsewhere(history: History) -> History:
    """The phone shows an answer to a question that it never shows."""
    return without(history, *saw(history, "phone", "user"))


def the_prompt_is_shown_twice(history: History) -> History:
    """The sender draws its own prompt, and again when it comes back."""
    prompt = saw(history, "laptop", "user")[0]
    return swapped(history, prompt, prompt, again(prompt, id="u_another"))


def everybody_waits_for_the_dead_phone(history: History) -> History:
    """While one connection is dead, the laptop's stream stands still."""
    struck = next(e for e in history.of("link:phone") if e.value.get("state") == "struck")
    words = [e for e in saw(history, "laptop", "text") if e.index > struck.index]
    return delayed(history, 1_500, lambda e: e.index >= words[5].index)


def the_laptop_is_dropped_as_well(history: History) -> History:
    """When the phone is cut off the laptop's stream closes, too; it has to come back by itself."""
    struck = next(e for e in history.of("link:phone") if e.value.get("state") == "struck")
    word = [e for e in saw(history, "laptop", "text") if e.index > struck.index][3]
    closed = replace(again(word), what="closed", value={"conn": 1, "how": "rst"})
    return swapped(history, word, word, closed)


def the_heir_misses_a_word(history: History) -> History:
    """After the phone has left, one word never reaches the laptop."""
    left = next(e for e in history.of("phone") if e.what == "leave")
    return without(history, next(e for e in saw(history, "laptop", "text") if e.index > left.index))


def the_thawed_tab_goes_on_behind_a_hole(history: History) -> History:
    """What was said while the tab was hidden never comes."""
    thawed = next(e for e in history.of("tab") if e.what == "thaw")
    return without(history, *[e for e in saw(history, "tab", "text", conn=1) if e.index > thawed.index][:5])


def the_reload_stops_the_answer(history: History) -> History:
    """All words are there, but the run counts as stopped since its tab was reloaded."""
    return _ended(history, "completed", "stopped")


# -- Live Control ---------------------------------------------------------------------------------------------------


def it_goes_on_behind_the_ending(history: History) -> History:
    """Everybody is told that it was stopped, and more than a second later the laptop still gets a word."""
    word, end = saw(history, "laptop", "text")[-1], saw(history, "laptop", "end")[0]
    late = replace(again(word, text="tok-0200 ", cursor=_next(end)), t_ns=end.t_ns + 1_200 * MS)
    after = delayed(history, 1_300, lambda e: e.index >= _note(history, "settled").index)
    return spliced(after, [*after.events, late])


def the_watcher_is_not_told(history: History) -> History:
    """The laptop's text just stands still."""
    return without(history, *saw(history, "laptop", "end"))


def the_stopped_text_is_thrown_away(history: History) -> History:
    """The transcript keeps nothing of what was said before the stop."""
    return _transcribed(history, lambda message: {**message, "text": ""})


def only_the_device_that_asked_may_stop(history: History) -> History:
    """The laptop's stop is refused; the run ends as stopped all the same, so that nothing else can be to blame."""
    done = did(history, "laptop", "stop", Phase.OK)[0]
    refusal = {"status": 403, "error": "not your run"}
    return swapped(history, done, replace(done, phase=Phase.FAIL, value=refusal))


def the_old_stop_hits_the_next_run(history: History) -> History:
    """The second run is stopped by the stop that was meant for the first."""
    return _ended(history, "completed", "stopped")


def stopping_twice_is_an_error(history: History) -> History:
    """The stop that comes too late is answered with 404."""
    done = did(history, "phone", "stop", Phase.OK)[-1]
    return swapped(history, done, replace(done, phase=Phase.FAIL, value={"status": 404, "error": "no such run"}))


def a_reconnect_brings_it_back_to_life(history: History) -> History:
    """The phone reconnects after the stop, and the answer is written on."""
    seam, last = saw(history, "phone", "caught-up", conn=2)[0], saw(history, "phone", "text")[-1]
    return swapped(
        history, seam, seam, replace(again(last, text="tok-0200 ", conn=2, cursor=_next(seam)), t_ns=seam.t_ns)
    )


def a_reconnect_starts_it_again(history: History) -> History:
    """The phone reconnects after the stop, and the run begins a second time."""
    seam, start = saw(history, "phone", "caught-up", conn=2)[0], saw(history, "phone", "start")[0]
    return swapped(history, seam, seam, replace(again(start, conn=2, cursor=_next(seam)), t_ns=seam.t_ns))


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
    return _ended(history, "stopped", "completed")


MUTATORS: tuple[Mutator, ...] = (
    Mutator("loss", "network-drop", a_word_is_lost_in_the_cut),
    Mutator("loss", "dead-air", the_last_word_is_lost),
    Mutator("duplication", "network-drop", a_word_comes_twice_under_two_cursors),
    Mutator("order", "connection-reset", two_words_change_places),
    Mutator("text-integrity", "network-drop", a_character_is_split_at_the_seam),
    Mutator("text-integrity", "network-drop", a_character_is_split_at_the_seam, trial=2),
    Mutator("text-integrity", "network-drop", a_word_nobody_said),
    Mutator("text-integrity", "network-drop", bytes_that_are_no_frame),
    Mutator("termination", "network-drop", the_ending_comes_twice),
    Mutator("termination", "network-drop", the_ending_does_not_say_how),
    Mutator("termination", "network-drop", the_ending_never_comes),
    Mutator("survival", "network-drop", the_run_dies_with_the_connection),
    Mutator("hang", "connection-reset", the_resume_is_answered_late),
    Mutator("resume-delay", "network-drop", the_resumed_stream_starts_late),
    Mutator("cursor-integrity", "burst-resume", two_items_share_a_cursor),
    Mutator("cursor-integrity", "burst-resume", a_cursor_runs_back),
    Mutator("early-resume", "early-drop", nothing_to_resume_before_the_first_word),
    Mutator("completion-window", "long-absence", coming_back_after_the_end_brings_half_of_it),
    Mutator("completion-window", "long-absence", coming_back_after_the_end_does_not_tell_it),
    Mutator("resubmission", "lost-reply", the_same_prompt_makes_a_second_run),
    Mutator("buffering", "network-drop", a_proxy_holds_the_words_back),
    Mutator("join", "device-join", a_hole_at_the_seam_of_the_join),
    Mutator("join", "device-join", an_overlap_at_the_seam_of_the_join),
    Mutator("discovery", "device-join", nobody_is_talking),
    Mutator("live-view", "device-join", the_watcher_sees_it_at_the_end),
    Mutator("convergence", "device-join", a_word_has_another_cursor_elsewhere),
    Mutator("convergence", "device-join", a_prompt_has_another_id_elsewhere),
    Mutator("echo", "device-join", the_prompt_is_not_shown_elsewhere),
    Mutator("echo", "device-join", the_prompt_is_shown_twice),
    Mutator("independence", "dead-air", everybody_waits_for_the_dead_phone),
    Mutator("independence", "dead-air", the_laptop_is_dropped_as_well),
    Mutator("handoff", "device-handoff", the_heir_misses_a_word),
    Mutator("tab-freeze", "tab-switch", the_thawed_tab_goes_on_behind_a_hole),
    Mutator("tab-close", "tab-switch", the_reload_stops_the_answer),
    Mutator("stop", "midstream-stop", it_goes_on_behind_the_ending),
    Mutator("stop-visibility", "midstream-stop", the_watcher_is_not_told),
    Mutator("stop-visibility", "midstream-stop", the_stopped_text_is_thrown_away),
    Mutator("stop-reach", "stop-elsewhere", only_the_device_that_asked_may_stop),
    Mutator("stop-aim", "stop-then-prompt", the_old_stop_hits_the_next_run),
    Mutator("stop-idempotence", "stop-then-prompt", stopping_twice_is_an_error),
    Mutator("resurrection", "midstream-stop", a_reconnect_brings_it_back_to_life),
    Mutator("resurrection", "midstream-stop", a_reconnect_starts_it_again),
    Mutator("readiness", "stop-then-prompt", the_next_prompt_waits_for_the_stopped_run),
    Mutator("control-delay", "midstream-stop", the_stop_is_told_late),
    Mutator("stop-vs-disconnect", "abandoned-run", stopping_is_only_leaving),
)


def _same(one: Event, other: Event) -> bool:
    return (one.who, one.what, one.t_ns) == (other.who, other.what, other.t_ns)


def _live(event: Event, device: str) -> bool:
    """A device sees it, before the trial closes its streams."""
    return event.who == device and event.phase is Phase.SEEN and event.what != "closed"


def _note(history: History, what: str) -> Event:
    return next(e for e in history.of("stage") if e.what == what)


def _next(event: Event) -> str:
    """A cursor that nothing in the history has."""
    epoch, _, offset = str(event.value["cursor"]).rpartition(":")
    return f"{epoch}:{int(offset) + 1}"


def _before(event: Event) -> str:
    epoch, _, offset = str(event.value["cursor"]).rpartition(":")
    return f"{epoch}:{int(offset) - 1}"


def _ended(history: History, was: str, now: str) -> History:
    """All runs that ended so ended otherwise, on every device and in the transcript."""
    told = edited(history, lambda e: changed(e, reason=now) if e.what == "end" and e.value["reason"] == was else e)
    return _transcribed(told, lambda m: {**m, "ending": now} if m["ending"] == was else m)


def _transcribed(history: History, change: Callable[[dict[str, object]], dict[str, object]]) -> History:
    """What is read back is changed, message by message."""

    def reread(event: Event) -> Event:
        if event.what != "read" or event.phase is not Phase.OK:
            return event
        said = [change(m) if m["role"] == "assistant" else m for m in event.value["messages"]]
        return changed(event, messages=said)

    return edited(history, reread)
