"""`python -m reference_impl --mutant …`."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from reference_impl.__main__ import main

from ..devices import client
from .support import caught_up, finished

pytestmark = pytest.mark.sockets


async def test_a_process_serves_the_defect_at_the_rate_asked_for_and_says_so() -> None:
    server = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "reference_impl", "--port", "0", "--mutant", "resume-skip", "--mutant-rate", "1",
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, cwd=Path(__file__).parents[3],
    )  # fmt: skip
    assert server.stdout is not None
    try:
        line = (await asyncio.wait_for(server.stdout.readline(), 20)).decode()
        async with client(line.removeprefix("listening on ").strip()) as phone:
            cursors = await finished(phone, "[items=5 pace_ms=0]")
            assert (await caught_up(phone, "sse", cursors[3])).offsets() == [5, 6, 7, 8]
    finally:
        server.terminate()
        _, err = await server.communicate()
    assert b"planted defect, resume-skip" in err


@pytest.mark.parametrize(
    ("argv", "named"),
    [
        (["--mutant", "gremlin"], "gremlin"),
        (["--mutant", "resume-skip", "--mutant-rate", "2"], "'2' is not a number from 0 to 1"),
        (["--mutant", "resume-skip", "--mutant-rate", "often"], "'often' is not a number from 0 to 1"),
        (["--mutant-rate", "0.5"], "there is no --mutant"),
    ],
)
def test_wrong_options_are_refused(argv: Sequence[str], named: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(argv)
    assert left.value.code == 2
    assert named in capsys.readouterr().err
