"""`tools/ci_load.sh` and `action.yml`, as far as they can be run without GitHub: with a stand-in for `durable-audit`
that writes down how it was called, and once for real."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml  # type: ignore[import-untyped]

from audit.load.churn import PRESETS
from audit.load.gates import Gate
from audit.load_cli import load_command
from audit.scenario import PROFILES

pytestmark = pytest.mark.sockets

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "tools" / "ci_load.sh"
EXAMPLES = sorted((ROOT / "examples" / "ci").iterdir())
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
SHELLS = [name for name in ("dash", "bash", "busybox") if shutil.which(name)] or ["sh"]

STAND_IN = r"""#!/bin/sh
for word; do printf '%s\n' "$word"; done >>calls
echo -- >>calls
command=$1 page=""
for word; do
    [ "$page" != --markdown ] || echo "# $command" >"$word"
    [ "$page" != --html ] || echo "<html>" >"$word"
    page=$word
done
if [ "$command" = load ] && [ -n "${STAND_IN_WAITS:-}" ]; then
    trap 'echo drained >>calls; exit 130' INT
    echo ready >>calls
    for tenth in $(seq 300); do sleep 0.1; done
fi
[ "$command" = load ] && exit "${LOAD_CODE:-0}" || exit "${RUN_CODE:-0}"
"""
SERVICE = """
import http.server, os, pathlib, sys, threading
threading.Timer(60, os._exit, (0,)).start()  # whatever becomes of the test
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(int(sys.argv[1]) if len(sys.argv) > 1 else 404)
        self.end_headers()
