"""A snapshot whose search index was made by another version of khotin is made anew before it is served."""

from __future__ import annotations

import contextlib
import sqlite3
from datetime import datetime
from pathlib import Path

import click

from pipelines.article import VIETNAM, KhotinError
from pipelines.publish import publish
from pipelines.schema import connect_read_only
from pipelines.search import SEARCH_VERSION, index_version


def renew(data: Path) -> bool:
    """Publish `data`/archive.db anew if the index of public.db cuts words in another way than this khotin does.

    Tells what it does on stderr. Without an archive.db, or where it can't be done, the old snapshot is served as it
    is, and one line says so. True if it was made anew.
    """
    public, archive = data / "public.db", data / "archive.db"
    if not public.is_file():
        return False
    try:
        with contextlib.closing(connect_read_only(public)) as db:
            version = index_version(db)
    except (sqlite3.Error, KhotinError):  # damaged: whoever opens it next tells so
        return False
    if version == SEARCH_VERSION:
        return False
    told = f"the search index of {public} was made by another version of khotin ({version}, this is {SEARCH_VERSION})"
    if not archive.is_file():
        click.echo(f"khotin: {told}: searches may miss articles until khotin publish is run", err=True)
        return False
    click.echo(f"khotin: {told}: publishing anew", err=True)
    try:
        publish(archive, public, now=datetime.now(tz=VIETNAM))
    except KhotinError as error:
        click.echo(f"khotin: {error}; searches may miss articles", err=True)
        return False
    return True
