"""Finds the articles of a selection and counts them by each facet, with arrays in memory instead of SQL.

SQLite's index gives the ids of a query's articles in one string a half-million (ten times as fast as rows, and other
threads run meanwhile); filtering, counting and paging is arithmetic over the columns of `pipelines.search.columns`.
What was found stays in memory as long as its snapshot, so that page 100 costs what page 1 does.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
from datasette.utils import sqlite_timelimit
from numpy.typing import NDArray

from khotin.serve.searching.selection import FACETS, MARKS, NONE, Selection
from pipelines.search import FTS_TABLE, NOTHING, WEIGHTS, fts_query
from pipelines.search.columns import FIRST_DAY, LABELLED, read_column

Ids = NDArray[np.int32]
Mask = NDArray[np.bool_]
MEMORY = 48_000_000
"""Bytes of results kept for each snapshot; the last used stay."""
RANKED_WHOLE = 20_000
"""Up to so many articles all are ranked. Of more, the newest RANKED_TITLES with all words in their titles
come first, ranked; the others follow by date."""
RANKED_TITLES = 5_000
SIMILAR = 100
"""So many articles count as similar to one."""
TIME_LIMIT_MS = 4_000
_STRIDE = 500_000  # ids whose list stays below the longest string that readers' connections allow (8 MB)
_RANK_STRIDE = 250_000  # matches; their scores are longer
_TITLE_STRIDE = 100_000
# A fortieth of the best score is no difference: within it the newer article comes first.
_STEPS = 40
_EPOCH = (FIRST_DAY - date(1970, 1, 1)).days


class Columns:
    """The facts of all articles; the article with id `n` is at place `n - 1`."""

    def __init__(self, conn: Any) -> None:
        self.labels: dict[str, list[str]] = {}
        self.codes: dict[str, NDArray[np.uint16]] = {}
        for name in (*LABELLED, *MARKS, "day"):
            codes, self.labels[name] = read_column(conn, name)
            self.codes[name] = np.frombuffer(codes, dtype="<u2")
        self.day = self.codes.pop("day")
        """Days since FIRST_DAY; never falling, since ids are in the order of days."""
        self.count = len(self.day)
        months = (self.day.astype(np.int32) + _EPOCH).astype("datetime64[D]").astype("datetime64[M]")
        self.month = (months.astype(np.int32) + 1970 * 12).astype(np.uint16)
        """Months since the year 0: 24246 is July 2020."""
        self.numbers = {
            name: {label: code for code, label in enumerate(self.labels[name], 1)} | {NONE: 0} for name in LABELLED
        }


@dataclass(frozen=True, slots=True)
class Counted:
    """A value of a facet."""

    value: str
    """Its label; NONE for articles without one."""
    count: int


@dataclass(frozen=True, slots=True)
class Found:
    """The answer to a selection."""

    ids: Ids
    """All articles, in the order asked for."""
    total: int
    ranked: bool
    """All were ranked; False where only some or none were."""
    facets: dict[str, tuple[Counted, ...]]
    """Counted as if nothing of that facet itself were chosen; most first. All that are not zero or chosen."""
    months: tuple[tuple[str, int], ...]
    """("2020-07", 12) for every month from the first to the last that has any, as if no day were asked for."""


class _Kept:
    """The results last used, up to a number of bytes. Threads share it."""

    def __init__(self, most: int = MEMORY) -> None:
        self._most, self._bytes = most, 0
        self._lock = threading.Lock()
        self._found: OrderedDict[Any, tuple[Any, int]] = OrderedDict()

    def get(self, key: Any, make: Callable[[], Any], size: Callable[[Any], int]) -> Any:
        with self._lock:
            if key in self._found:
                self._found.move_to_end(key)
                return self._found[key][0]
        value = make()  # two threads may make the same one: better than that one waits for the other's search
        weight = size(value) + 500
        with self._lock:
            if key not in self._found and weight <= self._most:
                self._found[key] = (value, weight)
                self._bytes += weight
                while self._bytes > self._most:
                    self._bytes -= self._found.popitem(last=False)[1][1]
        return value


class Engine:
    """Searches one snapshot; kept in its memory. Calls from several threads are safe, each with its connection."""

    def __init__(self, conn: Any) -> None:
        self.columns = Columns(conn)
        self._kept = _Kept()

    def find(self, conn: Any, selection: Selection, *, like: str | None = None, without: int | None = None) -> Found:
        """All articles of a selection, counted.

        `like` is an FTS5 expression that stands for `selection.like`, `without` the id of the article it was made
        from. Raises sqlite3.OperationalError ("interrupted") after TIME_LIMIT_MS.
        """
        key = replace(selection, page=1, size=1, scheme=34)
        key_text = repr((key, like, without))
        found: Found = self._kept.get(
            key_text, lambda: self._find(conn, selection, like, without), lambda one: int(one.ids.nbytes) + 20_000
        )
        return found

    def _find(self, conn: Any, selection: Selection, like: str | None, without: int | None) -> Found:
        expression = _expression(selection, like)
        with sqlite_timelimit(conn, TIME_LIMIT_MS):
            ids = self._ids(conn, expression)
            by_rank: Ids | None = None
            if like is not None:  # what shares a single pair of words is hardly like it
                by_rank = self._similar(conn, expression or NOTHING, ids, without)
                ids = np.sort(by_rank)
            facets, months, ids_kept = self._count(ids, selection)
            ranked = False
            if selection.order == "new":
                ordered = ids_kept[::-1]
            elif selection.order == "old":
                ordered = ids_kept
            else:
                if by_rank is None:
                    by_rank = self._ranked(conn, expression or NOTHING, ids)
                ranked = len(ids) <= RANKED_WHOLE
                if len(ids_kept) < len(by_rank):
                    keep = np.zeros(self.columns.count + 1, dtype=np.bool_)
                    keep[ids_kept] = True
                    ordered = by_rank[keep[by_rank]]
                else:
                    ordered = by_rank
        return Found(ordered, len(ids_kept), ranked, facets, months)

    def _ids(self, conn: Any, expression: str | None) -> Ids:
        """Ascending ids of all articles that match; of all there are without an expression."""
        if expression is None:
            return np.arange(1, self.columns.count + 1, dtype=np.int32)
        return self.matches(conn, expression, 1, self.columns.count)

    def matches(self, conn: Any, expression: str, first: int, last: int) -> Ids:
        """Ascending ids from `first` to `last` that match an FTS5 expression.

        Raises sqlite3.OperationalError ("interrupted") if the caller set a time limit.
        """
        return self._kept.get(  # type: ignore[no-any-return]
            ("ids", expression, first, last),
            lambda: self._match(conn, expression, first, last),
            lambda ids: int(ids.nbytes),
        )

    def _match(self, conn: Any, expression: str, begin: int, end: int) -> Ids:
        parts = []
        for first in range(begin, end + 1, _STRIDE):
            (listed,) = conn.execute(
                f"SELECT group_concat(rowid) FROM {FTS_TABLE} WHERE {FTS_TABLE} MATCH ? AND rowid BETWEEN ? AND ?",  # noqa: S608
                (expression, first, min(first + _STRIDE - 1, end)),
            ).fetchone()
            if listed:
                parts.append(np.fromstring(listed, dtype=np.int32, sep=","))
        return np.concatenate(parts) if parts else np.zeros(0, dtype=np.int32)

    def _similar(self, conn: Any, expression: str, ids: Ids, without: int | None) -> Ids:
        """The SIMILAR best of all matches, the best first, but for the article they are compared with.

        All are ranked and that one is dropped afterwards: its twin has the same expression and takes the same order.
        """
        best = self._ranked(conn, expression, ids)
        best = best[best != (without or 0)][:SIMILAR]
        return best if len(ids) <= RANKED_WHOLE else self._scored(conn, expression, np.sort(best), len(ids))

    def _ranked(self, conn: Any, expression: str, ids: Ids) -> Ids:
        """All matches of the expression (`ids` are no fewer), the best first; kept for the next who asks it."""

        def rank() -> Ids:
            if len(ids) <= RANKED_WHOLE:
                return self._scored(conn, expression, ids, len(ids))
            of_titles = f"{{title}} : ({expression})"
            titled = self._titled(conn, of_titles, ids)
            first = self._scored(conn, of_titles, titled, len(titled))
            other = np.ones(self.columns.count + 1, dtype=np.bool_)
            other[first] = False
            return np.concatenate([first, ids[other[ids]][::-1]])

        return self._kept.get(("rank", expression), rank, lambda found: int(found.nbytes))  # type: ignore[no-any-return]

    def _titled(self, conn: Any, of_titles: str, ids: Ids) -> Ids:
        """The newest RANKED_TITLES of `ids` that match an expression of titles, ascending."""
        parts: list[Ids] = []
        end = self.columns.count
        while end > 0 and sum(map(len, parts)) < RANKED_TITLES:  # older stretches of the index are left unread
            begin = max(1, end - _TITLE_STRIDE + 1)
            parts.insert(0, self._match(conn, of_titles, begin, end))
            end = begin - 1
        return np.intersect1d(np.concatenate(parts), ids, assume_unique=True).astype(np.int32)[-RANKED_TITLES:]

    def _scored(self, conn: Any, expression: str, ids: Ids, among: int) -> Ids:
        """These ids, the best first. They are `among` so many that match the expression from the first to the last."""
        if not len(ids):
            return ids
        numbers, ranks = [], []
        # bm25 counts the articles of each word anew for every statement: more work than scoring a few thousand.
        stride = _RANK_STRIDE if among > _RANK_STRIDE else self.columns.count
        for first in range(int(ids[0]), int(ids[-1]) + 1, stride):
            # Rows one by one would cost as much again as their scores do. A score of a frequent word is about 1e-6.
            listed = conn.execute(
                "SELECT group_concat(rowid), group_concat(CAST(rank * -1e12 AS INTEGER))"  # noqa: S608
                f" FROM {FTS_TABLE} WHERE {FTS_TABLE} MATCH ? AND rowid BETWEEN ? AND ?"
                f" AND rank MATCH 'bm25({', '.join(map(str, WEIGHTS))})'",
                (expression, first, min(first + stride - 1, int(ids[-1]))),
            ).fetchone()
            if listed[0]:
                numbers.append(np.fromstring(listed[0], dtype=np.int32, sep=","))
                ranks.append(np.fromstring(listed[1], dtype=np.int64, sep=","))
        found, scores = np.concatenate(numbers), np.concatenate(ranks)
        mine = np.isin(found, ids, assume_unique=True)
        found, scores = found[mine], scores[mine]
        best = max(int(scores.max(initial=0)), 1)
        steps = -(-scores * _STEPS // best)  # in whole numbers: no rounding puts two equal scores apart
        return found[np.lexsort((-found, -steps))]

    def _count(self, ids: Ids, selection: Selection) -> tuple[dict[str, tuple[Counted, ...]], Any, Ids]:
        """Facets, months, and the ids that fit the selection, ascending."""
        columns, every = self.columns, len(ids) == self.columns.count
        places = ids.astype(np.intp) - 1  # what numpy would make of them again for each column

        def of(array: NDArray[np.uint16]) -> NDArray[np.uint16]:
            return array if every else array[places]

        masks = dict(self._masks(selection, of))

        def without(name: str) -> Mask | None:
            mask: Mask | None = None
            for other, fits in masks.items():
                if other != name:
                    mask = fits if mask is None else mask & fits
            return mask

        facets = {}
        for name in FACETS:
            fits = without(name)
            codes = of(columns.codes[name])
            counts = np.bincount(codes if fits is None else codes[fits], minlength=len(columns.labels[name]) + 1)
            facets[name] = self._counted(name, counts, selection.chosen.get(name, ()))
        for mark in MARKS:
            fits = without(mark)
            flags = of(columns.codes[mark])
            count = int(np.count_nonzero(flags if fits is None else flags[fits]))
            facets[mark] = (Counted("1", count),) if count or mark in selection.marks else ()
        fits = without("day")
        months = of(columns.month)
        counts = np.bincount(months if fits is None else months[fits])
        first = int(np.argmax(counts > 0)) if counts.any() else 0
        listed = tuple((f"{n // 12:04d}-{n % 12 + 1:02d}", int(counts[n])) for n in range(first, len(counts)) if first)
        fits = without("")
        return facets, listed, ids if fits is None else ids[fits]

    def _masks(self, selection: Selection, of: Callable[[Any], Any]) -> Iterator[tuple[str, Mask]]:
        columns = self.columns
        for name, labels in selection.chosen.items():
            table = np.zeros(len(columns.labels[name]) + 1, dtype=np.bool_)
            for label in labels:
                if label in columns.numbers[name]:
                    table[columns.numbers[name][label]] = True
            yield name, table[of(columns.codes[name])]
        for mark in selection.marks:
            yield mark, of(columns.codes[mark]) > 0
        days: list[Mask] = []
        if selection.since:
            days.append(of(columns.day) >= min(max((selection.since - FIRST_DAY).days, 0), 65_535))
        if selection.until:
            days.append(of(columns.day) <= min(max((selection.until - FIRST_DAY).days, 0), 65_535))
        if selection.months:
            months = of(columns.month)
            fits = np.zeros(len(months), dtype=np.bool_)
            for month in selection.months:
                year = 12 * int(month[:4])
                fits |= months // 12 * 12 == year if len(month) == 4 else months == year + int(month[5:]) - 1
            days.append(fits)
        if days:
            yield "day", np.logical_and.reduce(days)

    def _counted(self, name: str, counts: NDArray[np.intp], chosen: tuple[str, ...]) -> tuple[Counted, ...]:
        labels = [NONE, *self.columns.labels[name]]
        found = [Counted(labels[code], int(counts[code])) for code in np.flatnonzero(counts)]
        found.sort(key=lambda one: (one.value == NONE, -one.count))
        shown = {one.value for one in found}
        return (*found, *(Counted(label, 0) for label in chosen if label not in shown))


def _expression(selection: Selection, like: str | None) -> str | None:
    asked = [fts_query(selection.query)] if selection.query else []
    asked += [like] if like is not None else []
    if NOTHING in asked:
        return NOTHING
    return " AND ".join(f"({one})" for one in asked) if asked else None
