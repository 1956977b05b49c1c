from __future__ import annotations

import re
from dataclasses import asdict
from pathlib import Path

import pytest

from audit.checks import RULES
from audit.cli import main
from audit.load.churn import PRESETS
from audit.load.rules import LOAD_RULES
from audit.load_cli import load_command
from scenarios import SCENARIOS
from tools.docs import DOCS, pages

ROOT = DOCS.parent
WRITTEN = [ROOT / name for name in ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md")]


@pytest.mark.parametrize("name", sorted(pages()))
def test_generated_pages_are_up_to_date(name: str) -> None:
    assert (DOCS / name).read_text(encoding="utf-8") == pages()[name], "run `make docs`"


@pytest.mark.parametrize("page", [*WRITTEN, *sorted(DOCS.glob("*.md"))], ids=lambda path: path.name)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    missing = [target for target in targets if "://" not in target and not (page.parent / target).exists()]
    assert not missing


def test_the_changelog_counts_what_there_is() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"{len(SCENARIOS)} scenarios" in text
    assert f"{len(RULES)} rules" in text
    assert all(f"`{rule.id}`" in text for rule in LOAD_RULES)


def test_every_option_of_load_is_in_its_page() -> None:
    page = (DOCS / "load.md").read_text(encoding="utf-8")
    options = [option for param in load_command.params for option in param.opts if option.startswith("--")]
    assert len(options) > 30
    assert [option for option in options if not re.search(rf"^\|.*`{option}\b", page, re.M)] == []


def test_the_page_of_load_tells_the_defaults() -> None:
    page = (DOCS / "load.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `--([a-z-]+) [A-Z]+` \| ([\d.]+) \|", page, re.M))
    office = asdict(PRESETS["office"])
    told = {name: float(value) for name, value in rows.items() if name.replace("-", "_") in office}
    assert len(told) > 7
    assert told == {name: office[name.replace("-", "_")] for name in told}


@pytest.mark.parametrize("page", [*WRITTEN, *sorted(DOCS.glob("*.md"))], ids=lambda path: path.name)
def test_commands_in_pages_have_these_options(page: Path) -> None:
    text = page.read_text(encoding="utf-8").replace("\\\n", " ")
    for name, rest in re.findall(r"durable-audit ([a-z]+)\b([^`\n|;#]*)", text):
        command = main.commands.get(name)
        known = {option for param in command.params for option in param.opts} | {"--help", "-h"} if command else set()
        unknown = set(re.findall(r"(?<!\S)--[a-z-]+", rest)) - known
        assert not unknown, f"durable-audit {name}"


def test_no_page_names_a_machine() -> None:
    for page in [*WRITTEN, *DOCS.glob("*.md")]:
        assert not re.search(r"/(work|root|home)/", page.read_text(encoding="utf-8")), page.name
