"""What the command line of a load asks for; and that all that is wrong with it is said at once, before it connects."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from audit.load.churn import PRESETS, Storm
from audit.load.gates import DEFAULTS, Gate
from audit.load.result_file import dump_result
from audit.load_cli import load_command
from audit.load_request import Request, requested

from .load.samples import result

TARGET = """
name = "chat"
base_url = "{url}"
protocol = "session"
[contract]
disconnect = "continue"
"""


@pytest.fixture
def target(tmp_path: Path) -> Path:
    path = tmp_path / "chat.toml"
    path.write_text(TARGET.format(url="http://127.0.0.1:9"))
    return path


def request(*argv: str) -> Request:
    context = load_command.make_context("load", list(argv))
    name = context.params.pop("name")
    return requested(name, context.params)


def wrong(*argv: str) -> dict[str, str]:
    found = request(*argv)
    return {problem.where: problem.what for problem in (*found.wrong, *found.unpermitted)}


def run(*argv: Any) -> Result:
    return CliRunner().invoke(load_command, list(map(str, argv)))


# -- what is asked for ------------------------------------------------------------------------------------------------


def test_every_option_reaches_the_plan(target: Path) -> None:
    found = request(
        str(target), "--preset", "commute", "--shape", "ramp", "--devices", "10", "--seconds", "30", "--per-session",
        "2", "--words", "5", "--pace-ms", "20", "--think-s", "0.5", "--drop-every-s", "4", "--away-s", "0.3",
        "--stay-s", "7", "--stop-share", "0.1", "--slow-share", "0.2", "--cuts", "fin=3, rst=1", "--storm", "10",
        "--storm", "20", "--seed", "9", "--processes", "2", "--receive-clock", "kernel", "--gate", "lost <= 1",
    )  # fmt: skip
    churn = found.churn
    assert (churn.shape, churn.devices, churn.seconds, churn.per_session) == ("ramp", 10, 30.0, 2)
    assert (churn.words, churn.pace_ms, churn.think_s, churn.drop_every_s) == (5, 20.0, 0.5, 4.0)
    assert (churn.away_s, churn.stay_s, churn.stop_share, churn.slow_share) == (0.3, 7.0, 0.1, 0.2)
    assert (churn.cuts, churn.storms) == ((3.0, 1.0, 0.0), (Storm(10.0), Storm(20.0)))
    assert (found.seed, found.processes, found.clock, found.wrong) == (9, 2, "kernel", ())
    assert found.gates == (*DEFAULTS[1:], Gate("lost", "<=", 1.0))
    assert "10 devices in 5 sessions for 30 s" in found.plan()


def test_without_options_a_preset_is_played_as_it_is(target: Path) -> None:
    found = request(str(target))
    assert (found.churn, found.builtin, found.wrong, found.unpermitted) == (PRESETS["office"], "", (), ())


def test_a_built_in_server_is_known_before_it_is_started() -> None:
    found = request("reference", "--compare", "reference")
    assert (found.builtin, found.wrong, found.unpermitted, found.before) == ("reference", (), (), None)


def test_an_earlier_result_is_read_before_the_load(target: Path, tmp_path: Path) -> None:
    (tmp_path / "before.json").write_text(dump_result(result(devices=77)))
    before = request(str(target), "--compare", str(tmp_path / "before.json")).before
    assert before is not None and before.devices == 77


# -- what is wrong with it --------------------------------------------------------------------------------------------


def test_everything_is_said_at_once_and_nothing_is_connected_to(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        path = tmp_path / "chat.toml"
        text = TARGET.format(url=f"http://127.0.0.1:{listener.getsockname()[1]}")
        path.write_text(text.replace('"continue"', '"contineu"'))
        done = run(
            path, "--preset", "offcie", "--shape", "rampp", "--devices", "-3", "--away-s", "-1", "--stop-share", "1.5",
            "--storm", "99", "--storm", "-1", "--processes", "0", "--gate", "lots == 0", "--gate", "lost <", "--seed",
            "-1", "--receive-clock", "wall", "--cuts", "fin=x,rts=1", "--compare", tmp_path / "none.json", "--master",
            "--worker", "--web", "99999",
        )  # fmt: skip
        listener.settimeout(0.2)
        with pytest.raises(TimeoutError):
            listener.accept()
    assert done.exit_code == 2
    for said in (
        f"{path}: contract.disconnect: must be 'continue' or 'cancel'",
        "--preset: 'offcie' is none of commute, office, deploy, conference; did you mean 'office'?",
        "--shape: 'rampp' is none of constant, ramp, step, spike; did you mean 'ramp'?",
        "--devices: -3 is not between 1 and 50,000",
        "--away-s: -1 is no time from 0 on",
        "--stop-share: 1.5 is not between 0 and 1",
        "--storm: 99 s is after the end of the load (60 s)",
        "--storm: -1 s is not after the start of the load",
        "--processes: 0 is not between 1 and 64",
        "--gate: 'lots == 0'",
        "--gate: 'lost <'",
        "--seed: -1 is not a whole number from 0",
        "--receive-clock: 'wall' is none of app, kernel",
        "--cuts: 'fin=x' gives no number",
        "--cuts: 'rts' is none of fin, rst, silence; did you mean 'rst'?",
        "none.json: file: a load result cannot be read here",
        "--worker: a process is a master or a worker, not both",
        "--web: 99999 is no port",
    ):
        assert said in done.output, said
    assert done.output.startswith("durable-audit: load: 19 problems")  # --web is the master's, besides


def test_a_worker_needs_its_masters_seed(target: Path) -> None:
    assert set(wrong(str(target), "--worker")) == {"--seed"}
    assert wrong(str(target), "--worker", "--seed", "1") == {}


def test_more_devices_than_this_machine_allows(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import resource

    monkeypatch.setattr(resource, "getrlimit", lambda _: (256, 1_000))
    assert "file descriptors; the limit is 1,000" in wrong(str(target), "--devices", "900")["--devices"]


@pytest.mark.parametrize(("name", "said"), [
    ("refrence", "did you mean the built-in server 'reference'?"),
    ("nothing.toml", "there is no such file"),
])  # fmt: skip
def test_a_target_that_is_none(name: str, said: str) -> None:
    done = run(name, "--devices", "0")
    assert done.exit_code == 2
    assert said in done.output and "--devices" in done.output


def test_a_broken_result_to_compare_with_is_named(target: Path, tmp_path: Path) -> None:
    (tmp_path / "before.json").write_text("{}")
    assert "--compare" in wrong(str(target), "--compare", str(tmp_path / "before.json"))


# -- what is not permitted --------------------------------------------------------------------------------------------


def far(tmp_path: Path, more: str = "") -> str:
    path = tmp_path / "far.toml"
    path.write_text(TARGET.format(url="https://staging.example.com") + more)
    return str(path)


def test_another_host_has_to_be_allowed_and_confirmed_and_its_prompts_are_counted(tmp_path: Path) -> None:
    assert set(wrong(far(tmp_path))) == {"limits.load_hosts"}
    allowed = '[limits]\nload_hosts = ["staging.example.com"]\nmax_prompts = 10\n'
    assert set(wrong(far(tmp_path, allowed))) == {"--yes", "limits.max_prompts"}
    assert set(wrong(far(tmp_path, allowed.replace("10", "9999")), "--yes")) == set()


def test_a_plan_may_be_looked_at_without_permission(tmp_path: Path) -> None:
    done = run(far(tmp_path), "--dry-run", "--seed", "1")
    assert (done.exit_code, "100 devices in 50 sessions" in done.output) == (0, True)
    assert run(far(tmp_path), "--dry-run", "--devices", "0").exit_code == 2


# -- hooks ------------------------------------------------------------------------------------------------------------

HOOK = '[hooks]\ndeploy = "roll ${FLEET} out"\n'


@pytest.fixture
def hooked(target: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FLEET", "eu-west")
    target.write_text(target.read_text() + HOOK)
    return target


def test_a_hook_is_shown_with_the_plan_and_its_secrets_are_not(hooked: Path) -> None:
    done = run(hooked, "--deploy-at", "20", "--deploy-at", "40.5", "--dry-run")
    assert done.exit_code == 0
    assert "deploy at 20, 40.5 s: roll ••• out" in done.output


def test_no_hook_is_run_that_was_not_allowed(hooked: Path) -> None:
    done = run(hooked, "--deploy-at", "20")
    assert done.exit_code == 2
    assert "--allow-hooks: 'roll ••• out' would be run on this machine" in done.output
    assert wrong(str(hooked), "--deploy-at", "20", "--allow-hooks") == {}
    assert wrong(str(hooked), "--deploy-at", "20", "--worker", "--seed", "1") == {}  # its master runs it


def test_a_deploy_needs_a_hook_and_a_time_within_the_load(target: Path, hooked: Path) -> None:
    assert "after the end" in wrong(str(hooked), "--deploy-at", "61", "--allow-hooks")["--deploy-at"]
    assert "no deploy hook" in wrong("reference", "--deploy-at", "20", "--allow-hooks")["--deploy-at"]
