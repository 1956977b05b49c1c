"""Items of any protocol, and what they do to a device's account."""

from __future__ import annotations

import pytest

from audit.adapters.base import Item, ItemKind, Message
from audit.load.sight import Sight

from .seers import Seer, Stand, adapter_of

WORDS = 5


def text(*numbers: int, run: str | None = None, cursor: str | None = None) -> Item:
    return Item(ItemKind.TEXT, "".join(f"tok-{number:04d} " for number in numbers), run, cursor)


def end(reason: str = "completed", run: str | None = None, cursor: str | None = None) -> Item:
    return Item(ItemKind.END, run=run, cursor=cursor, data={"reason": reason})


START, RESET = Item(ItemKind.START), Item(ItemKind.RESET)


def tell(sight: Sight, *items: Item, at: float = 1.0) -> None:
    for item in items:
        sight.item(item, at)


def stand(protocol: str = "ai-sdk", **options: object) -> Stand:
    return Stand(adapter_of(protocol, **options), words=WORDS)


def numbered(protocol: str = "json-socket") -> Stand:
    return stand(protocol, resume_frame={"type": "resume", "after": "{cursor}"}, cursor_field="seq")


# -- which run an item belongs to ---------------------------------------------------------------------------------


def test_items_without_a_run_belong_to_the_one_being_told() -> None:
    found = stand("json-socket")
    found.ask(0)
    tell(found.sight, START)
    found.ask(1)  # asked before the first has ended
    tell(found.sight, text(1, 2, 3, 4, 5), end(), START, text(1, 2, 3, 4, 5), end())
    assert found.faults == {}
    assert found.counts.runs == 2


def test_a_run_learns_its_name_from_the_first_item_that_carries_one() -> None:
    found = stand("openai-responses")
    said = found.ask(0)
    found.sight.begin("prompt", said, 0.0)
    tell(found.sight, Item(ItemKind.START, run="resp_1", cursor="0"), text(1, run="resp_1", cursor="1"))
    assert said.id == "resp_1"
    tell(found.sight, text(1, run="resp_2", cursor="2"))
    assert found.faults == {"foreign": 1}


def test_a_prompt_that_is_shown_names_its_run_and_says_that_it_was_accepted() -> None:
    found = stand("session")
    said = found.ask(0)
    said.accepted = False
    tell(found.sight, Item(ItemKind.USER, run="r_9", cursor="e:1", data={"key": said.key}))
    assert (said.id, said.accepted) == ("r_9", True)
    assert found.sight.open_runs == [0]


def test_a_text_before_any_prompt_is_foreign() -> None:
    found = stand("json-socket")
    tell(found.sight, text(1, 2))
    assert found.faults == {"foreign": 2}


# -- what a device has had already --------------------------------------------------------------------------------


@pytest.mark.parametrize(("protocol", "first", "second"), [
    ("openai-responses", "7", "8"), ("session", "e:7", "e:8"), ("json-socket", "a", "b"),
])  # fmt: skip
def test_what_a_cursor_tells_to_be_a_repeat_is_none(protocol: str, first: str, second: str) -> None:
    found = numbered() if protocol == "json-socket" else stand(protocol)
    found.ask(0, "r")
    items = [text(1, run="r", cursor=first), text(2, run="r", cursor=second)]
    tell(found.sight, *items, *items)
    assert found.faults == {"replayed": 2}
    assert found.sight.cursor == second


def test_an_ending_that_is_told_again_is_dropped_by_its_cursor() -> None:
    found = stand("session")
    found.ask(0, "r")
    ending = end(run="r", cursor="e:9")
    tell(found.sight, text(1, 2, 3, 4, 5, run="r", cursor="e:8"), ending, ending)
    assert found.faults == {}


def test_a_late_word_is_new_whatever_its_cursor_says() -> None:
    found = stand("session")
    found.ask(0, "r")
    tell(found.sight, text(1, run="r", cursor="e:1"), text(3, run="r", cursor="e:3"), text(2, run="r", cursor="e:2"))
    assert found.faults == {"reordered": 1}


def test_another_stream_has_cursors_of_its_own() -> None:
    found = stand("openai-responses")
    for number in range(2):
        said = found.ask(number, f"r{number}")
        found.sight.begin("prompt", said, 0.0)
        tell(
            found.sight,
            *(text(n, run=f"r{number}", cursor=str(n)) for n in range(1, 6)),
            end(run=f"r{number}", cursor="6"),
        )
    assert found.faults == {}
    assert found.counts.words == 10


def test_a_stream_of_the_same_run_goes_on() -> None:
    found = stand("openai-responses")
    said = found.ask(0, "r")
    found.sight.begin("prompt", said, 0.0)
    tell(found.sight, text(1, run="r", cursor="1"))
    found.sight.begin("resume", said, 0.0)
    assert found.sight.cursor == "1"


# -- replays ------------------------------------------------------------------------------------------------------


def test_a_replay_from_the_start_takes_the_place_of_what_was_shown() -> None:
    found = stand()
    said = found.ask(0)
    found.sight.begin("prompt", said, 0.0)
    tell(found.sight, START, text(1), text(3))
    found.sight.begin("resume", said, 0.0)
    tell(found.sight, RESET, START, text(1), text(2), text(3), text(4, 5), end())
    assert found.faults == {}


