"""The data of server-sent events, decoded as they come (WHATWG HTML, section 9.2.6)."""

from __future__ import annotations

import re
from collections.abc import Iterator

_LINE_END = re.compile(rb"\r\n|\n|\r")
_LONGEST = 4 * 1024 * 1024


class TooLong(ValueError):
    """An event is larger than any answer has a use for."""


class EventStream:
    """Feed it bytes in any pieces; it gives the data of each whole event. Names and ids are not kept."""

    def __init__(self) -> None:
        self._rest = b""
        self._data: list[bytes] = []
        self._begun = False

    def feed(self, piece: bytes) -> Iterator[str]:
        """The data of the events that are complete now. Raises TooLong."""
        self._rest += piece
        if not self._begun:
            if b"\xef\xbb\xbf".startswith(self._rest[:3]) and len(self._rest) < 3:
                return
            self._begun = True
            self._rest = self._rest.removeprefix(b"\xef\xbb\xbf")
        for line in self._lines():
            if line:
                self._field(line)
            elif self._data:
                data, self._data = b"\n".join(self._data), []
                yield data.decode(errors="replace")

    def _lines(self) -> Iterator[bytes]:
        """Whole lines. A CR at the very end may be half a line end, so it waits for what comes next."""
        start = 0
        for end in _LINE_END.finditer(self._rest):
            if end.group() == b"\r" and end.end() == len(self._rest):
                break
            yield self._rest[start : end.start()]
            start = end.end()
        self._rest = self._rest[start:]
        if len(self._rest) + sum(map(len, self._data)) > _LONGEST:
            raise TooLong(f"an event is longer than {_LONGEST} bytes")

    def _field(self, line: bytes) -> None:
        name, _, value = line.partition(b":")
        if name == b"data":
            self._data.append(value.removeprefix(b" "))
