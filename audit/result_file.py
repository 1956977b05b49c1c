"""`result.json`: an AuditResult as JSON and back. Strict: an unknown key or another schema is refused, by name."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from .errors import ConfigError, HistoryError, SchemaError
from .event import JsonValue, Value
from .files import read_bounded
from .halves import without_halves
from .problems import problems_in
from .result import READABLE, AuditResult

MAX_BYTES = 128 << 20
OTHER_SCHEMA = (
    "Read it with the version that wrote it, or make it again with this one (an audit: durable-audit check RUN)."
)
_ADAPTER = TypeAdapter(AuditResult)


def dump_result(result: AuditResult) -> str:
    """The result as JSON, keys in the order of the dataclasses; equal results give equal bytes."""
    value = asdict(result)
    value["scores"] = {name: _renamed(score, "passed", "pass") for name, score in value["scores"].items()}
    return without_halves(json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False)) + "\n"


def load_result(path: Path) -> AuditResult:
    """Read what `dump_result` wrote. ConfigError when there is no such file, HistoryError for everything else."""
    return parse_result(read_bounded(path, MAX_BYTES, "a result"), str(path))


def parse_result(text: str, name: str = "result") -> AuditResult:
    """A result from its JSON; HistoryError lists everything that is wrong with it."""
    value = read_json(text, name, *READABLE)
    scores = value.get("scores")
    if isinstance(scores, dict):
        value["scores"] = {key: _renamed(_without(score, "passed"), "pass", "passed") for key, score in scores.items()}
    try:
        return _ADAPTER.validate_json(json.dumps(value), strict=True)
    except ValidationError as error:
        raise HistoryError(str(ConfigError(name, problems_in(error, None)))) from None
    except RecursionError:
        raise HistoryError(f"{name}: nested too deeply") from None


def read_json(text: str, name: str, schema: str, *older: str) -> Value:
    """The JSON object of a result file of this schema, or of an older one; HistoryError when it is none."""
    try:
        value = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise HistoryError(f"{name}: not JSON ({error})") from None
    found = value.get("schema") if isinstance(value, dict) else None
    if not isinstance(found, str):
        raise HistoryError(f"{name}: not a result; it names no schema")
    if found not in (schema, *older):
        raise SchemaError(f"{name}: has schema {found[:80]!r}; this version reads {schema!r}. {OTHER_SCHEMA}")
    return dict(value)


def _refuse_constant(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


def _renamed(value: JsonValue, old: str, new: str) -> JsonValue:
    """A table with one key renamed in its place."""
    if not isinstance(value, dict):
        return value
    return {new if key == old else key: inner for key, inner in value.items()}


def _without(value: JsonValue, key: str) -> JsonValue:
    """`passed` is our name for it, not the file's: there it is unknown."""
    return _renamed(value, key, f"{key}?")
