"""Limits on what one SQL query may use: bytes of a value, of a result and of SQLite's heap, and which functions.

Datasette's time limit is looked at between the steps of SQLite's machine. What a single function does inside
one step, and what Python holds of the rows that came out, must be bounded here.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from pipelines.search import FTS_TABLE

MAX_STRING = 4_000_000
"""Bytes of one SQL value. The longest article is far below; `hex(zeroblob(450000000))` is far above."""
MAX_RESULT = 16_000_000
"""Bytes of text in the rows of one query: 1,000 articles with their bodies are some 3 million."""
MAX_HEAP = 256_000_000
"""Bytes that SQLite may hold in the whole process: caches are 64 million, a sort of a million rows 100 million.
`json_group_array` over large values took 1.6 GB within the time limit."""
MAX_NEEDLE = 1_000
"""Characters to be trimmed off; SQLite compares each of them with each character of the text."""

MAX_STRING_BESIDE_INDEX = 300_000
"""Bytes of one SQL value in a query that names the search index: FTS5 reads an expression of half a million words
for minutes. An article of 300 kB would be a book."""

asked: ContextVar[str | None] = ContextVar("khotin_asked", default=None)
"""The SQL of a query whose text or rows a reader chose, while it runs; None in what our own pages read."""


class ResultTooLarge(sqlite3.OperationalError):
    """The rows of a query have more than MAX_RESULT bytes. Datasette answers 400."""


# All that a question about articles needs. Not here: load_extension, zeroblob, randomblob (megabytes out of
# nothing), json_patch (quadratic), fts3_tokenizer (addresses in memory), sqlite_compileoption_*, and what a
# later SQLite may bring.
_FUNCTIONS_LISTED = """
    abs acos acosh asin asinh atan atan2 atanh avg bm25 ceil ceiling char coalesce concat concat_ws cos cosh
    count cume_dist current_date current_time current_timestamp date datetime degrees dense_rank exp first_value
    floor format glob group_concat hex highlight if ifnull iif instr json json_array json_array_length json_each
    json_error_position json_extract json_group_array json_group_object json_insert json_object json_pretty
    json_quote json_remove json_replace json_set json_tree json_type json_valid julianday lag last_value lead
    length like likelihood likely ln log log10 log2 lower ltrim match max median min mod nth_value ntile nullif
    octet_length percent_rank percentile percentile_cont percentile_disc pi pow power printf quote radians
    random rank replace round row_number rtrim sign sin sinh snippet soundex sqlite_source_id sqlite_version
    sqrt strftime string_agg substr substring subtype sum tan tanh time timediff total trim trunc typeof unhex
    unicode unixepoch unlikely upper -> ->>
"""
_FUNCTIONS = frozenset(_FUNCTIONS_LISTED.split())
_PRAGMAS_LISTED = """
    cache_size data_version database_list encoding foreign_key_list function_list index_info index_list
    index_xinfo page_count page_size query_only recursive_triggers schema_version table_info table_list
    table_xinfo user_version
"""
_PRAGMAS = frozenset(_PRAGMAS_LISTED.split())
"""What Datasette asks. A reader's own statement begins with SELECT or WITH, never with PRAGMA."""
_TABLES_REFUSED = frozenset({"pragma_database_list", "dbstat", "sqlite_dbpage", "sqlite_stmt", "sqlite_memstat"})
"""Tables of SQLite that tell of the machine (the path of the file) or read the whole file."""


def limit_connection(connection: Any) -> None:
    """Hold every query on this connection to the limits; call it last, when all functions are registered."""
    connection.execute(f"PRAGMA hard_heap_limit = {MAX_HEAP}").fetchone()
    _replace_functions(connection)
    own = {
        str(row[0])
        for row in connection.execute("SELECT DISTINCT name FROM pragma_function_list WHERE NOT builtin").fetchall()
    }
    allowed = _FUNCTIONS | (own - _REFUSED)
    connection.set_authorizer(_authorizer(allowed))
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MAX_STRING)
    connection.setlimit(sqlite3.SQLITE_LIMIT_SQL_LENGTH, 50_000)
    connection.setlimit(sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 500)
    connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)


# SQLite's own that are not marked as built in, whatever the build.
_REFUSED = frozenset({"fts3_tokenizer", "rtreecheck", "rtreedepth", "rtreenode", "matchinfo", "offsets", "optimize"})


def _authorizer(allowed: frozenset[str]) -> Callable[..., int]:
    def decide(action: int, first: str | None, second: str | None, _database: str | None, _inner: str | None) -> int:
        if action in (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_RECURSIVE):
            return sqlite3.SQLITE_OK
        if action == sqlite3.SQLITE_READ:
            known = (first or "").lower() not in _TABLES_REFUSED
        elif action == sqlite3.SQLITE_FUNCTION:
            known = (second or "").lower() in allowed
        elif action == sqlite3.SQLITE_PRAGMA:
            known = (first or "").lower() in _PRAGMAS
        else:  # everything that writes, attaches, makes or begins; but a virtual table is declared when first read
            known = action == sqlite3.SQLITE_UPDATE and first == "sqlite_master"
        return sqlite3.SQLITE_OK if known else sqlite3.SQLITE_DENY

    return decide


