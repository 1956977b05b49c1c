from __future__ import annotations

import math
import resource
from pathlib import Path

import pytest

from audit.load import machine
from audit.load.machine import PORTS, Machine


def test_this_machine_says_what_it_allows(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    ports = tmp_path / "ip_local_port_range"
    ports.write_text("1024\t65535\n")
    monkeypatch.setattr(machine, "_RANGE", ports)
    monkeypatch.setattr(resource, "getrlimit", lambda _: (256, 4_096))
    assert Machine.here() == Machine(4_096, 64_512)


def test_a_machine_that_does_not_tell_has_what_is_usual(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(machine, "_RANGE", tmp_path / "none")
    monkeypatch.setattr(resource, "getrlimit", lambda _: (256, resource.RLIM_INFINITY))
    assert Machine.here() == Machine(math.inf, PORTS)
