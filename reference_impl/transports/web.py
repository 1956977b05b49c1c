"""The chat page (reference_impl/web/) to a browser: a few files by name, under a policy that lets in nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from aiohttp import web

_FOLDER = Path(__file__).parents[1] / "web"
_PAGE = "index.html"
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
_FILES = {file.name: _TYPES[file.suffix] for file in _FOLDER.iterdir() if file.suffix in _TYPES}
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
)
_HEADERS = {
    "Cache-Control": "no-cache",  # kept, and asked for again: its ETag makes that cheap
    "Content-Security-Policy": _POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",  # the page's address names the session
    "X-Content-Type-Options": "nosniff",
}


async def page(_: web.Request) -> web.FileResponse:
    """`GET /`."""
    return _file(_PAGE)


async def file(request: web.Request) -> web.FileResponse:
    """`GET /web/{name}`. A name is looked up among those that there are, so that no path is ever made of it."""
    name = request.match_info["name"]
    if name not in _FILES:
        raise web.HTTPNotFound
    return _file(name)


def _file(name: str) -> web.FileResponse:
    return web.FileResponse(_FOLDER / name, headers=_HEADERS | {"Content-Type": _FILES[name]})


ROUTES: Final = (web.get("/", page), web.get("/web/{name}", file))
