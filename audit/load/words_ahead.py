"""The words to come of a run that goes as it should: the very bytes of the one before, but for offset and number.

Two text events of the session protocol (docs/protocol.md) differ in nothing else. So the bytes of the next one are
known, and to compare them is to verify every byte of it, sooner than decoding would.
"""

from __future__ import annotations

from collections.abc import Sequence

from .ledger import Ledger
from .numbering import Numbering
from .room import Said
from .wire.forecast import Forecast

_OFFSET, _TEXT, _ID = b'"offset":', b'"text":"', b"id: "


class WordsAhead(Forecast):
    """Counts words in their ledger as they come.

    data: the read that brought the last word. offset: of that. gaps: what stands around each place of the offset, up to
    the word. endings: by number, what follows, from the word on. late: where delays go, in seconds.
    """

    __slots__ = ("_ahead", "_counts", "_endings", "_gaps", "_late", "_ledger", "_said", "_size")

    def __init__(
        self,
        said: Said,
        ledger: Ledger,
        late: list[float],
        data: bytes,
        offset: int,
        gaps: Sequence[bytes],
        endings: Sequence[bytes],
    ) -> None:
        super().__init__()
        self._said, self._ledger, self._counts, self._late = said, ledger, ledger.counts, late
        self._gaps, self._endings, self._size = gaps, endings, len(data)
        self._ahead = offset - ledger.expected + 1
        self._look(ledger.expected)

    @property
    def offset(self) -> int:
        """That of the last word that came."""
        return self._ledger.expected - 1 + self._ahead

    def came(self, at: float) -> None:
        """The next word came."""
        ledger, said = self._ledger, self._said
        number = ledger.expected
        late = at - said.base - number * said.pace
        if late < 0.0:
            said.base += late
            late = 0.0
        self._late.append(late)
        self._counts.words += 1
        ledger.last = number
        ledger.expected = number = number + 1
        coming = (b"%d" % (number + self._ahead)).join(self._gaps) + self._endings[number]  # as in _look: a call less
        self.coming = coming if len(coming) == self._size else None

    def _look(self, number: int) -> None:
        """Bytes of another length would be framed otherwise."""
        coming = (b"%d" % (number + self._ahead)).join(self._gaps) + self._endings[number]
        self.coming = coming if len(coming) == self._size else None


def gaps_and_endings(
    data: bytes, event: bytes, epoch: str, offset: int, number: int, numbering: Numbering
) -> tuple[Sequence[bytes], Sequence[bytes]] | None:
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
    return [*gaps, head + _OFFSET, middle + _TEXT], endings
