from __future__ import annotations

import sys
from pathlib import Path

import pytest

from reference_impl.storage.memory import MemoryStore
from reference_impl.storage.named import UnknownStorage, named
from reference_impl.storage.nats import NatsStore
from reference_impl.storage.redis import RedisStore
from reference_impl.storage.sqlite import SqliteStore


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("memory", MemoryStore),
        ("sqlite:some.db", SqliteStore),
        ("sqlite:/tmp/a:b?c.db", SqliteStore),
        ("redis://127.0.0.1", RedisStore),
        ("redis://:secret@localhost:6379/3?prefix=mine:", RedisStore),
        ("rediss://[::1]:6379/0", RedisStore),
        ("nats://127.0.0.1:4222", NatsStore),
        ("nats://user:secret@localhost?stream=chats_2", NatsStore),
        ("tls://localhost", NatsStore),
    ],
)
def test_an_address_names_a_store(address: str, kind: type) -> None:
    assert type(named(address)) is kind


def test_nothing_is_opened(tmp_path: Path) -> None:
    named(f"sqlite:{tmp_path / 'new.db'}")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "address",
    [
        "",
        "memory:",
        "Memory",
        "sqlite:",
        "sqlite",
        "postgres://localhost",
        "redis:",
        "redis://",
        "redis://localhost:none",
        "redis://localhost:99999",
        "redis://localhost:0",
        "redis://localhost/db",
        "redis://localhost?stream=a",
        "redis://localhost?prefix",
        "nats://",
        "nats:localhost",
        "nats://localhost?prefix=a",
        "nats://localhost?stream=a.b",
        "nats://localhost?stream=",
        "nats://localhost?stream=a%20b",
    ],
)
def test_anything_else_is_refused_by_name(address: str) -> None:
    with pytest.raises(UnknownStorage, match=r"possible are memory, sqlite:PATH|cannot name a stream") as refused:
        named(address)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("extra", ["redis", "nats"])
def test_a_missing_package_is_named(extra: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, f"reference_impl.storage.{extra}", None)
    with pytest.raises(UnknownStorage, match=rf"pip install 'durable-audit\[{extra}\]'"):
        named(f"{extra}://127.0.0.1")
