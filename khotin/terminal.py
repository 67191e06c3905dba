"""Where commands print: a console for people, JSON for programs."""

from __future__ import annotations

import sys
from typing import Any

import click
import msgspec
from rich.console import Console


def print_json(value: Any, *, stderr: bool = False) -> None:
    """A value as JSON."""
    click.echo(msgspec.json.format(msgspec.json.encode(value, enc_hook=str), indent=2).decode(), err=stderr)


class _Console(Console):
    def on_broken_pipe(self) -> None:
        """The command ends as any other whose reader went away, not with rich's own exit."""
        raise BrokenPipeError


def console(*, stderr: bool = False) -> Console:
    """A console; where there is no terminal lines are not cut to 80 columns."""
    told = (sys.stderr if stderr else sys.stdout).isatty()
    return _Console(stderr=stderr, highlight=False, soft_wrap=not told, width=None if told else 160)


def counted(number: int, noun: str) -> str:
    """A number with its noun: "1 article", "1,204 articles"."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")
