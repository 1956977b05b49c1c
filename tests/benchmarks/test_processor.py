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


def test_a_busy_server_is_live_and_no_other() -> None:
    watch = Watch(os.getpid(), (0.0, 0.2), (0.2, 0.4))
    burn(0.3)
    watch.wait()
    assert watch.live > 0.1  # of a machine that others may be using, too
    assert watch.others >= 0.0
