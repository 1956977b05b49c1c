from __future__ import annotations

import csv
import importlib.util
from pathlib import Path

import pytest

from audit.errors import ConfigError
from audit.load.export import frame, measures, to_csv, to_parquet, windows
from audit.load.result import MEASURES

from .samples import result, window

RESULT = result(windows=(window(0.0, 1_000, 15_000), window(10.0, 990, 16_000, p95_ms=None)))
ENGINES = [name for name in ("pyarrow", "fastparquet") if importlib.util.find_spec(name)]


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
        "p95_ms": 80.0,
        "p99_ms": 200.0,
        "mean_ms": pytest.approx(13.2),
        "max_ms": 160.0,
    }


def test_csv_says_the_same(tmp_path: Path) -> None:
    paths = to_csv(RESULT, tmp_path / "new" / "folder")
    assert [path.name for path in paths] == ["windows.csv", "measures.csv"]
    rows = read(paths[0])
    assert [row["words"] for row in rows] == ["15000", "16000"]
    assert [row["item_delay_p95_ms"] for row in rows] == ["20.0", ""]
    assert read(paths[1])[0]["p99_ms"] == "200.0"


def test_a_run_without_windows_has_a_header(tmp_path: Path) -> None:
    path, _ = to_csv(result(windows=()), tmp_path)
    assert path.read_text().startswith("at_s,devices,words,")
    assert read(path) == []


def test_frames_have_numbers_in_every_column() -> None:
    found = frame(windows(RESULT))
    assert found["words"].sum() == 31_000
    assert str(found["stop_delay_p50_ms"].dtype) == "float64"
    assert found["item_delay_p95_ms"].isna().tolist() == [False, True]


def test_a_folder_that_cannot_be_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="folder: cannot be made"):
        to_csv(RESULT, tmp_path / "file" / "inside")


def test_parquet_is_written_or_says_what_it_needs(tmp_path: Path) -> None:
    if not ENGINES:
        with pytest.raises(ConfigError, match="pip install pyarrow"):
            to_parquet(RESULT, tmp_path)
        assert list(tmp_path.iterdir()) == []
        return
    import pandas  # type: ignore[import-untyped]

    path, _ = to_parquet(RESULT, tmp_path)
    assert pandas.read_parquet(path)["words"].tolist() == [15_000, 16_000]
