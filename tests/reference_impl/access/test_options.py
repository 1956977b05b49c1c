from __future__ import annotations

from collections.abc import Sequence

import pytest

from reference_impl.__main__ import main
from reference_impl.access.keys import VARIABLE
from reference_impl.access.tokens import Verifier, secret_key

SECRET = "a secret of thirty-two bytes, or more"


def test_a_token_is_made_on_the_command_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(VARIABLE, SECRET)
    assert main(["token", "--session", "s", "--scope", "read,prompt", "--ttl", "60", "--subject", "ann"]) == 0
    grant = Verifier(secret_key(SECRET.encode()))(capsys.readouterr().out.strip())
    assert (grant.subject, grant.session, sorted(grant.scopes)) == ("ann", "s", ["prompt", "read"])


def test_without_a_key_no_token_is_made(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    assert main(["token", "--session", "s"]) == 2
    told = capsys.readouterr()
    assert VARIABLE in told.err
    assert told.out == ""


@pytest.mark.parametrize(
    "argv",
    [
        ["token"],
        ["token", "--session", "s", "--scope", "write"],
        ["token", "--session", "s", "--scope", ""],
        ["token", "--session", "s", "--ttl", "0"],
        ["--token-key-file", "/nowhere/at/all"],
        ["--token-public-key", "/nowhere/at/all"],
        ["--drain-s", "-1"],
        ["--max-sessions", "0"],
        ["--max-streams", "0"],
        ["--commands-per-s", "-1"],
        ["--log", "xml"],
    ],
)
def test_wrong_options_are_one_line_and_exit_2(
    monkeypatch: pytest.MonkeyPatch, argv: Sequence[str], capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    with pytest.raises(SystemExit) as left:
        main(argv)
    assert left.value.code == 2
    assert "error: " in capsys.readouterr().err.splitlines()[-1]


def test_a_key_that_is_bad_is_never_an_open_server_and_never_shown(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(VARIABLE, "too-short-a-key")
    with pytest.raises(SystemExit) as left:
        main([])
    assert left.value.code == 2
    told = capsys.readouterr().err
    assert VARIABLE in told and "too-short-a-key" not in told
