"""The published description of the HTTP API, and whether the server keeps to it whatever it is sent."""

from __future__ import annotations

import asyncio
import json
import re
import sys
from pathlib import Path

import aiohttp
import pytest

from reference_impl.access.gate import Access
from reference_impl.access.tokens import Verifier, mint, secret_key
from reference_impl.server import build_app, listening

from .devices import client, server

pytestmark = pytest.mark.sockets

KEY = secret_key(b"a secret of thirty-two bytes, or more")
TOOL = Path(sys.executable).with_name("st")
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "unsupported_method",
)


async def fuzz(url: str, folder: Path, *options: str) -> None:
    """Send what the description allows, and what it does not. The event stream does not end, so it is left out here."""
    running = await asyncio.create_subprocess_exec(
        str(TOOL), "run", f"{url}/openapi.json", "--checks", ",".join(CHECKS), "--exclude-path-regex", "/(events|ws)$",
        "--max-examples", "15", "--seed", "1", "--request-timeout", "5", "--phases", "examples,coverage,fuzzing",
        "--generation-database", "none", "--no-color", *options,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT, cwd=folder,
    )  # fmt: skip
    told, _ = await asyncio.wait_for(running.communicate(), 100)
    assert running.returncode == 0, told.decode()
    counts = re.search(r"(\d+) generated, (\d+) passed", told.decode())
    assert counts is not None, told.decode()
    assert int(counts[1]) == int(counts[2]) > 100


async def test_the_server_keeps_to_its_description_whatever_it_is_sent(tmp_path: Path) -> None:
    async with server() as url, client(url, "witness") as witness, witness.events() as device:
        await witness.prompt("k", "[items=300 pace_ms=10]")
        await fuzz(url, tmp_path)
        await device.until_ended()
        assert device.endings() == ["completed"]
        assert device.offsets() == list(range(1, 304))


async def test_it_does_so_too_with_a_token_of_one_session_and_scope(tmp_path: Path) -> None:
    token = mint(KEY, "s", ["prompt"], 60)
    async with listening(build_app(access=Access(Verifier(KEY))), "127.0.0.1", 0) as url:
        await fuzz(url, tmp_path, "--header", f"Authorization: Bearer {token}")


async def test_every_route_of_a_session_is_described() -> None:
    app = build_app()
    served = {
        (route.method, route.resource.canonical)
        for route in app.router.routes()
        if route.resource is not None and route.method != "HEAD"
    }
    async with server() as url, aiohttp.ClientSession() as http, http.get(f"{url}/openapi.json") as response:
        description = json.loads(await response.text())
    described = {(method.upper(), path) for path, item in description["paths"].items() for method in item}
    described = {(method, path) for method, path in described if method in ("GET", "POST")}
    assert {place for place in served if place[1].startswith("/v1/sessions/")} <= described
    assert described <= served
