"""Offsets: `<lineage>_<position>`, a place between two appends.

The position counts the bytes of content before it; it has a fixed width, so that offsets sort as text. The lineage
names the stream's content: the epoch that the stream, or the first source of a chain of forks, was created in. A stream
that was deleted and created again has another one, so a reader of the old stream is told, instead of being given the
new stream's middle as if it were the continuation.
"""

from __future__ import annotations

import re

from .problems import StreamRefused, malformed

START = "-1"
NOW = "now"

_WIDTH = 16
_OFFSET = re.compile(r"([0-9a-z]{16,32})_([0-9]{16})")
_NOWHERE = "0" * _WIDTH  # a lineage that names no content: good for the start only


def dump(lineage: str, position: int) -> str:
    """The offset as text."""
    return f"{lineage:0>{_WIDTH}}_{position:0{_WIDTH}d}"


def load(text: str, lineage: str) -> int:
    """The position in an offset of this lineage. Raises StreamRefused: 400 malformed, 410 of another stream."""
    parts = _OFFSET.fullmatch(text)
    if parts is None:
        raise malformed("this is not an offset")
    position = int(parts[2])
    if parts[1] == f"{lineage:0>{_WIDTH}}" or (parts[1] == _NOWHERE and position == 0):
        return position
    raise StreamRefused("foreign-offset", "the offset belongs to another stream, which was at this place before", 410)
