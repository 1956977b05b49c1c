"""What a design has to start from: how a target is built, what its protocol can do, and what broke. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from .event import Value
from .finding import Verdict
from .result import Diagnosis, Judgment

RECOVERY = (
    *("loss", "duplication", "order", "text-integrity", "early-resume", "completion-window", "hang", "resume-delay"),
    *("cursor-integrity", "cursor-honesty", "retention", "restart"),
)
STREAMING = ("buffering", "silence", "backpressure", "termination", "failure-truth", "resubmission")
RECONNECTING = ("credential-expiry", "refused-reconnect", "storm")
SHARING = (
    *("join", "discovery", "live-view", "convergence", "echo", "handoff", "independence", "tab-freeze"),
    *("presence", "replay-cost"),
)
ACCESS = ("isolation", "authority")
DETACHING = ("survival", "tab-close")
CONTROL = (
    *("stop", "stop-vs-disconnect", "stop-visibility", "stop-reach", "stop-aim", "stop-idempotence", "resurrection"),
    *("readiness", "control-delay", "finish-race", "concurrency", "interrupt", "steer", "approval"),
)
TEAM = ("subagents",)

_RELAYING = "orchestrator-dual-purpose"
_EXPLAINING = (_RELAYING, "sticky-session")


@dataclass(frozen=True, slots=True)
class Situation:
    """traits: of the protocol. broken: rules with gaps → their judgments, as `rule@scenario`. held: rules that passed
    and never failed. proofs: diagnoses → the judgments that prove them. The others: what the target declares."""

    protocol: str
    streaming: str
    agents: str
    surfaces: tuple[str, ...]
    needs: tuple[str, ...]
    traits: Value
    broken: Mapping[str, tuple[str, ...]]
    held: frozenset[str]
    proofs: Mapping[str, tuple[str, ...]]

    def of(self, rules: Iterable[str]) -> tuple[str, ...]:
        """Which of these rules broke, in their order."""
        return tuple(rule for rule in rules if rule in self.broken)

    def gaps(self, rules: Iterable[str]) -> tuple[str, ...]:
        """The judgments in which these rules broke."""
        return tuple(gap for rule in self.of(rules) for gap in self.broken[rule])

    @property
    def relayed(self) -> tuple[str, ...]:
        """The judgments that a relaying orchestrator explains."""
        return self.proofs.get(_RELAYING, ())

    @property
    def stacked(self) -> tuple[str, ...]:
        """Rules that broke for a reason that may lie in the stack, not in how the product is put together."""
        explained = {gap for name in _EXPLAINING for gap in self.proofs.get(name, ())}
        return tuple(rule for rule, gaps in self.broken.items() if not explained.issuperset(gaps))

    @property
    def socket(self) -> bool:
        """Devices hold a two-way connection."""
        return self.streaming == "websocket"


def situation(target: Value, traits: Value, judgments: Sequence[Judgment], diagnoses: Iterable[Diagnosis]) -> Situation:
    """Read it off a redacted target and the judgments of its audit."""
    shape, options = _table(target, "architecture"), _table(target, "options")
    protocol = str(target.get("protocol", ""))
    broken: dict[str, tuple[str, ...]] = {}
    for each in judgments:
        if each.verdict is Verdict.GAP:
            broken[each.rule] = (*broken.get(each.rule, ()), f"{each.rule}@{each.scenario}")
    return Situation(
        protocol=protocol,
        streaming=str(shape.get("streaming") or _usual(protocol, options)),
        agents=str(shape.get("agents") or "single"),
        surfaces=_texts(shape.get("surfaces")) or ("web-tab",),
        needs=_texts(shape.get("needs")),
        traits=traits,
        broken=broken,
        held=frozenset(each.rule for each in judgments if each.verdict is Verdict.PASS) - broken.keys(),
        proofs={each.id: each.proof for each in diagnoses},
    )


def declared_agents(target: Value) -> str:
    """Who answers, as the target declares it; empty when it does not say."""
    return str(_table(target, "architecture").get("agents") or "")


def _usual(protocol: str, options: Value) -> str:
    """What the protocol itself streams over."""
    if protocol == "session":
        return str(options.get("transport") or "websocket")
    return "websocket" if protocol == "json-socket" else "sse"


def _table(target: Value, name: str) -> Value:
    found = target.get(name)
    return found if isinstance(found, dict) else {}


def _texts(value: object) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, list | tuple) else ()
