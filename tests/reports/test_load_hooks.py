"""Hooks in words: when they began, how they ended, what devices felt meanwhile."""

from __future__ import annotations

import re
from dataclasses import replace

from audit.finding import Verdict
from reports.load_hooks import LINES, flags, runs, sentences
from reports.load_series import series

from . import load_runs

DEPLOYED = load_runs.deployed()


def test_each_run_in_order_of_time() -> None:
    first, second = runs(DEPLOYED, series(DEPLOYED))
    assert (first.title, first.verdict, first.word) == ("At 12 s: the deploy hook", Verdict.PASS, "exit code 0")
    assert (second.title, second.verdict, second.word) == ("At 42.5 s: the deploy hook", Verdict.GAP, "given up")
    assert len(first.said) == LINES and first.said[-1] == "done"
    assert second.said == ()


def test_what_devices_felt_meanwhile() -> None:
    first, _ = runs(DEPLOYED, series(DEPLOYED))
    assert first.felt.startswith("From 10 s – 20 s: ")
    assert "0 words lost" in first.felt
    assert re.search(r"item delay [\d.]+ ms \([\d.]+–[\d.]+\) at p95 \(whole run: 3.92 ms \(3.53–4.31\)\)", first.felt)


def test_a_hook_outside_of_the_windows_felt_like_nothing_and_has_no_flag() -> None:
    (hook, *_) = DEPLOYED.hooks
    late = replace(DEPLOYED, hooks=(replace(hook, began_s=900.0),))
    assert runs(late, series(late))[0].felt == ""
    assert [flag.text for flag in flags(late, series(late))] == [""]


def test_in_words_for_reports_without_pictures() -> None:
    first, second = sentences(DEPLOYED)
    assert first == "At 12 s: the deploy hook: it returned after 3.2 s with exit code 0."
    assert "it had not returned after 60 s and was given up; it began 2.5 s late" in second
    assert sentences(load_runs.held()) == ()


def test_a_failed_hook_names_its_exit_code() -> None:
    (hook, *_) = DEPLOYED.hooks
    failed = replace(DEPLOYED, hooks=(replace(hook, exit_code=3, took_s=0.2),))
    assert "with exit code 3" in sentences(failed)[0]
    assert flags(failed, series(failed))[0].tone == "gap"
