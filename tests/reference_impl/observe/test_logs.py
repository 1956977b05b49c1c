from __future__ import annotations

import json
import logging
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference_impl.access.tokens import mint, secret_key
from reference_impl.observe.logs import HIDDEN, JsonFormatter, TextFormatter, hide

TOKEN = mint(secret_key(b"a secret of thirty-two bytes, or more"), "s", ["read"], 60)


def record(message: str, *args: object, **extra: object) -> logging.LogRecord:
    try:
        raise ValueError(f"GET /?token={TOKEN}")
    except ValueError:
        made = logging.LogRecord("a.b", logging.ERROR, __file__, 1, message, args, sys.exc_info())
    made.__dict__ |= extra
    return made


def test_a_record_is_one_line_of_json_with_its_traceback() -> None:
    line = JsonFormatter().format(record("session %s\nbroke", "s", session="é"))
    row = json.loads(line)
    assert "\n" not in line
    assert (row["level"], row["logger"], row["message"], row["session"]) == ("error", "a.b", "session s\nbroke", "é")
    assert row["time"].endswith("Z")
    assert "ValueError" in row["error"] and "Traceback" in row["error"]


@pytest.mark.parametrize("formatter", [JsonFormatter(), TextFormatter()])
def test_no_token_gets_into_a_line(formatter: logging.Formatter) -> None:
    line = formatter.format(record("%s asked", TOKEN, header=f"Authorization: Bearer {TOKEN}"))
    assert TOKEN not in line
    assert TOKEN.rpartition(".")[2] not in line
    assert HIDDEN in line and "ValueError" in line


@pytest.mark.parametrize(
    "text",
    [
        "GET /v1/sessions/s/events?token=sesame&from=tail HTTP/1.1",
        "Authorization: Bearer sesame",
        "authorization: sesame",
        "{'Authorization': 'Basic sesame'}",
        "b'Authorization: Bearer sesame\\x00'",
        "redis://user:sesame@127.0.0.1/0",
        "TOKEN=sesame",
    ],
)
def test_secrets_are_hidden_whatever_they_look_like(text: str) -> None:
    assert "sesame" not in hide(text)
    assert HIDDEN in hide(text)


@given(st.text(), st.text())
def test_a_token_is_found_in_any_text(before: str, after: str) -> None:
    assert TOKEN.rpartition(".")[2] not in hide(f"{before}{TOKEN}{after}")
