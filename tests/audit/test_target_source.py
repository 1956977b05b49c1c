from __future__ import annotations

import time
from pathlib import Path

import pytest

from audit.errors import ConfigError, Problem
from audit.target_source import MAX_BYTES, fill_in, parse_source, read_source


def problem(act: object, *args: object) -> Problem:
    with pytest.raises(ConfigError) as caught:
        act(*args)  # type: ignore[operator]
    (only,) = caught.value.problems
    return only


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    assert "no such file" in problem(read_source, tmp_path / "chat.toml").what


def test_a_directory_points_to_the_target_file_in_it(tmp_path: Path) -> None:
    assert problem(read_source, tmp_path).what == "is a directory"
    (tmp_path / "durable-audit.toml").touch()
    assert "did you mean" in problem(read_source, tmp_path).what


def test_a_name_that_cannot_be_one() -> None:
    assert "cannot be read" in problem(read_source, Path("a\0b")).what


def test_a_huge_file_is_not_read_to_its_end() -> None:
    started = time.monotonic()
    assert "is larger than" in problem(read_source, Path("/dev/zero")).what
    assert time.monotonic() - started < 2


def test_binary_garbage(tmp_path: Path) -> None:
    (tmp_path / "x.toml").write_bytes(b'name = "\xff\xfe"')
    found = problem(read_source, tmp_path / "x.toml")
    assert (found.where, found.what) == ("byte 8", "is not UTF-8 text; is this a target file?")


def test_a_byte_order_mark_is_no_part_of_the_text(tmp_path: Path) -> None:
    (tmp_path / "x.toml").write_bytes(b"\xef\xbb\xbfname = 1")
    assert read_source(tmp_path / "x.toml") == "name = 1"


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("a = 1\nb = ?\n", "line 2, column 5"),
        ("a = 1\na = 2\n", "line 2, column 6"),
        ('a = "é', "line 1, column 7"),
        ("a = 1\n[x", "line 2, column 3"),
    ],
)
def test_a_syntax_error_says_where(text: str, where: str) -> None:
    assert problem(parse_source, text, "x.toml").where == where


@pytest.mark.parametrize(
    "text",
    [
        "a = " + "[" * 50_000,
        "a." * 200_000 + "b = 1",
        '"a".' * 100_000 + "b = 1",
        "a = " + "9" * 100_000,
        "a." * 20 + "b = 1",
    ],
    ids=["brackets", "dots", "quoted dots", "digits", "seventeen levels"],
)
def test_what_would_choke_a_parser_is_refused_at_once(text: str) -> None:
    started = time.monotonic()
    assert problem(parse_source, text, "x.toml").where == "file"
    assert time.monotonic() - started < 2


def test_text_is_bounded_like_a_file() -> None:
    assert "is larger than" in problem(parse_source, "#" * (MAX_BYTES + 1), "x.toml").what


def test_the_tools_table_must_be_one() -> None:
    assert problem(parse_source, "[tool]\ndurable-audit = 1\n", "x.toml").where == "tool.durable-audit"


def test_variables_are_filled_in_wherever_there_is_text() -> None:
    filled = fill_in({"a": "x-${A}-${B}", "b": [{"c": "${A}"}], "d": 1, "e": "$A {A}"}, {"A": "1", "B": "2"}, "")
    assert filled.table == {"a": "x-1-2", "b": [{"c": "1"}], "d": 1, "e": "$A {A}"}
    assert filled.secrets == {"1", "2"}
    assert not filled.problems


def test_a_variable_that_was_filled_in_is_not_filled_again() -> None:
    assert fill_in({"a": "${A}"}, {"A": "${B}", "B": "x"}, "").table == {"a": "${B}"}


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("${A}", "the environment variable A is not set"),
        ("${E}", "the environment variable E is empty"),
        ("${}", "${…} must hold the name of an environment variable"),
        ("${A", "${…} must hold the name of an environment variable"),
        ("${a b}", "${…} must hold the name of an environment variable"),
    ],
)
def test_a_variable_that_cannot_be_filled_in_is_a_problem_at_its_key(text: str, what: str) -> None:
    filled = fill_in({"auth": {"query": {"k": text}}}, {"E": ""}, "")
    (only,) = filled.problems
    assert (only.where, only.what) == ("auth.query.k", what)
    assert filled.refused == {"auth.query.k"}


@pytest.mark.parametrize("value", ["2026-11-20", "2026-11-20T10:00:00Z", "10:00:00", "nan", "-inf"])
def test_values_that_json_has_no_word_for_are_a_problem(value: str) -> None:
    table, _ = parse_source(f"[options]\nextra = {{ x = [{value}] }}", "x.toml")
    (only,) = fill_in(table, {}, "").problems
    assert (only.where, only.what) == ("options.extra.x[0]", "must be a finite number, or text in quotes")
