from __future__ import annotations

import select
import subprocess
import sys

import pytest

from audit.load.wire.native import epoll, unpatched


def test_it_is_another_module_than_everybody_has() -> None:
    own = unpatched("select")
    assert own is not select
    assert own.__name__ == "select"
    with pytest.raises(ImportError):
        unpatched("no_such_module")


def test_it_is_there_under_gevent() -> None:
    if epoll is None:
        return
    script = "from gevent import monkey; monkey.patch_all(); import select; assert not hasattr(select, 'epoll');"
    script += "from audit.load.wire.native import epoll; epoll().close()"
    subprocess.run([sys.executable, "-c", script], check=True, timeout=30)
