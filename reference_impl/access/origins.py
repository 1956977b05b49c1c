"""Which web pages may use a server. A browser says whose page asks (`Origin`, RFC 6454); nobody else has to.

Without this, any page that a user opens could write into sessions on `localhost`, and read them over a WebSocket,
which no same-origin policy covers (RFC 6455 section 10.2).
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final
from urllib.parse import urlsplit

ANY: Final = "*"

_PORTS = {"http": 80, "https": 443}


def may_use(origin: str | None, host: str, allowed: Collection[str]) -> bool:
    """A page of this origin may use the server that was asked for as `host`: its own pages, and those allowed."""
    return origin is None or ANY in allowed or origin in allowed or is_own(origin, host)


def is_own(origin: str, host: str) -> bool:
    """The page comes from the same host and port. Its scheme does not count: TLS may end in front of this server."""
    try:
        page = urlsplit(origin)
        server = urlsplit(f"//{host}")
        default = _PORTS.get(page.scheme)
        return bool(page.hostname) and (page.hostname, page.port or default) == (
            server.hostname,
            server.port or default,
        )
    except ValueError:
        return False
