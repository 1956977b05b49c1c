from __future__ import annotations

import pytest
from pydantic import ValidationError

from audit.adapters.base import Dial, Frame, Hangup, Item, ItemKind, Unsupported, View
from audit.event import Phase

from .support import VIEW, adapter, ends, frame, frames, kinds, problems

PLAIN = adapter("json-socket")
RICH = adapter(
    "json-socket",
    path="/chat/{session}/ws",
    subprotocols=["chat.v1"],
    prompt_frame={"op": "say", "body": {"text": "{text}", "key": "{key}"}},
    stop_frame={"op": "halt", "run": "{run}"},
    join_frame={"op": "open", "room": "{session}"},
    resume_frame={"op": "open", "room": "{session}", "after": "{cursor}"},
    type_field="op",
    text_types=["delta"],
    text_field="body.text",
    start_types=["begin"],
    end_types={"end": "completed", "halted": "stopped"},
    user_types=["said"],
    user_id_field="body.id",
    run_field="run",
    cursor_field="seq",
    cursor_kind="int",
)
BACK = View("s/1", run="r_1", cursor="17")


class TestRequests:
    def test_by_default_a_socket_is_opened_and_spoken_into(self) -> None:
        assert PLAIN.join(VIEW) == Dial("/ws")
        assert PLAIN.prompt(VIEW, "say é", "p-1") == Frame('{"type":"prompt","text":"say é"}')
        assert PLAIN.stop(VIEW, "p-1") == Frame('{"type":"stop"}')
        assert isinstance(PLAIN.resume(VIEW), Unsupported)
        assert isinstance(PLAIN.read(VIEW), Unsupported)

    def test_templates_say_what_is_sent(self) -> None:
        join = RICH.join(BACK)
        assert join == Dial("/chat/s%2F1/ws", ('{"op":"open","room":"s/1"}',), subprotocols=("chat.v1",))
        assert frame(RICH.resume(BACK)) == {"op": "open", "room": "s/1", "after": 17}
        assert frame(RICH.prompt(BACK, "hi", "p-1")) == {"op": "say", "body": {"text": "hi", "key": "p-1"}}
        assert frame(RICH.stop(BACK, "p-1")) == {"op": "halt", "run": "r_1"}

    def test_a_stop_may_name_the_prompt_and_the_session(self) -> None:
        target = adapter("json-socket", stop_frame={"stop": "{key}", "in": "{session}"}, prompt_frame={"say": "{text}"})
        assert frame(target.stop(VIEW, "p-1")) == {"stop": "p-1", "in": "s-1"}
        assert frame(target.prompt(VIEW, "hi", "p-1")) == {"say": "hi"}

    def test_a_stop_that_names_the_run_waits_for_its_id(self) -> None:
        assert isinstance(RICH.stop(VIEW, "p-1"), Unsupported)

    def test_a_resume_before_the_first_cursor_says_so(self) -> None:
        assert frame(RICH.resume(VIEW))["after"] is None
        assert frame(RICH.resume(View("s-1", cursor="0")))["after"] == 0

    @pytest.mark.parametrize("cursor", ["abc", "1.5", "٣", "9" * 5_000, ""])
    def test_a_cursor_that_is_no_number_is_sent_as_it_came(self, cursor: str) -> None:
        assert frame(RICH.resume(View("s-1", cursor=cursor)))["after"] == cursor

    def test_an_empty_stop_frame_means_hanging_up(self) -> None:
        target = adapter("json-socket", stop_frame={})
        assert target.stop(VIEW, "p-1") == Hangup()
        assert target.traits.stop == "hangup"

    def test_a_shared_socket_is_simply_opened_again(self) -> None:
        target = adapter("json-socket", shared=True)
        assert target.resume(VIEW) == target.join(VIEW)
        assert (target.traits.resumes, target.traits.observable, target.traits.replay) == (True, True, "none")

    @pytest.mark.parametrize(
        "options",
        [
            {"prompt_frame": {}},
            {"prompt_frame": {"text": "{txt}"}},
            {"stop_frame": {"text": "{text}"}},
            {"resume_frame": {"key": "{key}"}},
            {"end_types": {"done": "finished"}},
            {"path": "ws"},
            {"frame": {}},
        ],
    )
    def test_wrong_options_are_named(self, options: dict[str, object]) -> None:
        (name,) = options
        with pytest.raises(ValidationError, match=name):
            adapter("json-socket", **options)


