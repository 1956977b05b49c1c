"""What is particular to the stack that a target is built on, for the gaps it has. Pure.

A stack is known from what the target file says: its protocol, options and address. Nothing is guessed from a header
that was not recorded: what a proxy does is told for each proxy by name, and only where the stream itself misbehaved.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from .event import Value
from .outlook import Advice

AI_SDK = "AI SDK"
LANGGRAPH = "LangGraph Agent Server"
RESPONSES = "OpenAI Responses"
OWN_SOCKET = "Your own WebSocket"
PLAIN_SSE = "Plain SSE"
NGINX = "If nginx is on the way"
CLOUDFLARE = "If Cloudflare is on the way"
SESSION = "Durable session"


@dataclass(frozen=True, slots=True)
class _Fact:
    """text: what to do here, and why. when: rules whose gaps call for it."""

    stack: str
    when: tuple[str, ...]
    text: str
    sources: tuple[str, ...]


_FACTS = (
    _Fact(
        AI_SDK,
        ("survival", "stop-vs-disconnect", "stop", "tab-close"),
        "With `resume: true`, `stop()` in the browser only closes the request, as a lost signal does. Keep the "
        "request's abort signal away from the model call, and build an endpoint of your own for stop: it cancels "
        "whatever generates, stores the partial answer and clears the chat's active stream if it is still the same.",
        ("https://ai-sdk.dev/v7/docs/troubleshooting/abort-breaks-resumable-streams", "vercel/ai#6502"),
    ),
    _Fact(
        AI_SDK,
        ("completion-window", "hang", "loss", "early-resume"),
        "`resumable-stream` keeps the buffer in the process that writes; Redis only carries messages between "
        "processes. After the end there is nothing to resume, and a producer that died can leave a resume waiting. "
        "Store the message on the server before the stream ends, answer 204 when there is no active stream, give "
        "every resume a deadline, and let the page load history on 204.",
        ("vercel/resumable-stream#42", "vercel/resumable-stream#44"),
    ),
    _Fact(
        AI_SDK,
        ("duplication", "order", "convergence"),
        "A resume replays the whole message from its first part. Clients drop what they had when the replay starts "
        "only since version 7.0.138; older ones show text twice.",
        ("vercel/ai#18457",),
    ),
    _Fact(
        AI_SDK,
        ("echo", "discovery", "join", "live-view"),
        "Resuming is keyed by the chat: a second tab may GET the same stream, but only if the app remembers which "
        "stream is active, and nothing tells it of prompts that others sent. Push those yourself, or reload history.",
        ("vercel/chatbot#1466",),
    ),
    _Fact(
        LANGGRAPH,
        ("loss", "early-resume", "completion-window", "cursor-integrity", "duplication"),
        "Runs are resumable only when they are created with `stream_resumable: true`; without it no event has an id. "
        "Events are kept for 120 s unless `RESUMABLE_STREAM_TTL_SECONDS` says otherwise, and ids taken from the clock "
        "can collide in a burst of the in-memory runtime: do not count on them as unique.",
        ("https://docs.langchain.com/oss/python/langchain/frontend/join-rejoin", "langchain-ai/langgraph#8112"),
    ),
    _Fact(
        LANGGRAPH,
        ("survival", "independence", "tab-close"),
        "`on_disconnect` decides what a lost connection does to the run, `continue` or `cancel`. A viewer that joins "
        "with `cancel_on_disconnect` ends the run of everybody when it leaves.",
        ("https://reference.langchain.com/python/langgraph-sdk/schema/DisconnectMode",),
    ),
    _Fact(
        LANGGRAPH,
        ("termination", "stop-visibility", "stop-idempotence", "concurrency", "interrupt"),
        "The stream of a run ends without an event that says how; follow the thread's stream, or read the run's "
        "status, before you call it finished. `multitask_strategy` names what a second prompt does; with `rollback` "
        "the first run is deleted and its viewers are told nothing.",
        ("https://docs.langchain.com/oss/python/langchain/frontend/join-rejoin",),
    ),
    _Fact(
        RESPONSES,
        ("loss", "survival", "early-resume", "completion-window", "stop-vs-disconnect", "stop-reach"),
        "Only a response created with `background: true` (stored, and streamed) outlives its connection, can be "
        "resumed with `starting_after` and can be canceled by its id; for any other, closing the connection is the "
        "only stop. Its stream can be resumed for about five minutes; after that, fetch the response by its id.",
        ("openai/openai-python#2828", "openai/openai-python#2643"),
    ),
    _Fact(
        RESPONSES,
        ("discovery", "join", "convergence", "handoff", "echo", "live-view"),
        "A stream is opened by the id of its response, and nothing lists the responses of a conversation: keep the id "
        "of the running one with the session on your server, and hand it to every device that opens the session.",
        ("https://community.openai.com/t/responses-api-reconnect-to-a-streaming-response/1362217",),
    ),
    _Fact(
        RESPONSES,
        ("duplication", "order", "loss"),
        "`starting_after` is exclusive. See that your client library really sends it: one helper left it out and "
        "dropped the repeats on its own side.",
        ("openai/openai-node#1983",),
    ),
    _Fact(
        OWN_SOCKET,
        ("loss", "survival", "early-resume", "completion-window", "join", "discovery"),
        "A WebSocket is a transport and remembers nothing: when it closes, what was not sent is gone. Number every "
        "frame, keep the frames of a session outside of the process that holds the socket, and let the first frame "
        "after a reconnect carry the last number that was seen. Say explicitly when it is too old.",
        ("RFC 6455, section 7", "https://centrifugal.dev/docs/server/history_and_recovery"),
    ),
    _Fact(
        OWN_SOCKET,
        ("hang", "silence", "tab-freeze", "independence"),
        "Ping from the server and from the page: a browser cannot see protocol pings, and a half-open socket reports "
        "no error. Drop the old socket of a device when its new one arrives.",
        ("RFC 6455, section 5.5.2",),
    ),
    _Fact(
        OWN_SOCKET,
        ("stop-reach", "stop-aim", "stop"),
        "Let the stop frame name the run, not the socket it came in on: after a reconnect the socket is another one, "
        "and a late stop must not hit the next answer.",
        ("CopilotKit/CopilotKit#2422",),
    ),
    _Fact(
        PLAIN_SSE,
        ("loss", "early-resume", "completion-window", "survival"),
        "The answer is the response to a POST, which no browser opens again by itself. Give the run an address of its "
        "own, send an `id:` with every event (one before the first word, too), and let a GET with `Last-Event-ID` go "
        "on from there.",
        ("WHATWG HTML, section 9.2",),
    ),
    _Fact(
        NGINX,
        ("buffering", "silence", "hang"),
        "nginx collects a proxied response unless `proxy_buffering off` is set or the response carries "
        "`X-Accel-Buffering: no`, and closes it after `proxy_read_timeout` (60 s) without a byte. Switch both off for "
        "the stream's route, leave `text/event-stream` out of `gzip_types`, and send a comment every 15 s.",
        ("https://nginx.org/en/docs/http/ngx_http_proxy_module.html", "scm-manager/scm-manager#1650"),
    ),
    _Fact(
        CLOUDFLARE,
        ("buffering", "silence", "hang"),
        "Cloudflare gives up with error 524 when the origin has sent nothing for 100 s, which only Enterprise plans "
        "can change: flush the headers and a first comment at once, and keep a heartbeat going. `Cache-Control: "
        "no-transform` forbids every hop to recode the stream.",
        (
            "https://developers.cloudflare.com/support/troubleshooting/http-status-codes/cloudflare-5xx-errors/error-524/",
            "anomalyco/opencode#16180",
            "RFC 9111, section 5.2.2.6",
        ),
    ),
    _Fact(
        SESSION,
        ("loss", "join", "convergence", "stop"),
        "This protocol promises all three capabilities; a gap here is a defect of the implementation, not of the "
        "design. Play the same scenarios against the reference on the same storage to see on which side it is.",
        ("docs/protocol.md",),
    ),
)
_STACKS = {"ai-sdk": AI_SDK, "openai-responses": RESPONSES, "json-socket": OWN_SOCKET, "session": SESSION}


def advice(target: Value, gaps: Iterable[str]) -> tuple[Advice, ...]:
    """What to know of this target's stack. target: redacted. gaps: ids of the rules that were broken."""
    broken, stacks = frozenset(gaps), _stacks(target)
    return tuple(
        Advice(fact.stack, fact.text, tuple(rule for rule in fact.when if rule in broken), fact.sources)
        for fact in _FACTS
        if fact.stack in stacks and broken.intersection(fact.when)
    )


def _stacks(target: Value) -> frozenset[str]:
    """The stacks whose advice can apply, by what is declared. A socket's frames are not collected by proxies."""
    protocol, options = str(target.get("protocol")), target.get("options")
    settings = options if isinstance(options, dict) else {}
    found = {LANGGRAPH if _is_langgraph(settings) else _STACKS.get(protocol, PLAIN_SSE)}
    socket = protocol == "json-socket" or (protocol == "session" and settings.get("transport") != "sse")
    if not socket:
        found |= {NGINX} if _is_local(target) else {NGINX, CLOUDFLARE}
    return frozenset(found)


def _is_langgraph(options: Value) -> bool:
    """Its own routes end so (`POST /threads/{thread}/runs/stream`, `POST /runs/stream`)."""
    return str(options.get("path", "")).endswith("/runs/stream")


def _is_local(target: Value) -> bool:
    return re.match(r"https?://(localhost|127\.|\[::1\])", str(target.get("base_url", ""))) is not None
