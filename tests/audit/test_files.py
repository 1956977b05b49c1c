from __future__ import annotations

from pathlib import Path

import pytest

from audit.errors import ConfigError, HarnessError, HistoryError
from audit.files import read_bounded, write_atomic


def test_what_is_written_is_read(tmp_path: Path) -> None:
    write_atomic(tmp_path / "x.json", "é\n")
    assert read_bounded(tmp_path / "x.json", 10, "a file") == "é\n"
    assert [path.name for path in tmp_path.iterdir()] == ["x.json"]


def test_writing_again_replaces_it_whole(tmp_path: Path) -> None:
    write_atomic(tmp_path / "x.json", "long text")
    write_atomic(tmp_path / "x.json", "x")
    assert (tmp_path / "x.json").read_text() == "x"


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    with pytest.raises(HarnessError, match="cannot be written"):
        write_atomic(tmp_path / "x", "text")
    assert [path.name for path in tmp_path.iterdir()] == ["x"]
    with pytest.raises(HarnessError, match="cannot be written"):
        write_atomic(tmp_path / "missing" / "x", "text")


def test_what_is_not_there_is_the_users_to_put_right(tmp_path: Path) -> None:
    for path in (tmp_path / "x", tmp_path, Path("a\0b")):
        with pytest.raises(ConfigError, match="a result cannot be read here"):
            read_bounded(path, 10, "a result")


def test_what_is_there_and_damaged_is_not(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"ab\xff")
    with pytest.raises(HistoryError, match="byte 2 is not UTF-8"):
        read_bounded(tmp_path / "x", 10, "a result")
    with pytest.raises(HistoryError, match="larger than 2 bytes"):
        read_bounded(tmp_path / "x", 2, "a result")
    with pytest.raises(HistoryError, match="larger than"):
        read_bounded(Path("/dev/zero"), 1_000, "a result")
