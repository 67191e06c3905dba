"""The command `khotin`: its commands, and how it ends."""

from __future__ import annotations

import errno
import io
import os
import sys
from typing import Any

import click

from khotin import __version__
from khotin.commands import COMMANDS
from pipelines.article import KhotinError

EXIT_CODES = """\b
Exit codes: 0 all is well; 1 an error, told in one line; 2 wrong use; 3 the host or port can't be
used; 4 the run ended, but a site had trouble, or its trouble could not be told; 65 a file is
damaged or of another kind; 66 a file to read is not there; 69 no site could be reached; 70 a
snapshot failed its checks; 74 disk full or not readable, or the reader of a pipe went away; 75
another khotin is writing; 77 may not be written; 78 the database is a newer khotin's;
130 interrupted."""


class Main(click.Group):
    """Tells every expected error as one line on stderr, with its exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command."""
        # A terminal that knows no Vietnamese shows escapes, and no traceback.
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="backslashreplace")
        try:
            try:
                return super().invoke(ctx)
            finally:
                sys.stdout.flush()
        except KeyboardInterrupt:
            click.echo("khotin: interrupted", err=True)
            ctx.exit(130)
        except KhotinError as error:
            for line in (error, *getattr(error, "__notes__", ())):
                click.echo(f"khotin: {line}", err=True)
            ctx.exit(error.exit_code)
        except BrokenPipeError:  # the reader of a pipe went away (khotin sites | head): it knows
            _silence()
            ctx.exit(74)
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise
            _silence()
            click.echo("khotin: the disk that the output goes to is full: what was printed is not complete", err=True)
            ctx.exit(74)


def _silence() -> None:
    """Nothing more to stdout, lest there be a second error at the end of the process."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@click.group(cls=Main, epilog=EXIT_CODES, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="khotin")
def main() -> None:
    """The archive of Vietnamese Party-building news: collect, keep, extract, search, publish."""


for command in COMMANDS:
    main.add_command(command)
