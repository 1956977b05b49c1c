"""`python -m tools.tests`: all tests, two at a time; what failed beside another is tried once more, alone.

Many tests start servers, browsers and loads of their own and hold them to times. A machine that is busy with something
else can fail one of them; a defect fails it again when it is alone.
"""

from __future__ import annotations

import subprocess
import sys

import pytest

MOST = 30  # failures that may be chance


class Failures:
    """The tests that did not pass, by their ids."""

    def __init__(self) -> None:
        self.ids: dict[str, None] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Called by pytest for every phase of every test."""
        if report.failed:
            self.ids[report.nodeid] = None


def main() -> int:
    """The exit code of pytest, the last time it ran."""
    failures = Failures()
    code = int(pytest.main(["-n", "2", "--dist", "loadfile"], plugins=[failures]))
    if code != int(pytest.ExitCode.TESTS_FAILED) or not 0 < len(failures.ids) <= MOST:
        return code
    print(f"\n{len(failures.ids)} tests failed; once more, alone:", *failures.ids, sep="\n  ", flush=True)
    return subprocess.call([sys.executable, "-m", "pytest", *failures.ids])


if __name__ == "__main__":
    sys.exit(main())
