from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import TypeAlias

import pytest

from reference_impl.storage.base import Store
from reference_impl.storage.memory import MemoryStore
from reference_impl.storage.nats import NatsStore
from reference_impl.storage.redis import RedisStore
from reference_impl.storage.sqlite import SqliteStore

from .. import servers

Place: TypeAlias = Callable[[], Store]  # makes stores of one place; each place is empty at first
SHARED = tuple(pytest.param(name, marks=pytest.mark.sockets) for name in ("redis", "nats"))


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with servers.redis(tmp_path_factory.mktemp("redis")) as server:
        yield f"redis://127.0.0.1:{server.port}/0"


@pytest.fixture(scope="session")
def nats_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with servers.nats(tmp_path_factory.mktemp("nats")) as server:
        yield f"nats://127.0.0.1:{server.port}"


def place_of(name: str, request: pytest.FixtureRequest, folder: Path) -> Place:
    empty = f"t{secrets.token_hex(4)}"
    if name == "memory":
        return MemoryStore
    if name == "sqlite":
        return lambda: SqliteStore(folder / "sessions.db")
    if name == "redis":
        redis_url = request.getfixturevalue("redis_url")
        return lambda: RedisStore(redis_url, f"{empty}:")
    nats_url = request.getfixturevalue("nats_url")
    return lambda: NatsStore(nats_url, empty)


@pytest.fixture(params=("memory", "sqlite", *SHARED))
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    """One store of every backend in turn."""
    opened = place_of(request.param, request, tmp_path)()
    await opened.open()
    yield opened
    await opened.close()


@pytest.fixture(params=SHARED)
async def nodes(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[tuple[Store, Store]]:
    """Two stores of the same place, of every backend that lets them be."""
    place = place_of(request.param, request, tmp_path)
    one, other = place(), place()
    await one.open()
    await other.open()
    yield one, other
    await one.close()
    await other.close()
