"""Making valid input invalid, in the ways that files and networks do: seeded, so that every failure can be repeated."""

from __future__ import annotations

import json
from contextlib import suppress
from itertools import pairwise
from random import Random
from typing import Any

SPLINTERS = (
    *(b"\x00", b"\xff", b"\xed\xa0\x80", b"\xe2\x80\xa8", b"\r", b"\n", b"\r\n\r\n", b" ", b"\xef\xbb\xbf"),
    *(b'"', b"\\", b"{", b"}", b"[", b"]", b",", b":", b"=", b"#", b"'''", b'"""', b"${HOME}", b"${", b"\\ud83d"),
    *(b"null", b"true", b"NaN", b"-1", b"1e999", b"9" * 5_000, b"[" * 3_000, b'{"a":' * 2_000),
    *(b"data: ", b"id: ", b"event: x", b"retry: 9", b"[DONE]", b"data", b":"),
)
ODD: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1.5, 10**30, "", " ", "\x00", "\ud83d", "é漢🙂", "x" * 3_000, [], {}, [None]),
    *({"a": {"b": []}}, "completed", "stopped", "run-1", "e:1", "tok-0001 "),
)


def damaged(data: bytes, rng: Random) -> bytes:
    """The bytes with one to four things done to them."""
    for _ in range(rng.randint(1, 4)):
        start = rng.randint(0, len(data))
        end = min(len(data), start + rng.choice((1, 1, 2, 8, 40)))
        piece = data[start:end]
        match rng.randrange(6):
            case 0:
                data = data[:start] + data[end:]
            case 1:
                data = data[:end] + piece * rng.randint(1, 3) + data[end:]
            case 2:
                data = data[:start] + rng.choice(SPLINTERS) + data[start:]
            case 3:
                data = data[:start] + rng.choice(SPLINTERS) + data[end:]
            case 4:
                data = data[:start] + bytes(byte ^ (1 << rng.randrange(8)) for byte in piece) + data[end:]
            case _:
                lines = data.splitlines(keepends=True)
                rng.shuffle(lines)
                data = b"".join(lines) if rng.random() < 0.3 else data[:start]
    return data


def bent(value: Any, rng: Random) -> Any:
    """A JSON value in which something, somewhere, is of another type, missing, doubled or renamed."""
    if rng.random() < 0.8:
        if isinstance(value, dict) and value:
            return _bent_object(value, rng.choice(list(value)), rng)
        if isinstance(value, list) and value:
            return _bent_list(value, rng.randrange(len(value)), rng)
    return rng.choice(ODD)


def _bent_object(value: dict[str, Any], key: str, rng: Random) -> dict[str, Any]:
    match rng.randrange(8):
        case 0:
            return {name: inner for name, inner in value.items() if name != key}
        case 1:
            return {(f"{name}x" if name == key else name): inner for name, inner in value.items()}
        case 2:
            return {**value, key: rng.choice(ODD)}
        case _:
            return {**value, key: bent(value[key], rng)}


def _bent_list(value: list[Any], at: int, rng: Random) -> list[Any]:
    match rng.randrange(4):
        case 0:
            return value[:at] + value[at + 1 :]
        case 1:
            return [*value, value[at]]
        case _:
            return [*value[:at], bent(value[at], rng), *value[at + 1 :]]


def misspelled(line: str, rng: Random) -> str:
    """One line of JSON, bent or damaged."""
    if rng.random() < 0.7:
        with suppress(ValueError, RecursionError):  # it may have been misspelled before
            return json.dumps(bent(json.loads(line), rng), ensure_ascii=rng.random() < 0.5)
    return damaged(line.encode("utf-8", "surrogatepass"), rng).decode("utf-8", "replace").replace("\n", " ")


def pieces(data: bytes, rng: Random) -> list[bytes]:
    """The bytes as a network might cut them."""
    cuts = sorted({0, len(data), *(rng.randint(0, len(data)) for _ in range(rng.randint(0, 12)))})
    return [data[start:end] for start, end in pairwise(cuts)]
