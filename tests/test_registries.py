"""Registries are explicit tuples; these tests hold them to their folders and to each other."""

from __future__ import annotations

from pathlib import Path

from audit.checks import RULES
from scenarios import SCENARIOS

ROOT = Path(__file__).resolve().parent.parent


def test_every_scenario_file_is_in_the_tuple() -> None:
    files = {path.stem.replace("_", "-") for path in (ROOT / "scenarios").glob("*.py")} - {"--init--"}
    assert {scenario.id for scenario in SCENARIOS} == files


def test_scenarios_tell_their_story() -> None:
    for scenario in SCENARIOS:
        assert scenario.title and scenario.why and scenario.script.__doc__
        assert scenario.checks


def test_every_rule_is_judged_somewhere() -> None:
    judged = {rule.id for scenario in SCENARIOS for rule in scenario.checks}
    assert {rule.id for rule in RULES} == judged
