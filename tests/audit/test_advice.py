from __future__ import annotations

import re
from typing import Any

import pytest

from audit.advice import CLOUDFLARE, LANGGRAPH, NGINX, OWN_SOCKET, PLAIN_SSE, RESPONSES, SESSION, advice
from audit.checks import RULES
from audit.load.rules import LOAD_RULES

EVERYTHING = [rule.id for rule in (*RULES, *LOAD_RULES)]
REMOTE = "https://staging.example.com"


def stacks(protocol: str, base_url: str = REMOTE, gaps: list[str] | None = None, **options: Any) -> list[str]:
    target = {"protocol": protocol, "base_url": base_url, "options": options}
    return list(dict.fromkeys(each.stack for each in advice(target, EVERYTHING if gaps is None else gaps)))


@pytest.mark.parametrize(
    ("protocol", "options", "expected"),
    [
        ("ai-sdk", {}, ["AI SDK", NGINX, CLOUDFLARE]),
        ("openai-responses", {}, [RESPONSES, NGINX, CLOUDFLARE]),
        ("chat-sse", {}, [PLAIN_SSE, NGINX, CLOUDFLARE]),
        ("chat-sse", {"path": "/threads/t1/runs/stream"}, [LANGGRAPH, NGINX, CLOUDFLARE]),
        ("json-socket", {}, [OWN_SOCKET]),
        ("session", {"transport": "sse"}, [NGINX, CLOUDFLARE, SESSION]),
        ("session", {}, [SESSION]),
        ("something-new", {}, [PLAIN_SSE, NGINX, CLOUDFLARE]),
    ],
)
def test_advice_is_of_the_stack_that_is_declared(protocol: str, options: dict[str, Any], expected: list[str]) -> None:
    assert stacks(protocol, **options) == expected


@pytest.mark.parametrize("address", ["http://127.0.0.1:8031", "http://localhost", "http://[::1]:80"])
def test_nobody_stands_between_this_machine_and_itself_but_a_local_proxy(address: str) -> None:
    assert stacks("ai-sdk", address) == ["AI SDK", NGINX]


def test_what_did_not_break_gets_no_advice() -> None:
    assert stacks("ai-sdk", gaps=[]) == []
    assert stacks("ai-sdk", gaps=["isolation"]) == []
    (found,) = advice({"protocol": "ai-sdk"}, ["echo", "loss-of-hope"])
    assert found.rules == ("echo",)


def test_a_target_that_says_nothing_gets_the_plain_advice() -> None:
    assert {each.stack for each in advice({}, ["loss"])} == {PLAIN_SSE}


@pytest.mark.parametrize("protocol", ["ai-sdk", "openai-responses", "chat-sse", "json-socket", "session"])
def test_every_advice_says_where_it_comes_from(protocol: str) -> None:
    for each in advice({"protocol": protocol, "base_url": REMOTE}, EVERYTHING):
        assert each.text.endswith(".")
        assert each.sources
        for source in each.sources:
            assert re.match(r"https://|RFC \d+|WHATWG|docs/|[\w.-]+/[\w.-]+#\d+$", source), source
