"""The words of some rules and scenarios, as an audit would put them into its result."""

from __future__ import annotations

from audit.contract import CONTINUITY, LIVE_CONTROL, RESILIENT_DELIVERY
from audit.finding import Severity
from audit.result import Diagnosis, Remedy, RuleInfo, ScenarioInfo

LOG = Remedy(
    "Append every event of an answer to a log of the session, give each one a cursor, and let devices resume from it.",
    "A dropped connection costs the user nothing; any device reads on from where it was.",
    "Every event is stored for as long as a resume is promised, and written before it is sent.",
    "session layer",
)
STOP_COMMAND = Remedy(
    "Add a stop command, POST …/runs/{run}/stop, recorded durably and answered with an end event that says stopped.",
    "Stop works from any device, and a drop is only a drop.",
    "Generation must listen to a control channel of its own, on whichever node it runs.",
    "endpoint",
)
DETACH = Remedy(
    "Stop wiring the request's abort signal into generation.",
    "A lost connection no longer ends the answer.",
    "Closing the page stops nothing any more: ship it together with a stop command.",
    "configuration",
)
HEARTBEAT = Remedy(
    "Send a comment line every 15 s while the agent is silent, and turn off proxy buffering for the stream.",
    "Idle timeouts no longer cut long tool calls, and devices learn of a dead link in time.",
    "A few bytes a minute for every open stream.",
    "configuration",
)


def _rule(
    capability: str, severity: Severity, title: str, truth: str, felt: str, remedy: Remedy, *source: str
) -> RuleInfo:
    why = "What is sent lives only in the connection that carries it, and nobody keeps it for whoever was away."
    return RuleInfo(title, capability, severity, truth, felt, why, source, remedy)


RULES = {
    "loss": _rule(
        RESILIENT_DELIVERY,
        Severity.CRITICAL,
        "Nothing is lost",
        "Every word that was said reaches every device that comes back.",
        "The answer stops in the middle of a sentence, and the rest never comes.",
        LOG,
        "WHATWG HTML 9.2.3 (Last-Event-ID)",
        "langchain-ai/langgraph#8112",
        "modelcontextprotocol/typescript-sdk#2499",
    ),
    "duplication": _rule(
        RESILIENT_DELIVERY,
        Severity.HIGH,
        "Nothing is shown twice",
        "After the target's own documented de-duplication, nothing is shown twice.",
        "After a hiccup, whole sentences appear twice.",
        LOG,
        "cloudflare/agents#1733",
    ),
    "order": _rule(
        RESILIENT_DELIVERY,
        Severity.CRITICAL,
        "Everything arrives in order",
        "Items arrive in log order, also over a resume seam.",
        "Sentences are scrambled after a reconnect.",
        LOG,
    ),
    "survival": _rule(
        RESILIENT_DELIVERY,
        Severity.CRITICAL,
        "A lost connection does what was promised",
        "With `continue` declared, generation goes on while nobody is connected.",
        "A tunnel, a lift or a locked phone kills the answer.",
        DETACH,
        "a2aproject/a2a-python#296",
        "vercel/ai#6502",
    ),
    "hang": _rule(
        RESILIENT_DELIVERY,
        Severity.HIGH,
        "A resume always answers",
        "A resume yields data, says that there is nothing, or fails, within its deadline.",
        "The spinner turns for ever.",
        HEARTBEAT,
        "vercel/resumable-stream#42",
    ),
    "resume-delay": _rule(
        RESILIENT_DELIVERY,
        Severity.MEDIUM,
        "Coming back is quick",
        "The first new item follows a reconnect within two seconds.",
        "After every reconnect there is a long silence.",
        HEARTBEAT,
    ),
    "termination": _rule(
        RESILIENT_DELIVERY,
        Severity.HIGH,
        "Every answer truly ends",
        "Every run ends once, with a marker that tells completed, stopped, failed and cut apart.",
        "Nobody can tell a finished answer from one that was cut off.",
        LOG,
        "RFC 9112 section 9.6",
    ),
    "buffering": _rule(
        RESILIENT_DELIVERY,
        Severity.MEDIUM,
        "Words arrive as they are said",
        "Items arrive when they are produced, not in one late burst.",
        "Nothing for ten seconds, then everything at once.",
        HEARTBEAT,
    ),
    "join": _rule(
        CONTINUITY,
        Severity.CRITICAL,
        "A late device sees it all",
        "A device that joins holds history and live, without hole or overlap at the seam.",
        "The laptop shows half of what the phone shows.",
        LOG,
        "cloudflare/agents#1827",
    ),
    "discovery": _rule(
        CONTINUITY,
        Severity.HIGH,
        "A running answer can be found",
        "A device that knows only the session finds the active run.",
        "You open the chat on the laptop and it looks idle while the phone is still receiving.",
        LOG,
        "vercel/chatbot#1466",
    ),
    "convergence": _rule(
        CONTINUITY,
        Severity.CRITICAL,
        "All devices agree",
        "At rest, every device holds the same transcript.",
        "Two devices show two different conversations.",
        LOG,
    ),
    "presence": _rule(
        CONTINUITY,
        Severity.ADVICE,
        "Presence is true",
        "What is shown as online is true within its time to live.",
        "A device that left an hour ago still shows as typing.",
        HEARTBEAT,
    ),
    "isolation": _rule(
        CONTINUITY,
        Severity.CRITICAL,
        "Nobody else gets in",
        "Another user's credential can neither read nor control the session.",
        "A stranger reads your conversation.",
        LOG,
    ),
    "stop": _rule(
        LIVE_CONTROL,
        Severity.CRITICAL,
        "Stop stops",
        "After the acknowledged stop, output and work cease within the budget.",
        "You press stop, the button changes, and the words keep coming.",
        STOP_COMMAND,
        "vercel/ai#6502",
        "BerriAI/litellm#17364",
    ),
    "stop-reach": _rule(
        LIVE_CONTROL,
        Severity.HIGH,
        "Stop is always in reach",
        "Stop works from another device, after a reload, and on a resumed stream.",
        "After a reload there is no way to stop the answer.",
        STOP_COMMAND,
    ),
    "stop-idempotence": _rule(
        LIVE_CONTROL,
        Severity.LOW,
        "Stopping twice is harmless",
        "Stopping twice, or after the end, is harmless and says so.",
        "Pressing stop again shows an error.",
        STOP_COMMAND,
    ),
}

