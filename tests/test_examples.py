"""The example targets are valid, and each passes or fails as its comment's server should."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from audit import builtin
from audit.adapters import ADAPTERS
from audit.campaign import Order, audit, judge_again
from audit.subject import Subject
from audit.target_reading import load_target
from scenarios import SCENARIOS

EXAMPLES = sorted((Path(__file__).resolve().parent.parent / "examples").glob("*.toml"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_loads_and_names_a_server_to_try_it_on(path: Path) -> None:
    assert load_target(path, {}).name
    named = re.search(r"durable-audit serve (\S+)", path.read_text(encoding="utf-8"))
    assert named is not None and named[1] in builtin.NAMES


def test_every_protocol_has_an_example() -> None:
    assert {load_target(path, {}).protocol for path in EXAMPLES} == {kind.id for kind in ADAPTERS}


@pytest.mark.sockets
async def test_the_reference_is_whole_over_sse_too(tmp_path: Path) -> None:
    text = next(path for path in EXAMPLES if path.stem == "durable-session").read_text(encoding="utf-8")
    async with builtin.started(builtin.REFERENCE, bare=True) as running:
        target = load_target(text.replace("http://127.0.0.1:8787", running.base_url), {})
        order = Order(SCENARIOS, "quick", 7, 24)
        store = await audit(target, order, tmp_path, ["test"], "durable-session.toml", lambda step: None)
    result = judge_again(store.path, SCENARIOS)
    unmet = [
        f"{each.rule}@{each.scenario}: {each.why}"
        for each in result.findings
        if each.verdict not in ("pass", "not_applicable")
    ]
    assert (result.grade, unmet) == ("A+", [])


def test_a_built_in_server_is_a_subject() -> None:
    assert Subject.named("reference").target is None
