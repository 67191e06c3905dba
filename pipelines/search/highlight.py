"""The words of a query in a text: what to mark, and the stretch to show."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipelines.search.equivalents import widened
from pipelines.search.tree import Node, parse, phrases
from pipelines.search.words import WORD, form_of, nfc


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a snippet; `hit` where the query's words stand."""

    text: str
    hit: bool = False


class Highlighter:
    """Finds the words of one query in many texts."""

    def __init__(self, user_text: str) -> None:
        asked = parse(user_text)
        self._look_for(widened(asked), literal=asked.literal)

    @classmethod
    def of(cls, node: Node | None, *, literal: bool) -> Highlighter:
        """For a part of a query's tree; `literal` is that of the query (see `Asked`)."""
        made = cls("")
        made._look_for(node, literal=literal)
        return made

    def _look_for(self, node: Node | None, *, literal: bool) -> None:
        self._form = form_of(literal=literal)
        which = 0 if literal else 1
        self._rows: dict[str, list[list[str]]] = {}
        """Words in a row, by the first of them."""
        self._beginnings: list[tuple[list[str], str]] = []
        """Words in a row, and what the word after them begins with."""
        for phrase in phrases(node, wanted_only=True):
            row = [pair[which] for pair in phrase.words]
            if phrase.ends:
                self._beginnings += [(row[:-1], pair[which]) for pair in phrase.ends]
            else:
                self._rows.setdefault(row[0], []).append(row)

    def hits(self, text: str) -> list[tuple[int, int]]:
        """Where in `text` (NFC) the words and phrases stand: (start, end), in order, apart."""
        if not self._rows and not self._beginnings:
            return []
        found = WORD.findall(text)
        forms = list(map(self._form, found))
        marked: set[int] = set()
        rows = self._rows
        for number in [number for number, one in enumerate(forms) if one in rows]:
            for row in rows[forms[number]]:
                if len(row) == 1 or forms[number : number + len(row)] == row:
                    marked.update(range(number, number + len(row)))
        for row, beginning in self._beginnings:
            for last in [last for last, one in enumerate(forms) if one.startswith(beginning)]:
                first = last - len(row)
                if first >= 0 and forms[first:last] == row:
                    marked.update(range(first, last + 1))
        return list(_spans(text, found, sorted(marked)))

    def whole(self, text: str) -> list[Piece]:
        """All of a text, a title for example."""
        text = nfc(text)
        return _pieces(text, self.hits(text), 0, len(text))

    def snippet(self, text: str, length: int = 240) -> list[Piece]:
        """About `length` characters of the original text around the place with most hits, cut at words."""
        text = nfc(text)
        found = self.hits(text)
        begin = _best_start(found, length)
        if begin > 0:
            begin = text.rfind(" ", 0, begin) + 1
        end = min(len(text), begin + length)
        if end < len(text):
            end = max(text.rfind(" ", begin, end), begin + length // 2)
        return _pieces(text, found, begin, end)


def _spans(text: str, found: Sequence[str], numbers: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Where the words with these numbers (rising) stand; only signs are between one word and the next."""
    place = past = 0
    for number in numbers:
        for word in found[past:number]:
            place = text.index(word, place) + len(word)
        start = text.index(found[number], place)
        place, past = start + len(found[number]), number + 1
        yield start, place


def _pieces(text: str, found: Sequence[tuple[int, int]], begin: int, end: int) -> list[Piece]:
    pieces = [Piece("…")] if begin else []
    place = begin
    for start, stop in found:
        if start < begin or stop > end:
            continue
        between = text[place:start]
        if pieces and pieces[-1].hit and between.isspace():  # "xây dựng" is one mark, not two
            pieces[-1] = Piece(pieces[-1].text + between + text[start:stop], hit=True)
        else:
            pieces += [Piece(between), Piece(text[start:stop], hit=True)]
        place = stop
    pieces.append(Piece(text[place:end] + ("…" if end < len(text) else "")))
    return [piece for piece in pieces if piece.text]


def _best_start(found: Sequence[tuple[int, int]], length: int) -> int:
    best, most, last = 0, 0, 0
    for number, (start, _) in enumerate(found):
        while last < len(found) and found[last][1] <= start + length * 3 // 4:
            last += 1
        if last - number > most:
            best, most = start, last - number
    return max(0, best - length // 4)


def hits(text: str, user_text: str) -> list[tuple[int, int]]:
    """`Highlighter.hits` for one text."""
    return Highlighter(user_text).hits(text)


def snippet(text: str, user_text: str, length: int = 240) -> list[Piece]:
    """`Highlighter.snippet` for one text."""
    return Highlighter(user_text).snippet(text, length)
