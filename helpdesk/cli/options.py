"""The options that every command shares, spelled and explained once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

ConfigOption = Annotated[
    Path | None,
    typer.Option(
        "--config",
        envvar="HELPDESK_CONFIG",
        metavar="FILE",
        show_default="helpdesk.toml",
        help="The settings to work with.",
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object a line, for scripts.")]
LimitOption = Annotated[int, typer.Option("--limit", metavar="N", min=1, help="Print at most so many.")]
RulesOption = Annotated[
    Path | None,
    typer.Option("--rules", metavar="FILE", help="Read this file of rules instead of the one that the settings name."),
]
