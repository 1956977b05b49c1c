"""Ways out of each diagnosis, cheapest first: what to do, what it gains, what it costs. Words only."""

from __future__ import annotations

from .result import Remedy

EFFORTS = ("configuration", "endpoint", "transport", "session layer")

_HELD_BY_A_LOG = (
    *("loss", "duplication", "order", "survival", "early-resume", "completion-window", "cursor-integrity"),
    *("join", "discovery", "live-view", "convergence", "echo", "handoff", "subagents", "tab-close"),
    *("stop-vs-disconnect", "stop-reach", "stop-visibility", "restart"),
)
"""Rules that hold by construction once a session is a log that everybody reads by cursor."""

SESSION_LAYER = Remedy(
    "Make the session an append-only log that agents write to and devices subscribe to with a cursor; the reference "
    "implementation is one.",
    "Drops, reloads, second devices and finished answers become the same case: read on from your cursor.",
    "A stateful service to run, and one to four weeks to move onto it; agents must append instead of respond.",
    "session layer",
    closes=_HELD_BY_A_LOG,
)

SINGLE_CONNECTION_TRAP = (
    Remedy(
        "Detach generation from the request: a task of its own, which ends only when it is done or stopped and writes "
        "the answer where history is read from.",
        "The answer survives the drop and can at least be read from history afterwards.",
        "Abandoned answers cost tokens; you need an explicit stop and a limit on how long a run may take.",
        "endpoint",
        closes=("survival", "tab-close", "handoff"),
    ),
    Remedy(
        "Give every event an id, keep a run's events for some minutes, and serve `GET …/stream` from `Last-Event-ID`.",
        "A device comes back to exactly what it missed, and nothing twice.",
        "A buffer that all nodes reach (Redis Streams, NATS), its retention, and a named answer once it has expired.",
        "transport",
        closes=("loss", "early-resume", "completion-window"),
    ),
    SESSION_LAYER,
)

RESUME_CANCEL_CONFLICT = (
    Remedy(
        "Stop wiring the request's abort signal into generation (do not pass it to the model call, or drain the stream "
        "on the server).",
        "A lost connection no longer ends the answer.",
        "Until there is a stop of its own, closing the page does not stop anything either: do not ship it alone.",
        "configuration",
        closes=("survival", "tab-close", "handoff"),
    ),
    Remedy(
        "Add a stop command: `POST …/runs/{run}/stop`, recorded durably, read by whatever generates, and ended by an "
        "event that says `stopped`.",
        "Stop works, from any device, and a drop is only a drop; resuming and stopping live together.",
        "Generation must poll or subscribe to its own control channel, on whichever node it runs.",
        "endpoint",
        closes=("stop", "stop-vs-disconnect", "stop-reach", "stop-visibility"),
    ),
    Remedy(
        "Carry control on a two-way transport (WebSocket), where stop is a message and closing means nothing.",
        "Stop, steering and approvals share one channel with the stream, in order.",
        "Proxies, load balancing and authentication have to be set up for long-lived sockets.",
        "transport",
        closes=("stop", "stop-vs-disconnect", "steer", "interrupt"),
    ),
    SESSION_LAYER,
)

TRAPPED_USER = (
    Remedy(
        "Give every run an id that any device of the session can learn, and a stop command that names it.",
        "Stop can be pressed after a reload and from another device.",
        "One endpoint, and a check that whoever calls it may control the session.",
        "endpoint",
        closes=("stop-reach", "stop-aim", "stop-vs-disconnect"),
    ),
    Remedy(
        "Let the worker that generates read stops: a shared flag, checked between tokens and between tool calls.",
        "An acknowledged stop really ends the work, its cost and its side effects.",
        "A shared store or bus between the web tier and the workers.",
        "endpoint",
        closes=("stop", "control-delay", "resurrection"),
    ),
    SESSION_LAYER,
)

PRIVATE_STREAM = (
    Remedy(
        "Serve the active run and its text so far: `GET /sessions/{session}` with run id, state and transcript.",
        "A second device finds the answer and can show it, though only as often as it asks.",
        "Polling; words arrive in steps, and generation must store its text as it goes.",
        "endpoint",
        closes=("discovery",),
    ),
    Remedy(
        "Publish events to a channel named after the session and let every device subscribe: history first, then live.",
        "All devices see the same words as they come.",
        "Fan-out infrastructure, and care at the seam between history and live, where holes and repeats arise.",
        "transport",
        closes=("discovery", "join", "live-view", "convergence", "handoff"),
    ),
    SESSION_LAYER,
)

