"""`load.json`: a LoadResult as JSON and back. Strict: an unknown key or another schema is refused, by name."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from ..errors import ConfigError, HistoryError
from ..files import read_bounded
from ..halves import without_halves
from ..problems import problems_in
from ..result_file import read_json
from .result import SCHEMA, LoadResult

MAX_BYTES = 128 << 20
_ADAPTER = TypeAdapter(LoadResult)


def dump_result(result: LoadResult) -> str:
    """The result as JSON, keys in the order of the dataclasses; equal results give equal bytes."""
    return without_halves(json.dumps(asdict(result), ensure_ascii=False, indent=1, allow_nan=False)) + "\n"


def load_result(path: Path) -> LoadResult:
    """Read what `dump_result` wrote. ConfigError when there is no such file, HistoryError for everything else."""
    return parse_result(read_bounded(path, MAX_BYTES, "a load result"), str(path))


def parse_result(text: str, name: str = "load result") -> LoadResult:
    """A result from its JSON; HistoryError lists everything that is wrong with it."""
    value = read_json(text, name, SCHEMA)
    try:
        return _ADAPTER.validate_json(json.dumps(value, allow_nan=False), strict=True)
    except ValidationError as error:
        raise HistoryError(str(ConfigError(name, problems_in(error, None)))) from None
    except RecursionError:
        raise HistoryError(f"{name}: nested too deeply") from None
    except ValueError:
        raise HistoryError(f"{name}: holds a number that is not finite") from None
