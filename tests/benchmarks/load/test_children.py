from __future__ import annotations

import os
import sys
import time

import pytest

from benchmarks.load.children import Child, Failed

SAYS = "import json, sys; print(json.dumps({'other': 1})); print(json.dumps({'fact': 2}), flush=True); sys.stdin.read()"
BURNS = "import time\nwhile time.process_time() < 0.2: pass\nprint('burned', flush=True)"
SLEEPS = "import time; time.sleep(60)"


def child(code: str, *, talks: bool = False) -> Child:
    return Child("it", [sys.executable, "-c", code], core=0, talks=talks)


def test_it_is_heard_and_ends_with_its_standard_input() -> None:
    with child(SAYS, talks=True) as it:
        assert it.heard("fact", 10) == 2


def test_its_own_cpu_time_is_read_from_outside() -> None:
    with child(BURNS) as it:
        began = time.process_time()
        while "burned" not in it.wrote():
            time.sleep(0.01)
        assert it.cpu_s() >= 0.2
        assert it.rss_kb() >= 0
        it.ended(10)
        assert time.process_time() - began < 0.2  # what was read is not what we used


def test_a_child_that_says_nothing_or_breaks_is_named() -> None:
    with child(SLEEPS, talks=True) as it, pytest.raises(Failed, match="it did not say 'fact' in time"):
        it.heard("fact", 0.05)
    with child("raise SystemExit('broken')", talks=True) as it, pytest.raises(Failed, match="broken"):
        it.heard("fact", 10)
    with child("raise SystemExit('broken')") as it, pytest.raises(Failed, match="it ended with 1: broken"):
        it.ended(10)
    with child(SLEEPS) as it, pytest.raises(Failed, match="it did not end within"):
        it.ended(0.05)


def test_leaving_ends_it() -> None:
    with child(f"import os; print(os.getpid(), flush=True); {SLEEPS}") as it:
        while not (said := it.wrote()):
            time.sleep(0.01)
    with pytest.raises(ProcessLookupError):
        os.kill(int(said), 0)
