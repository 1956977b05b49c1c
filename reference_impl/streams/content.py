"""What content types mean: JSON streams keep messages apart, text goes as it is, everything else is bytes."""

from __future__ import annotations

import json
import re
from enum import Enum, auto
from typing import NoReturn

from .problems import malformed

DEFAULT_TYPE = "application/octet-stream"

_BLANK = re.compile(r"[ \t\n\r]*")
_LINES = bytes.maketrans(b"\r\n", b"  ")  # in JSON, line ends stand between tokens only


class Kind(Enum):
    """How a stream's content is delimited and shown."""

    JSON = auto()
    TEXT = auto()
    BINARY = auto()


def essence(content_type: str) -> str:
    """The media type without its parameters; two types match when these are equal (RFC 9110 section 8.3.1)."""
    return content_type.partition(";")[0].strip().lower()


def kind_of(content_type: str) -> Kind:
    """The kind of stream that a content type makes."""
    media_type = essence(content_type)
    if media_type == "application/json":
        return Kind.JSON
    return Kind.TEXT if media_type.startswith("text/") else Kind.BINARY


def messages(body: bytes) -> list[bytes]:
    """The JSON messages in a body, as they were written: an array is taken apart, one level deep (section 9.1.2).

    Raises StreamRefused when it is not JSON.
    """
    try:
        text = body.decode()
        start = _skip(text, 0)
        if text.startswith("[", start):
            return [_one_line(part) for part in _elements(text, start)]
        _, end = _decoder.raw_decode(text, start)
        if _skip(text, end) != len(text):
            raise ValueError("more than one value")
    except (ValueError, IndexError, RecursionError):
        raise malformed("the body is not JSON in UTF-8") from None
    return [_one_line(text[start:end])]


def packed(parts: list[bytes]) -> bytes:
    """Messages as a stream stores them: each followed by a comma, so that any run of them is nearly an array."""
    return b"".join(part + b"," for part in parts)


def array(content: bytes) -> bytes:
    """The JSON array of a run of packed messages."""
    return b"[" + content[:-1] + b"]"


def _elements(text: str, start: int) -> list[str]:
    parts: list[str] = []
    place = _skip(text, start + 1)
    if text.startswith("]", place):
        place += 1
    else:
        while True:
            _, end = _decoder.raw_decode(text, place)
            parts.append(text[place:end])
            place = _skip(text, end) + 1
            if text[place - 1] == "]":
                break
            if text[place - 1] != ",":
                raise ValueError("a comma is missing")
            place = _skip(text, place)
    if _skip(text, place) != len(text):
        raise ValueError("more than one value")
    return parts


def _skip(text: str, place: int) -> int:
    blank = _BLANK.match(text, place)
    return blank.end() if blank is not None else place


def _one_line(part: str) -> bytes:
    return part.encode().translate(_LINES)


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


# Numbers are checked and kept as they were written: a stream does not compute with them.
_decoder = json.JSONDecoder(parse_constant=_no_number, parse_int=len, parse_float=len)
