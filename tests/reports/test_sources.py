from __future__ import annotations

import pytest

from reports.sources import sources


@pytest.mark.parametrize(
    ("text", "href"),
    [
        ("vercel/ai#6502", "https://github.com/vercel/ai/issues/6502"),
        ("RFC 9112 section 9.6", "https://www.rfc-editor.org/rfc/rfc9112"),
        ("https://html.spec.whatwg.org/#parsing", "https://html.spec.whatwg.org/#parsing"),
        ("WHATWG HTML 9.2.3 (Last-Event-ID)", ""),
        ("javascript:alert(1)", ""),
        ("https://a.example/\nx", ""),
        ('vercel/ai#6502" onclick="x', ""),
        ("http://plain.example", ""),
        ("a" * 5_000 + "/b#1", ""),
    ],
)
def test_only_references_that_name_a_place_are_linked(text: str, href: str) -> None:
    assert [(source.text, source.href) for source in sources([text])] == [(text, href)]
