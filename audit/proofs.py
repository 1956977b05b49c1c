"""What proves each diagnosis: functions that give the judgments that show it, or nothing. Pure.

Where one disease explains the sign of another, only the first is named.
"""

from __future__ import annotations

from .picture import (
    Picture,
    came_and_went,
    came_in_silence,
    disowned,
    ended_stopped,
    fell_silent,
    nothing_left,
    stop_pressed,
    tried_to_resume,
    waited_in_silence,
    was_cut,
)
from .result import Judgment


def single_connection_trap(picture: Picture) -> tuple[Judgment, ...]:
    """A device was cut off and lost words, or the answer itself, and there is no way back: the protocol has no resume,
    or has one that was tried and never brought anything in the whole audit.

    Not when any resume got through: then something else lost the words (see the Resume-Cancel Conflict). Nor when the
    answer outlived its connection and was read in full afterwards: then something else holds a copy.
    """
    if picture.drops_continue and picture.passes("completion-window") and not picture.gaps("completion-window"):
        return ()
    broken = tuple(each for each in picture.gaps("loss") if was_cut(each)) + picture.gaps("survival")
    if not picture.traits.get("resumes"):
        broken += picture.gaps("completion-window")
    elif picture.resumes_work or not any(map(tried_to_resume, broken)):
        return ()
    return (*broken, *picture.gaps("early-resume")) if broken else ()


def resume_cancel_conflict(picture: Picture) -> tuple[Judgment, ...]:
    """Losing signal and pressing stop are one and the same to the target: a run that nobody stopped ended as stopped
    when its connection went, or the two could not be told apart though stopping as such works.

    Not when stopping does not work at all, and not when hanging up turned out not to end anything: then closing means
    only "lost signal", and the user is trapped instead.
    """
    mistaken = tuple(each for each in picture.gaps("survival") if ended_stopped(each) and not stop_pressed(each))
    alike = picture.gaps("stop-vs-disconnect")
    no_stop = bool(picture.gaps("stop")) or picture.traits.get("stop") == "none"
    if no_stop or (picture.hangup_stops and picture.drops_continue):
        alike = ()
    return (*mistaken, *alike)


def trapped_user(picture: Picture) -> tuple[Judgment, ...]:
    """Stop does nothing, or cannot be pressed from where the user is: from another device, after a reload.

    Also where hanging up is the only stop, and was seen not to end the answer.
    """
    unreachable = picture.gaps("stop", "stop-reach")
    if picture.hangup_stops and picture.drops_continue:
        return (*unreachable, *picture.gaps("stop-vs-disconnect"))
    return unreachable


def private_stream(picture: Picture) -> tuple[Judgment, ...]:
    """A second device can neither find the running answer nor get all of it by joining, watching or carrying on."""
    unseen, unjoined = picture.gaps("discovery"), picture.gaps("join")
    return (*unjoined, *unseen, *picture.gaps("live-view", "handoff")) if unseen and unjoined else ()


def sticky_session(picture: Picture) -> tuple[Judgment, ...]:
    """What a session holds depends on who answers: its transcript was there, was not, and was there again while
    nothing had been asked in between. Then whatever met a "no such session" is of the same making.

    Not when it only came late (stored at the end), or only went (expired).
    """
    if not any(map(came_and_went, picture.every_gap)):
        return ()
    return tuple(each for each in picture.every_gap if came_and_went(each) or disowned(each))


def orchestrator_dual_purpose(picture: Picture) -> tuple[Judgment, ...]:
    """An orchestrator that also relays is the bottleneck: its sub-agents' progress did not reach every device; or,
    where an orchestrator is declared, devices that came while it was busy heard nothing, or words and stops alike
    waited for it.

    Not where stops get through in time while words do not: then something on the words' way holds them up, and the
    orchestrator is free.
    """
    direct = picture.gaps("subagents")
    if picture.agents != "orchestrator" or (picture.passes("control-delay") and not picture.gaps("control-delay")):
        return direct
    late = tuple(each for each in picture.gaps("join", "discovery", "live-view") if came_in_silence(each))
    waited = tuple(each for each in picture.gaps("stop", "control-delay") if waited_in_silence(each))
    waited += picture.gaps("stop-vs-disconnect") if waited else ()  # of a stop that waits, nobody can tell it apart
    held = tuple(each for each in picture.gaps("buffering", "independence") if fell_silent(each))
    relayed = (*late, *waited, *held) if late or (waited and held) else ()
    return (*direct, *relayed)


def producer_held_resume(picture: Picture) -> tuple[Judgment, ...]:
    """Resuming works while the answer is being written; after its end a resume finds nothing, and the answer is
    nowhere else. It is why the return was interrupted, where coming back brought nothing at all."""
    if not picture.resumes_work:
        return ()
    return tuple(each for each in interrupted_return(picture) if nothing_left(each))


def interrupted_return(picture: Picture) -> tuple[Judgment, ...]:
    """The answer finished while the user was away, and coming back does not bring it, although coming back earlier
    would have.

    Not where the answer died of the absence, nor where there is no way back at all: those have names of their own.
    """
    explained = picture.gaps("survival") or single_connection_trap(picture)
    return () if explained else picture.gaps("completion-window")


def context_blind_handoff(picture: Picture) -> tuple[Judgment, ...]:
    """The second device can enter the session, but cannot carry on what the first began.

    Not where the answer died when the first device left, nor where the second cannot enter: those have other names.
    """
    explained = picture.gaps("survival") or private_stream(picture)
    return () if explained else picture.gaps("handoff")


def buffering_path(picture: Picture) -> tuple[Judgment, ...]:
    """Words that were made one by one arrived in one lump: at who asked, and then also at who watched, where a watcher
    can find and enter the session."""
    lumps = picture.gaps("buffering")
    watched = () if picture.gaps("join", "discovery") else picture.gaps("live-view")
    return (*lumps, *watched) if lumps else ()


def silent_agent(picture: Picture) -> tuple[Judgment, ...]:
    """A device asked to go on and was neither given anything, nor told that there is nothing, nor refused; or a quiet
    phase of the agent was not survived, for nothing said that it was still there."""
    return picture.gaps("hang", "silence")
