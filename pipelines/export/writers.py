"""The file formats. Each takes rows in the order of `COLUMNS` as SQLite gives them."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import sqlite3
import tempfile
from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Literal, Self

from pipelines.export.columns import COLUMNS, ColumnType

Format = Literal["csv", "jsonl", "parquet", "sqlite"]
FORMATS: tuple[Format, ...] = ("csv", "jsonl", "parquet", "sqlite")
Row = Sequence[Any]

# OWASP, "CSV Injection": = + - @ tab CR LF and the full-width forms. With any apostrophes before them, so
# that `unguard` gives every text back.
_FORMULA = re.compile("'*[=+\\-@\t\r\n＝＋－＠]")  # "=1+1", "- Thưa đồng chí"; not "a=b"
_GUARDED = re.compile("'" + _FORMULA.pattern)


def guard(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula: an apostrophe before a leading = + - @ tab CR LF."""
    return "'" + cell if _FORMULA.match(cell) else cell


def unguard(cell: str) -> str:
    """What `guard` was given."""
    return cell[1:] if _GUARDED.match(cell) else cell


def _items(value: str | None) -> list[str]:
    return [str(item) for item in json.loads(value or "[]")]


class Writer(AbstractContextManager["Writer"]):
    """Writes batches of rows to an open binary file. Closing it ends the format, not the file."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file

    def write(self, rows: Sequence[Row]) -> None:
        """Append rows."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing to end."""


class CsvWriter(Writer):
    """RFC 4180 in UTF-8, with a byte order mark unless told otherwise (without one Excel takes cp1252).

    Lists are joined by "; ", booleans are 1 and 0, a missing value is an empty cell.
    """

    def __init__(self, file: BinaryIO, *, bom: bool = True, formula_guard: bool = True, header: bool = True) -> None:
        super().__init__(file)
        self._text = io.TextIOWrapper(file, encoding="utf-8-sig" if bom else "utf-8", newline="")
        self._csv = csv.writer(self._text, lineterminator="\r\n")
        self._lists = [number for number, column in enumerate(COLUMNS) if column.type == "list"]
        self._guard = formula_guard
        if header:  # none for a file's later parts
            self._csv.writerow(column.name for column in COLUMNS)

    def write(self, rows: Sequence[Row]) -> None:
        """Append rows."""
        for row in rows:
            cells = list(row)
            for number in self._lists:
                cells[number] = "; ".join(_items(cells[number]))
            if self._guard:
                cells = [guard(cell) if isinstance(cell, str) else cell for cell in cells]
            self._csv.writerow(cells)

    def __exit__(self, *_: object) -> None:
        """Hand the rest to the file; a failed write is told here at the latest."""
        self._text.flush()
        self._text.detach()


class JsonlWriter(Writer):
    """One JSON object a line, UTF-8, keys in the order of the columns, null for a missing value."""

    def write(self, rows: Sequence[Row]) -> None:
        """Append rows."""
        for row in rows:
            record = {column.name: _plain(column.type, value) for column, value in zip(COLUMNS, row, strict=True)}
            self.file.write(json.dumps(record, ensure_ascii=False).encode() + b"\n")


def _plain(kind: ColumnType, value: Any) -> Any:
    if kind == "list":
        return _items(value)
    return bool(value) if kind == "boolean" else value


class ParquetWriter(Writer):
    """Parquet with zstd; times are instants in Asia/Ho_Chi_Minh, days dates, lists lists.

    Each column carries its descriptions as field metadata `en` and `vi`.
    """

    def __init__(self, file: BinaryIO) -> None:
        super().__init__(file)
        import pyarrow as pa
        from pyarrow import parquet

        types = {
            "text": pa.string(),
            "integer": pa.int64(),
            "boolean": pa.bool_(),
            "date": pa.date32(),
            "datetime": pa.timestamp("ms", tz="Asia/Ho_Chi_Minh"),
            "list": pa.list_(pa.string()),
        }
        self._pa = pa
        self._schema = pa.schema([pa.field(c.name, types[c.type], metadata={"en": c.en, "vi": c.vi}) for c in COLUMNS])
        self._parquet = parquet.ParquetWriter(file, self._schema, compression="zstd")

    def write(self, rows: Sequence[Row]) -> None:
        """Append rows as one row group."""
        values = [
            self._pa.array([_typed(column.type, row[number]) for row in rows], field.type)
            for number, (column, field) in enumerate(zip(COLUMNS, self._schema, strict=True))
        ]
        self._parquet.write_table(self._pa.Table.from_arrays(values, schema=self._schema))

    def __exit__(self, *_: object) -> None:
        """Write the footer."""
        self._parquet.close()


def _typed(kind: ColumnType, value: Any) -> Any:
    if value is None and kind != "list":
        return None
    if kind == "date":
        return date.fromisoformat(value)
    if kind == "datetime":
        return datetime.fromisoformat(value)
    return _plain(kind, value)


class SqliteWriter(Writer):
    """An SQLite file with one table `articles`; lists are JSON arrays, booleans 1 and 0, days and times text."""

    def __init__(self, file: BinaryIO) -> None:
        super().__init__(file)
        self._folder = tempfile.TemporaryDirectory(prefix="khotin-")
        self._path = Path(self._folder.name) / "articles.sqlite"
        self._db = sqlite3.connect(self._path, isolation_level=None)
        self._db.execute("PRAGMA journal_mode = OFF")
        self._db.execute("PRAGMA synchronous = OFF")
        kinds = {"integer": "INTEGER", "boolean": "INTEGER"}
        columns = ", ".join(f"{column.name} {kinds.get(column.type, 'TEXT')}" for column in COLUMNS)
        self._db.execute(f"CREATE TABLE articles ({columns}, PRIMARY KEY (key))")
        self._db.execute("BEGIN")

    def write(self, rows: Sequence[Row]) -> None:
        """Append rows."""
        self._db.executemany(f"INSERT INTO articles VALUES ({', '.join('?' * len(COLUMNS))})", rows)  # noqa: S608

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Hand the finished database to the file."""
        try:
            if kind is None:
                self._db.execute("COMMIT")
            self._db.close()
            if kind is None:
                with self._path.open("rb") as finished:
                    shutil.copyfileobj(finished, self.file, 1 << 20)
        finally:
            self._folder.cleanup()
