from __future__ import annotations

import os
import time

from benchmarks.processor import Watch, busy_s, used_s


def burn(seconds: float) -> None:
    """Use this much processor time."""
    until = time.process_time() + seconds
    while time.process_time() < until:
        pass


def test_what_a_process_uses_is_counted_and_is_part_of_the_whole() -> None:
    own, everything = used_s(os.getpid()), busy_s()
    burn(0.2)
    assert 0.15 <= used_s(os.getpid()) - own <= 0.5
    assert busy_s() - everything >= 0.15


def burning(seconds: float) -> list[tuple[float, float]]:
    """Use the processor for so long; what this process had used (seconds) at every instant of it (seconds from now)."""
    began, seen = time.monotonic(), [(0.0, time.process_time())]
    while seen[-1][0] < seconds:
        seen.append((time.monotonic() - began, time.process_time()))
    return seen


def share(seen: list[tuple[float, float]], since: float, until: float) -> float:
    """What was really used between two instants, in cores: as much as others on the machine let it have."""
    inside = [(at, used) for at, used in seen if since <= at <= until]
    return (inside[-1][1] - inside[0][1]) / (inside[-1][0] - inside[0][0])


def test_a_busy_server_is_live_and_no_other() -> None:
    watch = Watch(os.getpid(), (0.0, 0.4), (0.4, 0.6))
    seen = burning(0.6)
    watch.wait()
    assert abs(watch.live - share(seen, 0.0, 0.4)) < 0.2  # it is counted in hundredths of a second, at each end
    assert watch.live > 0.1
    assert watch.others >= 0.0
