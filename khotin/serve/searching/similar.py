"""Articles like a given one: those that share the telling pairs of words of its title, lead and opening."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from datasette.utils import sqlite_timelimit

from pipelines.search import FTS_TABLE
from pipelines.search.words import words

OPENING = 2_500  # characters of the body: its theme is told by then
TRIED, ASKED = 60, 14
"""Pairs of words whose rarity is looked up, and those that are asked for."""
_WINDOW = 20_000  # articles around the one in hand stand for all: a pair that is rare among them tells something
_TIME_LIMIT_MS = 2_000


@dataclass(frozen=True, slots=True)
class Model:
    """The article that others are compared with."""

    id: int
    key: str
    title: str
    pairs: tuple[tuple[str, float], ...]
    """FTS5 expressions of its telling pairs of words, and how much each tells."""


def read_model(conn: Any, key: str) -> Model | None:
    """The article with this key, and how to find those like it; None if there is none."""
    row = conn.execute(
        "SELECT a.id, a.title, t.lead, substr(t.body, 1, ?) FROM articles a"
        " LEFT JOIN article_text t ON t.article_id = a.id WHERE a.key = ?",
        (OPENING, key),
    ).fetchone()
    if row is None:
        return None
    number, title, lead, body = row
    weights: Counter[str] = Counter()
    for text, weight in ((title, 3), (lead, 2), (body, 1)):
        weights.update(dict.fromkeys(_pairs(text or ""), weight))
    told = []
    with sqlite_timelimit(conn, _TIME_LIMIT_MS):
        for pair, weight in weights.most_common(TRIED):
            near = _near(conn, pair, number)
            if near > 1:  # one of them is this article
                told.append((weight * math.log((_WINDOW + 1) / near), pair))
    told.sort(reverse=True)
    return Model(number, key, title, tuple((f'"{pair}"', weight) for weight, pair in told[:ASKED]))


def _pairs(text: str) -> list[str]:
    """Two words side by side, as indexed: a Vietnamese word is most often two syllables."""
    found = [exact for _, _, exact, _ in words(text)]
    return [f"{a} {b}" for a, b in pairwise(found) if not (a.isdigit() and b.isdigit())]


def _near(conn: Any, pair: str, number: int) -> int:
    return int(
        conn.execute(
            f"SELECT count(*) FROM {FTS_TABLE} WHERE {FTS_TABLE} MATCH ? AND rowid BETWEEN ? AND ?",  # noqa: S608
            (f'"{pair}"', number - _WINDOW // 2, number + _WINDOW // 2),
        ).fetchone()[0]
    )
