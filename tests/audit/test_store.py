from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from audit import store as store_module
from audit.errors import ConfigError, HarnessError, HistoryError
from audit.history import History, dump_history, dump_meta
from audit.result import Untested
from audit.run import RunMeta
from audit.store import RunStore, StoredRun, load_result, load_run

from .checks.story import dropped
from .making import run_meta
from .test_result_file import RESULT


def history(number: int, scenario: str = "network-drop", **changes: Any) -> History:
    return dropped(scenario=scenario, trial=number, twin=number == 0, **changes).history()


def stored(root: Path, meta: RunMeta | None = None, numbers: tuple[int, ...] = (0, 1, 2)) -> RunStore:
    """A run with these trials in it."""
    run = RunStore.create(root, meta or run_meta())
    for number in numbers:
        with run.open_history(f"network-drop-{number}") as file:
            file.write(dump_history(history(number)))
    return run


def complaint(run: RunStore) -> str:
    with pytest.raises(HistoryError) as caught:
        list(load_run(run.path).trials())
    return str(caught.value)


def test_run_json_is_there_before_anything_happens(tmp_path: Path) -> None:
    run = RunStore.create(tmp_path / "runs", run_meta())
    assert run.path == tmp_path / "runs" / "20261120-100732-support-chat"
    assert [path.name for path in run.path.iterdir()] == ["run.json"]
    value = json.loads((run.path / "run.json").read_text())
    assert (value["format"], value["seed"], value["plan"]) == ("durable-audit/run/1", 7, {"network-drop": [0, 1, 2]})


def test_what_is_stored_is_read_back(tmp_path: Path) -> None:
    meta = run_meta(untested=(Untested("tab-freeze", "no browser"),))
    run = stored(tmp_path, meta)
    found = load_run(run.path)
    assert found.meta == meta
    trials = list(found.trials())
    assert [(trial.number, trial.file) for trial in trials] == [(n, f"network-drop-{n}.jsonl") for n in range(3)]
    assert trials[1].history == history(1)
    data = (run.path / "network-drop-1.jsonl").read_bytes()
    assert trials[1].sha256 == hashlib.sha256(data).hexdigest()


def test_a_history_is_on_disk_line_by_line(tmp_path: Path) -> None:
    run = RunStore.create(tmp_path, run_meta())
    with run.open_history("network-drop-1") as file:
        file.write(dump_meta(history(1).meta) + "\n")
        file.flush()
        (trial,) = load_run(run.path).trials()
        assert (trial.history.events, trial.history.whole) == ((), False)


def test_two_runs_of_one_second_get_two_folders_and_latest_is_the_newer(tmp_path: Path) -> None:
    first, second = stored(tmp_path), stored(tmp_path)
    assert second.path.name == first.path.name + "-2"
    assert load_run(tmp_path / "latest").meta == load_run(second.path).meta
    assert (tmp_path / "latest").resolve() == second.path


def test_latest_is_a_file_where_links_cannot_be_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object, **kwargs: object) -> None:
        raise OSError("a required privilege is not held by the client")

    monkeypatch.setattr(Path, "symlink_to", refuse)
    run = stored(tmp_path)
    assert (tmp_path / "latest").read_text() == run.path.name + "\n"
    assert load_run(tmp_path / "latest").path == run.path


def test_something_else_named_latest_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "latest").mkdir()
    (tmp_path / "latest" / "mine").touch()
    run = stored(tmp_path)
    assert (tmp_path / "latest" / "mine").exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(["latest", run.path.name])


def test_a_name_of_any_target_makes_a_folder(tmp_path: Path) -> None:
    for name, folder in [("Ünï/../çødé  X", "n-d-x"), ("", "target"), ("聊天", "target"), ("x" * 300, "x" * 40)]:
        run = RunStore.create(tmp_path / "r", run_meta(target={"name": name}))
        assert run.path.parent == tmp_path / "r"
        assert run.path.name.startswith(f"20261120-100732-{folder}")


def test_a_path_that_is_no_text_does_not_spoil_the_run(tmp_path: Path) -> None:
    run = stored(tmp_path, run_meta(argv=("run", "\udcff.toml"), target_file="\udcff.toml"))
    assert load_run(run.path).meta.target_file == "\ufffd.toml"


def test_a_place_that_cannot_be_written_is_the_users_to_put_right(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match="cannot be written"):
        RunStore.create(tmp_path / "file", run_meta())


def test_a_trial_is_written_once_and_has_a_proper_name(tmp_path: Path) -> None:
    run = stored(tmp_path)
    with pytest.raises(HarnessError, match="cannot be written"):
        run.open_history("network-drop-1")
    for name in ("../x-1", "x", "x-1.jsonl", "X-1", ""):
        with pytest.raises(HarnessError, match="no name of a trial"):
            run.open_history(name)


