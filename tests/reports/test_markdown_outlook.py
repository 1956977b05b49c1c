from __future__ import annotations

from dataclasses import replace

from reports.markdown import summary
from reports.markdown_outlook import lines

from . import samples


def test_the_plan_the_refuted_and_both_pictures() -> None:
    told = "\n".join(lines(samples.bad()))
    order = ["### The way out, cheapest first", "### Declared, and refuted", "### Today's design, and the next one"]
    assert [told.index(heading) for heading in order] == sorted(told.index(heading) for heading in order)
    assert "| 1 | configuration |" in told
    assert "**contract.disconnect** = continue: " in told
    assert "[Session (a log)]" in told
    assert "1. **" in told


def test_where_nothing_broke_there_is_nothing_to_tell() -> None:
    assert list(lines(samples.reference())) == []
    older = replace(samples.bad(), plan=(), claims=(), design=None)
    assert list(lines(older)) == []


def test_the_summary_holds_it() -> None:
    assert "### The way out, cheapest first" in summary([samples.bad()])
