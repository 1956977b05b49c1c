"""Half characters: a target that splits one leaves a lone surrogate behind, which no file in UTF-8 can hold."""

from __future__ import annotations

import re

_HALF = re.compile("[\ud800-\udfff]")


def without_halves(text: str) -> str:
    """The text with U+FFFD in place of every lone surrogate. Histories keep them, escaped; results do not."""
    return _HALF.sub("\ufffd", text)
