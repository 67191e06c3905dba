"""The articles that fulfil the conditions of a query: bitmaps for its frequent words, the index for the others."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import and_, or_
from typing import Any

import numpy as np
from numpy.typing import NDArray

from khotin.serve.searching.kept import Kept
from pipelines.search import tree
from pipelines.search.bitmaps import ANYWHERE, TITLE, Bits, frequent_words, matching, read_bits
from pipelines.search.query import Part, joined, within

Ids = NDArray[np.int32]
Mask = NDArray[np.bool_]
_STRIDE = 100_000
"""Articles whose titles are read from the index at once, the newest first."""


class Matcher:
    """Finds articles of one snapshot. Calls from several threads are safe, each with its connection."""

    def __init__(self, conn: Any, count: int, kept: Kept) -> None:
        self._count, self._kept = count, kept
        self._frequent = frequent_words(conn)

    def find(self, conn: Any, conditions: Sequence[Part], first: int, last: int, *, place: str = ANYWHERE) -> Ids:
        """Ascending ids from `first` to `last` that fulfil all conditions; in their titles alone if `place` is TITLE.

        Raises sqlite3.OperationalError ("interrupted") if the caller set a time limit.
        """
        has, rest = self._known(conn, conditions, place)
        return self._within(conn, has, rest, first, last, place)

    def titled(self, conn: Any, conditions: Sequence[Part], most: int) -> Ids:
        """Ascending ids of the newest articles, `most` or a few more, whose titles alone fulfil all conditions."""
        has, rest = self._known(conn, conditions, TITLE)
        stride = _STRIDE if rest else self._count
        found: list[Ids] = []
        end = self._count
        while end > 0 and sum(map(len, found)) < most:  # older stretches of the index are left unread
            begin = max(1, end - stride + 1)
            found.insert(0, self._within(conn, has, rest, begin, end, TITLE))
            end = begin - 1
        return np.concatenate(found) if found else np.zeros(0, dtype=np.int32)

    def _known(self, conn: Any, conditions: Sequence[Part], place: str) -> tuple[Mask | None, list[Part]]:
        """Which articles fulfil the conditions that the bitmaps know, None if they know none; and the others."""
        bits: Bits | None = None
        rest = []
        for part in conditions:
            if part.node and self._is_known(part, part.node, place):
                one = self._bits(conn, part, part.node, place)
                one = one if part.wanted else ~one
                bits = one if bits is None else bits & one
            else:
                rest.append(part)
        if bits is None:
            return None, rest
        return np.unpackbits(bits, count=self._count, bitorder="little").view(np.bool_), rest

    def _within(self, conn: Any, has: Mask | None, rest: list[Part], first: int, last: int, place: str) -> Ids:
        if has is None or any(part.wanted for part in rest):
            ids = self.match(conn, within(place, joined(rest)), first, last)
            return ids if has is None else ids[has[ids - 1]]
        fits = has[first - 1 : last]
        if rest:
            unwanted = self.match(conn, within(place, " OR ".join(part.expression for part in rest)), first, last)
            fits[unwanted - first] = False
        return (np.flatnonzero(fits) + first).astype(np.int32)

    def match(self, conn: Any, expression: str, first: int, last: int) -> Ids:
        """Ascending ids from `first` to `last` that match an FTS5 expression; kept for the next who asks it."""
        return self._kept.get(  # type: ignore[no-any-return]
            ("match", expression, first, last),
            lambda: matching(conn, expression, first, last),
            lambda ids: int(ids.nbytes),
        )

    def share(self, part: Part) -> float:
        """Of all articles, those that have the one frequent word of this condition; 0 if it is anything else."""
        word = part.word(part.node) if isinstance(part.node, tree.Phrase) else None
        return self._frequent.get((ANYWHERE, word or ""), 0) / max(1, self._count)

    def _is_known(self, part: Part, node: tree.Node, place: str) -> bool:
        match node:
            case tree.Phrase():
                return (place, part.word(node)) in self._frequent
            case tree.All():
                return all(self._is_known(part, one, place) for one in (*node.parts, *node.without))
            case tree.Any():
                return all(self._is_known(part, one, place) for one in node.parts)
            case tree.In(columns=(only,)) if only == TITLE:
                return self._is_known(part, node.part, TITLE)
            case _:
                return False

    def _bits(self, conn: Any, part: Part, node: tree.Node | None, place: str) -> Bits:
        """The articles of a node that is known."""
        match node:
            case tree.Phrase():
                return read_bits(conn, place, part.word(node) or "")
            case tree.All():
                wanted = reduce(and_, (self._bits(conn, part, one, place) for one in node.parts))
                return reduce(and_, (~self._bits(conn, part, one, place) for one in node.without), wanted)
            case tree.Any():
                return reduce(or_, (self._bits(conn, part, one, place) for one in node.parts))
            case tree.In():
                return self._bits(conn, part, node.part, TITLE)
            case _:
                raise AssertionError(node)
