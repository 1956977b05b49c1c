from __future__ import annotations

import sys
from pathlib import Path

import pytest

from reference_impl.access.keys import VARIABLE, NoKey, load

SECRET = "a secret of thirty-two bytes, or more"


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)


def test_without_any_there_is_none() -> None:
    assert load(None, None) is None


def test_from_the_environment_or_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text(SECRET + "\n")
    monkeypatch.setenv(VARIABLE, SECRET)
    from_environment = load(None, None)
    monkeypatch.delenv(VARIABLE)
    assert from_environment == load(file, None) != None  # noqa: E711 - both, and there is one


@pytest.mark.parametrize("value", ["", " ", "short"])
def test_a_variable_that_is_set_to_nothing_is_never_an_open_server(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv(VARIABLE, value)
    with pytest.raises(NoKey, match=VARIABLE):
        load(None, None)


def test_two_keys_are_one_too_many(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(VARIABLE, SECRET)
    with pytest.raises(NoKey, match="one key"):
        load(tmp_path / "key", None)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(NoKey, match="nowhere"):
        load(tmp_path / "nowhere", None)


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, SECRET)
    monkeypatch.delitem(sys.modules, "reference_impl.access.tokens", raising=False)
    monkeypatch.delattr("reference_impl.access.tokens", raising=False)
    monkeypatch.setitem(sys.modules, "jwt", None)
    with pytest.raises(NoKey, match=r"durable-audit\[access\]"):
        load(None, None)
