from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference_impl.session.run import ENDINGS, IllegalMove, State, move


@given(st.lists(st.sampled_from(State), max_size=12))
def test_whatever_is_tried_a_run_ends_at_most_once_and_stays_ended(tries: list[State]) -> None:
    state, path = State.QUEUED, [State.QUEUED]
    for to in tries:
        try:
            state = move(state, to)
        except IllegalMove:
            continue
        path.append(state)
    assert sum(state.ended for state in path) <= 1
    assert not any(state.ended for state in path[:-1])
    visits = [state for state in path if state is not State.RUNNING]  # a run may begin again, in other hands
    assert len(visits) == len(set(visits))
    assert all(after is State.STOPPED for before, after in pairwise(path) if before is State.STOPPING)


@pytest.mark.parametrize("ending", sorted(ENDINGS))
def test_no_ending_can_be_left(ending: State) -> None:
    for to in State:
        with pytest.raises(IllegalMove, match=f"that is {ending} cannot become {to}"):
            move(ending, to)


def test_an_accepted_stop_wins_against_the_natural_end() -> None:
    for too_late in (State.COMPLETED, State.FAILED, State.SUPERSEDED, State.RUNNING):
        with pytest.raises(IllegalMove):
            move(State.STOPPING, too_late)
    assert move(State.STOPPING, State.STOPPED) is State.STOPPED


def test_a_run_that_never_began_cannot_complete() -> None:
    for impossible in (State.COMPLETED, State.FAILED):
        with pytest.raises(IllegalMove):
            move(State.QUEUED, impossible)
