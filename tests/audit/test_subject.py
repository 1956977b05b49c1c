from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from audit import subject as subject_module
from audit.campaign import Order
from audit.errors import ConfigError
from audit.store import RunStore
from audit.subject import Subject
from scenarios import SCENARIOS

from .making import run_meta
from .test_store import stored

ORDER = Order(SCENARIOS[:1], "quick", 7, 4)
FILE = 'name = "chat"\nbase_url = "http://127.0.0.1:9"\nprotocol = "session"\n[limits]\nmax_prompts = 3\n'


def test_a_name_is_a_built_in_server_unless_a_file_is_called_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert Subject.named("reference") == Subject("reference")
    assert Subject.named("reference").title == "reference"
    Path("reference").write_text(FILE, encoding="utf-8")
    mine = Subject.named("reference")
    assert mine.target is not None and mine.title == "chat at http://127.0.0.1:9"


def test_a_target_file_may_take_secrets_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "chat.toml"
    path.write_text(FILE + '[auth]\nheaders = { Authorization = "${TOKEN_OF_TEST}" }\n', encoding="utf-8")
    monkeypatch.setenv("TOKEN_OF_TEST", "s3cret")
    mine = Subject.named(str(path))
    assert mine.target is not None and mine.target.headers["Authorization"] == "s3cret"
    assert "s3cret" not in repr(mine)


def test_credentials_that_a_hook_makes_need_leave(tmp_path: Path) -> None:
    path = tmp_path / "chat.toml"
    auth, hook = '[auth]\nheaders = { Authorization = "{token}" }\n', '[hooks]\ntoken = "sh token.sh"\n'
    path.write_text(FILE.replace("= 3", "= 300") + auth + hook, encoding="utf-8")
    mine = Subject.named(str(path))
    with pytest.raises(ConfigError, match="--allow-hooks"):
        mine.afford(ORDER)
    mine.afford(replace(ORDER, hooks=True))


@pytest.mark.parametrize(
    ("name", "said"),
    [("no-such-file.toml", "there is no such file"), ("refrence", "did you mean the built-in server 'reference'")],
)
def test_what_is_neither_is_the_users_error(name: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said) as told:
        Subject.named(name)
    assert name in str(told.value)


def test_a_plan_that_costs_more_than_the_target_allows_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "chat.toml"
    path.write_text(FILE, encoding="utf-8")
    with pytest.raises(ConfigError, match="the plan sends 4 prompts") as told:
        Subject.named(str(path)).afford(ORDER)
    assert "limits.max_prompts" in str(told.value) and "max_prompts = 4" in str(told.value)
    Subject("reference").afford(ORDER)  # ours may be asked as much as anybody likes


def _interrupting(monkeypatch: pytest.MonkeyPatch, store: RunStore | None) -> None:
    async def audit(*args: object) -> RunStore:
        begun = args[-1]
        assert callable(begun)
        if store is not None:
            begun(store)
        signal.raise_signal(signal.SIGINT)
        await asyncio.sleep(5)
        raise AssertionError("it was not interrupted")

    monkeypatch.setattr(subject_module, "audit", audit)


def _subject(tmp_path: Path) -> Subject:
    path = tmp_path / "chat.toml"
    path.write_text(FILE, encoding="utf-8")
    return Subject.named(str(path))


def test_interrupted_it_judges_what_there_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = stored(tmp_path / "runs", run_meta(), (0, 1))
    _interrupting(monkeypatch, store)
    kept, result = _subject(tmp_path).audit(ORDER, tmp_path / "runs", SCENARIOS)
    assert kept is store and (store.path / "result.json").exists()
    assert result.partial == "interrupted: 2 of 3 trials ran to their end"


def test_interrupted_before_anything_happened_it_judges_no_older_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored(tmp_path / "runs")  # what `latest` leads to
    _interrupting(monkeypatch, None)
    with pytest.raises(KeyboardInterrupt):
        _subject(tmp_path).audit(ORDER, tmp_path / "runs", SCENARIOS)


@pytest.fixture(params=[False, True], ids=["foreground", "background"])
def started_in(request: pytest.FixtureRequest) -> Iterator[None]:
    """Shells let jobs in the background ignore Ctrl-C."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN) if request.param else None
    yield
    if before is not None:
        signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("started_in")
def test_being_ended_cancels_the_audit_in_good_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = stored(tmp_path / "runs", run_meta(), (0, 1))
    ended: list[str] = []

    async def audit(*args: object) -> RunStore:
        begun = args[-1]
        assert callable(begun)
        begun(store)
        try:
            signal.raise_signal(signal.SIGTERM)
            await asyncio.sleep(5)
        finally:
            await asyncio.sleep(0)  # there is a loop to clean up in
            ended.append("cleaned up")
        raise AssertionError("it was not interrupted")

    monkeypatch.setattr(subject_module, "audit", audit)
    assert _subject(tmp_path).audit(ORDER, tmp_path / "runs", SCENARIOS)[0] is store
    assert (ended, signal.getsignal(signal.SIGTERM)) == (["cleaned up"], signal.SIG_DFL)
