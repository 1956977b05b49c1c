"""Today's design and the next one, as data: boxes, and what crosses between them. Pure.

Today's is what the target declares and its protocol can do, with the broken rules on the way they broke. The next one
holds a session of its own only where the evidence asks for it; else it is today's, mended.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from .outlook import Drawing, Edge, EdgeKind, Node
from .situation import ACCESS, CONTROL, DETACHING, RECONNECTING, RECOVERY, SHARING, STREAMING, TEAM, Situation

_SURFACES = {"web-tab": "Browser tab", "mobile": "Phone", "background": "Notification"}
_CARRIES = {"sse": "server-sent events", "websocket": "a WebSocket", "polling": "polling"}
_MOST_SURFACES = 4  # a target file knows three
_SERVER, _SESSION = "server", "session"


def today(case: Situation) -> Drawing:
    """How it is: the first device asks, the others would like to follow."""
    devices, server = _devices(case), Node(_SERVER, "Your server", "server")
    edges = (*_asking(case), *_following(case, devices), *_working(case))
    return Drawing("Today", (*devices, server, *_agents(case)), edges, _says_today(case))


def mended(case: Situation) -> Drawing:
    """Today's boxes, with every way repaired: what settings and endpoints can do."""
    now = today(case)
    edges = tuple(_repaired(each) if each.broken or each.kind == "missing" else each for each in now.edges)
    says = "The same boxes. What was broken on a way is mended where it is; nothing has to be moved."
    return Drawing("Proposed", now.nodes, edges, says)


def layered(case: Situation) -> Drawing:
    """A session of its own between devices and agents: neither side ever holds the other's connection."""
    devices, session = _devices(case), Node(_SESSION, "Session (a log)", "session")
    agents = _agents(case)
    writing = (Edge(agent.id, _SESSION, "appends every event itself", "stream") for agent in agents)
    reading = Edge(_SESSION, agents[0].id, "prompts, stops and answers to approvals, read from the log", "command")
    ways = (*(_subscribing(case, each) for each in devices), _commanding(case), *writing, reading)
    says = (
        "Agents append to the session and read it; devices subscribe to it from a cursor and send it commands. A drop, "
        "a reload and a second device are the same case: read on from the cursor. Stop is an event that agents read."
    )
    return Drawing("Proposed", (*devices, session, *agents), ways, says)


def _devices(case: Situation) -> tuple[Node, ...]:
    """One for each surface; at least two, for people have two."""
    names = [_SURFACES.get(each, each) for each in case.surfaces[:_MOST_SURFACES]]
    if len(names) == 1:
        names.append(f"A second {names[0].lower()}")
    return tuple(Node(f"device-{number}", name, "device") for number, name in enumerate(names, 1))


def _agents(case: Situation) -> tuple[Node, ...]:
    match case.agents:
        case "orchestrator":
            team = (Node(f"sub-{number}", f"Sub-agent {number}", "sub-agent") for number in (1, 2))
            return (Node("agent-1", "Orchestrator", "agent"), *team)
        case "multi":
            return tuple(Node(f"agent-{number}", f"Agent {number}", "agent") for number in (1, 2))
        case _:
            return (Node("agent-1", "Agent", "agent"),)


def _asking(case: Situation) -> Iterator[Edge]:
    """What crosses between the device that asks and the server."""
    carries = _CARRIES.get(case.streaming, case.streaming)
    if case.traits.get("subscribes"):
        what = f"prompts up and words down, over {carries}"
    else:
        what = f"a prompt; the answer is its response, over {carries}"
    yield Edge(_SERVER, "device-1", what, "stream", case.of(STREAMING))
    back, kind = _way_back(case)
    yield Edge("device-1", _SERVER, back, kind, case.of((*RECOVERY, *RECONNECTING)))
    stop, kind = _stop(case)
    yield Edge("device-1", _SERVER, stop, kind, case.of(CONTROL))


def _way_back(case: Situation) -> tuple[str, EdgeKind]:
    if not case.traits.get("resumes"):
        return "after a drop: no way back", "missing"
    if case.traits.get("replay") == "full":
        return "after a drop: the answer again from its start", "stream"
    return "after a drop: on from a cursor", "stream"


def _stop(case: Situation) -> tuple[str, EdgeKind]:
    match case.traits.get("stop"):
        case "command":
            return "stop, a command", "command"
        case "hangup":
            return "stop: hanging up, which is what a lost signal does, too", "missing"
        case _:
            return "no stop", "missing"


def _following(case: Situation, devices: tuple[Node, ...]) -> Iterator[Edge]:
    """What the other devices get; what broke there is told once, on the first of them."""
    for number, device in enumerate(devices[1:]):
        broken = case.of((*SHARING, *ACCESS)) if number == 0 else ()
        if case.traits.get("observable"):
            yield Edge(_SERVER, device.id, "follows the running answer", "stream", broken)
        else:
            yield Edge(_SERVER, device.id, "cannot follow: the stream belongs to who asked", "missing", broken)


def _working(case: Situation) -> Iterator[Edge]:
    """What crosses between the server and whoever answers."""
    apart = "survival" in case.held
    words = "words, written apart from any request" if apart else "words, as long as the request lasts"
    if "survival" not in case.held and "survival" not in case.broken:
        words = "words"
    first, *others = _agents(case)
    yield Edge(first.id, _SERVER, words, "stream", case.of(DETACHING if others else (*DETACHING, *TEAM)))
    for number, other in enumerate(others):
        up = first.id if other.kind == "sub-agent" else _SERVER
        what = "progress, through the orchestrator's hands" if other.kind == "sub-agent" else words
        yield Edge(other.id, up, what, "stream", _relaying(case) if number == 0 else ())


def _relaying(case: Situation) -> tuple[str, ...]:
    """Rules that broke because somebody else passes on what an agent says."""
    return tuple(dict.fromkeys((*case.of(TEAM), *(gap.partition("@")[0] for gap in case.relayed))))


def _says_today(case: Situation) -> str:
    if not case.broken:
        return "Nothing that crosses here was seen to break."
    held = "The answer lives on the connection that asked for it" if "survival" in case.broken else "Most of it works"
    shared = "other devices are left out" if case.of(SHARING) else "other devices can follow"
    return f"{held}; {shared}. A cross marks a way on which rules broke, a dashed line one that is missing."


def _repaired(edge: Edge) -> Edge:
    words = {
        "after a drop: no way back": "after a drop: on from a cursor",
        "no stop": "stop, a command",
        "stop: hanging up, which is what a lost signal does, too": "stop, a command of its own",
        "cannot follow: the stream belongs to who asked": "follows the running answer",
        "words, as long as the request lasts": "words, written apart from any request",
        "progress, through the orchestrator's hands": "progress, passed on by a task of its own",
    }
    kind: EdgeKind = "command" if edge.what.startswith(("stop", "no stop")) else "stream"
    return replace(edge, what=words.get(edge.what, f"{edge.what}; mended"), kind=kind, broken=())


def _subscribing(case: Situation, device: Node) -> Edge:
    carries = _CARRIES["websocket" if case.socket else "sse"]
    return Edge(_SESSION, device.id, f"history, then live, from its cursor, over {carries}", "stream")


def _commanding(case: Situation) -> Edge:
    more = ", steer, approve" if case.of(("steer", "approval", "interrupt")) else ""
    return Edge("device-1", _SESSION, f"commands from any device: prompt (with a key), stop{more}", "command")
