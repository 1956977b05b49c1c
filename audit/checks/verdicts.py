"""Making findings: evidence in order and not too much of it, and one finding a device."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..finding import Finding, Verdict

EVIDENCE_LIMIT = 12
_GRAVITY = {Verdict.NOT_APPLICABLE: 0, Verdict.PASS: 1, Verdict.INCONCLUSIVE: 2, Verdict.GAP: 3}


def gap(
    rule: str,
    device: str | None,
    why: str,
    evidence: Iterable[int],
    *,
    value: float | None = None,
    unit: str = "",
    of_limit: float | None = None,
) -> Finding:
    """What had to be true was not; `evidence` proves it."""
    return Finding(rule, Verdict.GAP, why, device, decisive(evidence), value, unit, of_limit)


def passed(
    rule: str,
    device: str | None,
    why: str,
    evidence: Iterable[int] = (),
    *,
    value: float | None = None,
    unit: str = "",
    of_limit: float | None = None,
) -> Finding:
    """What had to be true was seen to be true."""
    return Finding(rule, Verdict.PASS, why, device, decisive(evidence), value, unit, of_limit)


def unproven(rule: str, device: str | None, why: str, evidence: Iterable[int] = ()) -> Finding:
    """It was needed and could not be proven either way."""
    return Finding(rule, Verdict.INCONCLUSIVE, why, device, decisive(evidence))


def decisive(evidence: Iterable[int]) -> tuple[int, ...]:
    """Indices in order, each once; of many only the first and the last few."""
    found = sorted(set(evidence))
    half = EVIDENCE_LIMIT // 2
    return tuple(found if len(found) <= EVIDENCE_LIMIT else [*found[:half], *found[-half:]])


def worst(findings: Iterable[Finding | None]) -> Iterator[Finding]:
    """The gravest of a device's findings (the larger value among equals), if there is any."""
    found = [finding for finding in findings if finding is not None]
    if found:
        yield max(found, key=lambda finding: (_GRAVITY[finding.verdict], finding.value or 0.0))


def worst_of_each(findings: Iterable[Finding]) -> Iterator[Finding]:
    """The gravest finding of each device, for judges that go from run to run instead of from device to device."""
    by_device: dict[str | None, list[Finding]] = {}
    for finding in findings:
        by_device.setdefault(finding.device, []).append(finding)
    for found in by_device.values():
        yield from worst(found)
