"""The tuple of all antipatterns against the folder they live in, and what their teams claim."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import get_args

import pytest

import reference_impl.antipatterns as folder
from audit.contract import ConcurrentSend, Contract, Idempotency
from reference_impl.antipatterns import ANTIPATTERNS, Antipattern

_FOLDER = Path(folder.__file__).parent
_SHARED = {"__init__", "__main__", "chat", "common", "kind", "responses", "serve", "tape"}
_FORBIDDEN = ("audit", "scenarios", "reports", "session", "storage", "transports")


def test_every_file_is_in_the_tuple_and_its_name_is_its_id() -> None:
    files = {path.stem for path in _FOLDER.glob("*.py")} - _SHARED
    assert files == {antipattern.id.replace("-", "_") for antipattern in ANTIPATTERNS}
    assert len(ANTIPATTERNS) == len(files)


@pytest.mark.parametrize("path", sorted(_FOLDER.glob("*.py")), ids=lambda path: path.stem)
def test_they_import_neither_the_audit_nor_a_session_layer(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom | ast.Import):
            names = {part for alias in node.names for part in alias.name.split(".")}
            module = set((getattr(node, "module", "") or "").split("."))
            assert not (names | module) & set(_FORBIDDEN), ast.unparse(node)


@pytest.mark.parametrize("antipattern", ANTIPATTERNS, ids=lambda antipattern: antipattern.id)
def test_the_claimed_contract_is_one_that_a_target_file_can_hold(antipattern: Antipattern) -> None:
    assert {"protocol", "options", "contract"} <= antipattern.target.keys()
    assert antipattern.target.keys() <= {"protocol", "options", "contract", "architecture", "auth"}
    claimed = Contract(**antipattern.contract)  # type: ignore[arg-type]
    assert claimed.disconnect == "continue"
    assert claimed.concurrent_send in get_args(ConcurrentSend)
    assert claimed.idempotency in get_args(Idempotency)


@pytest.mark.parametrize("antipattern", ANTIPATTERNS, ids=lambda antipattern: antipattern.id)
def test_people_are_told_what_is_wrong(antipattern: Antipattern) -> None:
    assert antipattern.title
    assert 1 <= antipattern.lesson.count(". ") + 1 <= 2
    assert antipattern.lesson.endswith(".")


def test_no_two_applications_share_state() -> None:
    for antipattern in ANTIPATTERNS:
        assert antipattern.build_app() is not antipattern.build_app()
