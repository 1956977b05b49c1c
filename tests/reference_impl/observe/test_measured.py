from __future__ import annotations

import pytest

from reference_impl.observe.exposition import Census, exposition
from reference_impl.observe.measured import MeasuredStore
from reference_impl.observe.metrics import APPEND_S, Metrics
from reference_impl.session.event import Event
from reference_impl.storage.base import Conflict, StoreError
from reference_impl.storage.memory import MemoryStore


async def test_batches_are_counted_once_when_they_are_durable() -> None:
    metrics = Metrics()
    store = MeasuredStore(MemoryStore(), metrics)
    await store.open()
    epoch = (await store.load("s")).epoch
    await store.append("s", epoch, 1, [b"a", b"b"])
    await store.append("s", epoch, 3, [b"c"])
    with pytest.raises(Conflict):
        await store.append("s", epoch, 1, [b"x"])
    assert (metrics.appended, sum(metrics.appends), metrics.storage_failures) == (3, 2, 0)
    assert await store.works()
    await store.close()


async def test_a_storage_that_fails_is_found_out_by_writing_and_by_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(*_: object) -> None:
        raise StoreError("no")

    metrics, memory = Metrics(), MemoryStore()
    store = MeasuredStore(memory, metrics)
    with monkeypatch.context() as broken:
        broken.setattr(memory, "load", fail)
        assert not await store.works()
    assert await store.works()
    with monkeypatch.context() as broken:
        broken.setattr(memory, "append", fail)
        with pytest.raises(StoreError):
            await store.append("s", "e", 1, [b"a"])
    assert not await store.works()
    assert metrics.storage_failures == 1
    monkeypatch.setattr("reference_impl.observe.measured._SHADOW_S", 0.0)
    assert await store.works()


def test_what_was_counted_is_what_is_told() -> None:
    metrics = Metrics()
    metrics.wrote(5, 0.0007)
    metrics.wrote(2, 60.0)
    metrics.decided([Event("user", "r"), Event("run-end", "r", {"reason": "stopped"})])
    metrics.resumes["recovered"] += 2
    metrics.refused["busy"] += 1
    metrics.slow_cut += 3
    lines = exposition(metrics, Census(4, 9, {"running": 2})).decode().splitlines()
    assert {
        "durable_streams 9.0",
        "durable_sessions 4.0",
        'durable_runs{state="running"} 2.0',
        'durable_runs_ended_total{reason="stopped"} 1.0',
        "durable_events_appended_total 7.0",
        'durable_append_seconds_bucket{le="0.0005"} 0.0',
        'durable_append_seconds_bucket{le="0.001"} 1.0',
        'durable_append_seconds_bucket{le="+Inf"} 2.0',
        "durable_append_seconds_count 2.0",
        "durable_append_seconds_sum 60.0007",
        'durable_resumes_total{outcome="recovered"} 2.0',
        'durable_refused_total{code="busy"} 1.0',
        "durable_slow_readers_cut_total 3.0",
    } <= set(lines)
    assert any(line.startswith("process_resident_memory_bytes ") for line in lines)
    assert list(APPEND_S) == sorted(APPEND_S)
