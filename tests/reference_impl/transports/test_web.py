from __future__ import annotations

import asyncio

import aiohttp
import pytest

from reference_impl.transports.web import ROUTES

from ..devices import server

pytestmark = pytest.mark.sockets

TYPES = {
    "/": "text/html; charset=utf-8",
    "/web/index.html": "text/html; charset=utf-8",
    "/web/session.js": "text/javascript; charset=utf-8",
    "/web/fold.js": "text/javascript; charset=utf-8",
    "/web/style.css": "text/css; charset=utf-8",
    "/web/icon.svg": "image/svg+xml",
}
ELSEWHERE = (
    "/web/..%2fserver.py",
    "/web/%2e%2e/server.py",
    "/web/../server.py",
    "/web/..%5cserver.py",
    "/web//etc/passwd",
    "/web/%2fetc%2fpasswd",
    "/web/session.js%00.css",
    "/web/SESSION.JS",
    "/web/.",
    "/web/..",
    "/web/",
    "/web",
    "/index.html",
)


async def test_every_file_comes_as_what_it_is_under_a_strict_policy() -> None:
    async with server() as url, aiohttp.ClientSession() as http:
        for path, kind in TYPES.items():
            async with http.get(url + path) as response:
                assert (response.status, response.headers["Content-Type"]) == (200, kind), path
                assert response.headers["Cache-Control"] == "no-cache"
                assert response.headers["X-Content-Type-Options"] == "nosniff"
                policy = response.headers["Content-Security-Policy"]
                assert policy.startswith("default-src 'none'; ")
                assert "unsafe" not in policy and "*" not in policy and "http" not in policy


async def test_a_file_that_has_not_changed_is_not_sent_again() -> None:
    async with server() as url, aiohttp.ClientSession() as http:
        async with http.get(f"{url}/web/session.js") as response:
            tag = response.headers["ETag"]
        async with http.get(f"{url}/web/session.js", headers={"If-None-Match": tag}) as again:
            assert (again.status, await again.read()) == (304, b"")
            assert again.headers["Cache-Control"] == "no-cache"


async def raw(url: str, path: str) -> bytes:
    """Ask for exactly this path: HTTP clients tidy theirs up."""
    host, _, port = url.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        writer.write(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        return await asyncio.wait_for(reader.read(), 5)
    finally:
        writer.close()


@pytest.mark.parametrize("path", ELSEWHERE)
async def test_no_other_file_can_be_reached(path: str) -> None:
    async with server() as url:
        answer = await raw(url, path)
    assert answer.partition(b" ")[2][:3] in {b"404", b"400"}
    assert b"import " not in answer and b"root:" not in answer


def test_the_page_is_mounted_where_the_protocol_says() -> None:
    assert [(route.method, route.path) for route in ROUTES] == [("GET", "/"), ("GET", "/web/{name}")]
