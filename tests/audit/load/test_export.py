from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import pandas  # type: ignore[import-untyped]
import pytest

from audit.errors import ConfigError
from audit.load.export import TABLES, frame, hooks, measures, run, storms, to_csv, to_parquet, windows
from audit.load.result import MEASURES, HookResult

from .samples import quantiles, result, storm, window

SURE = replace(quantiles(12.0, 80.0, 200.0), intervals={"p50": (11.0, 13.5), "p95": (71.0, 96.0)})
RESULT = result(
    windows=(window(0.0, 1_000, 15_000), window(10.0, 990, 16_000, p95_ms=None)),
    resume_delay_ms=SURE,
    storms=(storm(3.5), storm(None)),
    hooks=(
        HookResult("deploy", 10.0, 10.02, 2.5, 0, "=2+2\nrolled out"),
        HookResult("deploy", 30.0, 30.0, 60.0, None),
    ),
)


def read(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_a_row_a_window() -> None:
    first, second = windows(RESULT)
    assert (first["at_s"], first["devices"], first["words"]) == (0.0, 1_000, 15_000)
    assert (first["item_delay_count"], first["item_delay_p95_ms"]) == (100, 20.0)
    assert second["item_delay_p95_ms"] is None
    assert (first["stop_delay_count"], first["stop_delay_p50_ms"]) == (0, None)
    assert list(first) == list(second)


def test_a_row_a_measure() -> None:
    found = measures(RESULT)
    assert [row["measure"] for row in found] == list(MEASURES)
    assert found[0] == {
        "measure": "resume_delay",
        "count": 500,
        "p50_ms": 12.0,
        "p50_low_ms": 11.0,
        "p50_high_ms": 13.5,
        "p95_ms": 80.0,
        "p95_low_ms": 71.0,
        "p95_high_ms": 96.0,
        "p99_ms": 200.0,
        "p99_low_ms": None,
        "p99_high_ms": None,
        "mean_ms": pytest.approx(13.2),
        "max_ms": 160.0,
    }


def test_the_run_in_one_row() -> None:
    (row,) = run(replace(RESULT, unanswered=4, partial="stopped"))
    assert (row["target"], row["seed"], row["unanswered"]) == ("Support Chat", 7, 4)
    assert (row["void"], row["interrupted"], row["partial"]) == ("", True, "stopped")


def test_a_row_a_storm_and_a_row_a_hook() -> None:
    (there, never) = storms(RESULT)
    assert (there["at_s"], there["recovered_s"], there["live_p95_ms"]) == (20.0, 3.5, None)
    assert never["recovered_s"] is None
    assert hooks(RESULT) == [
        {"name": "deploy", "at_s": 10.0, "began_s": 10.02, "took_s": 2.5, "exit_code": 0, "output": "=2+2\nrolled out"},
        {"name": "deploy", "at_s": 30.0, "began_s": 30.0, "took_s": 60.0, "exit_code": None, "output": ""},
    ]


def test_csv_says_the_same(tmp_path: Path) -> None:
    paths = to_csv(RESULT, tmp_path / "new" / "folder")
    assert [path.stem for path in paths] == list(TABLES)
    assert [row["words"] for row in read(paths[1])] == ["15000", "16000"]
    assert [row["item_delay_p95_ms"] for row in read(paths[1])] == ["20.0", ""]
    assert read(paths[2])[0]["p95_high_ms"] == "96.0"
    assert read(paths[0])[0]["interrupted"] == "False"


def test_no_text_is_a_formula_to_a_spreadsheet(tmp_path: Path) -> None:
    first, second = read(to_csv(RESULT, tmp_path)[4])
    assert (first["output"], second["exit_code"]) == ("'=2+2\nrolled out", "")


def test_a_run_without_windows_storms_or_hooks_has_headers(tmp_path: Path) -> None:
    _, windows_, _, storms_, hooks_ = to_csv(result(windows=()), tmp_path)
    for path, begins in ((windows_, "at_s,devices,words,"), (storms_, "at_s,devices,recovered_s"), (hooks_, "name,")):
        assert path.read_text().startswith(begins)
        assert read(path) == []


def test_frames_have_numbers_in_every_column() -> None:
    found = frame(windows(RESULT))
    assert found["words"].sum() == 31_000
    assert str(found["stop_delay_p50_ms"].dtype) == "float64"
    assert found["item_delay_p95_ms"].isna().tolist() == [False, True]


def test_a_folder_that_cannot_be_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for write in (to_csv, to_parquet):
        with pytest.raises(ConfigError, match="cannot be"):
            write(RESULT, tmp_path / "file" / "inside")


def test_pandas_reads_the_parquet_back_as_it_was(tmp_path: Path) -> None:
    tables = {path.stem: pandas.read_parquet(path) for path in to_parquet(RESULT, tmp_path / "new")}
    assert list(tables) == list(TABLES)
    for name, table in TABLES.items():
        pandas.testing.assert_frame_equal(tables[name], frame(table(RESULT)))
    assert tables["windows"]["words"].tolist() == [15_000, 16_000]
    assert tables["measures"].set_index("measure").loc["resume_delay", "p95_low_ms"] == 71.0
    assert tables["hooks"]["exit_code"].isna().tolist() == [False, True]
    assert tables["run"]["interrupted"].tolist() == [False]


def test_empty_tables_keep_their_types_in_parquet(tmp_path: Path) -> None:
    empty = result(windows=())
    kinds = [pandas.read_parquet(path).dtypes for path in to_parquet(empty, tmp_path)]
    whole = [frame(table(RESULT)).dtypes for table in TABLES.values()]
    for found, wanted in zip(kinds, whole, strict=True):
        assert found.equals(wanted)


def test_without_an_engine_it_says_what_it_needs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def none_there(*_: object, **__: object) -> None:
        raise ImportError("no engine")

    monkeypatch.setattr(pandas.DataFrame, "to_parquet", none_there)
    with pytest.raises(ConfigError, match="pip install pyarrow"):
        to_parquet(RESULT, tmp_path)
    assert list(tmp_path.iterdir()) == []