SCENARIOS = {
    "network-drop": ScenarioInfo(
        "The network drops and comes back", RESILIENT_DELIVERY, "Phones lose their network all day."
    ),
    "dead-air": ScenarioInfo("The link goes silent", RESILIENT_DELIVERY, "A half-open connection looks alive."),
    "burst-resume": ScenarioInfo("Coming back in a burst", RESILIENT_DELIVERY, "Tokens come faster than clocks tick."),
    "long-absence": ScenarioInfo("Back after the end", RESILIENT_DELIVERY, "The answer finished while nobody looked."),
    "device-join": ScenarioInfo("A second device joins", CONTINUITY, "People pick up another device mid-answer."),
    "tab-switch": ScenarioInfo("The tab is frozen and thawed", CONTINUITY, "Browsers freeze tabs in the background."),
    "midstream-stop": ScenarioInfo("Stop in mid-answer", LIVE_CONTROL, "The commonest control of all."),
    "stop-elsewhere": ScenarioInfo(
        "Stop from another device", LIVE_CONTROL, "The phone started it, the laptop ends it."
    ),
}

TRAP = Diagnosis(
    id="single-connection-trap",
    title="Single-Connection Trap",
    capability=RESILIENT_DELIVERY,
    felt="Whoever loses the connection loses the answer.",
    why="The answer lives and dies with the one connection that asked for it.",
    proof=("loss@network-drop", "loss@dead-air", "survival@network-drop"),
    remedies=(LOG, DETACH),
)
CONFLICT = Diagnosis(
    id="resume-cancel-conflict",
    title="SSE Resume-Cancel Conflict",
    capability=LIVE_CONTROL,
    felt="Either reconnecting works or stopping works, never both.",
    why="Closing the stream has to mean both “I lost signal” and “stop”, so one of the two is always misread.",
    proof=("stop@midstream-stop", "stop-reach@stop-elsewhere"),
    remedies=(STOP_COMMAND, LOG),
)
