"""How many sockets this process may hold."""

from __future__ import annotations

from ..errors import ConfigError, Problem

SPARE = 200  # for everything that is no device's
PER_DEVICE = 2  # its stream, and either the one that was cut or a command


def needed(devices: int) -> int:
    """File descriptors for so many devices."""
    return PER_DEVICE * devices + SPARE


def allow(devices: int) -> None:
    """Raise the soft limit as far as is needed. ConfigError when the hard limit is lower."""
    try:
        import resource  # noqa: PLC0415 - not on every platform
    except ImportError:
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = needed(devices)
    if hard != resource.RLIM_INFINITY and hard < wanted:
        what = f"{devices} devices in one process need {wanted} file descriptors; the limit is {hard}"
        raise ConfigError("load", (Problem("devices", what, "more processes, or ulimit -Hn"),))
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