server = http.server.HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Answer)
pathlib.Path("service.pid").write_text(str(os.getpid()))
print("listening", flush=True)
server.serve_forever()
"""

Run = Callable[..., "subprocess.CompletedProcess[str]"]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with the stand-in on its path, and a small service."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "durable-audit").write_text(STAND_IN)
    (tmp_path / "bin" / "durable-audit").chmod(0o755)
    (tmp_path / "service.py").write_text(SERVICE)
    return tmp_path


def environment(place: Path, **settings: str) -> dict[str, str]:
    port = str(free_port())
    given = {"LOAD_TARGET": "chat.toml", "LOAD_WAIT_URL": f"http://127.0.0.1:{port}/up", "LOAD_WAIT_S": "10"}
    path = f"{place / 'bin'}:/usr/bin:/bin"
    return {**given, "PATH": path, "PORT": port, "PYTHON": sys.executable, "HOME": str(place), **settings}


def run(place: Path, shell: str = "sh", **settings: str) -> subprocess.CompletedProcess[str]:
    argv = [*(["busybox", "sh"] if shell == "busybox" else [shell]), str(SCRIPT)]
    return subprocess.run(
        argv, cwd=place, env=environment(place, **settings), capture_output=True, text=True, timeout=60, check=False
    )


def calls(place: Path) -> list[list[str]]:
    text = (place / "calls").read_text() if (place / "calls").exists() else ""
    return [call.split("\n")[:-1] for call in text.split("--\n")[:-1]]


def alive(place: Path) -> bool:
    pid = int((place / "service.pid").read_text())
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


START = f"exec {sys.executable} service.py"
FILES = [
    *("--json", "durable-audit/load.json", "--html", "durable-audit/load.html"),
    *("--junit", "durable-audit/load.xml", "--markdown", "durable-audit/load.md"),
]


@pytest.mark.parametrize(("shell", "code"), [*((shell, 1) for shell in SHELLS), (SHELLS[0], 0), (SHELLS[0], 3)])
def test_the_exit_code_is_the_loads_and_the_service_is_stopped(place: Path, shell: str, code: int) -> None:
    done = run(place, shell, LOAD_START=START, LOAD_CODE=str(code))
    assert (done.returncode, done.stderr) == (code, "")
    assert calls(place) == [["load", "chat.toml", *FILES]]
    assert not alive(place)


def test_every_setting_arrives_as_an_option(place: Path) -> None:
    gates = "\n  lost == 0\n\n# a remark\n\tresume_delay_p95_ms < 2000  \n"
    settings = {"LOAD_DEVICES": "300", "LOAD_SECONDS": "20", "LOAD_PRESET": "deploy", "LOAD_GATES": gates}
    done = run(place, LOAD_START=START, LOAD_ARGUMENTS="--storm 10  --seed 7", **settings)
    assert done.returncode == 0
    assert calls(place) == [
        [
            *("load", "chat.toml", "--devices", "300", "--seconds", "20", "--preset", "deploy"),
            *("--storm", "10", "--seed", "7", "--gate", "lost == 0", "--gate", "resume_delay_p95_ms < 2000"),
            *FILES,
        ]
    ]


def test_nothing_that_is_given_is_run_by_the_shell(place: Path) -> None:
    trick = "lost == 0 $(touch tricked) `touch tricked` * \\"
    done = run(
        place, LOAD_START=START, LOAD_GATES=trick, LOAD_TARGET="a b;touch tricked.toml", LOAD_ARGUMENTS="* $HOME"
    )
    assert done.returncode == 0
    assert calls(place) == [["load", "a b;touch tricked.toml", "*", "$HOME", "--gate", trick, *FILES]]
    assert not list(place.glob("tricked*"))


def test_an_audit_comes_first_when_it_is_asked_for(place: Path) -> None:
    done = run(place, LOAD_START=START, LOAD_PROFILE="quick")
    assert done.returncode == 0
    audit, load = calls(place)
    assert audit[:4] == ["run", "chat.toml", "--profile", "quick"]
    assert load[0] == "load"


@pytest.mark.parametrize(("audited", "loaded", "code"), [(3, 0, 3), (3, 1, 1), (0, 1, 1)])
def test_the_audits_exit_code_counts_when_the_load_passed(place: Path, audited: int, loaded: int, code: int) -> None:
    done = run(place, LOAD_START=START, LOAD_PROFILE="quick", RUN_CODE=str(audited), LOAD_CODE=str(loaded))
    assert (done.returncode, len(calls(place))) == (code, 2)


def test_summary_and_outputs_are_written_where_github_reads_them(place: Path) -> None:
    (place / "summary").write_text("before\n")
    settings = {"GITHUB_STEP_SUMMARY": str(place / "summary"), "GITHUB_OUTPUT": str(place / "output")}
    run(place, LOAD_START=START, LOAD_PROFILE="quick", LOAD_CODE="1", **settings)
    assert (place / "summary").read_text() == "before\n# run\n# load\n"
    assert (place / "output").read_text() == "exit_code=1\nreport=durable-audit/load.html\n"


# -- the service ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shell", SHELLS)
def test_a_service_that_ends_before_it_answers_proves_nothing(place: Path, shell: str) -> None:
    done = run(place, shell, LOAD_START="echo no database; exit 4")
    assert done.returncode == 3
    assert "the service ended before it answered" in done.stderr and "no database" in done.stderr
    assert calls(place) == []


def test_a_service_that_never_answers_proves_nothing(place: Path) -> None:
    done = run(place, LOAD_START="exec sleep 60", LOAD_WAIT_S="1")
    assert done.returncode == 3
    assert "did not answer within 1 seconds" in done.stderr


def test_a_service_that_answers_with_an_error_is_not_up(place: Path) -> None:
    done = run(place, LOAD_START=f"{START} 503", LOAD_WAIT_S="1")
    assert (done.returncode, calls(place)) == (3, [])
    assert not alive(place)


@pytest.mark.parametrize("shell", SHELLS)
def test_what_the_command_leaves_running_in_the_background_is_waited_for_and_stopped(place: Path, shell: str) -> None:
    done = run(place, shell, LOAD_START=f"{sys.executable} service.py & sleep 0.1")
    assert (done.returncode, done.stderr, len(calls(place))) == (0, "", 1)
    assert not alive(place)


def test_a_proxy_is_never_asked_whether_a_local_service_is_up(place: Path) -> None:
    dead = f"http://127.0.0.1:{free_port()}"
    assert run(place, LOAD_START=START, http_proxy=dead, HTTP_PROXY=dead).returncode == 0


def test_a_service_that_is_up_already_is_left_alone(place: Path) -> None:
    env = environment(place)
    with subprocess.Popen([sys.executable, "service.py"], cwd=place, env=env, stdout=subprocess.PIPE) as service:
        assert service.stdout is not None and service.stdout.readline()
        done = run(place, LOAD_WAIT_URL=env["LOAD_WAIT_URL"])
        assert (done.returncode, service.poll()) == (0, None)
        service.terminate()


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"LOAD_TARGET": ""}, "LOAD_TARGET is not set"),
        ({"LOAD_START": START, "LOAD_WAIT_URL": ""}, "LOAD_START needs LOAD_WAIT_URL"),
        ({"PATH": "/usr/bin:/bin"}, "durable-audit is not installed"),
    ],
)
def test_wrong_usage_is_told(place: Path, settings: dict[str, str], said: str) -> None:
    done = run(place, **settings)
    assert done.returncode == 2
    assert said in done.stderr


@pytest.mark.parametrize(
    ("shell", "sent"), [*((shell, signal.SIGINT) for shell in SHELLS), (SHELLS[0], signal.SIGTERM)]
)
def test_a_canceled_job_lets_the_load_drain_and_stops_the_service(
    place: Path, shell: str, sent: signal.Signals
) -> None:
    argv = [*(["busybox", "sh"] if shell == "busybox" else [shell]), str(SCRIPT)]
    env = environment(place, LOAD_START=START, STAND_IN_WAITS="yes", GITHUB_OUTPUT=str(place / "output"))
    with subprocess.Popen(argv, cwd=place, env=env, stderr=subprocess.PIPE, text=True) as running:
        deadline = time.monotonic() + 20
        while "ready" not in ((place / "calls").read_text() if (place / "calls").exists() else ""):
            assert time.monotonic() < deadline and running.poll() is None
            time.sleep(0.02)
        running.send_signal(sent)
        assert running.wait(30) == 130
    assert (place / "calls").read_text().endswith("drained\n")
    assert (place / "output").read_text().startswith("exit_code=130\n")
    assert not alive(place)


# -- the action -------------------------------------------------------------------------------------------------------


def filled(text: str, inputs: dict[str, str]) -> str:
    """`${{ … }}` as GitHub would fill it in."""
    known = {f"inputs.{name}": value for name, value in inputs.items()} | {"github.action_path": str(ROOT)}
    return re.sub(r"\$\{\{ ([a-z_.]+) \}\}", lambda found: known[found[1]], text)


def step(name: str, **given: str) -> tuple[str, dict[str, str]]:
    """The shell text and the environment of one of the action's steps."""
    defaults = {key: str(value.get("default", "")) for key, value in ACTION["inputs"].items()}
    found = next(each for each in ACTION["runs"]["steps"] if each["name"] == name)
    return found["run"], {key: filled(value, defaults | given) for key, value in found["env"].items()}


