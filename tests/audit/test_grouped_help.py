"""Help in sections, and that of `load` in a usual terminal."""

from __future__ import annotations

import click
from click.testing import CliRunner

from audit.cli import main
from audit.grouped_help import GroupedCommand, GroupedOption
from audit.load_cli import load_command

WIDTH = 100


def told(*arguments: str) -> str:
    found = CliRunner().invoke(main, arguments, terminal_width=WIDTH)
    assert found.exit_code == 0
    return found.output


def test_a_section_for_each_group_in_order_and_the_rest_last() -> None:
    @click.command(cls=GroupedCommand)
    @click.option("--free")
    @click.option("--late", cls=GroupedOption, group="Zebra")
    @click.option("--early", cls=GroupedOption, group="Ape")
    def command() -> None: ...

    text = CliRunner().invoke(command, ["--help"]).output
    places = [text.index(part) for part in ("Zebra:", "--late", "Ape:", "--early", "Other:", "--free", "--help")]
    assert places == sorted(places)


def test_the_help_of_load_fits_and_every_option_says_what_it_does() -> None:
    text = told("load", "--help")
    assert max(map(len, text.splitlines())) <= WIDTH
    titles = [line.rstrip(":") for line in text.splitlines() if line.endswith(":") and not line.startswith(" ")]
    assert titles == ["Plan", "Run", "Gates", "Outputs", "Safety", "Other"]
    options = [param for param in load_command.params if isinstance(param, click.Option)]
    assert len(options) > 30
    assert all(option.help and option.opts[0] in text for option in options)
    assert all(isinstance(option, GroupedOption) for option in options)
