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
from khotin.serve.searching.ranking import Ranker, best_first, ranks_all
from khotin.serve.searching.selection import FACETS, MARKS, NONE, Selection
from khotin.serve.searching.similar import ASKED, Model, closeness, read_model
from pipelines.search.columns import FIRST_DAY, LABELLED, read_column
from pipelines.search.query import in_a_row, parts, split_sites

SIMILAR = 100
"""So many articles count as similar to one."""
CANDIDATES = 150
"""So many are read to find them."""
TIME_LIMIT_MS = 4_000
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
        self._ranker = Ranker(self.columns.count, self._matcher, self._kept)

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
        """Ascending ids from `first` to `last` of what a person typed, `site:` too.

        Raises sqlite3.OperationalError ("interrupted") if the caller set a time limit.
        """
        asked, sites = split_sites(query)
        every = bool(sites) and not asked
        ids = (
            np.arange(first, last + 1, dtype=np.int32) if every else self._matcher.find(conn, parts(asked), first, last)
        )
        numbers = [number for site in sites if (number := self.columns.numbers["site"].get(site))]
        return ids[np.isin(self.columns.codes["site"][ids - 1], numbers)] if sites else ids

    def model(self, conn: Any, key: str) -> Model | None:
        """The article with this key as others are compared with it; kept for its next pages. None if there is none."""
        made: Model | None = self._kept.get(("model", key), lambda: read_model(conn, key), lambda _: 10_000)
        return made

    def having(self, facet: str, label: str) -> int:
        """Articles of the whole snapshot with this value of a facet."""
        number = self.columns.numbers[facet].get(label)
        return int(np.count_nonzero(self.columns.codes[facet] == number)) if number else 0

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
                    by_rank = self._ranker.ranked(conn, conditions, in_a_row(selection.query), ids)
                ranked = ranks_all(ids)
                if len(ids_kept) < len(by_rank):
                    keep = np.zeros(self.columns.count + 1, dtype=np.bool_)
                    keep[ids_kept] = True
                    ordered = by_rank[keep[by_rank]]
                else:
                    ordered = by_rank
        return Found(ordered, len(ids_kept), ranked, facets, months)

    def _similar(self, conn: Any, like: Model, among: Ids) -> Ids:
        """The SIMILAR articles that are closest to another one, the best first.

        The candidates are those with the most of its telling pairs of words.
        """
        scores = np.zeros(self.columns.count + 1)
        for pair, weight in like.pairs[:ASKED]:
            scores[self._matcher.match(conn, f'"{pair}"', 1, self.columns.count)] += weight
        scores[like.id] = 0
        scores = scores[among]
        if len(scores) > CANDIDATES:
            least = np.partition(scores, -CANDIDATES)[-CANDIDATES]
            among, scores = among[scores >= least], scores[scores >= least]
        among = among[scores > 0][-2 * CANDIDATES :]  # of very many equal ones the newest
        return best_first(among, np.array(closeness(conn, like, among.tolist())))[:SIMILAR]

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