STICKY_SESSION = (
    Remedy(
        "Let the balancer route by session (a hash of its id, or a cookie), so that all its devices reach one server.",
        "Reloads, second devices and stops find the session again.",
        "Every deploy, crash or scale-out still loses the sessions of a server, and one busy session cannot be shared.",
        "configuration",
    ),
    Remedy(
        "Keep history and the state of the run in a store that every server reads, and pass stops on by a shared bus.",
        "Any server can show the session and stop its run.",
        "Words that are being written stay on one server until they are stored: other devices see them in steps.",
        "endpoint",
    ),
    SESSION_LAYER,
)

PRODUCER_HELD_RESUME = (
    Remedy(
        "Write the finished answer to history on the server, in the task that generates, before its buffer goes.",
        "Whoever comes back after the end finds the answer, whoever was watching when it ended.",
        "A write at the end of every answer; an answer whose process dies is still lost.",
        "endpoint",
    ),
    Remedy(
        "Move the buffer out of the producer (Redis Streams, NATS) and keep it for some minutes after the end.",
        "Resuming no longer depends on the process that writes, nor on when it ends.",
        "One more service, memory for finished answers, and a named answer for a resume that comes too late.",
        "transport",
    ),
    SESSION_LAYER,
)

INTERRUPTED_RETURN = (
    Remedy(
        "Keep the finished stream resumable for a while, its end event included (a longer time-to-live on the buffer).",
        "Whoever returns within that time gets the rest and the ending.",
        "Memory for as many finished answers as end within that time.",
        "configuration",
    ),
    Remedy(
        'Store the answer before its end event is sent, and answer a late resume with "nothing to resume" so that the '
        "client reads history.",
        "A finished answer is always somewhere: on the stream or in history, never in neither.",
        "A write on the way to the last event, and a client that handles both answers.",
        "endpoint",
    ),
    SESSION_LAYER,
)

CONTEXT_BLIND_HANDOFF = (
    Remedy(
        "Build the agent's context from the session's stored history, not from what the client sends along.",
        "Any device can carry on, with everything that was said.",
        "History has to be complete, partial answers included, before the next prompt is accepted.",
        "endpoint",
    ),
    SESSION_LAYER,
)

BUFFERING_PATH = (
    Remedy(
        "Switch buffering and compression off on the stream's route: `X-Accel-Buffering: no`, `Cache-Control: "
        "no-transform`, no gzip for `text/event-stream`, and a flush after every event.",
        "Words appear as they are made.",
        "A little more traffic and more, smaller packets.",
        "configuration",
    ),
    Remedy(
        "Move the stream to a WebSocket, which middle boxes pass through frame by frame.",
        "Buffering proxies on the way to your users no longer matter.",
        "Long-lived sockets through every hop, and a resume that you must bring yourself.",
        "transport",
    ),
)

SILENT_AGENT = (
    Remedy(
        "Send a heartbeat on every open stream, every few seconds, and let clients give up after missing some.",
        "Dead and merely slow can be told apart, within seconds.",
        "A timer per connection, and proxies that must let the small packets through.",
        "configuration",
        closes=("silence",),
    ),
    Remedy(
        'Answer every resume within a deadline: data, an explicit "nothing to resume", or an error.',
        "Clients can act: read history, retry, or tell the user.",
        "The server must know which runs still have a producer (a lease that the producer renews).",
        "endpoint",
        closes=("hang",),
    ),
    SESSION_LAYER,
)

ORCHESTRATOR_DUAL_PURPOSE = (
    Remedy(
        "Take relaying out of the orchestrator's loop: a task of its own passes on words and stops while it thinks.",
        "Progress flows and stops arrive, however long the orchestrator thinks.",
        "Everything still goes through one process: when it dies, the words of all sub-agents die with it.",
        "endpoint",
    ),
    Remedy(
        "Let every sub-agent publish to the session's own channel (Redis Streams, NATS), and let the orchestrator only "
        "start them and collect their results.",
        "No agent waits for another one to be heard; a stop reaches each of them directly.",
        "Each sub-agent needs the session's name and the right to write; clients tell their words apart by agent.",
        "transport",
    ),
    SESSION_LAYER,
)
