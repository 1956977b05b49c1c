"""Content codings of HTTP (RFC 9110, 8.4): we ask for none, but a server may compress all the same. Pure."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from typing import TypeAlias

from .errors import Oversized, ProtocolError

INFLATED_LIMIT = 4 * 1024 * 1024  # of what one chunk from the network may inflate to
Inflate: TypeAlias = Callable[[bytes], bytes]


def inflater(encoding: str) -> Inflate:
    """Decodes a body chunk by chunk, as browsers would but never without bound.

    ProtocolError, here or from the function, for a coding that is not known or does not inflate; Oversized for a bomb.
    """
    coding = encoding.strip().lower()
    if coding in ("", "identity"):
        return bytes
    if coding not in ("gzip", "x-gzip", "deflate"):
        raise ProtocolError(f"the response has Content-Encoding {encoding[:40]!r}, which was not asked for")
    engine = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)  # gzip or zlib, by its header

    def inflate(chunk: bytes) -> bytes:
        try:
            plain = engine.decompress(chunk, INFLATED_LIMIT)
        except zlib.error as error:
            raise ProtocolError(f"the response says {coding} but does not inflate ({error})") from error
        if engine.unconsumed_tail:
            raise Oversized(f"one chunk of the response inflates to over {INFLATED_LIMIT} bytes")
        return plain

    return inflate
