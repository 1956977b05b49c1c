"""Who the devices of a trial are to the target: credentials, sessions, renewals, restarts."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest

from audit.backstage import Backstage
from audit.errors import TargetError
from audit.event import Phase
from audit.load.result import HookResult
from audit.means import TOKEN, Means, Need
from audit.memory import Session
from audit.recorder import Recorder
from audit.scene import Role
from audit.stage import Stage
from audit.target import Stranger, Target
from audit.target_reading import load_target

from .playing import bench, played, reference

PLAIN = load_target('name = "t"\nbase_url = "http://127.0.0.1:1"\nprotocol = "session"\n', {})


class Mint:
    """Counts what it makes."""

    def __init__(self) -> None:
        self.needs: list[Need] = []

    async def __call__(self, need: Need) -> str:
        self.needs.append(need)
        return f"token-{len(self.needs)}-of-{need.session}"


def backstage(target: Target) -> tuple[Backstage, Recorder]:
    recorder = Recorder(io.StringIO(), {})
    return Backstage(target, None, recorder, Session("s")), recorder


def minting(mint: Mint) -> Target:
    return replace(PLAIN, headers={"Authorization": f"Bearer {TOKEN}"}, query={"t": TOKEN}, means=Means(token=mint))


async def test_a_credential_is_made_once_for_each_user_and_session() -> None:
    mint = Mint()
    made, _ = backstage(minting(mint))
    first = await made.endpoint(1, Role())
    assert (first.headers, first.query) == ({"Authorization": "Bearer token-1-of-s"}, {"t": "token-1-of-s"})
    assert (await made.endpoint(2, Role())).headers == first.headers
    for role in (Role(stranger=True), Role(stranger=True, elsewhere=True), Role(elsewhere=True), Role(ttl_s=2)):
        await made.endpoint(1, role)
    wanted = [Need("s"), Need("s-stranger", stranger=True), Need("s-other"), Need("s", ttl_s=2)]
    assert mint.needs == wanted  # a stranger's credential opens a session of his own, wherever he uses it
    await made.endpoint(1, Role(ttl_s=2))
    assert mint.needs == [*wanted, wanted[-1]]  # one that has expired would be no good


async def test_a_credential_never_reaches_the_history() -> None:
    made, recorder = backstage(minting(Mint()))
    await made.endpoint(1, Role())
    event = recorder.add("phone", Phase.SEEN, "text", {"text": "you said token-1-of-s!"})
    assert event.value == {"text": "you said •••!"}


async def test_where_none_are_made_the_file_says_what_everybody_carries() -> None:
    target = replace(PLAIN, headers={"Authorization": "ann"}, stranger=Stranger({"Authorization": "mallory"}))
    made, _ = backstage(target)
    assert (await made.endpoint(1, Role())).headers == {"Authorization": "ann"}
    assert (await made.endpoint(1, Role(stranger=True))).headers == {"Authorization": "mallory"}


def test_everybody_elsewhere_of_one_user_is_in_one_session() -> None:
    made, _ = backstage(PLAIN)
    assert made.session_of(Role()).id == made.session_of(Role(stranger=True)).id == "s"
    other = made.session_of(Role(elsewhere=True))
    assert other is made.session_of(Role(elsewhere=True)) and other.id == "s-other"
    assert made.session_of(Role(stranger=True, elsewhere=True)).id == "s-stranger"


async def test_what_cannot_be_restarted_says_so() -> None:
    made, _ = backstage(PLAIN)
    with pytest.raises(TargetError, match="no way to restart"):
        await made.restart()


@pytest.mark.sockets
async def test_a_script_restarts_the_target_and_the_history_tells() -> None:
    async def restart() -> HookResult:
        return HookResult("restart", 0.0, 0.0, 0.25, 3)

    async def script(stage: Stage) -> None:
        await stage.restart()

    made = bench("http://127.0.0.1:9")
    history = await played(replace(made, target=replace(made.target, means=Means(restart=restart))), script)
    told = [event.value for event in history.events if event.what == "hook"]
    assert told == [
        {"name": "restart", "state": "begun"},
        {"name": "restart", "state": "done", "took_s": 0.25, "failed": 3},
    ]


@pytest.mark.sockets
async def test_a_renewed_device_carries_another_credential_from_then_on() -> None:
    mint = Mint()

    async def script(stage: Stage) -> None:
        phone = await stage.device("phone", ttl_s=2.0)
        await stage.renew(phone)
        await phone.join()

    async with reference() as made:
        target = replace(minting(mint), base_url=made.target.base_url)
        history = await played(replace(made, target=target), script)
    assert [need.ttl_s for need in mint.needs] == [2.0, None]
    assert [event.what for event in history.of("phone")][:3] == ["device", "renewed", "join"]
    assert next(iter(history.of("phone"))).value == {"kind": "phone", "ttl_s": 2.0}
