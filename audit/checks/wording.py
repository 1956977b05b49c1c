"""Turning what was found into a few words that people can read."""

from __future__ import annotations

from collections.abc import Sequence

from ..event import Event, Phase

_NAMED = 5  # more words than this are named by their first two and their last
_SAID = 100  # characters of what a target gave as its reason
_LONGEST = 40  # characters of one word; a word of a target that never sends a blank may be a whole answer


def listed(words: Sequence[str], total: int) -> str:
    """Some of the words of an answer: `tok-0031, tok-0032 … tok-0040 (10 of 60 words)`."""
    names = [word if len(word) <= _LONGEST else word[:_LONGEST] + "…" for word in words]
    said = ", ".join(names) if len(names) <= _NAMED else f"{names[0]}, {names[1]} … {names[-1]}"
    return f"{said} ({len(names)} of {total} words)"


def joined(names: Sequence[str]) -> str:
    """`phone`, `phone and laptop`, `phone, laptop and tab`."""
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)


def outcome(done: Event | None) -> str:
    """How an operation went, to be said after its name: `failed (404: no such run)`."""
    if done is None:
        return "was never answered"
    if done.phase is Phase.OK:
        return 'was answered "nothing there"' if done.value.get("nothing") else "was answered"
    said = ": ".join(shortened(str(done.value[key]), _SAID) for key in ("status", "error") if done.value.get(key))
    verbs = {Phase.FAIL: "failed", Phase.INFO: "broke off"}
    verb = "is not offered" if done.value.get("unsupported") else verbs.get(done.phase, "went astray")
    return f"{verb} ({said})" if said else verb


def shortened(text: str, limit: int) -> str:
    """At most `limit` characters, left off between two words (or inside one that is too long), with an ellipsis."""
    if len(text) <= limit:
        return text
    kept = text[:limit].rpartition(" ")[0] or text[: limit - 1]
    return kept.rstrip(" ,;:") + "…"


def at(event: Event) -> str:
    """When it happened: `0.51 s`, counted from the start of the trial."""
    return f"{event.t_ns / 1e9:.2f} s"
