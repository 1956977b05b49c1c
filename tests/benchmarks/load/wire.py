"""Taking frames apart in tests."""

from __future__ import annotations

from collections.abc import Iterator


def payloads(data: bytes) -> Iterator[bytes]:
    """The payloads of whole, unmasked frames."""
    while data:
        size, start = data[1], 2
        if size == 126:
            size, start = int.from_bytes(data[2:4], "big"), 4
        yield data[start : start + size]
        data = data[start + size :]
