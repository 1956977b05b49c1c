"""Text from outside, made safe to show: what cannot be seen is spelled out, what is too long is shortened.

Every text of a result may come from the target under audit (an answer, an error, a name), so every report passes
all of it through `visible`. Escaping for HTML, Markdown or XML comes after and is each format's own matter.
"""

from __future__ import annotations

import re
import unicodedata

LIMIT = 1_000
ELLIPSIS = "…"

# Controls, soft hyphen, zero-width and bidi controls (Trojan Source, CVE-2021-42574), line separators, interlinear
# and tag characters, byte order mark, noncharacters and lone surrogates. The joiners of emoji (U+200C, U+200D) stay.
_HIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)

_KNOWN = {"\n": "↵", "\t": "⇥"}


def visible(text: object, limit: int = LIMIT) -> str:
    """The text on one line: at most `limit` characters of it, hidden ones spelled out (`↵`, `⟨U+202E⟩`). Total."""
    whole = str(text)
    return _HIDDEN.sub(_spell, shorten(whole, limit))


def shorten(text: str, limit: int) -> str:
    """The text, or its beginning and an ellipsis: never longer than `limit` characters."""
    return text if len(text) <= limit else text[: max(limit - 1, 0)].rstrip() + ELLIPSIS


def columns(text: str) -> int:
    """Width in monospaced columns: wide East Asian characters take two, combining ones none."""
    if text.isascii():
        return len(text)
    return sum(_columns_of(character) for character in text)


def fit(text: str, width: int) -> str:
    """The text cut to `width` columns, with an ellipsis where it was cut."""
    if columns(text) <= width:
        return text
    kept, used = [], 1  # the ellipsis takes one
    for character in text:
        used += _columns_of(character)
        if used > width:
            break
        kept.append(character)
    return "".join(kept).rstrip() + ELLIPSIS if width > 0 else ""


def count(number: int, noun: str, plural: str = "") -> str:
    """`1 gap`, `3 gaps`."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def _spell(found: re.Match[str]) -> str:
    return _KNOWN.get(found[0]) or f"⟨U+{ord(found[0]):04X}⟩"


def _columns_of(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
