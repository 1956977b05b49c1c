from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest
from pydantic import BaseModel, ValidationError

from audit.adapters import ADAPTERS
from audit.target_file import OracleTable, TargetFile
from audit.target_reading import load_target

DOCUMENT = (Path(__file__).parents[2] / "docs" / "target-file.md").read_text()
ENVIRONMENT = {"STAGING_TOKEN": "t0ken", "STAGING_KEY": "k3y1", "OTHER_TOKEN": "0ther", "OTHER_KEY": "k3y2"}
EXAMPLE = next(iter(re.findall(r"```toml\n(.*?)```", DOCUMENT, re.DOTALL)))


def keys(model: type[BaseModel], at: str = "") -> Iterator[str]:
    """Key paths of a model and its tables."""
    for name, field in model.model_fields.items():
        yield at + name
        for kind in (field.annotation, *get_args(field.annotation)):
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                yield from keys(kind, f"{at}{name}.")


def set_in(table: dict[str, object], at: str = "") -> Iterator[str]:
    for name, value in table.items():
        yield at + name
        if isinstance(value, dict):
            yield from set_in(value, f"{at}{name}.")


def test_the_documents_example_is_valid(tmp_path: Path) -> None:
    (tmp_path / "certs").mkdir()
    (tmp_path / "certs" / "staging-ca.pem").touch()
    (tmp_path / "durable-audit.toml").write_text(EXAMPLE)
    target = load_target(tmp_path / "durable-audit.toml", ENVIRONMENT)
    assert target.contract.undeclared() == ()


def test_every_key_is_in_the_example_and_explained_there() -> None:
    assert set(keys(TargetFile)) <= set(set_in(tomllib.loads(EXAMPLE)))
    for line in EXAMPLE.splitlines():
        if re.match(r"[a-z_]+ *=", line):
            assert "#" in line, f"not explained: {line}"


def test_every_protocol_and_each_of_its_options_is_documented() -> None:
    for kind in ADAPTERS:
        assert f"`{kind.id}`" in DOCUMENT
        for name in kind.options_model.model_fields:
            assert re.search(rf"\| `{kind.id}` \| `{name}` \|", DOCUMENT), f"{kind.id}: {name}"


@pytest.mark.parametrize(
    "url",
    [
        "ftp://h",
        "h:80",
        "http://",
        "https:///x",
        "http://user:pass@h",
        "http://user@h",
        "http://h/?key=1",
        "http://h/#x",
        "http://h:99999",
        "http://h:x",
        "http://h:0",
        "http://[::1",
        "http://a b",
        "http://h/\n",
        "ws://h",
        "",
        "http://" + "h" * 3_000,
    ],
)
def test_addresses_that_cannot_be_dialled_as_they_are(url: str) -> None:
    with pytest.raises(ValidationError) as caught:
        TargetFile(name="x", base_url=url, protocol="session") if url != "http://h/\n" else TargetFile(
            name="x", base_url="http://h/\nx", protocol="session"
        )
    assert [error["loc"] for error in caught.value.errors()] == [("base_url",)]
    assert "pass" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("http://h", "http://h"),
        (" https://H:8443/a/b/ ", "https://H:8443/a/b"),
        ("http://[::1]:80/", "http://[::1]:80"),
    ],
)
def test_addresses_with_a_host_a_port_a_path(url: str, kept: str) -> None:
    assert TargetFile(name="x", base_url=url, protocol="session").base_url == kept


@pytest.mark.parametrize("shape", ["tok-{:04d}", "{}", "{:d}", "n{:02d}é漢🙂"])
def test_formats_that_make_one_word_of_a_number(shape: str) -> None:
    assert len(OracleTable(format=shape).format.format(7).split()) == 1


@pytest.mark.parametrize(
    "shape", ["tok", "", "{} {}", "a {}", "{:5d}", "{:099999999d}", "{0.real}", '"{}"', "{}{}", "[{}]"]
)
def test_formats_that_do_not(shape: str) -> None:
    with pytest.raises(ValidationError):
        OracleTable(format=shape)


@pytest.mark.parametrize(
    ("table", "where"),
    [
        ('[auth]\nheaders = { "a b" = "x" }', "auth.headers"),
        ('[auth]\nheaders = { A = "x\\ny" }', "auth.headers"),
        ("[auth]\nheaders = { A = 1 }", "auth.headers.A"),
        ("[architecture]\nneeds = []", "architecture.needs"),
        ('[architecture]\nsurfaces = ["mobile", "mobile"]', "architecture.surfaces"),
        ("[contract]\nretention_s = nan", "contract.retention_s"),
        ("[contract]\nretention_s = 1e300", "contract.retention_s"),
        ("[contract]\nstop_budget_ms = 0", "contract.stop_budget_ms"),
        ('[contract]\nstop_budget_ms = "1000"', "contract.stop_budget_ms"),
        ("[contract]\nstop_budget_ms = true", "contract.stop_budget_ms"),
        ('[oracle]\nprompt = "{item}"', "oracle.prompt"),
        ('[oracle]\nprompt = " "', "oracle.prompt"),
        ("[oracle]\nitems = 3", "oracle.items"),
        ("[limits]\njobs = 1000", "limits.jobs"),
        ('[tls]\nverify = "no"', "tls.verify"),
    ],
)
def test_values_that_make_no_sense_are_named_by_their_path(table: str, where: str) -> None:
    from audit.errors import ConfigError

    with pytest.raises(ConfigError) as caught:
        load_target(f'name = "x"\nbase_url = "http://h"\nprotocol = "session"\n{table}', {})
    assert [problem.where for problem in caught.value.problems] == [where]


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "a\x00b", "x" * 201])
def test_a_name_is_one_short_line(name: str) -> None:
    with pytest.raises(ValidationError):
        TargetFile(name=name, base_url="http://h", protocol="session")
