"""Worker processes: real ones, on a real server."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from audit.selftest.case import CLEAN, Case, Seen
from audit.selftest.crew import crew

pytestmark = pytest.mark.sockets

QUICK = ("lost-reply",)


def case(mutant: str, seed: int = 7) -> Case:
    return Case(mutant, seed, "quick", 8, QUICK)


async def test_a_planted_defect_is_found_a_clean_server_is_not_accused_and_what_breaks_takes_nobody_with_it() -> None:
    told: dict[str, Seen] = {}
    planned = [case("key-ignored"), case("no-such-mutant"), case(CLEAN)]
    await crew(planned, 2, lambda each, seen: told.update({each.mutant: seen}))
    assert told.keys() == {each.mutant for each in planned}
    assert told["key-ignored"].gaps.keys() == {"resubmission"}
    assert (told[CLEAN].gaps, told[CLEAN].error, told[CLEAN].trials) == ({}, "", 3)
    assert "resubmission" in told[CLEAN].judged
    assert "ended before it was ready" in told["no-such-mutant"].error
    assert min(told[CLEAN].wall_s, told[CLEAN].cpu_s) > 0


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """A Python whose workers die of their first case."""
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\nread line\necho it broke >&2\nexit 5\n")
    python.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(python))
    yield


@pytest.mark.usefixtures("broken")
async def test_a_worker_that_dies_says_what_it_said_last_and_another_takes_the_next_case() -> None:
    told: list[Seen] = []
    await crew([case("a"), case("b")], 1, lambda _, seen: told.append(seen))
    assert [seen.error for seen in told] == ["its process ended (exit 5): it broke"] * 2


async def test_cancelled_it_leaves_no_process_behind() -> None:
    task = asyncio.create_task(crew([case(CLEAN)] * 2, 2, lambda *_: None))
    for _ in range(400):
        if len(servers := children(of=children(of=[os.getpid()]))) == 2:
            break
        await asyncio.sleep(0.05)
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled()
    assert len(servers) == 2
    assert not set(servers) & set(children(of=None))


def children(of: list[int] | None) -> list[int]:
    """The processes that these have started and that are still there; None: all that there are."""
    found: list[int] = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it has just ended
        if (of is None or int(fields[1]) in of) and fields[0] != "Z":
            found.append(int(stat.parent.name))
    return found
