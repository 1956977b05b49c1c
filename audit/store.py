"""The folder of a run: `runs/<id>/` with `run.json`, a `.jsonl` per trial, and `result.json`.

`run.json` is written before anything else and histories grow line by line, so that whatever a run was interrupted by,
what had happened can be judged and rendered.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TextIO

from pydantic import TypeAdapter, ValidationError

from .errors import ConfigError, HarnessError, HistoryError, Problem
from .files import read_bounded, write_atomic
from .halves import without_halves
from .history import load_history
from .problems import problems_in
from .result import AuditResult
from .result_file import dump_result, load_result
from .run import RUN_FORMAT, RunMeta, Trial

__all__ = ["RunStore", "StoredRun", "dump_result", "load_result", "load_run"]

LATEST = "latest"
MAX_RUN_BYTES = 16 << 20
MAX_HISTORY_BYTES = 200 << 20
_NAME = re.compile(r"[a-z0-9]{1,40}(-[a-z0-9]{1,40}){0,9}-\d{1,6}")
_ADAPTER = TypeAdapter(RunMeta)


@dataclass(frozen=True, slots=True)
class RunStore:
    """A run that is being written."""

    path: Path

    @classmethod
    def create(cls, root: Path, meta: RunMeta) -> RunStore:
        """A new folder under `root`, named after time and target, holding `run.json`; `root/latest` leads to it.

        ConfigError when `root` cannot be written.
        """
        try:
            root.mkdir(parents=True, exist_ok=True)
            path = _new_folder(root, _run_id(meta))
        except OSError as error:
            problem = Problem("runs folder", f"cannot be written ({error.strerror})")
            raise ConfigError(str(root), (problem,)) from None
        store = cls(path)
        store.save_meta(meta)
        _point(root / LATEST, path.name)
        return store

    def save_meta(self, meta: RunMeta) -> None:
        """Write `run.json`: when the run is made, and again when more trials are added to its plan."""
        text = without_halves(json.dumps(asdict(meta), ensure_ascii=False, indent=1))
        write_atomic(self.path / "run.json", text + "\n")

    def open_history(self, name: str, again: bool = False) -> TextIO:
        """The file of a trial (`<scenario>-<number>`), to be written line by line. It must not exist yet, unless the
        trial is played `again`: then what it left is forgotten."""
        if not _NAME.fullmatch(name):
            raise HarnessError(f"{name!r} is no name of a trial")
        try:
            return (self.path / f"{name}.jsonl").open("w" if again else "x", encoding="utf-8", newline="\n")
        except OSError as error:
            raise HarnessError(f"the history of {name} cannot be written ({error.strerror})") from error

    def save_result(self, result: AuditResult) -> Path:
        """Write `result.json`, replacing the one that an earlier check wrote."""
        path = self.path / "result.json"
        write_atomic(path, dump_result(result))
        return path


@dataclass(frozen=True, slots=True)
class StoredRun:
    """A run that can be read back."""

    path: Path
    meta: RunMeta

    def trials(self) -> Iterator[Trial]:
        """Every stored trial, one at a time, in the order of the plan, the twin of each scenario first.

        HistoryError names the file and line of any damage. Trials that were never begun are left out.
        """
        for scenario, numbers in self.meta.plan.items():
            for number in sorted(numbers):
                path = self.path / f"{scenario}-{number}.jsonl"
                if path.is_file() and path.stat().st_size:
                    yield _trial(path, scenario, number)


def result_of(path: Path) -> Path:
    """Where a result is: in this file, or in this run's folder (or `latest`)."""
    folder = _followed(path)
    return folder / "result.json" if folder.is_dir() else folder


