"""What readers see of a stream: its content in one piece of memory, and the places where appends ended.

Any stretch between two such places is one slice, so catching up costs the same few calls whatever was missed.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right


class StreamLog:
    """The durable content. lineage: see offset.py."""

    def __init__(self, lineage: str) -> None:
        self.lineage = lineage
        self.closed = False
        self._content = bytearray()
        self._ends = array("Q", (0,))

    @property
    def tail(self) -> int:
        """The position behind the last byte."""
        return self._ends[-1]

    def append(self, content: bytes) -> None:
        """Add what was appended; nothing, when it is empty."""
        if content:
            self._content += content
            self._ends.append(len(self._content))

    def inherit(self, source: StreamLog, position: int) -> None:
        """Begin with the source's content up to a position of it."""
        self._content = source._content[:position]
        self._ends = source._ends[: bisect_right(source._ends, position)]
        if self.tail < position:
            self._ends.append(position)

    def holds(self, position: int) -> bool:
        """An append ended there, or the stream begins there."""
        place = bisect_left(self._ends, position)
        return place < len(self._ends) and self._ends[place] == position

    def stop(self, after: int, limit_bytes: int) -> int:
        """Where a piece that begins at `after` ends: at most `limit_bytes` later, but behind one append at least."""
        place = bisect_right(self._ends, after + limit_bytes) - 1
        if self._ends[place] <= after:
            place = min(bisect_right(self._ends, after), len(self._ends) - 1)
        return self._ends[place]

    def read(self, after: int, upto: int) -> bytes:
        """The content between two positions."""
        with memoryview(self._content) as view:
            return bytes(view[after:upto])
