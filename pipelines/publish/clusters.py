"""The same story on several sites: near-duplicate texts, found while public.db is built.

A text becomes the set of its runs of four folded words (spelling, marks, punctuation and paragraphs don't count).
Of these, those that open with one word in four, always the same ones, are kept: enough to compare by, and a
quarter of the work. MinHash signatures (rensa) estimate how much two sets have in common; texts whose
signatures agree in one band are compared, whichever of a million they are.
See Broder, "On the resemblance and containment of documents" (1997).
"""

from __future__ import annotations

import re
import sqlite3
import unicodedata
import zlib
from array import array
from collections.abc import Callable, Sequence
from itertools import compress, groupby

from rensa import RMinHash

from pipelines.text import fold

CLUSTERS = """
CREATE TABLE clusters (
  article_id INTEGER PRIMARY KEY REFERENCES articles (id), cluster INTEGER NOT NULL REFERENCES articles (id),
  similarity REAL NOT NULL
);
"""
CLUSTERS_INDEX = "CREATE INDEX clusters_cluster ON clusters (cluster, article_id)"
RUN = 4
"""Words (in Vietnamese: syllables) of a shingle."""
LEAST = 12
"""Shingles: of shorter texts ("Thông báo nghỉ lễ") a few words in common say nothing."""
BANDS, ROWS = 16, 4
"""64 hashes of 16 bits: a band is one 64-bit number. Of pairs with 0.8 in common all but 1 in 5,000 agree in a
band, with 0.6 in common 9 in 10, with 0.1 in common 1 in 600."""
SAME = 0.6
"""Least share of shingles in common: the same text with another headline, a cut end, an own opening."""
SEED = 20250701

_WORD = re.compile(r"[^\W_]+")


class _Folds(dict[str, str]):
    """Word as it stands -> folded. Texts repeat a few thousand words."""

    def __missing__(self, word: str) -> str:
        if len(self) >= 200_000:  # numbers and names of a large corpus
            self.clear()
        folded = self[word] = fold(word)
        return folded


class _Openers(dict[str, bool]):
    """Folded word -> does it open a shingle that is kept? One in four, the same in every text."""

    def __missing__(self, word: str) -> bool:
        if len(self) >= 200_000:
            self.clear()
        kept = self[word] = zlib.crc32(word.encode()) % 4 == 0
        return kept


_folds, _openers = _Folds(), _Openers()


def shingles(text: str) -> set[str]:
    """The runs of words by which a text is compared, about a quarter of all its runs."""
    text = text if unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text)
    words = list(map(_folds.__getitem__, _WORD.findall(text)))
    runs = zip(*(words[start:] for start in range(RUN)), strict=False)  # the shorter ones say where the last begins
    return set(map(" ".join, compress(runs, map(_openers.__getitem__, words))))


def signature(text: str) -> array[int] | None:
    """64 numbers below 65,536; None for a text too short to be compared."""
    runs = shingles(text)
    if len(runs) < LEAST:
        return None
    sketch = RMinHash(num_perm=BANDS * ROWS, seed=SEED)
    sketch.update(sorted(runs))
    return array("H", [number & 0xFFFF for number in sketch.digest()])


def similarity(one: Sequence[int], other: Sequence[int]) -> float:
    """Estimated share of shingles that two texts have in common, 0 to 1, from their signatures."""
    return sum(a == b for a, b in zip(one, other, strict=True)) / len(one)


def alike(signatures: Sequence[int]) -> list[list[int]]:
    """Groups of places (0, 1, …) whose signatures agree in a band; each rising, and in the order of their first.

    `signatures`: all signatures, one after the other.
    """
    bands = array("Q", array("H", signatures).tobytes())
    groups = []
    for band in range(BANDS):
        column = bands[band::BANDS]
        order = sorted(range(len(column)), key=column.__getitem__)  # stable: rising within a group
        for _, places in groupby(order, key=column.__getitem__):
            group = list(places)
            if len(group) > 1:
                groups.append(group)
    return sorted(groups)


def find_clusters(signatures: Sequence[int]) -> dict[int, tuple[int, float]]:
    """Place of an article -> place of the first of its cluster, and how much they have in common.

    The first itself is not in it. Each is compared with the first of its group, so that no chain of small
    differences joins two stories.
    """
    size = BANDS * ROWS
    heads: dict[int, tuple[int, float]] = {}
    for group in alike(signatures):
        # Groups come in the order of their first: that one never becomes a later one's follower.
        first = heads[group[0]][0] if group[0] in heads else group[0]
        base = signatures[first * size : (first + 1) * size]
        for place in group:
            if place != first and place not in heads:
                share = similarity(base, signatures[place * size : (place + 1) * size])
                if share >= SAME:
                    heads[place] = (first, share)
    return heads


def fill_clusters(db: sqlite3.Connection, progress: Callable[[int], None]) -> int:
    """Fill `clusters` of a public.db that is being built; gives the number of its rows.

    Reads whole texts from the attached `archive`, also those that are not shown: only that two are alike is.
    Keeps 140 bytes an article in memory.
    """
    found = db.execute(
        "SELECT p.id, x.lead, x.body FROM place p JOIN archive.article_text x ON x.article_id = p.archive_id"
        " ORDER BY p.id"
    )
    ids, signatures = array("L"), array("H")
    for done, (number, lead, body) in enumerate(found):
        if done % 1000 == 0:
            progress(done)
        numbers = signature(f"{lead or ''} {body}")
        if numbers is not None:
            ids.append(number)
            signatures.extend(numbers)
    clusters: dict[int, list[tuple[int, float]]] = {}
    for place, (first, share) in sorted(find_clusters(signatures).items()):
        clusters.setdefault(ids[first], [(ids[first], 1.0)]).append((ids[place], share))
    rows = 0
    for first, members in sorted(clusters.items()):
        if len({_site(db, number) for number, _ in members}) > 1:
            db.executemany(
                "INSERT INTO clusters VALUES (?, ?, ?)",
                [(number, first, round(share, 2)) for number, share in members],
            )
            rows += len(members)
    db.execute(CLUSTERS_INDEX)
    return rows


def _site(db: sqlite3.Connection, number: int) -> str:
    return str(db.execute("SELECT site FROM articles WHERE id = ?", (number,)).fetchone()[0])
