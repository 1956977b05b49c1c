"""Defects of Continuity Across Surfaces, each planted into the recording of a clean trial."""

from __future__ import annotations

from dataclasses import replace

from audit.history import History

from .cutting import again, changed, delayed, did, edited, ended, saw, struck, swapped, told_nothing_first, without


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
    return told_nothing_first(history, did(history, "tablet", "join")[0])


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
    words = [e for e in saw(history, "laptop", "text") if e.index > struck(history, "phone").index]
    return delayed(history, 1_500, lambda e: e.index >= words[5].index)


def the_laptop_is_dropped_as_well(history: History) -> History:
    """When the phone is cut off the laptop's stream closes, too; it has to come back by itself."""
    word = [e for e in saw(history, "laptop", "text") if e.index > struck(history, "phone").index][3]
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
    return ended(history, "completed", "stopped")


def a_word_of_a_sub_agent_is_missing_on_the_late_device(history: History) -> History:
    """The tablet came while the orchestrator was busy, and lacks a word that a sub-agent had said before."""
    return without(history, saw(history, "tablet", "text", agent="a2")[0])


def two_sub_agents_are_one_to_a_device(history: History) -> History:
    """The phone shows what one sub-agent says as if another one had said it."""
    return edited(history, lambda e: changed(e, agent="a1") if e.who == "phone" and e.value.get("agent") == "a2" else e)


def the_reloaded_page_is_not_asked(history: History) -> History:
    """The laptop asked for the approval before it was reloaded, and does not any more."""
    return without(history, *saw(history, "laptop", "approval-request", conn=2))


def the_second_answer_counts_as_well(history: History) -> History:
    """The phone is told twice that the question was answered."""
    counted = saw(history, "phone", "approval")[0]
    return swapped(history, counted, counted, again(counted, cursor="1:9999", granted=False))


def somebody_who_never_came_is_shown(history: History) -> History:
    """One device more than there ever were is shown as present."""
    told = saw(history, "laptop", "presence")[-1]
    return swapped(history, told, changed(told, devices=12))


def the_replay_takes_a_hundred_times_its_text(history: History) -> History:
    """What the last phone got before it was up to date weighs far more than what it shows."""
    seam = saw(history, "phone-5", "caught-up")[0]
    return swapped(history, seam, changed(seam, bytes=2_000_000))
