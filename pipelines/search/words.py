"""What a word is for the index: shared by the text that goes in and the query that asks."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence

from pipelines.text import NORMALISER_VERSION, fold
from pipelines.text.forms import place_tones

SEARCH_VERSION = f"3.{NORMALISER_VERSION}"
"""Stands in each database with an index: what stands in it, how words are cut here, and how `pipelines.text`
normalises them."""
COLUMNS = ("title", "lead", "body", "author")
MARKER = "_"
"""Before a folded word; no word as written can begin with it."""

# Matches "Đảng", "19" and "QĐ" of "19-QĐ/TW"; must not match "_" or "-".
WORD = re.compile(r"[^\W_]+")
_KEPT = 200_000


class _Forms(dict[str, str]):
    """Word as it stands -> one of its forms. Texts repeat a few thousand words: worth keeping."""

    def __init__(self, make: Callable[[str], str]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, word: str) -> str:
        if len(self) >= _KEPT:  # numbers and names of a large corpus
            self.clear()
        form = self[word] = self._make(word)
        return form


SPELLED_BOTH_WAYS = ("h", "k", "l", "m", "s", "t", "qu")
"""Onsets after which a last i and y are one sound, and both are in use: kỹ and kĩ, quý and quí, mỹ and mĩ."""
_I_TO_Y = str.maketrans("iíìỉĩị", "yýỳỷỹỵ")
# "kĩ", "quí", "lí"; must not match "kim", "nghỉ", "vì"
_LAST_I = re.compile(f"(?:{'|'.join(SPELLED_BOTH_WAYS)})[iíìỉĩị]")


def as_typed(word: str) -> str:
    """Lower case, its spelling left alone: the beginning of a word is not a word yet ("ki*" means kiểm too)."""
    # Lower case of a few foreign letters is a letter and a mark ("İ"): only letters count.
    return "".join(WORD.findall(nfc(word.lower()))) or word


def _exact(word: str) -> str:
    exact = place_tones(as_typed(word))
    return exact.translate(_I_TO_Y) if _LAST_I.fullmatch(exact) else exact


def _folded(word: str) -> str:
    exact = _exact(word)
    return "".join(WORD.findall(fold(exact))) or exact


_as_indexed = _Forms(_exact)
_as_folded = _Forms(_folded)
# Of what stands between two blanks, often with a comma or a bracket: one look-up instead of a search for words.
_column_exact = _Forms(lambda chunk: " ".join(map(_exact, WORD.findall(chunk))))
_column_marked = _Forms(lambda chunk: " ".join(MARKER + _folded(word) for word in WORD.findall(chunk)))


def nfc(text: str) -> str:
    """Composed letters: decomposed ones would fall apart into letters and marks."""
    return text if unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text)


def forms(word: str) -> tuple[str, str]:
    """A word (one match of `WORD` in NFC text) as indexed, and folded: "Hoà" -> ("hòa", "hoa")."""
    return _as_indexed[word], _as_folded[word]


def form_of(*, literal: bool) -> Callable[[str], str]:
    """The first or the second of `forms`, for many words."""
    return (_as_indexed if literal else _as_folded).__getitem__


def words(text: str) -> Iterator[tuple[int, int, str, str]]:
    """Start, end (in NFC `text`), form as indexed and folded form of each word."""
    for match in WORD.finditer(text):
        word = match.group()
        yield (match.start(), match.end(), _as_indexed[word], _as_folded[word])


# A blank for each ASCII sign, small letters for capitals. The bytes of all other letters in UTF-8 are above 127.
_ASCII = "".join(char.lower() if char.isalnum() else " " for char in map(chr, range(128))).encode()
_CUT = _ASCII + bytes(range(128, 256))


def column_texts(texts: Sequence[str | None]) -> list[bytes]:
    """What the columns of the index hold, in UTF-8: the words as written, then the folded ones with the marker.

    Give many texts: the forms of a word that stands in them a thousand times are looked up once, and cutting and
    joining is Arrow's work. Raises UnicodeEncodeError for half a character, which SQLite doesn't hold either.
    """
    import pyarrow as pa  # late: who only asks an index needs none of it
    import pyarrow.compute as pc

    plain = pa.array([nfc(text).encode().translate(_CUT).strip() if text else b"" for text in texts], pa.binary())
    chunks = pc.ascii_split_whitespace(plain.cast(pa.string()))
    coded = chunks.flatten().dictionary_encode()
    different = coded.dictionary.to_pylist()
    columns = []
    for form in (_column_exact, _column_marked):
        made = pa.array([form[chunk] for chunk in different], pa.string()).take(coded.indices)
        columns.append(pc.binary_join(pa.ListArray.from_arrays(chunks.offsets, made), " "))
    joined = pc.binary_join_element_wise(*columns, " ")
    return [text.strip() for text in joined.cast(pa.binary()).to_pylist()]
