"""The gap report: one self-contained HTML file, without script, without a single request.

Safe to open whatever a target said: every text is made visible (`text.visible`) and escaped on its way into the page,
and the page's content security policy allows its own style sheet, by hash, and nothing else.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from functools import cache
from hashlib import sha256
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined

from audit.result import AuditResult

from . import figures
from .text import count, fit, visible
from .view import page


def render(results: Sequence[AuditResult]) -> str:
    """The report of one or several results: first the target under audit, beside it the reference and all others.

    Same results, same text. ValueError when there is no result.
    """
    css = style()
    template = _environment().get_template("report.html.j2")
    return template.render(page=page(results), css=css, style_hash=fingerprint(css))


@cache
def style() -> str:
    """The style sheet as it stands between the tags of the page."""
    return files("reports").joinpath("assets/report.css").read_text(encoding="utf-8").strip()


def fingerprint(text: str) -> str:
    """A source expression of CSP level 2 (W3C, section 4.2.4) that allows exactly this inline text."""
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown,
    )
    environment.filters |= {"weight": figures.weight, "count": count, "short": visible, "fit": fit}
    return environment


def _shown(value: object) -> object:
    """Runs on every expression of every template, so that no author can forget it. Markup has been through it."""
    return visible(value) if isinstance(value, str) and not hasattr(value, "__html__") else value
