from __future__ import annotations

import os
from pathlib import Path
from xml.etree import ElementTree

import pytest

from audit.errors import ConfigError
from audit.outputs import Outputs, by_suffix, write
from audit.result_file import load_result

from .test_result_file import RESULT


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("gap.html", "html"),
        ("GAP.HTM", "html"),
        ("gap.md", "markdown"),
        ("gap.xml", "junit"),
        ("gap.json", "json"),
    ],
)
def test_a_file_name_says_what_to_write(name: str, field: str) -> None:
    assert by_suffix(Path(name)) == Outputs(**{field: Path(name)})


@pytest.mark.parametrize("name", ["gap", "gap.pdf", ".html/gap", "gap.htmlx"])
def test_a_suffix_that_means_nothing_is_the_users_error(name: str) -> None:
    with pytest.raises(ConfigError, match=r"ends in none of \.html \.md \.xml \.json"):
        by_suffix(Path(name))


def test_what_was_asked_for_is_written_and_folders_are_made(tmp_path: Path) -> None:
    paths = {name: tmp_path / "out" / "deep" / f"gap.{name}" for name in ("html", "json", "junit", "markdown")}
    assert Outputs(**paths).write([RESULT, RESULT]) == tuple(paths.values())
    assert load_result(paths["json"]) == RESULT
    ElementTree.parse(paths["junit"])
    assert paths["html"].read_text(encoding="utf-8").lstrip().lower().startswith("<!doctype html>")
    assert "chät" in paths["markdown"].read_text(encoding="utf-8")
    assert sorted(path.name for path in (tmp_path / "out" / "deep").iterdir()) == sorted(
        path.name for path in paths.values()
    )


def test_nothing_asked_for_is_nothing_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert Outputs().write([RESULT]) == ()
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written_is_the_users_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("here")
    (tmp_path / "folder.html").mkdir()
    for path in (tmp_path / "file" / "gap.html", tmp_path / "folder.html"):
        with pytest.raises(ConfigError) as told:
            write(path, "text")
        assert (told.value.exit_code, str(path) in str(told.value)) == (2, True)
    assert (tmp_path / "file").read_text() == "here"


def test_what_was_there_stays_when_writing_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "gap.html"
    path.write_text("old")

    def full(fd: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ConfigError, match="No space left on device"):
        write(path, "new")
    assert path.read_text() == "old"
