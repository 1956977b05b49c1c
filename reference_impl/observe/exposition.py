"""Metrics as Prometheus reads them. Needs prometheus-client, so import this module only where it is asked for them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from .metrics import APPEND_S, Metrics

CONTENT_TYPE: Final = CONTENT_TYPE_LATEST


@dataclass(frozen=True, slots=True)
class Census:
    """What there is at a moment. sessions: in memory. runs: of those sessions, by state, that have not ended."""

    sessions: int
    streams: int
    runs: Mapping[str, int]


def exposition(metrics: Metrics, census: Census) -> bytes:
    """The text of `/metrics`."""
    registry = CollectorRegistry(auto_describe=False)
    ProcessCollector(registry=registry)
    registry.register(_Snapshot(metrics, census))
    return generate_latest(registry)


class _Snapshot(Collector):
    """The numbers of one moment."""

    def __init__(self, metrics: Metrics, census: Census) -> None:
        self._metrics = metrics
        self._census = census

    def collect(self) -> Iterator[Metric]:
        """Every metric, each with its values."""
        metrics, census = self._metrics, self._census
        yield GaugeMetricFamily("durable_streams", "Connections that follow something", census.streams)
        yield GaugeMetricFamily("durable_sessions", "Sessions in memory", census.sessions)
        yield _labeled(GaugeMetricFamily("durable_runs", "Runs in hand", labels=["state"]), census.runs)
        yield _labeled(
            CounterMetricFamily("durable_runs_ended", "Runs that this server ended", labels=["reason"]), metrics.ended
        )
        yield CounterMetricFamily("durable_events_appended", "Events that became durable", metrics.appended)
        yield _appends(metrics)
        yield CounterMetricFamily("durable_storage_failures", "Appends that failed", metrics.storage_failures)
        yield _labeled(
            CounterMetricFamily("durable_resumes", "Devices that came with a cursor", labels=["outcome"]),
            metrics.resumes,
        )
        yield CounterMetricFamily(
            "durable_slow_readers_cut", "Devices that took nothing for too long", metrics.slow_cut
        )
        yield _labeled(
            CounterMetricFamily("durable_refused", "Requests and commands refused", labels=["code"]), metrics.refused
        )


def _labeled(family: GaugeMetricFamily | CounterMetricFamily, values: Mapping[str, int]) -> Metric:
    for label, value in values.items():
        family.add_metric([label], value)
    return family


def _appends(metrics: Metrics) -> HistogramMetricFamily:
    bounds = (*map(str, APPEND_S), "+Inf")
    buckets = list(zip(bounds, accumulate(metrics.appends), strict=True))
    return HistogramMetricFamily(
        "durable_append_seconds", "How long batches took to become durable", buckets, metrics.append_s
    )
