"""The load report: one self-contained HTML file, with charts to look into, without a single request.

Its content security policy allows its own style sheet and its own script, each by its hash, and nothing else. Without
the script the same charts are there as still pictures and the same numbers in tables. Texts of a target are made
visible and escaped like those of the gap report (`html`).
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from audit.load.outlook import Outlook
from audit.load.result import LoadResult

from . import html
from .load_view import page

_UPLOT = "assets/uplot"


def render(
    result: LoadResult,
    reference: LoadResult | None = None,
    earlier: LoadResult | None = None,
    *,
    outlook: Outlook | None = None,
) -> str:
    """The report of a load run, beside the reference under the same plan and an earlier run. outlook: what its storms
    say of storms to come (`audit.load.outlook`). Same input, same text."""
    css, js = style(), script()
    template = html.environment().get_template("load.html.j2")
    return template.render(
        page=page(result, reference, earlier, outlook),
        css=css,
        js=js,
        style_hash=html.fingerprint(css),
        script_hash=html.fingerprint(js),
    )


@cache
def style() -> str:
    """The one style sheet of the page: the gap report's, the chart library's, and what is the load report's own."""
    return "\n".join((html.style(), _asset(f"{_UPLOT}/uPlot.min.css"), _asset("assets/load.css")))


@cache
def script() -> str:
    """The one script of the page: uPlot, unmodified and under its license, and what draws with it."""
    license_ = _asset(f"{_UPLOT}/LICENSE")
    return f"/* uPlot\n\n{license_}\n*/\n{_asset(f'{_UPLOT}/uPlot.iife.min.js')}\n{_asset('assets/load.js')}"


def _asset(path: str) -> str:
    return files("reports").joinpath(path).read_text(encoding="utf-8").strip()
