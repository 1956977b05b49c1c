"""Defects, planted one by one into golden histories: the proof that every rule can fail, and that it alone does.

A mutator is a pure function from the history of one scenario to the history that a target with exactly one defect
would have left. Each is named after the defect, and tells what a user would see.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from audit.history import History

from . import access_defects as access
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
    Mutator("cursor-honesty", "cursor-abuse", access.garbage_is_welcome),
    Mutator("cursor-honesty", "cursor-abuse", access.garbage_is_welcome, trial=2),
    Mutator("cursor-honesty", "cursor-abuse", access.there_is_nothing_at_a_false_cursor, trial=3),
    Mutator("retention", "long-absence", access.nobody_says_that_it_is_too_late, trial=2),
    Mutator("retention", "long-absence", access.the_transcript_expires_too, trial=2),
    Mutator("early-resume", "early-drop", delivery.nothing_to_resume_before_the_first_word),
    Mutator("completion-window", "long-absence", delivery.coming_back_after_the_end_brings_half_of_it),
    Mutator("completion-window", "long-absence", delivery.coming_back_after_the_end_does_not_tell_it),
    Mutator("resubmission", "lost-reply", delivery.the_same_prompt_makes_a_second_run),
    Mutator("silence", "quiet-agent", delivery.the_silent_stream_is_cut),
    Mutator("silence", "quiet-agent", delivery.the_working_agent_is_given_up),
    Mutator("buffering", "network-drop", delivery.a_proxy_holds_the_words_back),
    Mutator("backpressure", "slow-reader", delivery.everybody_waits_for_the_slow_phone),
    Mutator("backpressure", "slow-reader", delivery.what_does_not_fit_is_dropped),
    Mutator("failure-truth", "failing-agent", delivery.half_an_answer_is_called_complete),
    Mutator("failure-truth", "failing-agent", delivery.half_an_answer_is_called_complete, trial=2),
    Mutator("failure-truth", "failing-agent", delivery.the_transcript_forgets_the_failure),
    Mutator("restart", "server-restart", access.the_run_has_no_ending),
    Mutator("restart", "server-restart", access.words_are_gone_after_the_restart),
    Mutator("credential-expiry", "credential-expiry", access.the_expiry_looks_like_the_end),
    Mutator("credential-expiry", "credential-expiry", access.a_fresh_credential_is_refused),
    Mutator("refused-reconnect", "server-restart", access.nobody_says_when_to_come_again),
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
    Mutator("isolation", "stranger", access.a_stranger_reads_along),
    Mutator("isolation", "stranger", access.a_foreign_cursor_opens_the_session),
    Mutator("subagents", "subagent-fanout", continuity.a_word_of_a_sub_agent_is_missing_on_the_late_device),
    Mutator("subagents", "subagent-fanout", continuity.two_sub_agents_are_one_to_a_device),
    Mutator("approval", "pending-approval", continuity.the_reloaded_page_is_not_asked),
    Mutator("approval", "pending-approval", continuity.the_second_answer_counts_as_well),
    Mutator("presence", "crowd-join", continuity.somebody_who_never_came_is_shown),
    Mutator("replay-cost", "crowd-join", continuity.the_replay_takes_a_hundred_times_its_text),
    Mutator("stop", "midstream-stop", control.it_goes_on_behind_the_ending),
    Mutator("stop", "midstream-stop", control.it_is_written_on_out_of_sight),
    Mutator("stop-visibility", "midstream-stop", control.the_watcher_is_not_told),
    Mutator("stop-visibility", "midstream-stop", control.the_stopped_text_is_thrown_away),
    Mutator("stop-reach", "stop-elsewhere", control.only_the_device_that_asked_may_stop),
    Mutator("stop-aim", "stop-then-prompt", control.the_old_stop_hits_the_next_run),
    Mutator("stop-aim", "early-stop", control.stopping_what_waits_stops_what_is_written, trial=2),
    Mutator("stop-idempotence", "stop-then-prompt", control.stopping_twice_is_an_error),
    Mutator("resurrection", "midstream-stop", control.a_reconnect_brings_it_back_to_life),
    Mutator("resurrection", "midstream-stop", control.a_reconnect_starts_it_again),
    Mutator("readiness", "stop-then-prompt", control.the_next_prompt_waits_for_the_stopped_run),
    Mutator("concurrency", "double-text", control.the_second_answer_speaks_into_the_first),
    Mutator("concurrency", "double-text", control.the_second_prompt_ends_the_first_answer),
    Mutator("interrupt", "double-text", control.the_superseded_answer_is_sent_on, trial=2),
    Mutator("steer", "midstream-steer", control.nobody_says_what_became_of_the_steer),
    Mutator("steer", "midstream-steer", control.only_the_sender_sees_the_steer),
    Mutator("steer", "midstream-steer", control.the_steer_is_answered_a_second_time),
    Mutator("authority", "stranger", access.a_stranger_may_stop),
    Mutator("control-delay", "midstream-stop", control.the_stop_is_told_late),
    Mutator("finish-race", "stop-at-the-end", control.the_transcript_tells_another_ending),
    Mutator("stop-vs-disconnect", "abandoned-run", control.stopping_is_only_leaving),
)
