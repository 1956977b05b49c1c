"""A comparison of before and after as one self-contained page, safe like the gap report: no script, no request."""

from __future__ import annotations

from audit.comparison import Comparison
from audit.finding import Verdict

from .compare_view import view
from .html import environment, fingerprint, style
from .verdicts import SYMBOLS, WORDS


def render(found: Comparison) -> str:
    """The page. Same results, same text."""
    css = style()
    template = environment().get_template("before_after.html.j2")
    return template.render(
        told=view(found),
        symbols={verdict.value: SYMBOLS[verdict] for verdict in Verdict},
        words={verdict.value: WORDS[verdict] for verdict in Verdict},
        css=css,
        style_hash=fingerprint(css),
    )
