"""Which storage an address stands for. Nothing is opened or connected here, and no package is needed that is not used.

- `memory`
- `sqlite:PATH`
- `redis://host:port/db`, or `rediss://` with TLS; `?prefix=` begins all its keys (default: `durable:`)
- `nats://host:port`, or `tls://`; `?stream=` names its stream (default: `durable`)
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final
from urllib.parse import SplitResult, parse_qsl, urlsplit

from .base import Store
from .memory import MemoryStore
from .sqlite import SqliteStore

POSSIBLE: Final = "memory, sqlite:PATH, redis://host:port/db[?prefix=…], nats://host:port[?stream=…]"
_STREAM = re.compile(r"[A-Za-z0-9_-]{1,64}")


class UnknownStorage(ValueError):
    """No storage has that address, or its package is missing; the message says what is possible."""


def named(address: str) -> Store:
    """The store at an address, not open yet. Raises UnknownStorage."""
    scheme, _, rest = address.partition(":")
    if address == "memory":
        return MemoryStore()
    if scheme == "sqlite" and rest:
        return SqliteStore(Path(rest))
    if scheme in _SERVERS and rest.startswith("//"):
        return _at_server(address, scheme)
    raise UnknownStorage(f"{address!r} is no storage; possible are {POSSIBLE}")


def _at_server(address: str, scheme: str) -> Store:
    make, extra, option = _SERVERS[scheme]
    try:
        url = urlsplit(address)
        options = dict(parse_qsl(url.query, keep_blank_values=True, strict_parsing=bool(url.query)))
        if not url.hostname or url.port == 0 or options.keys() - {option}:
            raise ValueError
    except ValueError:
        raise UnknownStorage(f"{address!r} is not a whole address; possible are {POSSIBLE}") from None
    try:
        return make(url, options)
    except ImportError as missing:
        raise UnknownStorage(f"{scheme}:// needs a package: pip install 'durable-audit[{extra}]'") from missing


def _redis(url: SplitResult, options: Mapping[str, str]) -> Store:
    from .redis import RedisStore  # noqa: PLC0415 - needs an optional package

    if not re.fullmatch("/?|/[0-9]+", url.path):
        raise UnknownStorage(f"{url.path!r} is not the number of a Redis database; possible are {POSSIBLE}")
    return RedisStore(url._replace(query="").geturl(), **options)


def _nats(url: SplitResult, options: Mapping[str, str]) -> Store:
    from .nats import NatsStore  # noqa: PLC0415 - needs an optional package

    if not _STREAM.fullmatch(options.get("stream", "durable")):
        raise UnknownStorage(f"{options['stream']!r} cannot name a stream: letters, digits, - and _ can, up to 64")
    return NatsStore(url._replace(query="", path="").geturl(), **options)


_Make = Callable[[SplitResult, Mapping[str, str]], Store]
_SERVERS: Final[dict[str, tuple[_Make, str, str]]] = {  # scheme: the maker, the extra it needs, the option it has
    "redis": (_redis, "redis", "prefix"),
    "rediss": (_redis, "redis", "prefix"),
    "nats": (_nats, "nats", "stream"),
    "tls": (_nats, "nats", "stream"),
}
