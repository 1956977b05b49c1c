"""The words to come of a run that goes as it should: the very bytes of the one before, but for offset and number.

Two text events of the session protocol (docs/protocol.md) differ in nothing else. So the bytes of the next one are
known, and to compare them is to verify every byte of it, sooner than decoding would.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import accumulate
from operator import itemgetter
from typing import TypeAlias

from .ledger import Ledger
from .numbering import Numbering
from .room import Said
from .wire.forecast import Forecast
from .wire.framing import reframed

Gaps: TypeAlias = Callable[[bytes], Sequence[bytes]]

_OFFSET, _TEXT, _ID = b'"offset":', b'"text":"', b"id: "


class WordsAhead(Forecast):
    """Counts words as they come. Their ledger is told when that is over: every object of a device's own that a word has
    to touch costs more than what is done with it, once thousands of devices take turns.

    data: the read that brought the last word. offset: of that. gaps: from such a read, what stands around each place of
    the offset, up to the word. endings: by number, what follows, from the word on. late: where delays go, in seconds.
    """

    __slots__ = ("_ahead", "_counts", "_endings", "_gaps", "_late", "_ledger", "_number", "_said", "_size")

    def __init__(
        self,
        said: Said,
        ledger: Ledger,
        late: array[float],
        data: bytes,
        offset: int,
        gaps: Gaps,
        endings: Sequence[bytes],
    ) -> None:
        super().__init__()
        self._said, self._ledger, self._counts, self._late = said, ledger, ledger.counts, late
        self._gaps, self._endings, self._size = gaps, endings, len(data)
        self._number = ledger.expected
        self._ahead = offset - ledger.expected + 1
        self._look(data)

    @property
    def offset(self) -> int:
        """That of the last word that came."""
        return self._number - 1 + self._ahead

    def came(self, data: bytes, at: float) -> None:
        """The next word came."""
        number, said = self._number, self._said
        late = at - said.base - number * said.pace
        if late < 0.0:
            said.base += late
            late = 0.0
        self._late.append(late)
        self._counts.words += 1
        self._number = number = number + 1
        coming = (b"%d" % (number + self._ahead)).join(self._gaps(data)) + self._endings[number]  # as in _look
        self.coming = coming if len(coming) == self._size else self._resized(data, coming)

    def over(self) -> None:
        """What comes next is something else."""
        self.coming = None
        if self._number != self._ledger.expected:
            self._ledger.expected, self._ledger.last = self._number, self._number - 1

    def _look(self, data: bytes) -> None:
        number = self._number
        coming = (b"%d" % (number + self._ahead)).join(self._gaps(data)) + self._endings[number]
        self.coming = coming if len(coming) == self._size else self._resized(data, coming)

    def _resized(self, data: bytes, coming: bytes) -> bytes | None:
        """The same in a frame of its own length: its offset has a digit more. None after the last word."""
        number = self._number
        found = reframed(data, coming) if self._endings[number] else None
        if found is not None:
            self._gaps, self._size = (
                _between(len(b"%d" % (number + self._ahead)), *map(len, self._gaps(data))),
                len(found),
            )
        return found


def gaps_and_endings(
    data: bytes, event: bytes, epoch: str, offset: int, number: int, numbering: Numbering
) -> tuple[Gaps, Sequence[bytes]] | None:
    """Takes a read apart that brought one event, the word of this number; None when it is not written as expected.

    In JSON without a backslash a quote begins or ends a string, so `"offset":` and `"text":"` are nothing but keys. An
    event of an event stream begins with its id, which is epoch and offset too.
    """
    before, found, after = data.partition(event)
    once = event.count(b'"offset"') == 1 and event.count(b'"text"') == 2  # the other one is the event's kind
    if not found or not once or b"\\" in event:
        return None
    digits = b"%d" % offset
    gaps: list[bytes] = []
    if event.startswith(_ID):
        lead = b"%b%b:" % (_ID, epoch.encode())
        gaps, before, event = [before + lead], b"", event[len(lead) + len(digits) :]
    head, placed, rest = (before + event).partition(_OFFSET + digits)
    middle, worded, ending = rest.rpartition(_TEXT)
    endings = numbering.endings(number, ending + after)
    if not (placed and worded and endings):
        return None
    sizes = (len(gap) for gap in (*gaps, head + _OFFSET, middle + _TEXT))
    return _between(len(digits), *sizes), endings


@lru_cache
def _between(digits: int, *sizes: int) -> Gaps:
    """Takes pieces of these sizes from bytes in which so many digits stand between each two."""
    starts = accumulate((size + digits for size in sizes), initial=0)
    found: Gaps = itemgetter(*(slice(start, start + size) for start, size in zip(starts, sizes, strict=False)))
    return found
