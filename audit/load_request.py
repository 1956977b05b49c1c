"""What the command line of `durable-audit load` asks for, or all that is wrong with it: before any connection."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import SystemRandom
from typing import Any, TypeVar
from urllib.parse import urlsplit

from . import builtin
from .errors import AuditError, ConfigError, Problem
from .load.campaign import Cost, forbidden
from .load.churn import CUTS, PRESETS, SHAPES, Churn, Storm, fitted
from .load.drive import Distribution
from .load.feasible import Crew, problems_of
from .load.gates import Gate, in_force, parsed
from .load.machine import Machine
from .load.result import LoadResult
from .load_options import CLOCKS
from .load_outputs import earlier
from .masking import masked
from .problems import nearest
from .runner import adapter_of
from .subject import Subject
from .target import Target
from .target_reading import load_target

R = TypeVar("R")
_PLAIN = (
    "devices", "seconds", "per_session", "words", "pace_ms", "think_s", "drop_every_s", "away_s", "stay_s",
    "stop_share", "steer_share", "slow_share",
)  # fmt: skip


@dataclass(frozen=True)
class Request:
    """A load as it was asked for. builtin: the server that comes with the audit and is started for it; empty: the
    target is there already. cost: None when the plan is impossible. wrong: all that is; unpermitted: why it may not be
    carried out here and now. before: the result of an earlier load."""

    name: str
    builtin: str
    target: Target | None
    churn: Churn
    seed: int
    processes: int
    clock: str
    spread: Distribution
    gates: tuple[Gate, ...]
    before: LoadResult | None
    cost: Cost | None
    wrong: tuple[Problem, ...]
    unpermitted: tuple[Problem, ...]

    def plan(self) -> str:
        """What is going to happen, and what it costs."""
        told = [f"load on {self.name}, seed {self.seed}: {self.cost}"]
        if self.churn.deploys and self.target is not None:
            instants = ", ".join(f"{at:g}" for at in self.churn.deploys)
            told.append(f"deploy at {instants} s: {masked(self.target.hooks.deploy, self.target.secrets())}")
        return "\n".join(told)

    def insist(self, *, only_shown: bool) -> None:
        """ConfigError when anything is wrong with it, or not permitted (unless it is not carried out)."""
        if problems := self.wrong + (() if only_shown else self.unpermitted):
            raise ConfigError("load", problems)


@dataclass
class _Reading:
    """Building a request, collecting what is wrong on the way."""

    problems: list[Problem] = field(default_factory=list)

    def attempt(self, where: str, read: Callable[[], R]) -> R | None:
        """What `read` gives; None, with its problems kept, when it fails."""
        try:
            return read()
        except ConfigError as error:
            prefix = "" if error.source in ("command line", where) else f"{error.source}: "
            self.problems += [replace(each, where=prefix + each.where) for each in error.problems]
        except AuditError as error:
            self.problems.append(Problem(where, str(error)))
        return None


def requested(name: str, options: dict[str, Any]) -> Request:
    """Read the command line. Whatever is wrong stands in the request."""
    reading = _Reading()
    subject = reading.attempt("TARGET", lambda: Subject.named(name))
    target = _target(subject)
    churn, spread = _churn(reading, options), _spread(options)
    before = reading.attempt("--compare", lambda: _before(options["compare"]))
    gates = reading.attempt("--gate", lambda: parsed(options["gate"], "--gate")) or ()
    declared = parsed(target.load_gates, "gates.load") if target else ()
    crew = Crew(options["processes"], spread.role, _loopback(target))
    impossible = problems_of(churn, crew, Machine.here())
    reading.problems += [*impossible, *_choices(options), *_spread_wrong(options), *_hooks_wrong(churn, target)]
    reading.problems += _steers_wrong(churn, target)
    seed = options["seed"] if options["seed"] is not None else SystemRandom().randrange(1_000_000)
    cost = None if impossible else Cost.of(churn, seed)
    return Request(
        name=name,
        builtin=name if subject is not None and subject.target is None else "",
        target=target,
        churn=churn,
        seed=seed,
        processes=options["processes"],
        clock=options["receive_clock"],
        spread=spread,
        gates=in_force(declared, gates),
        before=before,
        cost=cost,
        wrong=tuple(reading.problems),
        unpermitted=tuple(_unpermitted(target, cost, churn, spread, options)),
    )


def _target(subject: Subject | None) -> Target | None:
    """The target; of a server that is yet to be started, all but its port."""
    if subject is None or subject.target is not None:
        return subject.target if subject else None
    return load_target(builtin.toml(subject.name, "http://127.0.0.1"), {})


def _churn(reading: _Reading, options: dict[str, Any]) -> Churn:
    preset = PRESETS.get(options["preset"], Churn())
    storms = tuple(Storm(at_s=at) for at in options["storm"]) or None
    cuts = reading.attempt("--cuts", lambda: _cuts(options["cuts"]))
    shape = options["shape"] if options["shape"] in SHAPES else None
    plain = {name: options[name] for name in _PLAIN}
    return fitted(preset, storms=storms, deploys=options["deploy_at"] or None, cuts=cuts, shape=shape, **plain)


def _cuts(text: str | None) -> tuple[float, ...] | None:
    """The weights of `fin=0.5,rst=0.5`; a kind that is not named has none. ConfigError lists what it is not."""
    if text is None:
        return None
    weights, problems = dict.fromkeys(map(str, CUTS), 0.0), []
    for part in text.replace(" ", "").split(","):
        kind, _, weight = part.partition("=")
        if kind not in weights:
            problems.append(_unknown(kind, CUTS))
            continue
        try:
            weights[kind] += float(weight)
        except ValueError:
            problems.append(f"{part[:40]!r} gives no number")
    if problems:
        raise ConfigError("command line", tuple(Problem("--cuts", what, "--cuts fin=0.5,rst=0.5") for what in problems))
    return tuple(weights.values())


def _choices(options: dict[str, Any]) -> Iterator[Problem]:
    for name, known in (("preset", tuple(PRESETS)), ("shape", SHAPES), ("receive_clock", CLOCKS)):
        given = options[name]
        if given is not None and given not in known:
            yield Problem(f"--{name.replace('_', '-')}", _unknown(given, known))


def _unknown(given: str, known: tuple[str, ...]) -> str:
    close = nearest(given, known)
    return f"{given[:40]!r} is none of {', '.join(known)}" + (f"; did you mean {close!r}?" if close else "")


def _spread(options: dict[str, Any]) -> Distribution:
    role = "master" if options["master"] else "worker" if options["worker"] else "alone"
    return Distribution(role, options["master_host"], options["master_port"], options["web"] or 0)


def _spread_wrong(options: dict[str, Any]) -> Iterator[Problem]:
    if options["master"] and options["worker"]:
        yield Problem("--worker", "a process is a master or a worker, not both")
    elif options["worker"] and options["seed"] is None:
        yield Problem("--seed", "a worker needs the seed of its master", "--seed 7")
    if options["worker"] and options["web"] is not None:
        yield Problem("--web", "the page is shown by the master")
    if options["seed"] is not None and options["seed"] < 0:
        yield Problem("--seed", f"{options['seed']} is not a whole number from 0", "--seed 7")
    for name in ("web", "master_port"):
        if options[name] is not None and not 1 <= options[name] <= 65_535:
            yield Problem(f"--{name.replace('_', '-')}", f"{options[name]} is no port (1 to 65535)")


def _steers_wrong(churn: Churn, target: Target | None) -> Iterator[Problem]:
    if churn.steer_share and target is not None and not adapter_of(target).traits.steers:
        what = f"the protocol {target.protocol!r} has no command that reaches an answer while it is written"
        yield Problem("--steer-share", what, "--steer-share 0")


def _hooks_wrong(churn: Churn, target: Target | None) -> Iterator[Problem]:
    if churn.deploys and target is not None and not target.hooks.deploy:
        what = "the target file has no deploy hook to run then"
        yield Problem("--deploy-at", what, '[hooks] deploy = "kubectl rollout restart deployment/chat"')
    if target is not None and target.hooks.token:
        what = "makes a credential for each session; all devices of a load carry the same one, named in [auth]"
        yield Problem("hooks.token", what, 'headers = { Authorization = "Bearer ${STAGING_TOKEN}" }')


def _unpermitted(
    target: Target | None, cost: Cost | None, churn: Churn, spread: Distribution, options: dict[str, Any]
) -> Iterator[Problem]:
    if target is None:
        return
    yield from forbidden(target, cost, yes=options["yes"])
    if churn.deploys and target.hooks.deploy and spread.role != "worker" and not options["allow_hooks"]:
        what = (
            f"{masked(target.hooks.deploy, target.secrets())!r} would be run on this machine, which has to be allowed"
        )
        yield Problem("--allow-hooks", what, "--allow-hooks")


def _before(other: str | None) -> LoadResult | None:
    return earlier(Path(other)) if other and other != builtin.REFERENCE else None


def _loopback(target: Target | None) -> bool:
    host = urlsplit(target.base_url).hostname or "" if target else ""
    return host == "localhost" or host.startswith("127.")
