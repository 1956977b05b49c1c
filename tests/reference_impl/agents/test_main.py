from __future__ import annotations

import pytest

from reference_impl.agents.__main__ import main
from reference_impl.agents.kinds import KINDS, NotConfigured, named
from reference_impl.agents.openai import OpenAIAgent


def test_every_kind_has_what_it_needs_or_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_MODEL", raising=False)
    with pytest.raises(NotConfigured, match="OPENAI_MODEL"):
        named("openai")
    monkeypatch.setenv("OPENAI_MODEL", "m-1")
    monkeypatch.setenv("OPENAI_BASE_URL", "model.example")
    with pytest.raises(NotConfigured, match="OPENAI_BASE_URL"):
        named("openai")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    assert isinstance(named("openai"), OpenAIAgent)
    assert all(named(name) is not None for name in KINDS)


def test_what_is_not_configured_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("OPENAI_MODEL", raising=False)
    assert main(["--connect", "http://127.0.0.1:1", "--agent", "openai"]) == 2
    told = capsys.readouterr().err
    assert "OPENAI_MODEL" in told and told.count("\n") == 1


@pytest.mark.parametrize(
    "options", [[], ["--connect", "127.0.0.1:1"], ["--connect", "http://x", "--slots", "0"], ["--agent", "nobody"]]
)
def test_a_wrong_option_is_a_usage_error(options: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(options)
    assert left.value.code == 2
    assert "usage" in capsys.readouterr().err