def test_the_result_is_replaced_whole(tmp_path: Path) -> None:
    run = stored(tmp_path)
    run.save_result(RESULT)
    path = run.save_result(replace(RESULT, seed=8))
    assert load_result(path).seed == 8
    assert sorted(path.name for path in run.path.glob("*.json")) == ["result.json", "run.json"]


def test_what_was_never_begun_is_left_out(tmp_path: Path) -> None:
    run = stored(tmp_path, numbers=(0, 2))
    (run.path / "network-drop-1.jsonl").touch()
    assert [trial.number for trial in load_run(run.path).trials()] == [0, 2]


# -- damage -----------------------------------------------------------------------------------------------------------


def test_no_run_at_all(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "nowhere", tmp_path / "latest"):
        with pytest.raises(ConfigError, match="a run cannot be read here"):
            load_run(path)


def test_run_json_itself_may_be_named(tmp_path: Path) -> None:
    run = stored(tmp_path)
    assert load_run(run.path / "run.json").path == run.path


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            {"format": "durable-audit/run/2"},
            "has format 'durable-audit/run/2'; this version reads 'durable-audit/run/1'",
        ),
        ({"seed": "7"}, "seed: must be a valid integer"),
        ({"extra": 1}, "extra: unknown key"),
        ({"plan": {"../../etc/passwd": [0]}}, "is no name of a trial"),
        ({"plan": {"x": [-1]}}, "is no name of a trial"),
    ],
)
def test_a_damaged_run_json(tmp_path: Path, change: dict[str, object], said: str) -> None:
    run = stored(tmp_path)
    file = run.path / "run.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | change))
    with pytest.raises(HistoryError) as caught:
        load_run(run.path)
    assert said in str(caught.value)


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "[" * 100_000])
def test_a_run_json_that_is_none(tmp_path: Path, text: str) -> None:
    run = stored(tmp_path)
    (run.path / "run.json").write_text(text)
    with pytest.raises(HistoryError):
        load_run(run.path)


def spoil(run: RunStore, line: int, old: str, new: str) -> None:
    path = run.path / "network-drop-1.jsonl"
    lines = path.read_text().split("\n")
    assert old in lines[line - 1]
    lines[line - 1] = lines[line - 1].replace(old, new)
    path.write_text("\n".join(lines))


def test_a_line_that_is_not_json_is_named(tmp_path: Path) -> None:
    run = stored(tmp_path)
    spoil(run, 5, "{", "(")
    assert complaint(run).startswith("network-drop-1.jsonl: line 5 is not JSON")


def test_a_line_that_is_no_event_is_named(tmp_path: Path) -> None:
    run = stored(tmp_path)
    spoil(run, 5, '"phase"', '"faze"')
    assert complaint(run) == "network-drop-1.jsonl: line 5: unknown keys in an event: faze"


def test_events_that_cannot_follow_each_other_are_named(tmp_path: Path) -> None:
    run = stored(tmp_path)
    spoil(run, 5, '"i":3', '"i":4')
    assert complaint(run) == "network-drop-1.jsonl: event 3: has index 4; indices must be dense from 0"


def test_a_line_that_is_not_utf8_is_named(tmp_path: Path) -> None:
    run = stored(tmp_path)
    path = run.path / "network-drop-1.jsonl"
    lines = path.read_bytes().split(b"\n")
    lines[6] = lines[6][:-3] + b"\xff}}"
    path.write_bytes(b"\n".join(lines))
    assert complaint(run) == "network-drop-1.jsonl: line 7 is not UTF-8"


def test_a_file_that_says_it_is_another_trial(tmp_path: Path) -> None:
    run = stored(tmp_path)
    spoil(run, 1, '"trial":1', '"trial":2')
    assert complaint(run) == "network-drop-1.jsonl: line 1 says that it is trial 2 of 'network-drop'"


@pytest.mark.parametrize("cut", range(1, 60, 3))
def test_a_file_cut_anywhere_near_its_end_is_judged_up_to_there(tmp_path: Path, cut: int) -> None:
    run = RunStore.create(tmp_path, run_meta())
    text = dump_history(history(1)).replace("tok-0010", "tok-0010·é漢🙂")
    (run.path / "network-drop-1.jsonl").write_bytes(text.encode()[: -cut - 1])
    (trial,) = load_run(run.path).trials()
    assert not trial.history.whole


def test_a_file_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = stored(tmp_path)
    monkeypatch.setattr(store_module, "MAX_HISTORY_BYTES", 1_000)
    assert complaint(run) == "network-drop-0.jsonl: larger than 1,000 bytes"


def test_trials_are_read_one_at_a_time(tmp_path: Path) -> None:
    run = stored(tmp_path)
    trials = load_run(run.path).trials()
    next(trials)
    (run.path / "network-drop-1.jsonl").unlink()
    assert [trial.number for trial in trials] == [2]


def test_a_stored_run_knows_where_it_is(tmp_path: Path) -> None:
    run = stored(tmp_path)
    assert load_run(run.path) == StoredRun(run.path, run_meta())
