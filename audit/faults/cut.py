"""The flow that ends its connection after so many bytes; close and reset differ only in how."""

from __future__ import annotations

from collections.abc import Iterable

from .base import Action, Fin, Forward, Rst
from .passing import Passing


class Cut(Passing):
    """Forwards exactly `after_bytes` more bytes, then `ending`; at once when there are none to forward."""

    def __init__(self, after_bytes: int, ending: Fin | Rst) -> None:
        self._left = after_bytes
        self._ending = ending

    def on_start(self, now_ns: int) -> Iterable[Action]:
        """Cut at once when nothing is to be forwarded first: an idle connection dies too."""
        return () if self._left else (self._ending,)

    def on_data(self, data: bytes, now_ns: int) -> Iterable[Action]:
        """Count down; the last byte allowed is followed by the ending, wherever in a character or frame that is."""
        kept = data[: self._left]
        self._left -= len(kept)
        passed = Forward(kept, now_ns)
        return (passed,) if self._left else (passed, self._ending)
