"""Finds the articles of a selection and counts them by each facet, with arrays in memory instead of SQL.

`matching` gives the ids of a query's articles; filtering, counting and paging is arithmetic over the columns of
`pipelines.search.columns`. What was found stays in memory as long as its snapshot, so that page 100 costs what page 1
does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
from datasette.utils import sqlite_timelimit
from numpy.typing import NDArray

from khotin.serve.searching.kept import Kept
from khotin.serve.searching.matching import Ids, Mask, Matcher
from khotin.serve.searching.selection import FACETS, MARKS, NONE, Selection
from khotin.serve.searching.similar import Model
from pipelines.search import FTS_TABLE, WEIGHTS
from pipelines.search.columns import FIRST_DAY, LABELLED, read_column
from pipelines.search.query import Part, joined, parts

RANKED_WHOLE = 20_000
"""Up to so many articles all are ranked. Of more, the newest RANKED_TITLES with all words in their titles
come first, then the others, the newest first."""
RANKED_TITLES = 5_000
SIMILAR = 100
"""So many articles count as similar to one."""
TIME_LIMIT_MS = 4_000
# Matches whose scores stay below the longest string that readers' connections allow (8 MB).
_RANK_STRIDE = 250_000
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


class Engine:
    """Searches one snapshot; kept in its memory. Calls from several threads are safe, each with its connection."""

    def __init__(self, conn: Any) -> None:
        self.columns = Columns(conn)
        self._kept = Kept()
        self._matcher = Matcher(conn, self.columns.count, self._kept)

    def find(self, conn: Any, selection: Selection, like: Model | None = None) -> Found:
        """All articles of a selection, counted; `like` is the article that `selection.like` names.

        Raises sqlite3.OperationalError ("interrupted") after TIME_LIMIT_MS.
        """
        key = repr(replace(selection, page=1, size=1, scheme=34))
        found: Found = self._kept.get(
            key, lambda: self._find(conn, selection, like), lambda one: int(one.ids.nbytes) + 20_000
        )
        return found

    def matches(self, conn: Any, query: str, first: int, last: int) -> Ids:
        """Ascending ids from `first` to `last` of what a person typed.

        Raises sqlite3.OperationalError ("interrupted") if the caller set a time limit.
        """
        return self._matcher.find(conn, parts(query), first, last)

    def _find(self, conn: Any, selection: Selection, like: Model | None) -> Found:
        conditions = parts(selection.query) if selection.query else ()
        with sqlite_timelimit(conn, TIME_LIMIT_MS):
            ids = (
                self._matcher.find(conn, conditions, 1, self.columns.count)
                if conditions
                else np.arange(1, self.columns.count + 1, dtype=np.int32)
            )
            by_rank: Ids | None = None
            if like is not None:  # what shares a single pair of words is hardly like it
                by_rank = self._similar(conn, like, ids)
                ids = np.sort(by_rank)
            facets, months, ids_kept = self._count(ids, selection)
            ranked = False
            if selection.order == "new":
                ordered = ids_kept[::-1]
            elif selection.order == "old":
                ordered = ids_kept
            else:
                if by_rank is None:
                    by_rank = self._ranked(conn, conditions, ids)
                ranked = len(ids) <= RANKED_WHOLE
                if len(ids_kept) < len(by_rank):
                    keep = np.zeros(self.columns.count + 1, dtype=np.bool_)
                    keep[ids_kept] = True
                    ordered = by_rank[keep[by_rank]]
                else:
                    ordered = by_rank
        return Found(ordered, len(ids_kept), ranked, facets, months)

    def _similar(self, conn: Any, like: Model, among: Ids) -> Ids:
        """The SIMILAR articles that share the most telling pairs of words with another one, the best first."""
        scores = np.zeros(self.columns.count + 1)
        for expression, weight in like.pairs:
            scores[self._matcher.match(conn, expression, 1, self.columns.count)] += weight
        scores[like.id] = 0
        scores = scores[among]
        if len(scores) > SIMILAR:
            least = np.partition(scores, -SIMILAR)[-SIMILAR]
            among, scores = among[scores >= least], scores[scores >= least]
        fits = scores > 0
        return _best_first(among[fits], scores[fits])[:SIMILAR]

    def _ranked(self, conn: Any, conditions: tuple[Part, ...], ids: Ids) -> Ids:
        """All articles that fulfil the conditions, the best first; kept for the next who asks it."""

        def rank() -> Ids:
            if len(ids) <= RANKED_WHOLE:
                return self._scored(conn, conditions, ids)
            titled = self._matcher.titled(conn, conditions, RANKED_TITLES)
            others = np.zeros(self.columns.count + 1, dtype=np.bool_)
            others[ids] = True
            titled = titled[others[titled]][-RANKED_TITLES:]  # of "a -b" some have the b in their text
            others[titled] = False
            return np.concatenate([titled[::-1], np.flatnonzero(others)[::-1].astype(np.int32)])

        return self._kept.get(("rank", joined(conditions)), rank, lambda found: int(found.nbytes))  # type: ignore[no-any-return]

    def _scored(self, conn: Any, conditions: tuple[Part, ...], ids: Ids) -> Ids:
        """These ids, the best by bm25 first."""
        if not len(ids):
            return ids
        # A word of more than half of all articles weighs a millionth in bm25, and makes half of its work.
        telling = [part for part in conditions if not part.wanted or self._matcher.share(part) <= 0.5]
        if not any(part.wanted for part in telling):
            telling = list(conditions)
        among = len(self._matcher.find(conn, telling, 1, self.columns.count))
        numbers, ranks = [], []
        # bm25 counts the articles of each word anew for every statement: more work than scoring a few thousand.
        stride = _RANK_STRIDE if among > _RANK_STRIDE else self.columns.count
        for first in range(int(ids[0]), int(ids[-1]) + 1, stride):
            # Rows one by one would cost as much again as their scores do. A score of a frequent word is about 1e-6.
            listed = conn.execute(
                "SELECT group_concat(rowid), group_concat(CAST(rank * -1e12 AS INTEGER))"  # noqa: S608
                f" FROM {FTS_TABLE} WHERE {FTS_TABLE} MATCH ? AND rowid BETWEEN ? AND ?"
                f" AND rank MATCH 'bm25({', '.join(map(str, WEIGHTS))})'",
                (joined(telling), first, min(first + stride - 1, int(ids[-1]))),
            ).fetchone()
            if listed[0]:
                numbers.append(np.fromstring(listed[0], dtype=np.int32, sep=","))
                ranks.append(np.fromstring(listed[1], dtype=np.int64, sep=","))
        found, scores = np.concatenate(numbers), np.concatenate(ranks)
        mine = np.isin(found, ids, assume_unique=True)
        return _best_first(found[mine], scores[mine])

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


def _best_first(ids: Ids, scores: NDArray[Any]) -> Ids:
    """By score; what differs by less than a fortieth of the best score is equal, and the newer comes first."""
    best = scores.max(initial=0)
    if best <= 0:
        return ids[::-1]
    steps = -(-scores * _STEPS // best)  # rounded up; equal scores are in one step
    return ids[np.lexsort((-ids, -steps))]
