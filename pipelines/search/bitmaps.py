"""The articles of each frequent word, a bit each, so that a server need not read the index for them.

FTS5 reads a word's articles one after the other, with every place the word has in them: half a second for "đảng" in
a million articles. Party-building news has some hundreds of such words, and most queries are made of them. The table
`search_bitmaps` has a row for each word that stands in one column of at least 30 % of all articles, and for each that
stands in 2 % of the titles: bit `n - 1` is the article with id `n`, the lowest bit of a byte first; packed with zlib.
"""

from __future__ import annotations

import sqlite3
import zlib

import numpy as np
from numpy.typing import NDArray

from pipelines.search.index import FTS_TABLE
from pipelines.search.query import within

Bits = NDArray[np.uint8]
"""Eight articles a byte."""
ANYWHERE, TITLE = "", "title"
FREQUENT = {ANYWHERE: 0.3, TITLE: 0.02}
"""Place -> share of all articles that must have a word in one column, or in the title. Together 2 % of the texts."""
STRIDE = 500_000
"""Ids whose list stays below the longest string that readers' connections allow (8 MB)."""
TABLE = """CREATE TABLE search_bitmaps (
  place TEXT NOT NULL, word TEXT NOT NULL, articles INTEGER NOT NULL, bits BLOB NOT NULL, PRIMARY KEY (place, word)
) WITHOUT ROWID"""


def build_bitmaps(db: sqlite3.Connection) -> int:
    """Make and fill `search_bitmaps` of a published database from its index, inside the caller's transaction."""
    db.execute(TABLE)
    count = db.execute("SELECT count(*) FROM articles").fetchone()[0]
    db.execute(f"CREATE VIRTUAL TABLE temp.search_vocabulary USING fts5vocab(main, {FTS_TABLE}, col)")
    least = {place: count * share for place, share in FREQUENT.items()}
    found = set()
    for word, column, articles in db.execute(
        "SELECT term, col, doc FROM temp.search_vocabulary WHERE doc >= ?", (min(least.values()),)
    ):
        if articles >= least[ANYWHERE]:
            found.add((ANYWHERE, word))
        if column == TITLE and articles >= least[TITLE]:
            found.add((TITLE, word))
    db.execute("DROP TABLE temp.search_vocabulary")
    for place, word in sorted(found):
        ids = matching(db, within(place, f'"{word}"'), 1, count)
        has = np.zeros(count, dtype=np.bool_)
        has[ids - 1] = True
        bits = zlib.compress(np.packbits(has, bitorder="little").tobytes(), 1)
        db.execute("INSERT INTO search_bitmaps VALUES (?, ?, ?, ?)", (place, word, len(ids), bits))
    return len(found)


def matching(db: sqlite3.Connection, expression: str, first: int, last: int) -> NDArray[np.int32]:
    """Ascending ids from `first` to `last` that match an FTS5 expression.

    SQLite lists them in one string a STRIDE: ten times as fast as rows, and other threads run meanwhile.
    """
    parts = []
    for begin in range(first, last + 1, STRIDE):
        (listed,) = db.execute(
            f"SELECT group_concat(rowid) FROM {FTS_TABLE} WHERE {FTS_TABLE} MATCH ? AND rowid BETWEEN ? AND ?",  # noqa: S608
            (expression, begin, min(begin + STRIDE - 1, last)),
        ).fetchone()
        if listed:
            parts.append(np.fromstring(listed, dtype=np.int32, sep=","))
    return np.concatenate(parts) if parts else np.zeros(0, dtype=np.int32)


def frequent_words(db: sqlite3.Connection) -> dict[tuple[str, str], int]:
    """(ANYWHERE or TITLE, word as it stands in the index) -> articles that have it there.

    Raises sqlite3.OperationalError for a database of an older khotin.
    """
    rows = db.execute("SELECT place, word, articles FROM search_bitmaps")
    return {(place, word): articles for place, word, articles in rows}


def read_bits(db: sqlite3.Connection, place: str, word: str) -> Bits:
    """The articles of a frequent word. Raises KeyError if it is none."""
    row = db.execute("SELECT bits FROM search_bitmaps WHERE place = ? AND word = ?", (place, word)).fetchone()
    if row is None:
        raise KeyError(word)
    return np.frombuffer(zlib.decompress(row[0]), dtype=np.uint8)