def test_the_actions_load_step_runs_with_its_defaults(place: Path) -> None:
    text, env = step("Load", target="chat.toml", start=START, gates="lost == 0\n")
    port = str(free_port())
    env |= {"PATH": f"{place / 'bin'}:{Path(sys.executable).parent}:/usr/bin:/bin", "PORT": port}
    env["LOAD_WAIT_URL"] = f"http://127.0.0.1:{port}/"
    done = subprocess.run(["sh", "-e", "-c", text], cwd=place, env=env, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    options = ["--devices", "200", "--seconds", "60", "--preset", "office", "--gate", "lost == 0"]
    assert calls(place) == [["load", "chat.toml", *options, *FILES]]


@pytest.mark.parametrize(("package", "installed"), [("", f"{ROOT}[fast]"), ("durable-audit==9", "durable-audit==9")])
def test_the_action_installs_its_own_version_or_the_one_that_is_named(
    place: Path, package: str, installed: str
) -> None:
    shutil.copy(place / "bin" / "durable-audit", place / "bin" / "python")
    text, env = step("Install durable-audit", package=package)
    done = subprocess.run(
        ["sh", "-e", "-c", text], cwd=place, env={**env, "PATH": f"{place / 'bin'}:/bin"}, check=False
    )
    assert done.returncode == 0
    assert calls(place)[0][-1] == installed


def test_nothing_a_caller_gives_is_pasted_into_a_shell() -> None:
    for each in ACTION["runs"]["steps"]:
        assert "${{" not in each.get("run", "")


def test_every_input_is_described_documented_and_used() -> None:
    page = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
    text = json.dumps(ACTION["runs"])
    for name, value in ACTION["inputs"].items():
        assert value["description"]
        assert f"inputs.{name} " in text
        row = re.search(rf"^\| `{name}` \| (\S.*?) \| ", page, re.MULTILINE)
        assert row is not None, name
        default = str(value.get("default") or ("required" if value.get("required") else "none"))
        assert row[1] == ("this action" if name == "package" else default)
    assert ACTION["inputs"]["preset"]["default"] in PRESETS
    assert all(name in page for name in PROFILES)


# -- the examples -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_an_example_is_valid_yaml_of_its_kind(path: Path) -> None:
    documents = list(yaml.safe_load_all(path.read_text(encoding="utf-8")))
    match path.name:
        case "github.yml":
            (workflow,) = documents
            used = workflow["jobs"]["load"]["steps"][-1]["with"]
            assert set(used) <= set(ACTION["inputs"]) and "target" in used
            assert [str(Gate.parse(line)) for line in used["gates"].splitlines()]
        case "gitlab.yml":
            (pipeline,) = documents
            assert all(isinstance(line, str) for line in pipeline["load"]["script"])
            assert pipeline["load"]["artifacts"]["reports"]["junit"] == "load.xml"
        case "kubernetes.yaml":
            kinds = [(each["kind"], each["metadata"]["name"]) for each in documents]
            assert kinds[2:] == [("Job", "load-master"), ("Job", "load-worker")]
        case _:
            raise AssertionError(f"{path.name} is tested by nobody")


def test_master_and_workers_of_the_manifest_make_the_same_plan() -> None:
    documents = yaml.safe_load_all((ROOT / "examples/ci/kubernetes.yaml").read_text(encoding="utf-8"))
    jobs = [each for each in documents if each["kind"] == "Job"]
    plans = []
    for job in jobs:
        (container,) = job["spec"]["template"]["spec"]["containers"]
        args = [*container["command"][2:], *container["args"]]
        context = load_command.make_context("load", args)
        plans.append(
            {key: context.params[key] for key in ("name", "devices", "seconds", "preset", "seed", "processes")}
        )
    assert plans[0] == plans[1]
    assert jobs[1]["spec"]["completions"] == jobs[1]["spec"]["parallelism"] == plans[0]["processes"]


@pytest.mark.parametrize("path", [*EXAMPLES, ROOT / "docs" / "ci.md"], ids=lambda path: path.name)
def test_every_option_that_is_shown_exists(path: Path) -> None:
    text = "\n".join(
        line for line in path.read_text(encoding="utf-8").splitlines() if not re.search(r"curl|pip|kubectl", line)
    )
    known = {name for parameter in load_command.params for name in parameter.opts}
    shown = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", text))
    assert shown <= known


# -- for real ---------------------------------------------------------------------------------------------------------


def test_a_real_load_on_the_reference_passes_and_leaves_its_files(place: Path) -> None:
    (place / "bin" / "durable-audit").write_text(f'#!/bin/sh\nexec {sys.executable} -P -m audit.cli "$@"\n')
    port = free_port()
    (place / "chat.toml").write_text(
        f'name = "reference"\nbase_url = "http://127.0.0.1:{port}"\nprotocol = "session"\n'
        '[contract]\ndisconnect = "continue"\n[gates]\nload = ["resume_delay_p50_ms < 5000"]\n'
    )
    done = run(
        place,
        LOAD_START=f"exec {sys.executable} -P -m reference_impl --port {port} --storage memory",
        LOAD_WAIT_URL=f"http://127.0.0.1:{port}/",
        LOAD_DEVICES="20",
        LOAD_SECONDS="6",
        LOAD_ARGUMENTS="--words 10 --pace-ms 50 --drop-every-s 2 --seed 5",
        LOAD_GATES="events > 100",
    )
    assert done.returncode == 0, done.stdout + done.stderr
    result = json.loads((place / "durable-audit" / "load.json").read_text())
    assert (result["lost"], result["void"]) == (0, "")
    gates = {gate["gate"]: gate["met"] for gate in result["gates"]}
    assert gates["lost == 0"] and gates["resume_delay_p50_ms < 5000"] and gates["events > 100"]
    suites = ElementTree.parse(place / "durable-audit" / "load.xml").getroot()
    assert (suites.get("failures"), suites.get("errors")) == ("0", "0")
    assert "<html" in (place / "durable-audit" / "load.html").read_text()[:500]
    assert (place / "durable-audit" / "load.md").read_text().strip()
