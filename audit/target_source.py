"""Getting at the table a target file holds: reading it within bounds, parsing TOML, filling in `${ENV}`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time
from math import isfinite
from pathlib import Path
from typing import Any

from .errors import ConfigError, Problem
from .problems import key_path, nearest

MAX_BYTES = 1 << 20
MAX_DEPTH = 16
TABLE = "tool.durable-audit"
_VARIABLE = re.compile(r"\$\{([^}]*)(\}?)")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_PLACE = re.compile(r"\s*\(at line (\d+), column (\d+)\)\s*$")
_DEEP_KEY = re.compile(r"""(?<![\w-])(?:(?:[\w-]+|"[^"\n]*"|'[^'\n]*')[ \t]*\.[ \t]*){64}""")
_END = re.compile(r"\s*\(at end of document\)\s*$")


def read_source(path: Path) -> str:
    """The file's text. ConfigError when there is no such file, it is no file, too large, or not text in UTF-8."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        raise _refuse(str(path), "file", _unreadable(path, error)) from None
    if len(data) > MAX_BYTES:
        raise _refuse(str(path), "file", f"is larger than {MAX_BYTES:,} bytes; a target file is a page of TOML")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _refuse(str(path), f"byte {error.start}", "is not UTF-8 text; is this a target file?") from None


def parse_source(text: str, name: str, must_be_table: bool = False) -> tuple[dict[str, Any], str]:
    """The table that describes the target and the prefix of its key paths (a pyproject.toml keeps it in a table)."""
    if len(text) > MAX_BYTES:
        raise _refuse(name, "file", f"is larger than {MAX_BYTES:,} characters; a target file is a page of TOML")
    document = _parse(text, name)
    if _deeper(document, MAX_DEPTH):
        raise _refuse(name, "file", f"is nested deeper than {MAX_DEPTH} levels")
    tool = document.get("tool")
    if isinstance(tool, dict) and "durable-audit" in tool:
        table = tool["durable-audit"]
        if not isinstance(table, dict):
            raise _refuse(name, TABLE, "must be a table", f"[{TABLE}]")
        return table, TABLE + "."
    if must_be_table:
        raise _refuse(name, TABLE, "this pyproject.toml describes no target", f'[{TABLE}]\nname = "support chat"')
    return document, ""


def _parse(text: str, name: str) -> dict[str, Any]:
    if _DEEP_KEY.search(text):  # tomllib takes quadratic time over such a key
        raise _refuse(name, "file", f"is nested deeper than {MAX_DEPTH} levels")
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise _refuse(name, "file", "is nested too deeply") from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:  # the parser's own slips included
        message = str(error)
        if place := _PLACE.search(message):
            where = f"line {place[1]}, column {place[2]}"
        else:
            where = _end_of(text) if _END.search(message) else "file"
        what = _END.sub("", _PLACE.sub("", message))[:200]
        raise _refuse(name, where, f"is not TOML: {what}") from None


def _deeper(document: Any, limit: int) -> bool:
    """Is anything nested below `limit` levels? Level by level: dotted keys nest deeper than a recursion can follow."""
    level: list[Any] = [document]
    for _ in range(limit):
        tables = [inner for each in level if isinstance(each, dict) for inner in each.values()]
        level = tables + [inner for each in level if isinstance(each, list) for inner in each]
    return any(isinstance(each, dict | list) for each in level)


def _end_of(text: str) -> str:
    lines = text.split("\n")
    return f"line {len(lines)}, column {len(lines[-1]) + 1}"


def _unreadable(path: Path, error: OSError | ValueError) -> str:
    if isinstance(error, FileNotFoundError):
        return "there is no such file"
    if isinstance(error, IsADirectoryError):
        inside = path / "durable-audit.toml"
        return f"is a directory{'; did you mean ' + str(inside) + '?' if inside.is_file() else ''}"
    reason = error.strerror if isinstance(error, OSError) else str(error)
    return f"cannot be read ({reason})"


def _refuse(source: str, where: str, what: str, example: str = "") -> ConfigError:
    return ConfigError(source, (Problem(where, what, example),))


@dataclass
class Filled:
    """A table with every `${ENV}` replaced. secrets: the values that came in; problems: variables that did not, and
    values that JSON has no word for; refused: the key paths of both, so that nothing else is said of them."""

    env: Mapping[str, str]
    table: dict[str, Any] = field(default_factory=dict)
    secrets: set[str] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)

    def fill(self, value: Any, steps: tuple[str | int, ...], prefix: str) -> Any:
        """`value` with its variables replaced, all the way down."""
        if isinstance(value, dict):
            return {key: self.fill(inner, (*steps, key), prefix) for key, inner in value.items()}
        if isinstance(value, list):
            return [self.fill(inner, (*steps, number), prefix) for number, inner in enumerate(value)]
        if isinstance(value, str) and "${" in value:
            return _VARIABLE.sub(lambda found: self._replace(found, key_path(steps, prefix)), value)
        if isinstance(value, date | time) or (isinstance(value, float) and not isfinite(value)):
            self._refuse(key_path(steps, prefix), "must be a finite number, or text in quotes", f'"{value}"')
        return value

    def _replace(self, found: re.Match[str], where: str) -> str:
        name, problem = found[1], ""
        if not found[2] or not _NAME.fullmatch(name):
            problem = "${…} must hold the name of an environment variable"
        elif name not in self.env:
            close = nearest(name, [known for known in self.env if known.isidentifier()])
            hint = f"; did you mean ${{{close}}}?" if close else ""
            problem = f"the environment variable {name[:60]} is not set{hint}"
        elif not self.env[name]:
            problem = f"the environment variable {name[:60]} is empty"
        if problem:
            self._refuse(where, problem, f"export {name[:60]}=…" if found[2] else "${API_TOKEN}")
            return found[0]
        self.secrets.add(self.env[name])
        return self.env[name]

    def _refuse(self, where: str, what: str, example: str) -> None:
        self.problems.append(Problem(where, what, example))
        self.refused.add(where)


def fill_in(table: dict[str, Any], env: Mapping[str, str], prefix: str) -> Filled:
    """Replace `${NAME}` in every string value by the environment variable; what is missing becomes a problem."""
    filled = Filled(env)
    filled.table = filled.fill(table, (), prefix)
    return filled
