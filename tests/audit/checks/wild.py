"""Histories that no scenario would write: any events of the vocabulary, in any order, with keys missing."""

from __future__ import annotations

from hypothesis import strategies as st

from audit.event import COMPLETIONS, Phase, Value
from audit.history import History

from .story import Story

DEVICES = ("phone", "laptop", "tab")
RUNS = st.sampled_from(["r1", "r2", "r3", "run-1", "run-2"])
LABELS = st.sampled_from(["run-1", "run-2"])
TEXTS = st.sampled_from(
    ["tok-0001 ", "tok-0002 ", "tok-0003", "", " ", "tok-00", "\ufffd", "\ud83d", "tok-0001 tok-0002 "]
)
CURSORS = st.sampled_from(["e:1", "e:2", "e:10", "f:1", "7", "x", ":", "", None])
REASONS = st.sampled_from(["completed", "stopped", "failed", "superseded", "unknown", "odd"])
MESSAGES = st.lists(
    st.fixed_dictionaries(
        {"role": st.sampled_from(["user", "assistant"]), "text": TEXTS},
        optional={
            "id": st.sampled_from(["m1", None]),
            "run": st.none() | RUNS,
            "ending": st.none() | REASONS,
            "agent": st.sampled_from(["a1", "a2"]),
        },
    ),
    max_size=4,
)
CONNS = st.integers(1, 3)
ASKED = {"items": 3, "format": "tok-{:04d}"}
INVOKES: dict[str, st.SearchStrategy[Value]] = {
    "join": st.fixed_dictionaries({}, optional={"conn": CONNS}),
    "resume": st.fixed_dictionaries({}, optional={"conn": CONNS, "cursor": CURSORS}),
    "prompt": st.fixed_dictionaries(
        {"label": LABELS, "key": st.sampled_from(["k1", "k2"])}, optional={"text": TEXTS, "asked": st.just(ASKED)}
    ),
    "stop": st.fixed_dictionaries({"label": LABELS}, optional={"key": st.sampled_from(["k1", "k2"])}),
    "read": st.just({}),
    "steer": st.fixed_dictionaries({"label": LABELS}, optional={"key": st.sampled_from(["k1", "k2"])}),
    "approve": st.fixed_dictionaries(
        {}, optional={"approval": st.sampled_from(["u1", "u2"]), "granted": st.booleans()}
    ),
}
ANSWERS: st.SearchStrategy[Value] = st.fixed_dictionaries(
    {},
    optional={
        "conn": CONNS,
        "run": RUNS,
        "messages": MESSAGES,
        "error": st.just("refused"),
        "status": st.just(404),
        **{
            key: st.booleans()
            for key in (
                "nothing",
                "recovered",
                "duplicate",
                "ended",
                "shown",
                "final",
                "unsupported",
                "hangup",
                "timeout",
            )
        },
    },
)
SEEN = st.sampled_from(
    [
        "text",
        "text",
        "text",
        "user",
        "start",
        "end",
        "snapshot",
        "reset",
        "caught-up",
        "gap",
        "ping",
        "problem",
        "closed",
        "approval-request",
        "approval",
        "presence",
    ]
)
ITEMS: st.SearchStrategy[Value] = st.fixed_dictionaries(
    {},
    optional={
        "conn": CONNS,
        "run": RUNS,
        "text": TEXTS,
        "cursor": CURSORS,
        "message": st.sampled_from(["m1", "m2"]),
        "id": st.sampled_from(["u1", "u2"]),
        "key": st.sampled_from(["k1", "k2"]),
        "reason": REASONS,
        "how": st.sampled_from(["fin", "rst", "clean", "timeout", "local"]),
        "error": st.just("not JSON"),
        "agent": st.sampled_from(["a1", "a2"]),
        "devices": st.integers(0, 4),
        "granted": st.sampled_from([True, False, None]),
        "bytes": st.integers(0, 100_000),
    },
)
FAULTS = st.fixed_dictionaries(
    {"fault": st.sampled_from(["close", "bandwidth"]), "state": st.sampled_from(["armed", "struck", "lifted"])},
    optional={"conn": CONNS},
)
MARKS = st.fixed_dictionaries(
    {"name": st.sampled_from(["absent", "arm", "quiet", "fails", "busy", "asks"])},
    optional={"until": st.just("ended"), "label": LABELS, "arm": st.sampled_from(["drop", "stop", "finish"])},
)
WAITS = st.sampled_from([0.0, 1.0, 60.0, 700.0, 6000.0])
TRAITS = st.fixed_dictionaries(
    {
        "subscribes": st.booleans(),
        "cursor": st.sampled_from(["none", "opaque", "int", "offset+epoch"]),
        "replay": st.sampled_from(["none", "continue", "full", "snapshot"]),
        "dedupe": st.sampled_from(["none", "cursor", "reset"]),
        "comparison": st.sampled_from(["events", "content"]),
        "stop": st.sampled_from(["command", "hangup", "none"]),
        "presence": st.booleans(),
        "presence_ttl_s": st.sampled_from([0.0, 0.5, 2.0]),
        "approves": st.booleans(),
    }
)
CONTRACTS = st.fixed_dictionaries(
    {
        "disconnect": st.sampled_from(["continue", "cancel", None]),
        "idempotency": st.sampled_from(["key", "none", None]),
        "concurrent_send": st.sampled_from(["queue", "reject", "interrupt", "parallel", None]),
    }
)


@st.composite
def histories(draw: st.DrawFn) -> History:
    """Any valid history of up to sixty events."""
    story = Story(*DEVICES, step_ms=0.5, traits=draw(TRAITS), contract=draw(CONTRACTS))
    opened: list[int] = []
    for _ in range(draw(st.integers(0, 60))):
        story.wait(draw(WAITS))
        _step(draw, story, opened)
    return History(story.meta, tuple(story.events), whole=draw(st.booleans()))


def _step(draw: st.DrawFn, story: Story, opened: list[int]) -> None:
    device = draw(st.sampled_from(DEVICES))
    match draw(
        st.sampled_from(
            ["seen", "seen", "seen", "invoke", "invoke", "complete", "complete", "note", "fault", "mark", "lag"]
        )
    ):
        case "seen":
            story.add(device, Phase.SEEN, draw(SEEN), **draw(ITEMS))
        case "invoke":
            what = draw(st.sampled_from(sorted(INVOKES)))
            opened.append(story.add(device, Phase.INVOKE, what, **draw(INVOKES[what])))
        case "complete" if opened:
            invoke = story.events[opened.pop(draw(st.integers(0, len(opened) - 1)))]
            story.add(
                invoke.who, draw(st.sampled_from(sorted(COMPLETIONS))), invoke.what, invoke.index, **draw(ANSWERS)
            )
        case "note":
            story.note(device, draw(st.sampled_from(["offline", "online", "freeze", "thaw", "forget", "leave"])))
        case "fault":
            story.note(f"link:{device}", "fault", **draw(FAULTS))
        case "mark":
            story.note("stage", "mark", **draw(MARKS))
        case "lag":
            story.note("stage", "lag", ms=draw(WAITS))
        case _:
            story.note("stage", "settled", why=draw(st.sampled_from(["ended", "deadline", "nobody"])))
