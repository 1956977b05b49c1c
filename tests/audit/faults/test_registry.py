"""FAULTS holds every fault there is a file for, under the name of its file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import audit.faults
from audit.faults import FAULTS

KINDS: tuple[Any, ...] = FAULTS
NOT_FAULTS = {"__init__", "base", "chain", "connection", "cut", "end", "link", "passing", "settings", "stage"}


def test_every_fault_file_is_registered() -> None:
    files = {path.stem for path in Path(audit.faults.__file__).parent.glob("*.py")}
    assert files - NOT_FAULTS == {kind.__module__.rpartition(".")[2] for kind in KINDS}


def test_a_fault_is_named_after_its_file() -> None:
    for kind in KINDS:
        file = kind.__module__.rpartition(".")[2]
        assert kind.id == file.replace("_", "-")
        assert kind.__name__ == file.title().replace("_", "")


def test_every_fault_can_be_imported_from_the_package() -> None:
    assert {kind.__name__ for kind in KINDS} < set(audit.faults.__all__)
