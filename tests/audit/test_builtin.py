from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import aiohttp
import pytest

from audit import builtin
from audit.errors import HarnessError
from audit.means import Need
from audit.runner import bench_of, reach
from reference_impl.antipatterns import ANTIPATTERNS

pytestmark = pytest.mark.sockets


def test_every_built_in_server_has_a_lesson_and_a_command() -> None:
    assert list(builtin.NAMES) == [builtin.REFERENCE, *(each.id for each in ANTIPATTERNS)]
    for name in builtin.NAMES:
        assert len(builtin.lesson(name)) > 20
        command = builtin.command(name, 8080)
        assert command[:2] == [sys.executable, "-P"] and "8080" in command


def test_the_demo_shows_five_of_them_and_the_reference_last() -> None:
    assert set(builtin.DEMO) < set(builtin.NAMES)
    assert (len(builtin.DEMO), builtin.DEMO[-1]) == (5, builtin.REFERENCE)


@pytest.mark.parametrize("name", builtin.NAMES)
async def test_it_is_started_on_a_free_port_as_a_target_and_ended(name: str) -> None:
    async with builtin.started(name) as target:
        assert target.name == name
        await reach(bench_of(target))
        port = bench_of(target).address[1]
    with pytest.raises(OSError):
        await asyncio.open_connection("127.0.0.1", port)


async def test_the_reference_is_guarded_and_can_be_restarted_where_it_is() -> None:
    async with builtin.started(builtin.REFERENCE) as target:
        assert target.means.token is not None and target.means.restart is not None
        assert target.contract.retention_s == builtin.RETAIN_S
        ours, strangers = [await target.means.token(Need("s", stranger=stranger)) for stranger in (False, True)]
        prompt = {"key": "k", "text": "[items=1 pace_ms=0]"}
        url, headers = f"{target.base_url}/v1/sessions/s", {"Authorization": f"Bearer {ours}"}
        async with aiohttp.ClientSession() as http:
            assert (await http.get(url)).status == 401
            assert (await http.get(f"{url}-2", headers={"Authorization": f"Bearer {strangers}"})).status == 403
            assert (await http.post(f"{url}/prompts", json=prompt, headers=headers)).status == 202
            assert (await target.means.restart()).exit_code == 0
            runs = (await (await http.get(url, headers=headers)).json())["runs"]
        assert len(runs) == 1  # the same key, the same storage, the same address


async def test_a_bare_one_asks_nobody_for_a_token() -> None:
    async with builtin.started(builtin.REFERENCE, bare=True) as target:
        assert not target.headers and not target.mints and target.means.restart is None
        async with aiohttp.ClientSession() as http:
            assert (await http.get(f"{target.base_url}/v1/sessions/s")).status == 200


def test_what_is_declared_is_what_is_started() -> None:
    declared = builtin.declared(builtin.REFERENCE)
    assert declared.knows_stranger and declared.means.restart is not None
    assert builtin.declared("open-sessions").stranger is not None
    assert not builtin.declared("naive-sse").knows_stranger


async def test_it_is_ended_whatever_happens_inside() -> None:
    with pytest.raises(KeyError):
        async with builtin.started(builtin.NAMES[1]) as target:
            port = bench_of(target).address[1]
            raise KeyError("inside")
    with pytest.raises(OSError):
        await asyncio.open_connection("127.0.0.1", port)


def _instead(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    monkeypatch.setattr(builtin, "command", lambda *_: [sys.executable, "-c", code])


async def test_one_that_does_not_start_is_our_trouble(monkeypatch: pytest.MonkeyPatch) -> None:
    _instead(monkeypatch, "raise SystemExit(3)")
    with pytest.raises(HarnessError, match=r"ended before it was ready \(exit 3\)"):
        async with builtin.started(builtin.REFERENCE):
            pass


async def test_one_that_hangs_is_not_waited_for_and_one_that_will_not_end_is_killed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    flag = tmp_path / "ready"
    ignore = "import pathlib, signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
    _instead(monkeypatch, f"{ignore}pathlib.Path({str(flag)!r}).touch(); time.sleep(60)")
    monkeypatch.setattr(builtin, "START_S", 1.5)
    monkeypatch.setattr(builtin, "STOP_S", 0.2)
    with pytest.raises(HarnessError, match="was not ready within 1"):
        async with builtin.started(builtin.REFERENCE):
            pass
    assert flag.exists()
