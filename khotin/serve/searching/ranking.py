"""The order of a query's articles: those with its words in a row first, and the best of them by bm25."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from khotin.serve.searching.kept import Kept
from khotin.serve.searching.matching import Ids, Matcher
from pipelines.search import FTS_TABLE, WEIGHTS, Highlighter
from pipelines.search.bitmaps import TITLE
from pipelines.search.query import Part, joined
from pipelines.search.words import nfc

RANKED_WHOLE = 20_000
"""Up to so many articles all are ranked. Of more, the newest RANKED_TITLES with all words in their titles
come first, then the others, the newest first."""
RANKED_TITLES = 300
TITLES_READ = 1_000
"""Where all are ranked, it is looked up in so many titles, the newest, whether the words stand in a row."""
TELLING = 12
"""So many conditions are scored, the rarest words: the words of a pasted paragraph would take seconds."""
# Matches whose scores stay below the longest string that readers' connections allow (8 MB).
_RANK_STRIDE = 250_000
# A fortieth of the best score is no difference: within it the newer article comes first.
_STEPS = 40


class Ranker:
    """Ranks articles of one snapshot. Calls from several threads are safe, each with its connection."""

    def __init__(self, count: int, matcher: Matcher, kept: Kept) -> None:
        self._count, self._matcher, self._kept = count, matcher, kept

    def ranked(self, conn: Any, conditions: Sequence[Part], row: Part | None, ids: Ids) -> Ids:
        """All articles that fulfil the conditions (`ids`, ascending), the best first; kept for the next who asks it.

        `row` are the words of the query as one phrase, if they make one.
        """

        def rank() -> Ids:
            return (self._scored if ranks_all(ids) else self._titled)(conn, conditions, row, ids)

        key = ("rank", joined(conditions), row.expression if row else "")
        return self._kept.get(key, rank, lambda found: int(found.nbytes))  # type: ignore[no-any-return]

    def _titled(self, conn: Any, conditions: Sequence[Part], row: Part | None, ids: Ids) -> Ids:
        titled = self._matcher.titled(conn, conditions, RANKED_TITLES)
        others = self._mask(ids)
        titled = titled[others[titled]][-RANKED_TITLES:]  # of "a -b" some have the b in their text
        others[titled] = False
        if row:
            in_row = self._mask(self._rows_in_titles(conn, row, titled))[titled]
            titled = np.concatenate([titled[~in_row], titled[in_row]])
        return np.concatenate([titled[::-1], np.flatnonzero(others)[::-1].astype(np.int32)])

    def _scored(self, conn: Any, conditions: Sequence[Part], row: Part | None, ids: Ids) -> Ids:
        """These ids by bm25; with `row` in the title first, with it anywhere or all words in the title second."""
        if not len(ids):
            return ids
        ordered = self._by_score(conn, self._telling(conditions), ids)
        if row is None:
            return ordered
        merit = np.zeros(self._count + 1, dtype=np.int8)
        merit[self._matcher.find(conn, (row,), 1, self._count)] = 1
        titled = self._matcher.find(conn, conditions, 1, self._count, place=TITLE)
        merit[titled] = 1
        merit[self._rows_in_titles(conn, row, titled[self._mask(ids)[titled]][-TITLES_READ:])] = 2
        return ordered[np.argsort(-merit[ordered], kind="stable")]

    def _telling(self, conditions: Sequence[Part]) -> list[Part]:
        """The conditions that scores are counted of: they find all articles that all conditions find, and others."""
        share = self._matcher.share
        # A word of more than half of all articles weighs a millionth in bm25, and makes half of its work.
        wanted = sorted((part for part in conditions if part.wanted), key=share)[:TELLING]
        telling = [part for part in wanted if share(part) <= 0.5] or wanted
        return [*telling, *(part for part in conditions if not part.wanted and not share(part))]

    def _by_score(self, conn: Any, telling: Sequence[Part], ids: Ids) -> Ids:
        among = len(self._matcher.find(conn, telling, 1, self._count))
        numbers, ranks = [], []
        # bm25 counts the articles of each word anew for every statement: more work than scoring a few thousand.
        stride = _RANK_STRIDE if among > _RANK_STRIDE else self._count
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
        return best_first(found[mine], scores[mine])

    def _rows_in_titles(self, conn: Any, row: Part, ids: Ids) -> Ids:
        """Those of the articles in whose titles a phrase stands. The index would read the words of all articles."""
        marker = Highlighter.of(row.node, literal=row.literal)
        titles = conn.execute(
            "SELECT id, title FROM articles WHERE id IN (SELECT value FROM json_each(?))", (json.dumps(ids.tolist()),)
        )
        return np.array([number for number, title in titles if marker.hits(nfc(title))], dtype=np.int32)

    def _mask(self, ids: Ids) -> NDArray[np.bool_]:
        mask = np.zeros(self._count + 1, dtype=np.bool_)
        mask[ids] = True
        return mask


def ranks_all(ids: Ids) -> bool:
    """Whether so few articles are found that all are ranked."""
    return len(ids) <= RANKED_WHOLE


def best_first(ids: Ids, scores: NDArray[Any]) -> Ids:
    """By score; what differs by less than a fortieth of the best score is equal, and the newer comes first."""
    best = scores.max(initial=0)
    if best <= 0:
        return np.sort(ids)[::-1]
    steps = -(-scores * _STEPS // best)  # rounded up; equal scores are in one step
    return ids[np.lexsort((-ids, -steps))]
