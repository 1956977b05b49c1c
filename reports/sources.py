"""Where a rule's knowledge comes from, linked where the reference names a place that can be known without looking."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

_THREAD = re.compile(r"([A-Za-z0-9-]{1,39}/[A-Za-z0-9._-]{1,100})#(\d{1,7})")
_RFC = re.compile(r"RFC (\d{1,5})\b[ -~]{0,80}")
_ADDRESS = re.compile(r"https://[A-Za-z0-9.-]+(?:/[A-Za-z0-9._~/#%?=&+-]*)?")


@dataclass(frozen=True, slots=True)
class Source:
    """A reference as it is written, and its address; empty when it has none."""

    text: str
    href: str


def sources(found: Iterable[str]) -> tuple[Source, ...]:
    """`vercel/ai#6502` leads to the thread, `RFC 9112 section 9.6` to the RFC; anything else is only shown."""
    return tuple(Source(text, _href(text)) for text in found)


def _href(text: str) -> str:
    if thread := _THREAD.fullmatch(text):
        return f"https://github.com/{thread[1]}/issues/{thread[2]}"
    if rfc := _RFC.fullmatch(text):
        return f"https://www.rfc-editor.org/rfc/rfc{rfc[1]}"
    return text if _ADDRESS.fullmatch(text) else ""
