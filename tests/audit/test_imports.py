"""Importing the audit must not change the process: Locust patches sockets and threads as soon as it is imported."""

from __future__ import annotations

import subprocess
import sys


def test_the_command_line_leaves_the_process_unpatched() -> None:
    probe = (
        "import sys, socket, audit.cli, audit.load.drive, audit.load.campaign;"
        "print(socket.socket.__module__, 'locust' in sys.modules, 'gevent' in sys.modules, 'pandas' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-P", "-c", probe], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["socket", "False", "False", "False"]
