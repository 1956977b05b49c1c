from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference_impl.access.origins import may_use


@pytest.mark.parametrize(
    ("origin", "host", "allowed", "may"),
    [
        (None, "example.com", (), True),
        ("https://example.com", "example.com", (), True),
        ("https://Example.com", "EXAMPLE.com:443", (), True),
        ("http://example.com", "example.com", (), True),
        ("http://localhost:8787", "localhost:8787", (), True),
        ("http://[::1]:8787", "[::1]:8787", (), True),
        ("http://localhost:3000", "localhost:8787", (), False),
        ("https://example.com.evil.net", "example.com", (), False),
        ("https://evil.net", "example.com", (), False),
        ("https://example.com@evil.net", "example.com", (), False),
        ("null", "example.com", (), False),
        ("", "example.com", (), False),
        ("", "", (), False),
        ("https://[", "example.com", (), False),
        ("https://app.example.com", "api.example.com", ("https://app.example.com",), True),
        ("http://app.example.com", "api.example.com", ("https://app.example.com",), False),
        ("null", "example.com", ("*",), True),
    ],
)
def test_pages_of_the_same_host_and_those_allowed(
    origin: str | None, host: str, allowed: tuple[str, ...], may: bool
) -> None:
    assert may_use(origin, host, allowed) is may


@given(st.text(max_size=40), st.text(max_size=40))
def test_nothing_breaks_it(origin: str, host: str) -> None:
    assert not may_use(origin, host, ()) or urlsplit(origin).hostname == urlsplit(f"//{host}").hostname
    assert not may_use(origin, "sessions.example", ())
