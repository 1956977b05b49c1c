"""What a selftest found: on the console, as Markdown, and as one self-contained HTML page without script."""

from __future__ import annotations

from collections.abc import Iterator

from audit.finding import Verdict
from audit.selftest.export import Circumstances
from audit.selftest.figures import Cell, Clean, Power, Row, Share

from .console import WIDTH, Console
from .html import environment, fingerprint, style
from .text import count
from .verdicts import SYMBOLS

MARKS: dict[Cell, str] = {"found": "✓", "missed": "✗", "also": "+", "false": "!"}
LEGEND = (
    "✓ found by a rule that was to find it · ✗ missed · + also noticed, rightly · ! false: a capability it leaves alone"
)


def percent(share: Share) -> str:
    """`59 of 60 (98.3 %; 95 % interval 91.1 to 99.7 %)`."""
    if not share.of:
        return "not measured"
    low, high = share.interval
    rate = f"{100 * share.count / share.of:.1f} %"
    return f"{share.count} of {share.of} ({rate}; 95 % interval {100 * low:.1f} to {100 * high:.1f} %)"


def circumstances(power: Power, how: Circumstances) -> str:
    """Under which circumstances the figures hold."""
    rows = {number for row in power.rows for number in row.mutant.rows}
    took = f"{how.wall_s:.0f} s by the clock, {how.cpu_s:.0f} s of CPU time in the audits and servers"
    return (
        f"Profile {how.profile}, seed {how.seed}, {count(how.workers, 'audit')} at a time with "
        f"{count(how.jobs, 'trial')} each; {took}. {count(len(rows), 'row')} of the defect taxonomy. {how.machine}."
    )


def summary(power: Power, how: Circumstances, width: int = WIDTH, color: bool = False) -> str:
    """Plain text, no line wider than `width` columns, with ANSI colors only when asked for."""
    return "\n".join(_Summary(width, color).lines(power, how)) + "\n"


class _Summary(Console):
    def lines(self, power: Power, how: Circumstances) -> Iterator[str]:
        if power.rows:
            yield from self.wrap(LEGEND)
        for row in power.rows:
            verdict = Verdict.PASS if row.detected and not row.false else Verdict.GAP
            verdict = verdict if row.measured else Verdict.INCONCLUSIVE
            head = f"  {SYMBOLS[verdict]} {row.mutant.id:<26}"
            line = self.cut(f"{head} {_cells(row)}")
            yield self.paint(verdict, line[: len(head)]) + line[len(head) :]
            for rule in (*row.missed, *row.false):
                yield from self.wrap(f"{MARKS[row.cells[rule]]} {rule}: {row.why[rule]}", "      ")
        for each in _alarms(power):
            for rule, why in each.seen.gaps.items():
                yield from self.wrap(f"! clean audit, seed {each.seed}: {rule}: {why}", "  ")
        for name, why in power.unmeasured:
            yield from self.wrap(f"? {name}: {why}", "  ")
        yield ""
        yield from self.wrap(f"Detection: {percent(power.detection)}")
        yield from self.wrap(f"False alarms: {percent(power.alarms)}")
        yield from self.wrap(circumstances(power, how))


def markdown(power: Power, how: Circumstances) -> str:
    """GitHub-flavored Markdown. Nothing in it comes from a target that is not ours."""
    head = [
        "## Selftest",
        "",
        f"- **Detection**: {percent(power.detection)}",
        f"- **False alarms**: {percent(power.alarms)}",
        f"- {circumstances(power, how)}",
        "",
        *(f"- Not measured: {name}: {why}" for name, why in power.unmeasured),
        LEGEND,
        "",
        "| mutant | plants | rules |",
        "|---|---|---|",
    ]
    rows = (f"| `{row.mutant.id}` | {row.mutant.title} | {_cells(row)} |" for row in power.rows)
    alarms = (f"- seed {each.seed}: {', '.join(each.seen.gaps)}" for each in _alarms(power))
    told = [*alarms] or (["None."] if power.alarms.of else ["Not measured."])
    return "\n".join([*head, *rows, "", "### False alarms of clean audits", "", *told]) + "\n"


def page(power: Power, how: Circumstances) -> str:
    """The matrix of mutants and rules."""
    rules = list(dict.fromkeys(rule for row in power.rows for rule in row.cells))
    css = style()
    return (
        environment()
        .get_template("selftest.html.j2")
        .render(
            power=power,
            how=how,
            rules=rules,
            marks=MARKS,
            legend=LEGEND,
            detection=percent(power.detection),
            alarms=percent(power.alarms),
            circumstances=circumstances(power, how),
            accused=list(_alarms(power)),
            reason=power.verdict()[1],
            css=css,
            style_hash=fingerprint(css),
        )
    )


def _cells(row: Row) -> str:
    return " ".join(f"{MARKS[cell]}{rule}" for rule, cell in row.cells.items()) or row.seen.error


def _alarms(power: Power) -> Iterator[Clean]:
    return (each for each in power.clean if each.alarm)
