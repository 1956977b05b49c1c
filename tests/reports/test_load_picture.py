from __future__ import annotations

import re

from audit.load.result import LoadResult
from reports import load_picture, load_scale, load_storms
from reports.load_hooks import Flag
from reports.load_picture import Picture, picture
from reports.load_plots import plots
from reports.load_series import series

from . import load_runs


def pictures(result: LoadResult) -> dict[str, Picture]:
    found = series(result)
    time, xs = load_scale.times(found.end_s), [point.middle_s for point in found.points]
    spans = load_storms.spans(result, found.end_s)
    return {plot.title: picture(plot, xs, time, spans) for plot in plots(result, found)}


def points(path: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in re.findall(r"[ML](-?[\d.]+) (-?[\d.]+)", path)]


def test_everything_lies_inside_the_frame() -> None:
    for found in pictures(load_runs.hostile()).values():
        for path in (*found.areas, *(stroke.path for stroke in found.strokes)):
            assert re.fullmatch(r"[MLhZ\d. -]*", path)
            for x, y in points(path):
                assert load_picture.LEFT <= x <= load_picture.RIGHT
                assert load_picture.TOP <= y <= load_picture.BOTTOM


def test_a_line_goes_through_every_window_and_later_is_further_right() -> None:
    (stroke,) = pictures(load_runs.held())["Words per second"].strokes
    found = points(stroke.path)
    assert len(found) == 30
    assert found == sorted(found, key=lambda point: point[0])


def test_more_is_higher() -> None:
    p99, p95, p50 = pictures(load_runs.held())["Item delay"].strokes
    for above, below in ((p99, p95), (p95, p50)):
        assert all(a[1] < b[1] for a, b in zip(points(above.path), points(below.path), strict=True))


def test_bands_close_and_missing_quantiles_leave_no_area() -> None:
    found = pictures(load_runs.held())
    assert [area.count("Z") for area in found["Item delay"].areas] == [1, 1]
    assert found["Stop delay"].areas[1] == ""


def test_storms_are_shaded_from_the_cut_to_the_recovery_or_the_end() -> None:
    (first, width), (second, rest) = pictures(load_runs.stormy())["Item delay"].spans
    scale = (load_picture.RIGHT - load_picture.LEFT) / 60
    assert abs(first - load_picture.LEFT - 20 * scale) < 0.1
    assert abs(width - 3.21 * scale) < 0.2
    assert abs(second + rest - load_picture.RIGHT) < 0.1


def test_whiskers_reach_from_end_to_end() -> None:
    result = load_runs.deployed()
    drawn = pictures(result)["Item delay"].whiskers
    assert drawn.count("V") == 7 and drawn.count("h6") == 14
    for x, low, high in re.findall(r"M([\d.]+) ([\d.]+)V([\d.]+)", drawn):
        assert load_picture.LEFT <= float(x) <= load_picture.RIGHT
        assert load_picture.TOP <= float(high) < float(low) <= load_picture.BOTTOM


def test_flags_near_each_other_share_no_room() -> None:
    result = load_runs.stormy()
    found = series(result)
    flags = [Flag(at, "deploy", "ink") for at in (20.0, 22.0, 58.0)]
    time, xs = load_scale.times(found.end_s), [point.middle_s for point in found.points]
    poles = picture(plots(result, found)[0], xs, time, (), flags).poles
    assert [(pole.text, pole.left) for pole in poles] == [("deploy", False), ("", False), ("deploy", True)]


def test_marks_are_counted_where_there_is_room() -> None:
    marks = pictures(load_runs.lossy())["Words lost, repeated, out of order"].marks
    assert [mark.text for mark in marks] == ["7", "14", "21", "28", "3", "3", "12"]
    assert len({mark.y for mark in marks}) == 3