def test_only_what_is_new_in_a_replay_is_news() -> None:
    found = stand()
    said = found.ask(0)
    found.sight.begin("prompt", said, 0.0)
    tell(found.sight, START, text(1, 2), at=1.0)
    found.sight.waits.resume(2.0)
    found.sight.begin("resume", said, 2.0)
    tell(found.sight, RESET, START, text(1), text(2), at=3.0)
    assert found.delays("resume_delay") == []
    tell(found.sight, text(3), at=3.5)
    assert found.delays("resume_delay") == [1.5]


def test_a_snapshot_takes_the_place_of_what_was_shown() -> None:
    found = stand()
    found.ask(0)
    told = Item(ItemKind.SNAPSHOT, "tok-0001 tok-0002 ")
    tell(found.sight, text(1), text(3), told, text(3, 4, 5), end())
    assert found.faults == {}


def test_a_snapshot_may_say_the_end() -> None:
    found = stand()
    found.ask(0)
    whole = " ".join(f"tok-{number:04d}" for number in range(1, WORDS + 1))
    tell(found.sight, Item(ItemKind.SNAPSHOT, whole, data={"reason": "completed"}))
    assert found.faults == {}
    assert found.counts.runs == 1


def test_after_a_gap_everything_is_told_again() -> None:
    found = stand("session")
    found.ask(0, "r")
    found.ask(1, "q")
    history = [*(text(n, run="r", cursor=f"e:{n}") for n in range(1, 6)), end(run="r", cursor="e:6")]
    tell(found.sight, *history, text(1, run="q", cursor="e:7"))
    gap = Item(ItemKind.GAP, data={"reason": "foreign-epoch"})
    again = [Item(i.kind, i.text, i.run, str(i.cursor).replace("e", "f"), data=i.data) for i in history]
    tell(found.sight, gap, *again, text(1, 2, 3, 4, 5, run="q", cursor="f:7"), end(run="q", cursor="f:8"))
    assert found.faults == {}
    assert found.terms.tally.errors == {"gap: foreign-epoch": 1}


# -- transcripts --------------------------------------------------------------------------------------------------


def transcript(*pairs: tuple[str, str, str | None]) -> tuple[Message, ...]:
    messages: list[Message] = []
    for key, answer, ending in pairs:
        messages += [Message("user", "…", key), Message("assistant", answer, ending=ending)]
    return tuple(messages)


WHOLE = " ".join(f"tok-{number:04d}" for number in range(1, WORDS + 1))


def test_a_transcript_says_what_was_missed() -> None:
    found = stand()
    said = found.ask(0)
    found.sight.begin("prompt", said, 0.0)
    tell(found.sight, START, text(1))
    found.sight.waits.resume(4.0)
    found.sight.shown(transcript(("key-0", WHOLE, None)), 5.0)
    assert found.faults == {}
    assert found.sight.open_runs == []
    assert found.delays("resume_delay") == [1.0]
    assert found.delays("item_delay") == [0.0]  # only the word that came live
    assert "caught-up" in found.seer.heard


def test_a_transcript_that_lacks_the_rest_leaves_the_run_open() -> None:
    found = stand()
    found.ask(0)
    found.sight.shown(transcript(("key-0", "tok-0001 tok-0002", None)), 5.0)
    found.sight.close(judge=True)
    assert found.faults == {"unended": 1, "lost": 3}


def test_a_transcript_of_a_run_that_goes_on_says_nothing() -> None:
    found = stand()
    found.ask(0)
    found.sight.shown(transcript(("key-0", "tok-0001", "running")), 5.0)
    assert found.sight.open_runs == [0]


def test_prompts_of_others_are_passed_over() -> None:
    found = stand()
    found.ask(0)
    found.sight.shown(transcript(("somebody", "hello", "completed"), ("key-0", WHOLE, "completed")), 5.0)
    assert found.faults == {}


# -- joining in the middle ----------------------------------------------------------------------------------------


def test_nobody_is_held_to_what_was_said_before_it_came_unless_that_was_promised() -> None:
    found = stand("json-socket", shared=True)
    found.ask(0, "r")
    late = found.seat(Seer(1))
    late.forget()
    late.begin("join", None, 0.0)
    tell(late, text(3, run="r"), text(4, 5, run="r"), end(run="r"))
    assert found.faults == {}


def test_a_device_that_is_told_everything_is_held_to_everything() -> None:
    found = stand("session")
    found.ask(0, "r")
    late = found.seat(Seer(1))
    late.forget()
    late.begin("join", None, 0.0)
    tell(late, text(3, run="r", cursor="e:3"), text(4, 5, run="r", cursor="e:4"), end(run="r", cursor="e:5"))
    assert found.faults == {"lost": 2}


def test_where_nothing_marks_the_end_of_history_the_schedule_does() -> None:
    found = stand("openai-responses")
    said = found.ask(0, "r")
    found.sight.begin("prompt", said, 0.0)
    tell(found.sight, text(1, run="r", cursor="1"), at=10.1)  # word n is due at 10 + n / 10
    late = found.seat(Seer(1))
    late.waits.join(10.3)
    late.begin("join", said, 10.35)
    tell(late, *(text(n, run="r", cursor=str(n)) for n in (1, 2)), at=10.36)
    assert late.waits.returning
    tell(
        late, text(3, run="r", cursor="3"), at=10.37
    )  # due when it came: it is up to date, but this one was said before
    assert not late.waits.returning
    tell(late, text(4, run="r", cursor="4"), at=10.42)
    assert found.delays("join_delay") == [0.07]
    assert found.delays("item_delay") == [0.0, 0.02]
