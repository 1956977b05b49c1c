from __future__ import annotations

import json

import pytest

from audit.masking import MASK, masked
from audit.target import CountingOracle, Limits, Target
from audit.target_reading import load_target

SMALLEST = 'name = "chat"\nbase_url = "https://chat.example"\nprotocol = "session"\n'


# -- secrets ----------------------------------------------------------------------------------------------------------

SECRET = "s3cret/token value"
WITH_SECRETS = (
    'name = "chat ${REGION}"\nbase_url = "https://${HOST}/v1"\nprotocol = "openai-responses"\n'
    '[auth]\nheaders = { Authorization = "Bearer ${TOKEN}", X-Plain = "plain-header" }\n'
    'query = { key = "plain-query" }\n'
    '[options]\nmodel = "m-${TOKEN}"\n'
)
ENV = {"REGION": "eu-west", "HOST": "internal.example", "TOKEN": SECRET}


def test_no_secret_is_ever_shown() -> None:
    target = load_target(WITH_SECRETS, ENV)
    written = json.dumps(target.redacted(), ensure_ascii=False) + repr(target) + str(target)
    for secret in (SECRET, "plain-header", "plain-query", "eu-west", "internal.example"):
        assert secret not in written
        assert secret in target.secrets()
    assert target.redacted()["headers"] == {"Authorization": MASK, "X-Plain": MASK}
    assert target.redacted()["options"]["model"] == f"m-{MASK}"
    assert target.headers["Authorization"] == f"Bearer {SECRET}"  # it does reach the wire


def test_a_secret_is_known_as_a_url_would_show_it() -> None:
    text = f"GET /x?key=s3cret%2Ftoken%20value failed, and so did {SECRET}"
    assert masked(text, load_target(WITH_SECRETS, ENV).secrets()) == f"GET /x?key={MASK} failed, and so did {MASK}"


def test_short_values_do_not_mask_ordinary_text() -> None:
    target = load_target(SMALLEST + '[auth]\nheaders = { X-Debug = "1" }\n', {})
    assert target.secrets() == frozenset()
    assert target.redacted()["headers"] == {"X-Debug": MASK}


# -- counting ---------------------------------------------------------------------------------------------------------


def test_the_default_prompt_is_understood_by_people_models_and_the_scripted_agent() -> None:
    assert CountingOracle().ask(60, pace_ms=5, first_ms=20) == (
        "Write the numbers from 1 to 60, each as tok-0001, separated by single spaces, and nothing else. "
        '[items=60 pace_ms=5 first_ms=20 burst=1 format="tok-{:04d}"]'
    )
    assert CountingOracle().expected(60) == {"items": 60, "format": "tok-{:04d}"}


def test_what_is_asked_for_can_be_wider_words() -> None:
    asked = CountingOracle(prompt="{example}").ask(5, format="tok-{:04d}·é漢🙂")
    assert asked == "tok-0001·é漢🙂"


def test_a_mock_says_what_it_says() -> None:
    oracle = CountingOracle(fixed_items=200, fixed_format="w{:d}")
    assert oracle.expected(60) == {"items": 200, "format": "w{:d}"}


def test_a_prompt_that_asks_for_no_number_has_no_counting_oracle() -> None:
    oracle = CountingOracle(prompt="Tell me {a story}.")
    assert oracle.ask(60) == "Tell me {a story}."
    assert oracle.expected(60) is None


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("http://127.0.0.1:8080", True),
        ("http://localhost", True),
        ("http://[::1]:80", True),
        ("https://staging.example", True),
        ("https://chat.example", False),
        ("https://127.0.0.1.evil.example", False),
    ],
)
def test_load_is_for_loopback_and_named_hosts(url: str, allowed: bool) -> None:
    assert Target("t", url, "session", limits=Limits(load_hosts=("staging.example",))).may_load() is allowed
