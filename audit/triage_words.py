"""The layers a fire can be in, and the symptoms by which people notice. Words only.

An audit covers delivery. The other layers, and what to reach for there, are other people's work: Andrew Ng's execution
of deep-learning projects, Google DeepMind's way of building apps on generative media, Hayk Simonyan's system design
step by step, agent frameworks, and context engines.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

DELIVERY = "delivery"


@dataclass(frozen=True, slots=True)
class Layer:
    """Where it can burn. reach_for: who or what helps there. first: what to do first. gives_up: what it costs."""

    id: str
    title: str
    reach_for: str
    first: str
    gives_up: str


@dataclass(frozen=True, slots=True)
class Symptom:
    """What somebody sees. points: layer → how much it points there (1 a little, 3 squarely). rules: those of an audit
    that would prove it, where it points at delivery."""

    id: str
    text: str
    points: Mapping[str, int] = field(default_factory=dict)
    rules: tuple[str, ...] = ()


LAYERS = (
    Layer(
        DELIVERY,
        "Delivery between agent and user",
        "Durable Sessions: the audit, its plan and its reference implementation",
        "Run `durable-audit run TARGET` and read the plan: the cheapest remedy first.",
        "From a setting to a session layer of one to four weeks; the report says which.",
    ),
    Layer(
        "backend",
        "The backend as a whole",
        "System design step by step, in the manner of Hayk Simonyan: one server, then a database of its own, then a "
        "balancer, caches and queues",
        "Find the first single point that saturates or fails; measure before you split anything.",
        "Every step adds a part that can fail and has to be run.",
    ),
    Layer(
        "model",
        "The model and its answers",
        "Project-execution diagnosis in the manner of Andrew Ng: error analysis, then data, tuning, architecture, "
        "fine-tuning, compute, in this order of cost",
        "Read a hundred wrong answers and count them by cause; work on the largest count only.",
        "Days of reading before anything is built; a metric that everybody accepts.",
    ),
    Layer(
        "media",
        "The choice of model, tier or modality",
        "Google DeepMind's path for building apps with generative media: prototype in a studio, then the developer "
        "API, then a platform; the cheapest tier that is good enough first",
        "Write down one input and the output you want, and try it on the cheapest tier before you chain models.",
        "A pipeline of several models is slow and hard to debug; each link needs a structured output.",
    ),
    Layer(
        "agent",
        "There is no agent yet, or it is built by hand",
        "An agent framework such as Flue, LangGraph or CrewAI",
        "Let a framework carry tools, steps and state; keep what your product alone knows.",
        "Its defaults decide what a disconnect, a resume and a stop mean: audit them before users meet them.",
    ),
    Layer(
        "knowledge",
        "What the agent knows of your organization",
        "A context engine, which brings documents, code and decisions to the agent",
        "Collect ten answers that are fluent and wrong here, and name the document that would have mended each.",
        "Sources to connect, permissions to respect, and answers that are only as fresh as their index.",
    ),
)

SYMPTOMS = (
    Symptom(
        "lost-answer",
        "The answer is gone after a lost signal, a reload or a locked phone.",
        {DELIVERY: 3},
        ("loss", "survival", "early-resume", "tab-close", "restart"),
    ),
    Symptom(
        "half-answer",
        "Who comes back finds half of an answer, or a spinner that never ends.",
        {DELIVERY: 3},
        ("completion-window", "hang", "termination", "failure-truth", "retention"),
    ),
    Symptom(
        "garbled-text",
        "Text appears twice, jumps about, or holds broken characters.",
        {DELIVERY: 3},
        ("duplication", "order", "text-integrity", "convergence"),
    ),
    Symptom(
        "second-device",
        "A second tab or device shows an empty or an old page, or another text.",
        {DELIVERY: 3},
        ("join", "discovery", "live-view", "echo", "convergence", "handoff"),
    ),
    Symptom(
        "no-stop",
        "Stop does nothing, comes late, or works only in the tab that asked.",
        {DELIVERY: 3},
        ("stop", "stop-reach", "stop-aim", "control-delay", "stop-visibility", "resurrection", "readiness"),
    ),
    Symptom(
        "drop-stops",
        "Losing signal for a moment stops the agent.",
        {DELIVERY: 3},
        ("survival", "stop-vs-disconnect", "tab-close"),
    ),
    Symptom(
        "double-run",
        "One question is answered, or charged, twice.",
        {DELIVERY: 3},
        ("resubmission", "concurrency"),
    ),
    Symptom(
        "lumps",
        "Nothing happens for a long time, and then everything appears at once.",
        {DELIVERY: 2, "backend": 1},
        ("buffering", "live-view", "independence", "silence"),
    ),
    Symptom(
        "frozen-team",
        "With several agents, progress stands still while one of them thinks.",
        {DELIVERY: 2, "agent": 1},
        ("subagents", "live-view", "control-delay"),
    ),
    Symptom(
        "strangers",
        "Somebody saw or stopped what was not theirs.",
        {DELIVERY: 3, "backend": 1},
        ("isolation", "authority"),
    ),
    Symptom("slow-first-word", "The first word takes long, on a good network too.", {"backend": 2, "model": 2}),
    Symptom("slow-under-load", "It gets slow, or fails, when many people use it.", {"backend": 3, DELIVERY: 1}),
    Symptom("one-server", "When one server goes down, everything does.", {"backend": 3, DELIVERY: 1}, ("restart",)),
    Symptom("slow-pages", "Pages without any agent are slow as well.", {"backend": 3}),
    Symptom("wrong-answer", "Answers arrive whole, and are wrong.", {"model": 3, "knowledge": 1}),
    Symptom("uneven-answer", "The same question is answered well today and badly tomorrow.", {"model": 3}),
    Symptom("stuck-project", "Whatever is tried, quality does not rise.", {"model": 3}),
    Symptom("which-model", "Nobody knows which model, tier or modality to take.", {"media": 3}),
    Symptom("media-pipeline", "Pictures, sound or video come out badly, slowly or dear.", {"media": 3}),
    Symptom("no-agent", "There is no agent yet: one prompt, one response.", {"agent": 3}),
    Symptom("hand-built-agent", "Tools, steps and retries are built by hand, and break.", {"agent": 3}),
    Symptom("generic-answer", "Answers are fluent, and ignore how things are done here.", {"knowledge": 3, "model": 1}),
    Symptom("unknown-facts", "The agent does not know our documents, code or decisions.", {"knowledge": 3}),
)