def load_run(path: Path) -> StoredRun:
    """Open a run's folder (or `latest`). ConfigError when there is none, HistoryError when `run.json` is damaged."""
    folder = _followed(path)
    text = read_bounded(folder / "run.json", MAX_RUN_BYTES, "a run")
    name = str(folder / "run.json")
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise HistoryError(f"{name}: not JSON ({error})") from None
    found = value.get("format") if isinstance(value, dict) else None
    if found != RUN_FORMAT:
        told = f"{name}: has format {str(found)[:80]!r}; this version reads {RUN_FORMAT!r}"
        raise HistoryError(f"{told}. Judge it with the version that wrote it.")
    try:
        meta = _ADAPTER.validate_json(text, strict=True)
    except ValidationError as error:
        raise HistoryError(str(ConfigError(name, problems_in(error, None)))) from None
    for scenario, number in ((scenario, number) for scenario, numbers in meta.plan.items() for number in numbers):
        if not _NAME.fullmatch(f"{scenario}-{number}"):
            raise HistoryError(f"{name}: {f'{scenario}-{number}'[:80]!r} is no name of a trial")
    return StoredRun(folder, meta)


def _run_id(meta: RunMeta) -> str:
    digits = re.sub(r"\D", "", meta.created)
    name = re.sub(r"[^a-z0-9]+", "-", str(meta.target.get("name", "")).lower()).strip("-")[:40]
    return f"{digits[:8]}-{digits[8:14]}-{name or 'target'}"


def _new_folder(root: Path, id: str) -> Path:
    """`root/id`, or `root/id-2` and so on when runs of the same second are there already."""
    number = 1
    while True:
        path = root / (id if number == 1 else f"{id}-{number}")
        try:
            path.mkdir()
        except FileExistsError:
            number += 1
        else:
            return path


def _point(latest: Path, id: str) -> None:
    """Let `latest` lead to this run: a symbolic link, or a file with the name where links cannot be made.

    A convenience: when neither works, the run goes on.
    """
    link = latest.with_name(f".{LATEST}.{os.getpid()}")
    try:
        link.symlink_to(id, target_is_directory=True)
        link.replace(latest)
    except (OSError, NotImplementedError):
        link.unlink(missing_ok=True)
        with suppress(OSError, HarnessError):
            write_atomic(latest, id + "\n")


def _followed(path: Path) -> Path:
    """The folder that a path means: itself, the one that a `latest` file names, or the one that holds this run.json."""
    if path.name == "run.json":
        return path.parent
    if path.name == LATEST and path.is_file():
        return path.parent / Path(read_bounded(path, 1_000, "the name of a run").strip()).name
    return path


def _trial(path: Path, scenario: str, number: int) -> Trial:
    digest = hashlib.sha256()
    history = load_history(_lines(path, digest), path.name)
    said = (history.meta.get("scenario"), history.meta.get("trial"))
    if said != (scenario, number):
        raise HistoryError(f"{path.name}: line 1 says that it is trial {said[1]!r} of {str(said[0])[:80]!r}")
    return Trial(scenario, number, path.name, digest.hexdigest(), history)


def _lines(path: Path, digest: hashlib._Hash) -> Iterator[str]:
    """The file's lines, hashed and decoded on the way. A last line that was cut inside a character is left to the
    reader, who knows what to make of it."""
    size = 0
    try:
        with path.open("rb") as file:
            for number, line in enumerate(iter(lambda: file.readline(MAX_HISTORY_BYTES + 1), b""), start=1):
                size += len(line)
                if size > MAX_HISTORY_BYTES:
                    raise HistoryError(f"{path.name}: larger than {MAX_HISTORY_BYTES:,} bytes")
                digest.update(line)
                yield _decoded(line, f"{path.name}: line {number}")
    except OSError as error:
        raise HistoryError(f"{path.name}: cannot be read ({error.strerror})") from None


def _decoded(line: bytes, place: str) -> str:
    try:
        return line.decode(errors="strict" if line.endswith(b"\n") else "replace")
    except UnicodeDecodeError:
        raise HistoryError(f"{place} is not UTF-8") from None
