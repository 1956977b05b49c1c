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

from audit.load.result import LoadResult
from audit.result import AuditResult

from . import figures, load_section, power
from .text import count, fit, visible
from .view import page


def render(results: Sequence[AuditResult], load: LoadResult | None = None, load_file: str = "load.html") -> str:
    """The report of one or several results: first the target under audit, beside it the reference and all others.

    load: a load run of the same target, shown in a section of its own that names `load_file`, its full report. Same
    results, same text. ValueError when there is no result.
    """
    css = style()
    template = environment().get_template("report.html.j2")
    section = load_section.section(load, load_file) if load else None
    return template.render(page=page(results), load=section, css=css, style_hash=fingerprint(css), power=power.footer())


@cache
def style() -> str:
    """The style sheet as it stands between the tags of the page."""
    return files("reports").joinpath("assets/report.css").read_text(encoding="utf-8").strip()


def fingerprint(text: str) -> str:
    """A source expression of CSP level 2 (W3C, section 4.2.4) that allows exactly this inline text."""
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"


@cache
def environment() -> Environment:
    """The templates. Everything they print is escaped and made visible."""
    made = Environment(
        loader=PackageLoader("reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown,
    )
    made.filters |= {"weight": figures.weight, "count": count, "short": visible, "fit": fit}
    return made


def _shown(value: object) -> object:
    """Runs on every expression of every template, so that no author can forget it. Markup has been through it."""
    return visible(value) if isinstance(value, str) and not hasattr(value, "__html__") else value
