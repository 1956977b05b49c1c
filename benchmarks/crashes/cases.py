"""What can be killed: the server on SQLite, a node of two on Redis or NATS, the storage itself, a worker."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from .rounds import Case
from .victims import Victim, free_port, nats, node, redis, worker


def sqlite(folder: Path) -> Case:
    """One server, its sessions in one file."""
    server = node(f"sqlite:{folder / 'sessions.db'}", free_port())
    return Case("server (SQLite)", (server,), (server,), (_url(server),))


def redis_node(folder: Path) -> Case:
    """Two nodes on Redis; they are killed in turn."""
    return _nodes("node (Redis)", redis(folder, free_port()), "redis", kill_storage=False)


def nats_node(folder: Path) -> Case:
    """Two nodes on NATS; they are killed in turn."""
    return _nodes("node (NATS)", nats(folder, free_port()), "nats", kill_storage=False)


def redis_server(folder: Path) -> Case:
    """Two nodes on Redis, which is killed."""
    return _nodes("redis-server (AOF always)", redis(folder, free_port()), "redis", kill_storage=True)


def nats_server(folder: Path) -> Case:
    """Two nodes on NATS, which is killed."""
    return _nodes("nats-server (file store)", nats(folder, free_port()), "nats", kill_storage=True)


def worker_fails(folder: Path) -> Case:
    """Two workers, killed in turn: their runs end failed."""
    return _workers("worker (its runs fail)", folder, "fail")


def worker_goes_on(folder: Path) -> Case:
    """Two workers, killed in turn: another goes on where they were cut off."""
    return _workers("worker (another goes on)", folder, "continue")


def _workers(name: str, folder: Path, lost_runs: str) -> Case:
    server = node(f"sqlite:{folder / 'sessions.db'}", free_port(), "--agents", "workers", "--lost-runs", lost_runs)
    workers = tuple(worker(server.port) for _ in range(2))
    return Case(name, (server, *workers), workers, (_url(server),))


def _nodes(name: str, storage: Victim, scheme: str, *, kill_storage: bool) -> Case:
    nodes = [node(f"{scheme}://127.0.0.1:{storage.port}", free_port()) for _ in range(2)]
    victims = (storage,) if kill_storage else tuple(nodes)
    return Case(name, (storage, *nodes), victims, tuple(map(_url, nodes)))


def _url(server: Victim) -> str:
    return f"http://127.0.0.1:{server.port}"


CASES: dict[str, Callable[[Path], Case]] = {
    "sqlite": sqlite,
    "redis-node": redis_node,
    "nats-node": nats_node,
    "redis": redis_server,
    "nats": nats_server,
    "worker-fails": worker_fails,
    "worker-goes-on": worker_goes_on,
}
