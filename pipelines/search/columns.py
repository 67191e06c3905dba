"""The facts that a search filters and counts by, one short array each, so that a server can hold them in memory.

The table `search_columns` has for each fact the codes of all articles in the order of their ids (the first is id 1;
ids have no gaps), two bytes each, little-endian, in parts of a million, and the labels of the codes. Code 0: none.
A server reads them in milliseconds where it would read the rows in seconds.
"""

from __future__ import annotations

import json
import sqlite3
import sys
from array import array
from datetime import date

PART = 1_000_000
FIRST_DAY = date(1899, 12, 31)
"""Code 0 of the column `day`; 65,535 days reach to 2079."""
LABELLED = ("site", "kind", "province", "province_63", "section")
_MOST = 65_535
_CODES = {
    **dict.fromkeys(LABELLED, "label"),
    "day": "CAST(julianday(a.date_estimate) - julianday(?) AS INTEGER)",
    "revised": "a.revisions > 0",
    "gone": "a.gone_since IS NOT NULL",
}
TABLE = """CREATE TABLE search_columns (
  name TEXT NOT NULL, part INTEGER NOT NULL, labels TEXT NOT NULL, codes BLOB NOT NULL, PRIMARY KEY (name, part)
) WITHOUT ROWID"""


def build_columns(db: sqlite3.Connection) -> None:
    """Make and fill `search_columns` of a published database, inside the caller's transaction."""
    db.execute(TABLE)
    for name, code in _CODES.items():
        labels: list[str] = []
        if code == "label":
            # The labels that most articles have come first; those beyond what two bytes hold count as none.
            found = db.execute(
                f"SELECT {name} FROM articles WHERE {name} IS NOT NULL GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT ?",  # noqa: S608
                (_MOST,),
            )
            labels = [label for (label,) in found]
            numbers = {label: number for number, label in enumerate(labels, 1)}
            rows = db.execute(f"SELECT {name} FROM articles ORDER BY id")  # noqa: S608
            codes = array("H", (numbers.get(label, 0) for (label,) in rows))
        else:
            values = (FIRST_DAY.isoformat(),) if "?" in code else ()
            rows = db.execute(f"SELECT {code} FROM articles a ORDER BY a.id", values)  # noqa: S608
            codes = array("H", (min(max(number, 0), _MOST) for (number,) in rows))
        if sys.byteorder == "big":
            codes.byteswap()
        for part, first in enumerate(range(0, max(1, len(codes)), PART)):
            db.execute(
                "INSERT INTO search_columns VALUES (?, ?, ?, ?)",
                (name, part, json.dumps(labels, ensure_ascii=False), codes[first : first + PART].tobytes()),
            )


def read_column(db: sqlite3.Connection, name: str) -> tuple[bytes, list[str]]:
    """The codes of a column, two bytes each, little-endian, and the labels: label `n` has code `n + 1`.

    Raises KeyError if there is none of this name; sqlite3.OperationalError for a database of an older khotin.
    """
    rows = db.execute("SELECT codes, labels FROM search_columns WHERE name = ? ORDER BY part", (name,)).fetchall()
    if not rows:
        raise KeyError(name)
    return b"".join(codes for codes, _ in rows), json.loads(rows[0][1])
