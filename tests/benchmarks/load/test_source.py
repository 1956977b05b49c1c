"""The C reader against the source, and against servers that break the sequence: a floor has to verify as well."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from benchmarks.load import frames
from benchmarks.load.clients import Floor, compiled
from benchmarks.load.measure import Shape, answers
from benchmarks.load.source import Socket, Source

pytestmark = pytest.mark.sockets


@pytest.fixture(scope="module")
def floor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Floor]:
    found = compiled(tmp_path_factory.mktemp("floor"))
    assert isinstance(found, Floor), found
    yield found


def test_the_reader_verifies_every_word_of_every_device(floor: Floor) -> None:
    row = answers(floor, Shape(devices=20, words=10, pace_ms=20.0))
    assert row["sent"] == 200
    assert row["seconds"] >= 0.18  # nine paces: the source keeps them
    assert row["events_per_cpu_s"] == 200 / row["cpu_s"] > 0


@pytest.mark.parametrize(
    "said", [(1, 3), (1, 1, 2, 3), (2, 1, 3), (1, 2)], ids=["lost", "repeated", "reordered", "short"]
)
async def test_the_reader_finds_what_is_wrong(floor: Floor, said: Sequence[int]) -> None:
    found = await read_by(floor, said, words=3)
    assert found["wrong"] > 0


async def test_the_reader_finds_nothing_where_nothing_is_wrong(floor: Floor) -> None:
    assert await read_by(floor, (1, 2, 3), words=3) == {"verified": 3, "wrong": 0}


async def read_by(floor: Floor, said: Sequence[int], words: int) -> dict[str, int]:
    """What the reader makes of one device that is told these words."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Socket(Telling(said, words)), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    argv = (str(floor.binary), str(port), "1", str(words))
    process = await asyncio.create_subprocess_exec(*argv, stdout=asyncio.subprocess.PIPE)
    async with asyncio.timeout(10):
        told, _ = await process.communicate()
    server.close()
    counts: dict[str, int] = json.loads(told)
    return counts


class Telling(Source):
    """Tells a device these words at once."""

    def __init__(self, said: Sequence[int], words: int) -> None:
        super().__init__(1, words, 1.0)
        self._said = said

    def ask(self, device: Socket, transport: asyncio.Transport) -> None:
        last = frames.ended(self._words)
        transport.write(b"".join(frames.word(number) for number in self._said) + last)


def test_compiling_says_why_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert compiled(tmp_path) == "no C compiler (cc) is installed"
