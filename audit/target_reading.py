"""From a target file to a target: docs/target-file.md's format, with every problem told at once."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from pydantic import BaseModel, ValidationError

from .adapters import ADAPTERS
from .contract import Contract
from .errors import ConfigError, Problem
from .masking import lookalikes, masked
from .means import TOKEN, holds_place
from .problems import nearest, problems_in
from .target import Architecture, CountingOracle, Hooks, Limits, Stranger, Target
from .target_file import TargetFile
from .target_source import Filled, fill_in, parse_source, read_source


def load_target(source: Path | str, env: Mapping[str, str]) -> Target:
    """Read a target from a file (a Path) or from TOML (a str), filling `${NAME}` from `env`.

    ConfigError carries every problem, each with its key path, what is wrong, and an example. Where there is a table
    `[tool.durable-audit]`, as in a pyproject.toml, that table is read.
    """
    is_file = isinstance(source, Path)
    name = str(source) if is_file else "target"
    text = read_source(source) if isinstance(source, Path) else source
    table, prefix = parse_source(text, name, must_be_table=is_file and Path(source).name == "pyproject.toml")
    filled = fill_in(table, env, prefix)
    folder = Path(source).parent if is_file else Path()
    reading = _Reading(filled, prefix, folder)
    target = reading.target()
    if target is None:
        raise ConfigError(name, reading.told())
    return target


class _Reading:
    """Building one target from one table, collecting what is wrong on the way."""

    def __init__(self, filled: Filled, prefix: str, folder: Path) -> None:
        self.filled, self.prefix, self.folder = filled, prefix, folder
        self.problems = list(filled.problems)

    def target(self) -> Target | None:
        """The target, or None when there are problems."""
        options = self._options()
        try:
            file = TargetFile.model_validate(self.filled.table)
        except ValidationError as error:
            self._add(problems_in(error, TargetFile, self.prefix))
            return None
        ca_file = self._ca_file(file)
        self._places(file)
        return None if self.problems or options is None else self._build(file, options, ca_file)

    def told(self) -> tuple[Problem, ...]:
        """The problems, with no secret in them."""
        secrets = lookalikes(self.filled.secrets)
        return tuple(Problem(each.where, masked(each.what, secrets), each.example) for each in self.problems)

    def _add(self, problems: tuple[Problem, ...]) -> None:
        self.problems += [each for each in problems if each.where not in self.filled.refused]

    def _options(self) -> BaseModel | None:
        protocol, table = self.filled.table.get("protocol"), self.filled.table.get("options", {})
        if not isinstance(protocol, str) or not isinstance(table, dict):
            return None  # the file's own shape says so
        kinds = {kind.id: kind for kind in ADAPTERS}
        if protocol not in kinds:
            self._add((Problem(self.prefix + "protocol", _unknown_protocol(protocol, tuple(kinds))),))
            return None
        model = kinds[protocol].options_model
        try:
            return model.model_validate(table)
        except ValidationError as error:
            self._add(problems_in(error, model, self.prefix + "options."))
            return None

    def _ca_file(self, file: TargetFile) -> Path | None:
        if file.tls.ca_file is None:
            return None
        path = self.folder / file.tls.ca_file
        if not path.is_file():
            self._add((Problem(self.prefix + "tls.ca_file", f"there is no file {str(path)!r}"),))
        return path

    def _places(self, file: TargetFile) -> None:
        """Where a credential is made there is a place for it, and the other way round."""
        place = holds_place(file.auth.headers, file.auth.query)
        if place and not file.hooks.token:
            what = f"holds {TOKEN}, but nothing says how to make one; name a command in [hooks] token"
            self._add((Problem(self.prefix + "auth", what, 'token = "scripts/staging-token.sh"'),))
        elif file.hooks.token and not place:
            what = f"prints a credential, but nothing in [auth] headers or query holds {TOKEN}"
            self._add((Problem(self.prefix + "hooks.token", what, 'headers = { Authorization = "Bearer {token}" }'),))

    def _build(self, file: TargetFile, options: BaseModel, ca_file: Path | None) -> Target:
        shape, limits = file.architecture, file.limits
        return Target(
            name=file.name,
            base_url=file.base_url,
            protocol=file.protocol,
            options=options,
            headers=MappingProxyType(file.auth.headers),
            query=MappingProxyType(file.auth.query),
            stranger=Stranger(**file.auth.stranger.model_dump()) if file.auth.stranger else None,
            verify_tls=file.tls.verify,
            ca_file=ca_file,
            architecture=Architecture(shape.streaming, tuple(shape.needs), shape.agents, tuple(shape.surfaces)),
            contract=Contract(**file.contract.model_dump()),
            oracle=CountingOracle(**file.oracle.model_dump()),
            limits=Limits(limits.max_prompts, limits.jobs, tuple(limits.load_hosts)),
            load_gates=tuple(file.gates.load),
            hooks=Hooks(file.hooks.restart or "", file.hooks.deploy or "", file.hooks.token or ""),
            from_env=frozenset(self.filled.secrets),
        )


def _unknown_protocol(protocol: str, known: tuple[str, ...]) -> str:
    close = nearest(protocol, known)
    hint = f"; did you mean {close!r}?" if close else ""
    return f"{protocol[:60]!r} is no protocol that is known{hint} (known: {', '.join(known)})"
