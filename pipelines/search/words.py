"""What a word is for the index: shared by the text that goes in and the query that asks."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from pipelines.text import NORMALISER_VERSION, fold
from pipelines.text.forms import place_tones

SEARCH_VERSION = f"1.{NORMALISER_VERSION}"
"""Stands in each database with an index: how words are cut here, and how `pipelines.text` normalises them."""
COLUMNS = ("title", "lead", "body")
MARKER = "_"
"""Before a folded word; no word as written can begin with it."""

# Matches "Đảng", "19" and "QĐ" of "19-QĐ/TW"; must not match "_" or "-".
WORD = re.compile(r"[^\W_]+")
_KEPT = 200_000


class _Forms(dict[str, tuple[str, str]]):
    """Word as it stands -> (as indexed, folded). Texts repeat a few thousand words: worth keeping."""

    def __missing__(self, word: str) -> tuple[str, str]:
        if len(self) >= _KEPT:  # numbers and names of a large corpus
            self.clear()
        # Lower case of a few foreign letters is a letter and a mark ("İ"): only letters count.
        exact = "".join(WORD.findall(place_tones(nfc(word.lower())))) or word
        forms = self[word] = (exact, "".join(WORD.findall(fold(exact))) or exact)
        return forms


_forms = _Forms()


def nfc(text: str) -> str:
    """Composed letters: decomposed ones would fall apart into letters and marks."""
    return text if unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text)


def forms(word: str) -> tuple[str, str]:
    """A word (one match of `WORD` in NFC text) as indexed, and folded: "Hoà" -> ("hòa", "hoa")."""
    return _forms[word]


def words(text: str) -> Iterator[tuple[int, int, str, str]]:
    """Start, end (in NFC `text`), form as indexed and folded form of each word."""
    for match in WORD.finditer(text):
        yield (match.start(), match.end(), *_forms[match.group()])


def column_text(text: str | None) -> str:
    """What a column of the index holds: the words as written, then the folded ones with the marker."""
    if not text:
        return ""
    pairs = [_forms[word] for word in WORD.findall(nfc(text))]
    if not pairs:
        return ""
    exact, folded = zip(*pairs, strict=True)
    return " ".join(exact) + " " + MARKER + f" {MARKER}".join(folded)
