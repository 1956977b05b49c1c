from __future__ import annotations

from dataclasses import replace

import pytest

from audit import hooks
from audit.errors import TargetError
from audit.hooks import means_of
from audit.means import Need
from audit.target import Hooks, Target
from audit.target_reading import load_target

PLAIN = load_target('name = "t"\nbase_url = "http://127.0.0.1:1"\nprotocol = "session"\n', {})


def hooked(**commands: str) -> Target:
    return replace(PLAIN, hooks=Hooks(**commands))


async def token(command: str, need: Need) -> str:
    mint = means_of(hooked(token=command)).token
    assert mint is not None
    return await mint(need)


async def test_the_token_hook_is_told_what_is_wanted() -> None:
    command = 'echo "$DURABLE_AUDIT_USER/$DURABLE_AUDIT_SESSION/$DURABLE_AUDIT_TTL_S"; echo noise >&2'
    assert await token(command, Need("s-1")) == "user/s-1/"
    assert await token(command, Need("s-2", stranger=True, ttl_s=2.0)) == "stranger/s-2/2"


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("echo s3cret; exit 3", "exit code 3"),
        ("true", "printed no credential"),
        ("printf 's3cret\\nmore'", "printed no credential"),
        ("head -c 20000 /dev/zero | tr '\\0' x", "printed no credential"),
    ],
)
async def test_what_is_no_credential_is_an_error_that_does_not_show_it(command: str, told: str) -> None:
    with pytest.raises(TargetError, match=told) as caught:
        await token(command, Need("s"))
    assert "s3cret" not in str(caught.value)


async def test_a_token_hook_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hooks, "TOKEN_S", 0.2)
    with pytest.raises(TargetError, match=r"within 0\.2 s"):
        await token("exec sleep 60", Need("s"))


async def test_the_restart_hook_tells_how_it_went() -> None:
    restart = means_of(hooked(restart="exit 4")).restart
    assert restart is not None
    assert (await restart()).exit_code == 4


def test_what_is_not_named_cannot_be_done() -> None:
    found = means_of(hooked(restart="true"))
    assert found.token is None and found.restart is not None
    assert means_of(hooked(token="true")).restart is None