class TestTraits:
    def test_a_private_socket(self) -> None:
        traits = PLAIN.traits
        assert (traits.subscribes, traits.observable, traits.resumes, traits.history) == (True, False, False, False)
        assert (traits.cursor, traits.replay, traits.dedupe, traits.comparison) == ("none", "none", "none", "events")
        assert (traits.stop, traits.prompt_key) == ("command", False)
        assert traits.endings == ("completed", "stopped", "failed")

    def test_what_templates_and_fields_add(self) -> None:
        traits = RICH.traits
        assert (traits.observable, traits.resumes, traits.prompt_key) == (True, True, True)
        assert (traits.cursor, traits.replay, traits.dedupe) == ("int", "continue", "cursor")
        assert traits.endings == ("completed", "stopped")

    @pytest.mark.parametrize("frame", ["join_frame", "resume_frame"])
    def test_a_frame_that_names_the_session_makes_it_visible(self, frame: str) -> None:
        assert adapter("json-socket", **{frame: {"room": "{session}"}}).traits.observable

    def test_a_full_replay(self) -> None:
        traits = adapter("json-socket", resume_frame={"type": "resume"}, replay="full").traits
        assert (traits.replay, traits.dedupe, traits.comparison) == ("full", "reset", "content")


def test_only_101_opens_a_socket() -> None:
    assert PLAIN.answer("join", 101, {}, b"").streaming
    assert PLAIN.answer("join", 200, {}, b"").phase is Phase.FAIL


class TestReading:
    def test_by_default(self) -> None:
        items = frames(
            PLAIN,
            {"type": "hello", "text": "not an answer"},
            {"type": "started", "run": "not a field of this target"},
            {"type": "token", "text": "tok-0001 "},
            {"type": "ping"},
            {"type": "token", "text": "é漢🙂"},
            {"type": "done"},
        )
        assert items == [
            Item(ItemKind.START),
            Item(ItemKind.TEXT, "tok-0001 "),
            Item(ItemKind.PING),
            Item(ItemKind.TEXT, "é漢🙂"),
            Item(ItemKind.END, data={"reason": "completed"}),
        ]

    def test_stops_and_failures(self) -> None:
        assert ends(frames(PLAIN, {"type": "stopped", "message": "by the user"}, {"type": "error"})) == [
            "stopped",
            "failed",
        ]
        stopped, failed = frames(
            PLAIN, {"type": "stopped", "message": "bye"}, {"type": "error", "message": "overloaded"}
        )
        assert stopped.data == {"reason": "stopped"}
        assert failed.data == {"reason": "failed", "error": "overloaded"}

    def test_fields_of_the_target_file(self) -> None:
        items = frames(
            RICH,
            {"op": "said", "seq": 1, "run": "r_1", "body": {"id": "u_1", "text": "hi"}},
            {"op": "begin", "seq": 2, "run": "r_1"},
            {"op": "delta", "seq": 3, "run": "r_1", "body": {"text": "tok"}},
            {"op": "halted", "seq": "4", "run": 7},
        )
        assert items == [
            Item(ItemKind.USER, "hi", "r_1", "1", "u_1", {"id": "u_1"}),
            Item(ItemKind.START, "", "r_1", "2"),
            Item(ItemKind.TEXT, "tok", "r_1", "3"),
            Item(ItemKind.END, "", "7", "4", None, {"reason": "stopped"}),
        ]

    def test_a_full_replay_resets_once_and_only_after_a_resume(self) -> None:
        target = adapter("json-socket", resume_frame={"type": "resume"}, replay="full")
        messages = ({"type": "ping"}, {"type": "token", "text": "a"}, {"type": "token", "text": "b"})
        assert kinds(frames(target, *messages, operation="resume")) == ["ping", "reset", "text", "text"]
        assert kinds(frames(target, *messages, operation="join")) == ["ping", "text", "text"]
        assert kinds(frames(RICH, {"op": "begin"}, operation="resume")) == ["start"]

    def test_binary_messages_count_as_their_text(self) -> None:
        assert frames(PLAIN, '{"type":"token","text":"é"}'.encode()) == [Item(ItemKind.TEXT, "é")]

    @pytest.mark.parametrize(
        "message",
        [
            "",
            "pong",
            "[]",
            "{}",
            '{"type":1}',
            '{"type":"token"}',
            '{"type":"token","text":null}',
            '{"type":"token","text":' + "[" * 50_000,
        ],
    )
    def test_damage_is_a_problem(self, message: str) -> None:
        assert len(problems(frames(PLAIN, message))) == 1

    def test_a_cursor_that_is_neither_text_nor_number_is_a_problem(self) -> None:
        (said,) = problems(frames(RICH, {"op": "delta", "seq": [1], "body": {"text": "x"}}))
        assert "`seq` is neither text nor a whole number" in said

    def test_dotted_fields_find_nothing_in_other_shapes(self) -> None:
        assert (
            len(problems(frames(RICH, {"op": "delta", "body": "text"}, {"op": "delta", "body": [{"text": "x"}]}))) == 2
        )
