"""Articles like a given one: those that share the telling pairs of words of its title, lead and opening."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from datasette.utils import sqlite_timelimit

from pipelines.search import FTS_TABLE, WEIGHTS
from pipelines.search.words import WORD, form_of, nfc

OPENING = 2_500  # characters of the body: its theme is told by then
TRIED, ASKED = 60, 10
"""Pairs of words whose rarity is looked up, and those by which articles like it are looked for."""
_WINDOW = 20_000  # articles around the one in hand stand for all: a pair that is rare among them tells something
_TIME_LIMIT_MS = 2_000
_K1, _B = 1.2, 0.75  # as in FTS5's bm25
_form = form_of(literal=True)


@dataclass(frozen=True, slots=True)
class Model:
    """The article that others are compared with."""

    id: int
    key: str
    title: str
    pairs: tuple[tuple[str, float], ...]
    """Its telling pairs of words as indexed, and how much each tells; the most telling first."""


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
        weights.update(dict.fromkeys(_pairs(text), weight))
    told = []
    around = min(_WINDOW, conn.execute("SELECT max(id) FROM articles").fetchone()[0]) + 1
    with sqlite_timelimit(conn, _TIME_LIMIT_MS):
        for pair, weight in weights.most_common(TRIED):
            near = _near(conn, pair, number)
            if near > 1:  # one of them is this article
                told.append((weight * math.log(around / near), pair))
    told.sort(reverse=True)
    return Model(number, key, title, tuple((pair, weight) for weight, pair in told))


def closeness(conn: Any, model: Model, ids: Sequence[int]) -> list[float]:
    """How much each of some articles has of the telling pairs: bm25, with the weights of the columns in the index.

    A long article that has each of them somewhere is less like it than a short one that is about them.
    """
    found = conn.execute(
        "SELECT a.id, a.title, t.lead, t.body FROM articles a LEFT JOIN article_text t ON t.article_id = a.id"
        " WHERE a.id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(ids)),),
    )
    weights = dict(model.pairs)
    counted: dict[int, tuple[Counter[str], int]] = {}
    for number, *texts in found:
        counts: Counter[str] = Counter()
        length = 0
        for text, weight in zip(texts, WEIGHTS, strict=False):
            forms = _forms(text)
            length += len(forms)
            for pair in map(" ".join, pairwise(forms)):
                if pair in weights:
                    counts[pair] += int(weight)
        counted[number] = counts, length
    usual = sum(length for _, length in counted.values()) / max(1, len(counted)) or 1.0
    scores = []
    for number in ids:
        counts, length = counted[number]
        slack = _K1 * (1 - _B + _B * length / usual)
        scores.append(sum(weights[pair] * count * (_K1 + 1) / (count + slack) for pair, count in counts.items()))
    return scores


def _forms(text: str | None) -> list[str]:
    """The words of a text as indexed."""
    return list(map(_form, WORD.findall(nfc(text or ""))))


def _pairs(text: str | None) -> list[str]:
    """Two words side by side, as indexed: a Vietnamese word is most often two syllables."""
    return [f"{a} {b}" for a, b in pairwise(_forms(text)) if not (a.isdigit() and b.isdigit())]


def _near(conn: Any, pair: str, number: int) -> int:
    return int(
        conn.execute(
            f"SELECT count(*) FROM {FTS_TABLE} WHERE {FTS_TABLE} MATCH ? AND rowid BETWEEN ? AND ?",  # noqa: S608
            (f'"{pair}"', number - _WINDOW // 2, number + _WINDOW // 2),
        ).fetchone()[0]
    )
