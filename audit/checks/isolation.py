"""Another user's credential or cursor does not open the session."""

from __future__ import annotations

from collections.abc import Iterator

from ..contract import CONTINUITY
from ..event import Event, Phase
from ..finding import Finding, Severity
from ..history import History
from ..result import Remedy
from .base import Rule
from .facts import is_ok, is_unsupported, prompts
from .intruders import at_home, neighbors, strangers
from .oracle import counted
from .verdicts import gap, passed, unproven
from .wording import outcome

_ID = "isolation"
_SAYS = frozenset({"text", "snapshot", "user", "start", "end", "steer", "approval-request"})
_LOOKS = ("join", "resume", "read")


def judge(history: History) -> Iterator[Finding]:
    """One finding for each device of another user: in the session, and in one of his own with a cursor of the
    session."""
    home = at_home(history)
    for device in strangers(history):
        yield _in_ours(history, device, home)
    for device in neighbors(history):
        if any(invoke.value.get("cursor") for invoke, _ in history.invocations("resume", device)):
            yield _in_his(history, device)


def _in_ours(history: History, device: str, home: Event | None) -> Finding:
    shown = _shown(history, device)
    if shown is not None:
        how = f"its {shown.what} was answered with the conversation" if shown.what == "read" else "it saw what is said"
        why = f"With another user's credential the {device} opened the session: {how}."
        return gap(_ID, device, why, [*_tried(history, device)[:2], shown.index])
    tried = [(i, d) for what in _LOOKS for i, d in history.invocations(what, device) if not is_unsupported(d)]
    if not tried:
        return unproven(_ID, device, f"The {device} had no way to look into the session.")
    if home is None:
        why = f"The {device} saw nothing, but its credential was not seen to be good anywhere, so that proves nothing."
        return unproven(_ID, device, why, [tried[0][0].index])
    told = "; ".join(f"its {invoke.what} {outcome(done)}" for invoke, done in tried[:2])
    why = f"With another user's credential, which works elsewhere, the {device} saw nothing of the session: {told}."
    return passed(_ID, device, why, [home.index, *_tried(history, device)])


def _shown(history: History, device: str) -> Event | None:
    """The first thing of the conversation that came to a device: on a stream, or in a transcript. What answers its own
    prompt counts, too: it is written into a session that is not its own."""
    for event in history.of(device):
        if event.phase is Phase.SEEN and event.what in _SAYS:
            return event
        if event.what == "read" and event.phase is Phase.OK and event.value.get("messages"):
            return event
    return None


def _tried(history: History, device: str) -> list[int]:
    calls = (call for what in _LOOKS for call in history.invocations(what, device))
    return sorted(event.index for call in calls for event in call if event is not None)


def _in_his(history: History, device: str) -> Finding:
    """What he gets in his own session, with a cursor that was given out in ours."""
    own = {str(i.value.get("label")): d for i, d in history.invocations("prompt", device)}
    ours = [(label, done) for label, (_, done) in prompts(history).items() if label not in own]
    ids = {str(done.value["run"]) for _, done in ours if done is not None and done.value.get("run")}
    his = {word for label in own for word in counted(history, label) or ()}
    theirs = {word for label, _ in ours for word in counted(history, label) or ()} - his
    resumes = [i for i, _ in history.invocations("resume", device) if i.value.get("cursor")]
    for event in history.of(device):
        if event.index > resumes[0].index and event.phase is Phase.SEEN and event.what in _SAYS:
            words = set(str(event.value.get("text", "")).split())
            if str(event.value.get("run")) in ids or words & theirs:
                why = f"With a cursor of the session, the {device} was shown in his own session what is said in it."
                return gap(_ID, device, why, [resumes[0].index, event.index])
    done = next((d for i, d in history.invocations("resume", device) if i is resumes[0]), None)
    how = "was answered" if is_ok(done) else outcome(done)
    why = f"With a cursor of the session, the {device} saw nothing of it in his own (the resume {how})."
    return passed(_ID, device, why, [resumes[0].index, *([done.index] if done else [])])


ISOLATION = Rule(
    id=_ID,
    capability=CONTINUITY,
    severity=Severity.CRITICAL,
    title="Nobody else gets in",
    truth="Another user's credential, or a cursor taken elsewhere, shows nothing of the session.",
    felt="A stranger reads your conversation while it is written, and neither of you notices.",
    why="The stream endpoint looks a session up by its id, or by the cursor, and never compares whose it is with who "
    "asks; only the page that calls it does.",
    source=("mark3labs/mcp-go#930", "OWASP API1:2023 (broken object level authorization)", "RFC 9110 15.5.4 (403)"),
    remedy=Remedy(
        action="Check on every request, streams and resumes included, that the session belongs to whoever the "
        "credential names; look cursors up within the session, never globally.",
        gain="An id or a cursor that leaks is worth nothing.",
        cost="One lookup of ownership per connection (or a token that names its session).",
        effort="endpoint",
    ),
    judge=judge,
)