def _text(value: object) -> str:
    """A number as SQLite writes it, near enough: these functions are asked about texts."""
    return (
        value
        if isinstance(value, str)
        else value.decode("utf-8", "replace")
        if isinstance(value, bytes)
        else str(value)
    )


def _instr(text: object, part: object) -> int | None:
    if text is None or part is None:
        return None
    if isinstance(text, bytes) and isinstance(part, bytes):
        return text.find(part) + 1
    return _text(text).find(_text(part)) + 1


def _replace(text: object, old: object, new: object) -> object:
    if text is None or old is None or new is None:
        return None
    whole, gone, come = _text(text), _text(old), _text(new)
    if not gone:
        return text
    if len(whole) + whole.count(gone) * (len(come) - len(gone)) > MAX_STRING:
        msg = "string or blob too big"
        raise ValueError(msg)
    return whole.replace(gone, come)


# "%05d" and "%-20.10s" match; "%450000000d" and "%*d" must not: they ask for any number of blanks.
_FIELD = re.compile(r"%(?:%|([-+ 0#]*)(,?)([-+ 0#]*)(\d{0,3})(\.\d{0,3})?l{0,2}([disfegExXou]))")


def _printf(form: object = None, *values: object) -> str | None:
    if form is None:
        return None
    left = iter(values)

    def written(match: re.Match[str]) -> str:
        before, comma, after, width, precision, kind = match.groups()
        if kind is None:
            return "%"
        value: Any = next(left, None)
        if kind == "s":
            value = "" if value is None else _text(value)
        else:
            value = _number(value)
            value = value if kind in "feEgG" else int(value)
        if comma and kind in "diu":
            return format(int(value), f"{width},")
        return str(f"%{before}{after}{width}{precision or ''}{kind}" % value)

    text = _text(form)
    if "%" in _FIELD.sub("", text):
        msg = "printf here takes %d %s %f %e %g %x %o with widths below 1000"
        raise ValueError(msg)
    return _FIELD.sub(written, text)


def _number(value: object) -> float | int:
    if isinstance(value, int | float):
        return value
    try:
        return float(_text(value))
    except ValueError:
        return 0


def _trimmer(trim: Callable[[str, str], str]) -> Callable[..., str | None]:
    def run(text: object, characters: object = " ") -> str | None:
        if text is None or characters is None:
            return None
        chosen = _text(characters)
        if len(chosen) > MAX_NEEDLE:
            msg = f"more than {MAX_NEEDLE} characters to trim"
            raise ValueError(msg)
        return trim(_text(text), chosen) if chosen else _text(text)

    return run


def _replace_functions(connection: Any) -> None:
    # SQLite's printf writes '%.450000000c' character by character, past any limit: seconds in one step.
    for name in ("printf", "format"):
        connection.create_function(name, -1, _printf, deterministic=True)
    # SQLite's instr and replace compare the part at every place: two texts of 4 MB took minutes in one step.
    connection.create_function("instr", 2, _instr, deterministic=True)
    connection.create_function("replace", 3, _replace, deterministic=True)
    for name, trim in (("trim", str.strip), ("ltrim", str.lstrip), ("rtrim", str.rstrip)):
        for count in (1, 2):
            connection.create_function(name, count, _trimmer(trim), deterministic=True)


def refusal(error: Exception) -> int | None:
    """HTTP status for what SQLite says when a query met one of the limits; None for any other fault."""
    if isinstance(error, MemoryError | ResultTooLarge):
        return 400
    code = getattr(error, "sqlite_errorcode", None)
    if code in (sqlite3.SQLITE_AUTH, sqlite3.SQLITE_TOOBIG, sqlite3.SQLITE_INTERRUPT):
        return 400
    # While it is being prepared a query is refused without a code: "not authorized to use function: …".
    return 400 if str(error).startswith("not authorized") else None


class Guarded(sqlite3.Connection):
    """A connection that holds each query to the limits that fit it."""

    _between = 1000

    def set_progress_handler(self, handler: Any, n: int) -> None:
        """As asked, but never less often than after `_between` steps of SQLite's machine."""
        super().set_progress_handler(handler, min(n, self._between))

    def begin(self, sql: str | None) -> None:
        """Make ready for a reader's query, or with None for our own."""
        indexed = sql is not None and FTS_TABLE in sql.lower()  # a name has no other way to be written
        # A step over a row of the index takes as long as the expression has words, one that sorts values of
        # megabytes as long as the disk: looked at every 1,000 steps, such a query went on for 18 s.
        self._between = 5 if indexed else 50
        self.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MAX_STRING_BESIDE_INDEX if indexed else MAX_STRING)
        self.row_factory = sqlite3.Row if sql is None else CountedRows()


class CountedRows:
    """A row factory that makes the usual rows and stops a query whose rows are too large together."""

    def __init__(self) -> None:
        self._left = MAX_RESULT

    def __call__(self, cursor: Any, values: tuple[Any, ...]) -> sqlite3.Row:
        """The row; raises ResultTooLarge."""
        for value in values:
            if isinstance(value, str | bytes):
                self._left -= len(value)
        if self._left < 0:
            msg = f"the result has more than {MAX_RESULT:,} characters: ask for fewer rows or columns"
            raise ResultTooLarge(msg)
        return sqlite3.Row(cursor, values)
