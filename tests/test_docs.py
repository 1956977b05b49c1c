from __future__ import annotations

import re
from pathlib import Path

import pytest

from audit.checks import RULES
from audit.load.rules import LOAD_RULES
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


def test_no_page_names_a_machine() -> None:
    for page in [*WRITTEN, *DOCS.glob("*.md")]:
        assert not re.search(r"/(work|root|home)/", page.read_text(encoding="utf-8")), page.name
