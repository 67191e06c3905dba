"""Making and filling the index table."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any

from pipelines.search.words import COLUMNS, SEARCH_VERSION, column_texts

FTS_TABLE = "articles_fts"
WEIGHTS = (8.0, 3.0, 1.0, 4.0)
"""For bm25(), in the order of COLUMNS."""

BATCH = 1_000_000
"""Characters whose words are cut at once, about 300 articles."""

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
    made = [text.decode() for text in column_texts((title, lead, body, author))]
    return made[0], made[1], made[2], made[3]


def create_index(db: sqlite3.Connection) -> None:
    """Make the empty index table, and note the version of its words in the table `about`."""
    db.execute(_CREATE)
    # Filled once and optimised at the end: larger batches in memory (16 MiB instead of 1) make fewer segments, and
    # merging them meanwhile would write the index to the disk two or three times. Still larger ones are slower, as
    # each word is then looked for outside the processor's own memory.
    for name, value in (("hashsize", 16 << 20), ("automerge", 0), ("crisismerge", 1999)):
        db.execute(f"INSERT INTO {FTS_TABLE} ({FTS_TABLE}, rank) VALUES (?, ?)", (name, value))  # noqa: S608
    db.execute("INSERT OR REPLACE INTO about (name, value) VALUES ('search_version', ?)", (SEARCH_VERSION,))


def build_index(db: sqlite3.Connection, progress: Callable[[int], None] | None = None) -> int:
    """Index all rows of `articles` and `article_text` of a published database; gives their number.

    Rowids are `articles.id`. Runs in the caller's transaction and keeps few articles in memory, BATCH characters.
    `progress` is told the number of articles done, every 1,000.
    """
    done = 0
    for batch in _batches(db.execute(f"SELECT a.id, {INDEXED} ORDER BY a.id")):
        texts = iter(column_texts([text for _, *texts in batch for text in texts]))
        db.executemany(
            f"INSERT INTO {FTS_TABLE} (rowid, {', '.join(COLUMNS)})"  # noqa: S608
            f" VALUES (?{', CAST(? AS TEXT)' * len(COLUMNS)})",
            ((row[0], *islice(texts, len(COLUMNS))) for row in batch),
        )
        told = done // 1000
        done += len(batch)
        if progress:
            for thousand in range(told + 1, done // 1000 + 1):
                progress(thousand * 1000)
    db.execute(f"INSERT INTO {FTS_TABLE} ({FTS_TABLE}) VALUES ('optimize')")  # noqa: S608
    return done


def _batches(rows: Iterable[tuple[Any, ...]]) -> Iterator[list[tuple[Any, ...]]]:
    batch: list[tuple[Any, ...]] = []
    size = 0
    for row in rows:
        batch.append(row)
        size += sum(len(text) for text in row[1:] if text)
        if size >= BATCH:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def index_version(db: sqlite3.Connection) -> str | None:
    """Version of the words in this database's index, None without one; not SEARCH_VERSION: publish again."""
    try:
        row = db.execute("SELECT value FROM about WHERE name = 'search_version'").fetchone()
    except sqlite3.OperationalError:
        return None
    return str(row[0]) if row else None
