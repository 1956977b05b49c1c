"""What pydantic found wrong, told so that a person can put it right: key path, what is wrong, an example."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from itertools import islice

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from .errors import Problem

AT_MOST = 100
_BARE = re.compile(r"[A-Za-z0-9_-]{1,60}")
_LONG = 60
_Step = int | str


def problems_in(error: ValidationError, model: type[BaseModel] | None, prefix: str = "") -> tuple[Problem, ...]:
    """One problem per finding of pydantic, in the order of the model; more than AT_MOST are only counted.

    model: where examples and the names of known keys come from; None when there are none to give.
    """
    found = error.errors(include_url=False)
    told = [_problem(each, model, prefix) for each in islice(found, AT_MOST)]
    if len(found) > AT_MOST:
        told.append(Problem(prefix.rstrip(".") or "and", f"{len(found) - AT_MOST:,} more problems"))
    return tuple(told)


def key_path(steps: Sequence[_Step], prefix: str = "") -> str:
    """`contract.disconnect`, `architecture.needs[0]`; a key that is not bare is quoted, a long one shortened."""
    path = ""
    for step in steps:
        if isinstance(step, int):
            path += f"[{step}]"
        elif step != "[key]":
            path += f"{'.' if path else ''}{_key(step)}"
    return prefix + path


def nearest(word: str, known: Sequence[str]) -> str | None:
    """The known word that was probably meant, whatever its case and dashes; None when nothing comes close."""
    if len(word) > _LONG:
        return None
    plain = {_plain(each): each for each in known}
    close = get_close_matches(_plain(word), plain, n=1)
    return plain[close[0]] if close else None


def _plain(word: str) -> str:
    return word.lower().replace("-", "_")


def _key(step: str) -> str:
    if _BARE.fullmatch(step):
        return step
    return json.dumps(step if len(step) <= _LONG else step[: _LONG - 1] + "…", ensure_ascii=False)


def _problem(error: ErrorDetails, model: type[BaseModel] | None, prefix: str) -> Problem:
    steps = error["loc"]
    where = key_path(steps, prefix) or prefix.rstrip(".") or "the file"
    if error["type"] in ("extra_forbidden", "unexpected_keyword_argument"):
        return Problem(where, f"unknown key{_meant(steps, model) if model else ''}")
    return Problem(where, _what(error), _example(steps, model) if model else "")


def _what(error: ErrorDetails) -> str:
    context = error.get("ctx", {})
    if error["type"] in ("missing", "missing_argument"):
        return "is missing"
    if error["type"] == "value_error":
        return str(context.get("error", error["msg"]))
    wanted = error["msg"].replace("Input should be ", "must be ").replace(" should have ", " must have ")
    return f"{wanted[:1].lower()}{wanted[1:]}{_instead(error)}"


def _instead(error: ErrorDetails) -> str:
    """What was given, when it is short and plain; a table or a long text would only hide the message."""
    given = error["input"]
    if "auth" in error["loc"] or not isinstance(given, str | int | float) or _huge(given):
        return ""
    text = str(given).lower() if isinstance(given, bool) else repr(given)
    return f", not {text}" if len(text) <= _LONG else ""


def _huge(given: str | float) -> bool:
    return len(given) > _LONG if isinstance(given, str) else isinstance(given, int) and abs(given) > 10**18


def _meant(steps: Sequence[_Step], model: type[BaseModel]) -> str:
    key, table = str(steps[-1]), _model_at(steps[:-1], model)
    known = _names(table) if table else []
    close = nearest(key, known)
    if close:
        return f"; did you mean {close!r}?"
    elsewhere = next((path for path in _homes(model) if path[-1] == key and path[:-1] != tuple(steps[:-1])), None)
    if elsewhere is None:
        return f"; known here: {', '.join(known)}" if known else ""
    if len(elsewhere) == 1:
        return f"; {key!r} belongs at the top of the file, before the first [table]"
    return f"; {key!r} belongs in [{'.'.join(elsewhere[:-1])}]"


def _homes(model: type[BaseModel], at: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Paths of all keys of a model and its tables."""
    for name, field in model.model_fields.items():
        yield (*at, name)
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from _homes(field.annotation, (*at, name))


def _model_at(steps: Sequence[_Step], model: type[BaseModel]) -> type[BaseModel] | None:
    for step in steps:
        field = model.model_fields.get(str(step))
        if field is None or not (isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel)):
            return None
        model = field.annotation
    return model


def _names(model: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items()]


def _example(steps: Sequence[_Step], model: type[BaseModel]) -> str:
    """The nearest enclosing key that shows how it is written."""
    for length in range(len(steps), 0, -1):
        table = _model_at(steps[: length - 1], model)
        field = table.model_fields.get(str(steps[length - 1])) if table else None
        if field is not None and field.examples:
            return f"{steps[length - 1]} = {field.examples[0]}"
    return ""
