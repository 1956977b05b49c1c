"""Help in sections: many options are only found when they stand under what they are for."""

from __future__ import annotations

from typing import Any

import click

REST = "Other"


class GroupedOption(click.Option):
    """An option that says under which heading of the help it stands."""

    def __init__(self, *args: Any, group: str = REST, **rest: Any) -> None:
        super().__init__(*args, **rest)
        self.group = group


class GroupedCommand(click.Command):
    """A command whose help has a section for each group, in the order in which the options were declared."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the sections; options of no group come last."""
        groups: dict[str, list[tuple[str, str]]] = {}
        for param in self.get_params(ctx):
            record = param.get_help_record(ctx) if isinstance(param, click.Option) else None
            if record is not None:
                groups.setdefault(getattr(param, "group", REST), []).append(record)
        for title in sorted(groups, key=REST.__eq__):
            with formatter.section(title):
                formatter.write_dl(groups[title])
