"""What a capacity run comes to, in words: the same on the terminal and in the report."""

from __future__ import annotations

from collections.abc import Iterator

from audit.finding import Verdict
from audit.load.capacity_result import CapacityResult, Estimate, Rung

from . import figures, load_words
from .text import count, visible

_WHY = 300


def name(result: CapacityResult) -> str:
    """The target's name as its file gives it."""
    return str(result.target.get("name") or result.target.get("base_url") or "unnamed target")


def headline(result: CapacityResult) -> str:
    """How many devices it held, and how the climb ended."""
    if result.most is None:
        return f"No step held: {visible(result.why, _WHY)}."
    held = f"It held {count(result.most, 'device')}"
    if result.ended == "held":
        return f"{held}, the most that was asked of it; its limit was not reached."
    return f"{held}. The climb ended: {visible(result.why, _WHY)}."


def bend(result: CapacityResult) -> str:
    """Where the target stopped keeping up; empty when nothing could show it."""
    if sum(not rung.void for rung in result.rungs) < 2:
        return ""
    if result.knee is None:
        return "No knee: as far as it was measured, throughput grew with the devices and the delay did not double."
    return f"The knee: {visible(result.knee.why, _WHY)}."


def need(result: CapacityResult) -> str:
    """What the wanted number of devices would need, by the model; empty when nobody asked."""
    if result.wanted is None:
        return ""
    crowd = count(result.wanted, "device")
    if result.needed is None:
        return f"What {crowd} would need cannot be said: {visible(result.no_model, _WHY)}."
    each = f" with at most {result.model.comfortable.value:,.0f} devices on each" if result.model else ""
    return f"By the model {crowd} would need {instances(result.needed)} of the size that was measured{each}."


def instances(found: Estimate) -> str:
    """`3 instances (95 %: 2 to 4)`."""
    return f"{count(round(found.value), 'instance')} (95 %: {found.low:,.0f} to {found.high:,.0f})"


def outcome(rung: Rung) -> tuple[Verdict, str]:
    """How a step came out, and why."""
    if rung.void:
        return Verdict.INCONCLUSIVE, f"void: {visible(rung.void, _WHY)}"
    if rung.broke:
        return Verdict.GAP, f"broke: {visible(rung.broke, _WHY)}"
    return Verdict.PASS, "held"


def line(rung: Rung) -> str:
    """One step in a line."""
    late, back = (load_words.duration(each.p95) for each in (rung.item_delay_ms, rung.resume_delay_ms))
    return (
        f"{rung.devices:>8,} devices: {figures.number(rung.words_per_s):>7} words/s, words late {late:>7}, resumes "
        f"{back:>7} (p95), generator {figures.amount(rung.cpu_share, 'share')} of a core: {outcome(rung)[1]}"
    )


def summary(result: CapacityResult) -> str:
    """The whole run as plain text."""
    return "\n".join(_lines(result)) + "\n"


def _lines(result: CapacityResult) -> Iterator[str]:
    yield f"Capacity of {visible(name(result), 80)}: {headline(result)}"
    yield from map(line, result.rungs)
    if told := bend(result):
        yield told
    if result.model is None:
        if result.rungs:
            yield f"No model: {visible(result.no_model, _WHY)}."
    else:
        model = result.model
        yield f"Model: {visible(model.caveat, 600)}"
        comfortable = model.comfortable
        yield (
            f"  comfortable (70 % of the peak, at most what held): {comfortable.value:,.0f} devices "
            f"(95 %: {comfortable.low:,.0f} to {comfortable.high:,.0f})"
        )
    if told := need(result):
        yield told
