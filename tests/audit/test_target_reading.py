from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.contract import CAPABILITIES, Contract
from audit.errors import ConfigError
from audit.masking import MASK
from audit.target import Architecture, Limits
from audit.target_reading import load_target

SMALLEST = 'name = "chat"\nbase_url = "https://chat.example"\nprotocol = "session"\n'


def problems(source: Path | str, env: dict[str, str] | None = None) -> dict[str, str]:
    """Where → what, of everything that is wrong."""
    with pytest.raises(ConfigError) as caught:
        load_target(source, env or {})
    assert caught.value.exit_code == 2
    return {problem.where: problem.what for problem in caught.value.problems}


def test_three_keys_are_enough_and_promise_nothing() -> None:
    target = load_target(SMALLEST, {})
    assert (target.name, target.base_url, target.protocol) == ("chat", "https://chat.example", "session")
    assert target.contract == Contract()
    assert target.architecture == Architecture(None, CAPABILITIES, "single", ("web-tab",))  # type: ignore[arg-type]
    assert target.limits == Limits()
    assert target.verify_tls and target.ca_file is None


def test_everything_that_can_be_said_arrives(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("-----BEGIN CERTIFICATE-----\n")
    file = tmp_path / "chat.toml"
    file.write_text(
        """
        name = " support chat "
        base_url = "https://chat.example/api/"
        protocol = "session"
        [auth]
        headers = { Authorization = "Bearer ${TOKEN}" }
        query = { key = "k-123" }
        [options]
        transport = "sse"
        [architecture]
        streaming = "sse"
        needs = ["live-control"]
        agents = "orchestrator"
        surfaces = ["web-tab", "mobile"]
        [contract]
        disconnect = "cancel"
        concurrent_send = "queue"
        retention_s = 60
        stop_budget_ms = 500
        idempotency = "none"
        [oracle]
        items = 30
        format = "w{:03d}"
        prompt = "Count to {items} like {example}, {as you like}."
        fixed_items = 200
        fixed_format = "tok-{:04d}"
        [limits]
        max_prompts = 50
        jobs = 2
        load_hosts = ["chat.example"]
        [gates]
        load = ["lost==0", "resume_delay_p95_ms < 2_000"]
        [tls]
        verify = false
        ca_file = "ca.pem"
        """
    )
    target = load_target(file, {"TOKEN": "s3cret-token"})
    assert (target.name, target.base_url) == ("support chat", "https://chat.example/api")
    assert dict(target.headers) == {"Authorization": "Bearer s3cret-token"}
    assert dict(target.query) == {"key": "k-123"}
    assert target.options.transport == "sse"  # type: ignore[union-attr]
    assert target.architecture == Architecture("sse", ("live-control",), "orchestrator", ("web-tab", "mobile"))
    assert target.contract == Contract("cancel", "queue", 60, 500, "none")
    assert (target.oracle.items, target.oracle.fixed_items, target.oracle.fixed_format) == (30, 200, "tok-{:04d}")
    assert target.limits == Limits(50, 2, ("chat.example",))
    assert target.load_gates == ("lost == 0", "resume_delay_p95_ms < 2000")
    assert (target.verify_tls, target.ca_file) == (False, tmp_path / "ca.pem")


def test_every_problem_is_reported_at_once() -> None:
    found = problems(
        """
        base_url = "https://chat.example"
        protocol = "sesion"
        archtecture = 1
        [contract]
        disconnect = "continu"
        stop_budget = 3
        name = "chat"
        """
    )
    assert found == {
        "name": "is missing",
        "protocol": "'sesion' is no protocol that is known; did you mean 'session'? (known: session, chat-sse, ai-sdk, "
        "openai-responses, json-socket)",
        "archtecture": "unknown key; did you mean 'architecture'?",
        "contract.disconnect": "must be 'continue' or 'cancel', not 'continu'",
        "contract.stop_budget": "unknown key; did you mean 'stop_budget_ms'?",
        "contract.name": "unknown key; 'name' belongs at the top of the file, before the first [table]",
    }


def test_a_problem_shows_how_it_is_done_right() -> None:
    with pytest.raises(ConfigError) as caught:
        load_target(SMALLEST + '[contract]\ndisconnect = "abort"\n', {})
    assert str(caught.value) == (
        "target: 1 problem\n"
        "  - contract.disconnect: must be 'continue' or 'cancel', not 'abort'\n"
        '      for example: disconnect = "continue"'
    )


def test_options_are_checked_by_the_protocols_own_model() -> None:
    found = problems(SMALLEST + '[options]\ntransprot = "sse"\n')
    assert found == {"options.transprot": "unknown key; did you mean 'transport'?"}


def test_every_wrong_gate_is_named_by_its_place() -> None:
    found = problems(SMALLEST + '[gates]\nload = ["lots == 0", "lost == 0", "resume_delay_p95_ms < 2s", 3]\nlod = []\n')
    assert found == {
        "gates.load[0]": "'lots' is nothing that is measured; did you mean 'lost'?",
        "gates.load[2]": "'2s' is no finite number; the name says the unit, so write 2000",
        "gates.load[3]": "must be a valid string, not 3",
        "gates.lod": "unknown key; did you mean 'load'?",
    }


def test_the_table_of_a_pyproject_is_read_and_named_in_problems(tmp_path: Path) -> None:
    file = tmp_path / "pyproject.toml"
    file.write_text(
        '[project]\nname = "x"\n[tool.durable-audit]\nname = "chat"\nbase_url = "http://h"\nprotocol = "session"\n'
    )
    assert load_target(file, {}).name == "chat"
    file.write_text('[tool.durable-audit]\nname = "chat"\nprotocol = "session"\n')
    assert problems(file) == {"tool.durable-audit.base_url": "is missing"}
    file.write_text('[project]\nname = "x"\n')
    assert problems(file) == {"tool.durable-audit": "this pyproject.toml describes no target"}


def test_a_ca_file_is_looked_for_beside_the_target_file(tmp_path: Path) -> None:
    file = tmp_path / "chat.toml"
    file.write_text(SMALLEST + '[tls]\nca_file = "ca.pem"\n')
    assert list(problems(file)) == ["tls.ca_file"]


# -- secrets ----------------------------------------------------------------------------------------------------------


def test_a_secret_in_a_problem_is_masked() -> None:
    text = SMALLEST.replace('"session"', '"${TOKEN}"') + '[contract]\ndisconnect = "${TOKEN}"\n'
    with pytest.raises(ConfigError) as caught:
        load_target(text, {"TOKEN": "hunter-two"})
    assert "hunter-two" not in str(caught.value)
    assert {problem.where for problem in caught.value.problems} == {"protocol", "contract.disconnect"}


def test_a_missing_variable_is_the_only_thing_said_of_its_key() -> None:
    found = problems(SMALLEST.replace("https://chat.example", "${CHAT_URL}"), {"CHAT_URI": "http://h"})
    assert found == {"base_url": "the environment variable CHAT_URL is not set; did you mean ${CHAT_URI}?"}


def test_hooks_are_commands_that_are_shown_without_their_secrets() -> None:
    text = SMALLEST + '[hooks]\nrestart = "sh restart.sh"\ndeploy = """\nroll ${FLEET} out\n"""\n'
    target = load_target(text, {"FLEET": "eu-west"})
    assert (target.hooks.restart, target.hooks.deploy) == ("sh restart.sh", "roll eu-west out")
    assert target.redacted()["hooks"] == {"restart": "sh restart.sh", "deploy": f"roll {MASK} out", "token": ""}


def test_credentials_that_are_made_need_a_maker_and_a_place() -> None:
    made, place = '[hooks]\ntoken = "sh token.sh"\n', '[auth]\nheaders = { Authorization = "Bearer {token}" }\n'
    target = load_target(SMALLEST + place + made, {})
    assert target.mints and target.knows_stranger and target.redacted()["stranger"] is True
    assert target.redacted()["headers"] == {"Authorization": MASK}
    for text, where in ((SMALLEST + place, "auth"), (SMALLEST + made, "hooks.token")):
        with pytest.raises(ConfigError) as caught:
            load_target(text, {})
        assert [problem.where for problem in caught.value.problems] == [where]
    assert not load_target(SMALLEST, {}).mints
    assert load_target(SMALLEST, {}).hooks.deploy == ""


def test_only_hooks_that_are_known_and_say_something() -> None:
    found = problems(SMALLEST + '[hooks]\ndeplyo = "x"\nrestart = " "\ndeploy = "a\\u0000b"\n')
    assert found == {
        "hooks.deplyo": "unknown key; did you mean 'deploy'?",
        "hooks.restart": "is blank",
        "hooks.deploy": "holds a null character",
    }


# -- anything at all --------------------------------------------------------------------------------------------------

KEYS = [
    "name",
    "base_url",
    "protocol",
    "auth",
    "options",
    "architecture",
    "contract",
    "oracle",
    "limits",
    "gates",
    "tls",
    "x",
]
INNER = [
    "headers",
    "query",
    "needs",
    "disconnect",
    "retention_s",
    "items",
    "format",
    "prompt",
    "jobs",
    "load",
    "verify",
    "y",
]
SCALARS = (
    st.none().map(lambda _: "session")
    | st.text(max_size=20)
    | st.integers()
    | st.floats()
    | st.booleans()
    | st.sampled_from(["${A}", "${", "http://h", "continue", "tok-{}"])
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(INNER), inner)
)


def toml(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {toml(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    if isinstance(value, str):
        return json.dumps(value).replace("\x7f", "\\u007f")
    return str(value).lower()


@given(st.dictionaries(st.sampled_from(KEYS), VALUES))
@settings(max_examples=150, deadline=1_000)
def test_any_table_is_a_target_or_a_config_error(table: dict[str, object]) -> None:
    text = "\n".join(f"{key} = {toml(value)}" for key, value in table.items())
    try:
        assert load_target(text, {"A": "value-of-a"}).redacted()
    except ConfigError as error:
        assert error.problems


@given(st.text())
@settings(max_examples=150, deadline=1_000)
def test_any_text_is_a_target_or_a_config_error(text: str) -> None:
    with pytest.raises(ConfigError):
        load_target(text, {})


@given(st.binary())
@settings(max_examples=60, deadline=1_000)
def test_any_bytes_are_a_target_or_a_config_error(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    file = tmp_path_factory.getbasetemp() / "any.toml"
    file.write_bytes(data)
    with pytest.raises(ConfigError):
        load_target(file, {})
