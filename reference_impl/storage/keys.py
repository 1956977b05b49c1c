"""Session names where a server has rules of its own for names."""

from __future__ import annotations

from hashlib import blake2b
from urllib.parse import quote

_LONGEST = 512  # characters: a NATS server hangs up on a line of 4 KB


def key(name: str) -> str:
    """A name as one token of a NATS subject or a Redis key: no dot, space, wildcard or brace, never empty, and
    another one for each name. Most names stay readable; a very long one is replaced by its hash."""
    token = quote(name, safe="", errors="surrogatepass").replace(".", "%2E") or "%"
    if len(token) > _LONGEST:
        return f"%~{blake2b(name.encode(errors='surrogatepass'), digest_size=32).hexdigest()}"
    return token
