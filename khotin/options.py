"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])


def data_option(command: Command) -> Command:
    """`--data DIR` of every command that works on an archive."""
    return click.option(
        "--data",
        type=click.Path(file_okay=False, path_type=Path),
        default=Path("data"),
        envvar="KHOTIN_DATA",
        show_default=True,
        show_envvar=True,
        help="Folder of the archive: databases, WARC files, dumps.",
    )(command)


json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON for a program to read.")
contact_option = click.option(
    "--contact",
    envvar="KHOTIN_CONTACT",
    default="",
    show_envvar=True,
    help="Your e-mail address or web page: told to the sites with every live request.",
)
delay_option = click.option(
    "--delay",
    type=click.FloatRange(min=0),
    help="Least seconds between two requests to a host.  [default: 5 live, 0 in a replay]",
)
replay_option = click.option(
    "--replay",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Answer from this WARC file (or folder of them) instead of the network; may be repeated.",
)
