"""The load against the reference with one defect each: what was planted is found by its own gate, and by no other, and
the reference itself passes the same plans. Through the command that people run, on real processes.

How often a defect shows is set so high that a plan of ten seconds meets it a dozen times or more, so that no run can
miss it. What it is when it shows is as in `reference_impl.mutants`.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from audit.load.gates import FAULTS
from reference_impl.mutants import MUTANTS

pytestmark = [pytest.mark.sockets, pytest.mark.timeout(240)]  # the first one waits for all

AT_A_TIME = 4  # each takes a tenth of a core, but for its start
TARGET = """
name = "planted"
base_url = "{url}"
protocol = "session"
[contract]
disconnect = "continue"
concurrent_send = "queue"
stop_budget_ms = 500
"""
COMMON = ("--preset", "commute", "--stay-s", "0", "--seed", "5")
CHURN = (
    *("--devices", "60", "--per-session", "3", "--seconds", "9", "--words", "60", "--pace-ms", "50"),
    *("--drop-every-s", "1.5", "--away-s", "0.6", "--stop-share", "0.4"),
)
SLOW_READERS = (
    *("--devices", "24", "--per-session", "4", "--seconds", "10", "--words", "380", "--pace-ms", "20"),
    *("--drop-every-s", "0", "--stop-share", "0", "--slow-share", "0.5", "--gate", "item_delay_p95_ms < 250"),
)


@dataclass(frozen=True)
class Plant:
    """rate: how often it shows. fails: the gates that must fail. may: those that can, by what the defect itself is.
    errors: kinds of errors that it brings with it."""

    fails: frozenset[str]
    rate: float
    may: frozenset[str] = frozenset()
    errors: frozenset[str] = frozenset()
    plan: tuple[str, ...] = CHURN


UNENDED = frozenset({"unended"})
PLANTS = {
    "resume-skip": Plant(frozenset({"lost"}), 0.15, UNENDED),  # what is skipped may be the ending
    "seam-repeat": Plant(frozenset({"repeated"}), 0.25),
    "stop-lost": Plant(frozenset({"after_stop", "wrong_end"}), 0.8),
    "burst-reorder": Plant(frozenset({"reordered"}), 0.7),
    "end-missing": Plant(frozenset({"unended"}), 0.5),
    "cross-talk": Plant(frozenset({"foreign"}), 0.02, errors=frozenset({"gap: foreign-epoch"})),  # a stray cursor
    "gap-silent": Plant(frozenset({"lost"}), 1.0, UNENDED),  # what is passed over may hold the ending
    "slow-shared": Plant(frozenset({"item_delay_p95_ms"}), 1.0, plan=SLOW_READERS),
}
CLEAN = {"churn": CHURN, "slow readers": SLOW_READERS}

Loaded = tuple[int, dict[str, Any]]


@pytest.fixture(scope="module")
def loads(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Future[Loaded]]]:
    """Exit code and result of every load, a few at a time. Those that take longest come first."""
    folder = tmp_path_factory.mktemp("planted")
    longest = sorted(PLANTS, key=lambda name: "unended" not in PLANTS[name].fails | PLANTS[name].may)
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        planted = {
            name: pool.submit(
                loaded, folder, name, PLANTS[name].plan, "--mutant", name, "--mutant-rate", str(PLANTS[name].rate)
            )
            for name in longest
        }
        yield planted | {name: pool.submit(loaded, folder, name, plan) for name, plan in CLEAN.items()}


def loaded(folder: Path, name: str, plan: tuple[str, ...], *defect: str) -> Loaded:
    """A load on a server of its own."""
    argv = [sys.executable, "-P", "-m", "reference_impl", "--port", "0", "--storage", "memory", *defect]
    out, target = folder / f"{name}.json", folder / f"{name}.toml"
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        assert server.stdout is not None
        target.write_text(TARGET.format(url=server.stdout.readline().partition("listening on ")[2].strip()))
        load = [sys.executable, "-P", "-m", "audit.cli", "load", str(target), *COMMON, *plan, "--json", str(out)]
        try:
            done = subprocess.run(load, capture_output=True, text=True, timeout=100, check=False)
        finally:
            server.terminate()
    assert out.exists(), done.stderr
    return done.returncode, json.loads(out.read_text(encoding="utf-8"))


def failed(result: dict[str, Any]) -> set[str]:
    """The names of the gates that were not met, or not judged."""
    return {gate["gate"].split()[0] for gate in result["gates"] if not gate["met"]}


def test_every_mutant_is_planted_here_and_trips_what_it_says_it_does() -> None:
    planted = [mutant for mutant in MUTANTS if mutant.trips.counts]  # the others are for audits
    assert {mutant.id for mutant in planted} == set(PLANTS)
    page = (Path(__file__).parents[3] / "docs" / "load.md").read_text(encoding="utf-8")
    for mutant in planted:
        assert f"| `{mutant.id}` |" in page
        found = {name.partition("_p95_ms")[0] for name in PLANTS[mutant.id].fails}
        assert found == set(mutant.trips.counts)


@pytest.mark.parametrize("name", PLANTS)
def test_a_planted_defect_fails_its_own_gate_and_no_other(name: str, loads: dict[str, Future[Loaded]]) -> None:
    code, result = loads[name].result()
    plant = PLANTS[name]
    assert (code, result["void"]) == (1, "")
    assert set(result["errors"]) <= plant.errors
    assert plant.fails <= failed(result) <= plant.fails | plant.may
    for fault in plant.fails & set(FAULTS):
        assert result[fault] >= 3  # not by a hair
    assert result["samples"] or not plant.fails & set(FAULTS)


@pytest.mark.parametrize("name", CLEAN)
def test_the_reference_passes_the_same_plan(name: str, loads: dict[str, Future[Loaded]]) -> None:
    code, result = loads[name].result()
    assert (code, failed(result), result["void"], result["errors"]) == (0, set(), "", {})
    assert result["resumes"] > 100 or name != "churn"
    assert result["measures"]["item_delay"]["count"] > 1_000
