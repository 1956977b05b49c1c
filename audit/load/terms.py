"""What is the same for all devices of a load: the target's terms, what is asked of it, and where measures go."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from time import monotonic

from ..adapters.base import Adapter, Traits
from ..errors import ConfigError, Problem
from ..target import Target
from .churn import Churn
from .decode import Fast, fast_for
from .numbering import Numbering
from .samples import Samples
from .tally import Tally


@dataclass
class Terms:
    """pace: seconds between two words, 0 when the target is not asked to keep one. strict: a device that joins is told
    everything from the start, so it is held to it (learned: a target that marks the end of history has one).
    """

    adapter: Adapter
    target: Target
    numbering: Numbering
    prompt: str
    pace: float
    tally: Tally = field(default_factory=Tally)
    samples: Samples = field(default_factory=Samples)
    marks: bool = False
    fast: Fast | None = None
    started_at: float = 0.0

    @classmethod
    def of(cls, target: Target, adapter: Adapter, churn: Churn) -> Terms:
        """Pauses are asked for in whole milliseconds, which is what scripted agents understand.

        ConfigError when the target cannot be asked for numbered words: there is nothing to verify then.
        """
        oracle = target.oracle
        expected = oracle.expected(churn.words)
        if expected is None:
            what = "a load needs answers that count; the prompt does not ask for {items} numbered words"
            raise ConfigError(target.name, (Problem("oracle.prompt", what),))
        pace_ms = round(churn.pace_ms)
        prompt = oracle.ask(churn.words, pace_ms)
        paced = "{pace_ms}" in oracle.prompt and oracle.fixed_items is None
        numbering = Numbering(int(expected["items"]), str(expected["format"]))
        pace = pace_ms / 1e3 if paced else 0.0
        fast = fast_for(adapter)
        return cls(adapter, target, numbering, prompt, pace, marks=fast is not None, fast=fast)

    @property
    def traits(self) -> Traits:
        """What the protocol can do."""
        return self.adapter.traits

    @property
    def strict(self) -> bool:
        """Is a device that joins told everything from the start?"""
        return self.marks or self.traits.replay in ("full", "snapshot")

    @property
    def budget_s(self) -> float:
        """How long words may go on after a stop was acknowledged."""
        return self.target.contract.stop_budget_ms / 1e3

    @property
    def may_supersede(self) -> bool:
        """Does a prompt end the run that is going on?"""
        return self.target.contract.concurrent_send == "interrupt"

    @property
    def one_at_a_time(self) -> bool:
        """Must a prompt wait for the end of the answer before?"""
        return self.target.contract.concurrent_send in ("reject", None)

    @property
    def drop_cancels(self) -> bool:
        """Is closing the connection declared to end the run?"""
        return self.target.contract.disconnect == "cancel"

    def sample(self, device: int, session: str, fault: str, seen: Iterable[bytes]) -> None:
        """Keep what a device had seen when the first thing went wrong on it."""
        self.samples.keep(device, session, fault, monotonic() - self.started_at, seen)
