"""Making and filling the index table."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator

from pipelines.search.words import COLUMNS, SEARCH_VERSION, column_text

FTS_TABLE = "articles_fts"
WEIGHTS = (8.0, 3.0, 1.0, 4.0)
"""For bm25(), in the order of COLUMNS."""

# Words are cut in Python; SQLite's "ascii" tokenizer only parts them at the spaces (all bytes above 127 are
# letters to it), so that the index does not depend on the Unicode tables of the SQLite at hand.
_CREATE = f"""CREATE VIRTUAL TABLE {FTS_TABLE} USING fts5(
  {", ".join(COLUMNS)}, content='', tokenize="ascii tokenchars '_'"
)"""

INDEXED = (
    "a.title, t.lead, t.body, coalesce(a.byline, '') || ' ' || coalesce(a.agency, '') AS author"
    " FROM articles a LEFT JOIN article_text t ON t.article_id = a.id"
)
"""The texts that are indexed, in the order of COLUMNS, for a SELECT over a published database."""


def index_text(title: str, lead: str | None, body: str | None, author: str | None = None) -> tuple[str, str, str, str]:
    """What the columns of the index hold for one article."""
    return column_text(title), column_text(lead), column_text(body), column_text(author)


def create_index(db: sqlite3.Connection) -> None:
    """Make the empty index table, and note the version of its words in the table `about`."""
    db.execute(_CREATE)
    # Filled once and optimised at the end: larger batches in memory (64 MiB instead of 1) make fewer segments, and
    # merging them meanwhile would write the index to the disk two or three times.
    for name, value in (("hashsize", 64 << 20), ("automerge", 0), ("crisismerge", 1999)):
        db.execute(f"INSERT INTO {FTS_TABLE} ({FTS_TABLE}, rank) VALUES (?, ?)", (name, value))  # noqa: S608
    db.execute("INSERT OR REPLACE INTO about (name, value) VALUES ('search_version', ?)", (SEARCH_VERSION,))


def build_index(db: sqlite3.Connection, progress: Callable[[int], None] | None = None) -> int:
    """Index all rows of `articles` and `article_text` of a published database; gives their number.

    Rowids are `articles.id`. Runs in the caller's transaction and keeps no more than one article in memory.
    `progress` is told the number of articles done, every 1,000.
    """
    done = 0

    def rows() -> Iterator[tuple[int, str, str, str, str]]:
        nonlocal done
        found = db.execute(f"SELECT a.id, {INDEXED} ORDER BY a.id")
        for number, *texts in found:
            yield (number, *index_text(*texts))
            done += 1
            if progress and done % 1000 == 0:
                progress(done)

    db.executemany(f"INSERT INTO {FTS_TABLE} (rowid, {', '.join(COLUMNS)}) VALUES (?, ?, ?, ?, ?)", rows())  # noqa: S608
    db.execute(f"INSERT INTO {FTS_TABLE} ({FTS_TABLE}) VALUES ('optimize')")  # noqa: S608
    return done


def index_version(db: sqlite3.Connection) -> str | None:
    """Version of the words in this database's index, None without one; not SEARCH_VERSION: publish again."""
    try:
        row = db.execute("SELECT value FROM about WHERE name = 'search_version'").fetchone()
    except sqlite3.OperationalError:
        return None
    return str(row[0]) if row else None
