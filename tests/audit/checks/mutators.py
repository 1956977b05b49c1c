"""Defects, planted one by one into golden histories: the proof that every rule can fail, and that it alone does.

A mutator is a pure function from the history of one scenario to the history that a target with exactly one defect
would have left. Each is named after the defect, and tells what a user would see.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from audit.history import History

from . import continuity_defects as continuity
from . import control_defects as control
from . import delivery_defects as delivery

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


MUTATORS: tuple[Mutator, ...] = (
    Mutator("loss", "network-drop", delivery.a_word_is_lost_in_the_cut),
    Mutator("loss", "dead-air", delivery.the_last_word_is_lost),
    Mutator("duplication", "network-drop", delivery.a_word_comes_twice_under_two_cursors),
    Mutator("order", "connection-reset", delivery.two_words_change_places),
    Mutator("text-integrity", "network-drop", delivery.a_character_is_split_at_the_seam),
    Mutator("text-integrity", "network-drop", delivery.a_character_is_split_at_the_seam, trial=2),
    Mutator("text-integrity", "network-drop", delivery.a_word_nobody_said),
    Mutator("text-integrity", "network-drop", delivery.bytes_that_are_no_frame),
    Mutator("termination", "network-drop", delivery.the_ending_comes_twice),
    Mutator("termination", "network-drop", delivery.the_ending_does_not_say_how),
    Mutator("termination", "network-drop", delivery.the_ending_never_comes),
    Mutator("survival", "network-drop", delivery.the_run_dies_with_the_connection),
    Mutator("hang", "connection-reset", delivery.the_resume_is_answered_late),
    Mutator("resume-delay", "network-drop", delivery.the_resumed_stream_starts_late),
    Mutator("cursor-integrity", "burst-resume", delivery.two_items_share_a_cursor),
    Mutator("cursor-integrity", "burst-resume", delivery.a_cursor_runs_back),
    Mutator("early-resume", "early-drop", delivery.nothing_to_resume_before_the_first_word),
    Mutator("completion-window", "long-absence", delivery.coming_back_after_the_end_brings_half_of_it),
    Mutator("completion-window", "long-absence", delivery.coming_back_after_the_end_does_not_tell_it),
    Mutator("resubmission", "lost-reply", delivery.the_same_prompt_makes_a_second_run),
    Mutator("buffering", "network-drop", delivery.a_proxy_holds_the_words_back),
    Mutator("join", "device-join", continuity.a_hole_at_the_seam_of_the_join),
    Mutator("join", "device-join", continuity.an_overlap_at_the_seam_of_the_join),
    Mutator("discovery", "device-join", continuity.nobody_is_talking),
    Mutator("live-view", "device-join", continuity.the_watcher_sees_it_at_the_end),
    Mutator("convergence", "device-join", continuity.a_word_has_another_cursor_elsewhere),
    Mutator("convergence", "device-join", continuity.a_prompt_has_another_id_elsewhere),
    Mutator("echo", "device-join", continuity.the_prompt_is_not_shown_elsewhere),
    Mutator("echo", "device-join", continuity.the_prompt_is_shown_twice),
    Mutator("independence", "dead-air", continuity.everybody_waits_for_the_dead_phone),
    Mutator("independence", "dead-air", continuity.the_laptop_is_dropped_as_well),
    Mutator("handoff", "device-handoff", continuity.the_heir_misses_a_word),
    Mutator("tab-freeze", "tab-switch", continuity.the_thawed_tab_goes_on_behind_a_hole),
    Mutator("tab-close", "tab-switch", continuity.the_reload_stops_the_answer),
    Mutator("stop", "midstream-stop", control.it_goes_on_behind_the_ending),
    Mutator("stop-visibility", "midstream-stop", control.the_watcher_is_not_told),
    Mutator("stop-visibility", "midstream-stop", control.the_stopped_text_is_thrown_away),
    Mutator("stop-reach", "stop-elsewhere", control.only_the_device_that_asked_may_stop),
    Mutator("stop-aim", "stop-then-prompt", control.the_old_stop_hits_the_next_run),
    Mutator("stop-idempotence", "stop-then-prompt", control.stopping_twice_is_an_error),
    Mutator("resurrection", "midstream-stop", control.a_reconnect_brings_it_back_to_life),
    Mutator("resurrection", "midstream-stop", control.a_reconnect_starts_it_again),
    Mutator("readiness", "stop-then-prompt", control.the_next_prompt_waits_for_the_stopped_run),
    Mutator("control-delay", "midstream-stop", control.the_stop_is_told_late),
    Mutator("stop-vs-disconnect", "abandoned-run", control.stopping_is_only_leaving),
)
