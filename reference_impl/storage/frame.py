"""Several events in one message: a line of words, the last one their sizes in bytes, and then the events end to end."""

from __future__ import annotations

from collections.abc import Sequence


def lead(words: Sequence[str], bodies: Sequence[bytes]) -> bytes:
    """The line before the bodies. words: what the message says beside them, none with a space in it."""
    sizes = ",".join([str(len(body)) for body in bodies])
    return " ".join((*words, sizes)).encode() + b"\n"


def pack(words: Sequence[str], bodies: Sequence[bytes]) -> bytes:
    """The message."""
    return b"".join((lead(words, bodies), *bodies))


def unpack(message: bytes) -> tuple[list[str], tuple[bytes, ...]]:
    """The words and the bodies of what `pack` made. Raises ValueError for anything else."""
    line, found, rest = message.partition(b"\n")
    *words, listed = line.decode().split(" ")
    sizes = [int(size) for size in listed.split(",")] if listed else []
    if not found or sum(sizes) != len(rest):
        raise ValueError("not a frame")
    bodies, start = [], 0
    for size in sizes:
        bodies.append(rest[start : start + size])
        start += size
    return words, tuple(bodies)
