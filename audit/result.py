"""The result of an audit: enough alone to render every report, and the real interface for other tools.

Serialised with `dataclasses.asdict`; read back, strictly, by `audit.store.load_result`. Every field is plain JSON.
A result is a function of its histories and the rule set: only `created` differs when it is derived again.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from .event import Value
from .finding import Severity, Verdict
from .outlook import Advice, Claim, Design, Step

SCHEMA = "durable-audit/result/2"
READABLE = (SCHEMA, "durable-audit/result/1")  # an older one lacks what came later, and says nothing else
EXCERPT_LIMIT = 40
_STRICT = {"extra": "forbid"}  # what pydantic reads when it loads one of these


@dataclass(frozen=True, slots=True)
class Excerpt:
    """At most EXCERPT_LIMIT events around a judgment's evidence, so that a report needs no history file.

    events: rows as in docs/history-format.md. marks: event index (as text, for JSON) → what it proves, one of
    `evidence`, `missing`, `repeated`, `reordered`, `late`, `fault`. devices: device id → kind, in lane order.
    cut: events left out between the first and the last that are shown.
    """

    events: tuple[Value, ...] = ()
    marks: dict[str, str] = field(default_factory=dict)
    devices: dict[str, str] = field(default_factory=dict)
    cut: int = 0
    __pydantic_config__ = _STRICT


@dataclass(frozen=True, slots=True)
class Judgment:
    """One rule over all trials of one scenario: the worst trial speaks.

    gaps of trials (conclusive ones) with the 95 % Wilson interval [low, high] of the gap rate; unproven: trials that
    were inconclusive. value, unit: median of what was measured; spread: its [min, max]. run: the history file of the
    trial that is shown, and `trial` its number; replay: the command that runs it again.
    """

    rule: str
    scenario: str
    capability: str
    severity: Severity
    verdict: Verdict
    why: str
    device: str | None = None
    gaps: int = 0
    trials: int = 0
    unproven: int = 0
    low: float = 0.0
    high: float = 1.0
    value: float | None = None
    unit: str = ""
    spread: tuple[float, float] | None = None
    trial: int | None = None
    run: str = ""
    evidence: tuple[int, ...] = ()
    excerpt: Excerpt | None = None
    replay: str = ""
    __pydantic_config__ = _STRICT


@dataclass(frozen=True, slots=True)
class CapabilityScore:
    """0–100 over the conclusive rules, or None when there is none; then counts of rules by verdict.

    floor counts every inconclusive rule as a gap, ceiling as a pass: what could not be tested is never averaged away.
    """

    score: float | None
    floor: float
    ceiling: float
    # `pass` is a keyword: written and read as "pass" by audit.store
    passed: int
    gap: int
    inconclusive: int
    not_applicable: int
    __pydantic_config__ = _STRICT


@dataclass(frozen=True, slots=True)
class Cap:
    """A defect so severe that the letter cannot be better, whatever the mean says."""

    letter: str
    because: str
    rule: str
    __pydantic_config__ = _STRICT


@dataclass(frozen=True, slots=True)
class Grade:
    """The letter A+ … F (or "?" when nothing was conclusive), its meaning, its caps, and what would raise it."""

    letter: str
    meaning: str
    score: float | None = None
    caps: tuple[Cap, ...] = ()
    raises: tuple[str, ...] = ()
    __pydantic_config__ = _STRICT


@dataclass(frozen=True, slots=True)
class Remedy:
    """A way out. effort: configuration < endpoint < transport < session layer.

    closes: rules whose gaps it closes; empty: of a rule's remedy that rule's, of a diagnosis' remedy all that prove it.
    """

    action: str
    gain: str
    cost: str
    effort: str
    closes: tuple[str, ...] = ()
    __pydantic_config__ = _STRICT


@dataclass(frozen=True, slots=True)
class RuleInfo:
    """The words of a rule (`audit.checks.base.Rule` without its judge), so that a report needs no rule set at hand."""

    title: str
    capability: str
    severity: Severity
    truth: str
    felt: str
    why: str
    source: tuple[str, ...]
    remedy: Remedy
    __pydantic_config__ = _STRICT


@dataclass(frozen=True, slots=True)
class ScenarioInfo:
    """The words of a scenario that was run."""

    title: str
    capability: str
    why: str
    __pydantic_config__ = _STRICT


@dataclass(frozen=True, slots=True)
class Untested:
    """Something that could not be tested at all (a scenario that the target's protocol rules out, a missing hook)."""

    what: str
    why: str
    __pydantic_config__ = _STRICT


@dataclass(frozen=True, slots=True)
class KnownGap:
    """A gap that somebody answers for until a day (docs/baselines.md). scenario: `*` for wherever the rule breaks;
    expires: the last day on which it holds, ISO 8601. It still counts in every score."""

    rule: str
    scenario: str
    reason: str
    owner: str
    expires: str
    __pydantic_config__ = _STRICT


@dataclass(frozen=True, slots=True)
class Repeated:
    """Trials that were added to a scenario because what was measured for these rules lay near their threshold."""

    scenario: str
    trials: int
    rules: tuple[str, ...]
    __pydantic_config__ = _STRICT


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """A name people know for a pattern of gaps. proof: `rule@scenario` of the judgments that show it."""

    id: str
    title: str
    capability: str
    felt: str
    why: str
    proof: tuple[str, ...]
    remedies: tuple[Remedy, ...]
    __pydantic_config__ = _STRICT


@dataclass(frozen=True, slots=True)
class RunFile:
    """One stored history: its file name in the run's folder, its SHA-256, whether it was judged whole."""

    file: str
    scenario: str
    trial: int
    twin: bool
    sha256: str
    note: str = ""
    __pydantic_config__ = _STRICT


@dataclass(frozen=True, slots=True)
class AuditResult:
    """Everything an audit found, in one JSON object. `target` is redacted: no secret is ever in it.

    rules, scenarios: the words of every rule and scenario that a finding names, by id. untested: what no finding tells.
    repeated: trials beyond the profile's. known: entries of the baseline it was held to whose gap it found.
    traits: of the protocol as configured, from the histories. plan, claims, design, advice: see `audit.outlook`.
    """

    schema: str
    ruleset: str
    tool: str
    created: str
    argv: tuple[str, ...]
    profile: str
    seed: int
    environment: dict[str, str]
    target: Value
    grade: str
    verdict: Grade
    scores: dict[str, CapabilityScore]
    findings: tuple[Judgment, ...]
    diagnoses: tuple[Diagnosis, ...]
    runs: tuple[RunFile, ...]
    partial: str = ""
    rules: dict[str, RuleInfo] = field(default_factory=dict)
    scenarios: dict[str, ScenarioInfo] = field(default_factory=dict)
    untested: tuple[Untested, ...] = ()
    repeated: tuple[Repeated, ...] = ()
    known: tuple[KnownGap, ...] = ()
    traits: Value = field(default_factory=dict)
    plan: tuple[Step, ...] = ()
    claims: tuple[Claim, ...] = ()
    design: Design | None = None
    advice: tuple[Advice, ...] = ()
    __pydantic_config__ = _STRICT
