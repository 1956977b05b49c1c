"""Text and tables in GitHub-flavored Markdown: a target can neither draw a table nor mention anybody."""

from __future__ import annotations

import re

from .text import visible

_LENGTH = 240
_SPECIAL = re.compile(r"([\\`*_\[\]|~$!])")  # inside a line; no text of a target ever starts one
_REFERENCE = re.compile(r"[@#:](?=\w)|:(?=//)|(?<=www)\.", re.IGNORECASE)  # mentions, issues, emoji, bare links


def plain(text: object, limit: int = _LENGTH) -> str:
    """A text that means nothing in Markdown or HTML. A word joiner breaks what GitHub would link of itself."""
    unlinked = _REFERENCE.sub(lambda found: f"{found[0]}\u2060", visible(text, limit).strip())
    return _SPECIAL.sub(r"\\\1", unlinked.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"))


def row(*cells: str) -> str:
    """A line of a table; the cells are escaped already."""
    return f"| {' | '.join(cells)} |"
