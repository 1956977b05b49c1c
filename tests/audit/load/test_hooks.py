from __future__ import annotations

import os
import threading
from pathlib import Path
from time import monotonic

import pytest

from audit.load import hooks
from audit.load.hooks import Hook, HookTimes, failures, run
from audit.load.result import HookResult

OK = Hook("deploy", "echo rolled out")


def test_a_hook_is_run_and_what_it_said_is_kept() -> None:
    done = run(Hook("deploy", "echo one; echo two >&2; exit 3"), 5.0, monotonic() - 5.25)
    assert (done.name, done.at_s, done.exit_code, done.output) == ("deploy", 5.0, 3, "one\ntwo")
    assert done.began_s == pytest.approx(5.25, abs=0.2)
    assert 0 <= done.took_s < 2


def test_only_the_last_of_much_output_is_kept_and_no_secret() -> None:
    chatty = "i=0; while [ $i -lt 2000 ]; do echo line $i hunter22; i=$((i+1)); done"
    done = run(Hook("deploy", chatty, frozenset({"hunter22"})), 1.0, 0.0)
    assert len(done.output) == hooks.OUTPUT_CHARS
    assert done.output.endswith("line 1999 •••")
    assert "hunter22" not in done.output
    assert "hunter22" not in repr(Hook("deploy", "true", frozenset({"hunter22"})))


def test_a_hook_that_does_not_return_is_ended(tmp_path: Path) -> None:
    done = run(Hook("deploy", f"echo $$ >{tmp_path}/pid; sleep 60"), 1.0, 0.0, patience_s=0.3)
    assert done.exit_code is None
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


def test_what_a_hook_leaves_running_is_not_waited_for(tmp_path: Path) -> None:
    began = monotonic()
    done = run(Hook("deploy", f"(sleep 0.6; touch {tmp_path}/served) & echo started"), 1.0, 0.0)
    assert (done.exit_code, done.output) == (0, "started")
    assert monotonic() - began < 0.5
    until = monotonic() + 5
    while not (tmp_path / "served").exists():
        assert monotonic() < until
        threading.Event().wait(0.02)


def test_hooks_are_run_at_their_instants_of_the_plan(tmp_path: Path) -> None:
    begun = tmp_path / "begun"
    with HookTimes(OK, (0.4, 0.2), begun) as times:
        threading.Event().wait(0.2)
        assert times.done == []  # the load has not begun
        zero = monotonic()
        begun.write_text(f"{zero!r}\n")
        until = monotonic() + 5
        while len(times.done) < 2 and monotonic() < until:
            threading.Event().wait(0.02)
    assert [(each.at_s, each.exit_code) for each in times.done] == [(0.2, 0), (0.4, 0)]
    assert all(each.at_s <= each.began_s < each.at_s + 0.3 for each in times.done)


@pytest.mark.parametrize("begun", [True, False])
def test_a_load_that_is_over_runs_no_more_hooks(tmp_path: Path, begun: bool) -> None:
    if begun:
        (tmp_path / "begun").write_text(f"{monotonic()!r}\n")
    before = monotonic()
    with HookTimes(OK, (30.0,), tmp_path / "begun") as times:
        pass
    assert times.done == []
    assert monotonic() - before < 2


def test_no_instants_no_thread(tmp_path: Path) -> None:
    threads = threading.active_count()
    with HookTimes(Hook("deploy", ""), (), tmp_path / "begun"):
        assert threading.active_count() == threads


def test_failures_are_told_one_by_one() -> None:
    done = [
        HookResult("deploy", 5.0, 5.0, 0.1, 0, "fine"),
        HookResult("deploy", 10.0, 10.0, 0.1, 7, "pulling\nno such image"),
        HookResult("deploy", 15.0, 15.0, 60.0, None, ""),
    ]
    assert failures(done, "deploy", 4) == [
        "the deploy hook at 10 s failed with exit code 7 (no such image)",
        "the deploy hook at 15 s did not return within 60 s (it said nothing)",
        "1 of 4 runs of the deploy hook did not take place",
    ]
    assert failures(done[:1], "deploy", 1) == []
