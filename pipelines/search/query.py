"""From what a person types to an FTS5 expression, always a valid one, and to the words to highlight.

Known: words (all must occur), "a phrase", a prefix*, AND OR NOT in capitals, -word, ( ), title: lead: body:,
{title lead}:, NEAR(a b, 5). What is not well formed is read as far as it makes sense; nothing is an error.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from pipelines.search.words import COLUMNS, MARKER, WORD, forms, nfc, words
from pipelines.text import clean_line

MAX_CHARACTERS = 2_000
MAX_WORDS = 64
MAX_DEPTH = 8  # of brackets; FTS5's own parser gives up at about 30
NOTHING = '""'
"""The expression that finds nothing."""

_TOKEN = re.compile(
    r"""
      NEAR\s*\(\s*(?P<near>[^()]*?)\s*(?:,\s*(?P<distance>\d{1,3})\s*)?\)   # NEAR("xây dựng" Đảng, 5)
    | (?P<minus>-)?(?P<columns>\{[^{}]*\}|\w+)\s?:(?=\s*\S)                 # title:  {title lead}:
    | (?P<dash>-)?"(?P<phrase>[^"]*)(?:"(?P<star>\*)?|$)                    # "xây dựng"  "xây dự"*
    | (?P<open>-?\() | (?P<close>\))
    | (?P<word>[^\s()"]+)
    """,
    re.VERBOSE,
)
_ALIASES = {"sapo": "lead", "tieude": "title", "tiêuđề": "title"}


@dataclass(frozen=True, slots=True)
class _Phrase:
    """Words in a row, each (as indexed, folded)."""

    words: tuple[tuple[str, str], ...]
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class _Near:
    phrases: tuple[_Phrase, ...]
    distance: int


@dataclass(frozen=True, slots=True)
class _All:
    """All of `parts`, none of `without`."""

    parts: tuple[_Node, ...]
    without: tuple[_Node, ...] = ()


@dataclass(frozen=True, slots=True)
class _Any:
    parts: tuple[_Node, ...]


@dataclass(frozen=True, slots=True)
class _In:
    columns: tuple[str, ...]
    part: _Node


_Node = _Phrase | _Near | _All | _Any | _In


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    """phrase, near, columns, open, close, and, or, not"""
    node: _Node | None = None
    columns: tuple[str, ...] = ()


def _phrase(text: str, *, prefix: bool = False) -> _Phrase | None:
    found = tuple(forms(word) for word in WORD.findall(text))
    if not found:
        return None
    # One letter would ask for a large part of the whole index.
    return _Phrase(found, prefix and len(found[-1][0]) > 1)


def _columns(text: str) -> tuple[str, ...]:
    names = [_ALIASES.get(name, name) for name in text.strip("{}").lower().split()]
    return tuple(dict.fromkeys(names)) if names and all(name in COLUMNS for name in names) else ()


def _near(text: str, distance: str | None) -> _Near | _Phrase | None:
    parts = re.findall(r'"([^"]*)"|([^\s"]+)', text)
    phrases = tuple(found for quoted, bare in parts if (found := _phrase(quoted or bare)))
    if len(phrases) > 1:
        return _Near(phrases, min(int(distance or 10), 100))
    return phrases[0] if phrases else None


def _tokens(text: str) -> Iterator[_Token]:
    place = 0
    while match := _TOKEN.search(text, place):
        place = match.end()
        group = match.lastgroup
        if match["near"] is not None:
            yield _Token("phrase", _near(match["near"], match["distance"]))
        elif match["columns"] is not None:
            names = _columns(match["columns"])
            if names:
                if match["minus"]:
                    yield _Token("not")
                yield _Token("columns", columns=names)
            else:  # "20:05", "NQ:19": two words that stand together
                end = re.compile(r'[^\s()"]*').match(text, match.start())
                place = max(end.end() if end else place, match.start() + 1)
                yield from _word(text[match.start() : place])
        elif match["phrase"] is not None:
            if match["dash"]:
                yield _Token("not")
            yield _Token("phrase", _phrase(match["phrase"], prefix=bool(match["star"])))
        elif match["open"]:
            if match["open"] == "-(":
                yield _Token("not")
            yield _Token("open")
        elif group == "close":
            yield _Token("close")
        else:
            yield from _word(match["word"])


def _word(text: str) -> Iterator[_Token]:
    if text in ("AND", "OR", "NOT"):
        yield _Token(text.lower())
        return
    if text.startswith("-") and text.strip("-"):
        yield _Token("not")
    yield _Token("phrase", _phrase(text, prefix=text.endswith("*")))


def _capped(tokens: Iterable[_Token]) -> Iterator[_Token]:
    """The tokens up to MAX_WORDS words, without empty phrases."""
    left = MAX_WORDS
    for token in tokens:
        if token.kind == "phrase":
            if token.node is None:
                continue
            phrases = token.node.phrases if isinstance(token.node, _Near) else (token.node,)
            left -= sum(len(one.words) for one in phrases if isinstance(one, _Phrase))
            if left < 0:
                return
        yield token


class _Parser:
    """Recursive descent; NOT binds closer than AND, AND closer than OR, as in FTS5."""

    def __init__(self, tokens: Iterable[_Token]) -> None:
        self._tokens = list(tokens)
        self._place = 0

    def parse(self) -> _Node | None:
        parts = []
        while self._place < len(self._tokens):
            part = self._any(0)
            if part:
                parts.append(part)
            self._place += self._kind() == "close"  # one too many: passed over
        return _joined(parts, ())

    def _kind(self) -> str:
        return self._tokens[self._place].kind if self._place < len(self._tokens) else "end"

    def _any(self, depth: int) -> _Node | None:
        branches = [self._all(depth)]
        while self._kind() == "or":
            self._place += 1
            branches.append(self._all(depth))
        kept = tuple(branch for branch in branches if branch)
        return _Any(kept) if len(kept) > 1 else kept[0] if kept else None

    def _all(self, depth: int) -> _Node | None:
        parts: list[_Node] = []
        without: list[_Node] = []
        negated = False
        while (kind := self._kind()) not in ("or", "close", "end"):
            if kind in ("and", "not"):
                negated = negated or kind == "not"
                self._place += 1
                continue
            part = self._one(depth)
            if part:
                (without if negated else parts).append(part)
            negated = False
        return _joined(parts, without)

    def _one(self, depth: int) -> _Node | None:
        token = self._tokens[self._place]
        self._place += 1
        if token.kind == "columns":
            if self._kind() not in ("phrase", "open"):
                return None
            part = self._one(depth + 1)
            return _In(token.columns, part) if part else None
        if token.kind == "open":
            if depth >= MAX_DEPTH:
                return None
            part = self._any(depth + 1)
            self._place += self._kind() == "close"
            return part
        return token.node


def _joined(parts: Sequence[_Node], without: Sequence[_Node]) -> _Node | None:
    if not parts:  # an index can't be asked for all that lacks a word
        return None
    return parts[0] if len(parts) == 1 and not without else _All(tuple(parts), tuple(without))


def _parse(user_text: str) -> tuple[_Node | None, bool]:
    """The tree of a query, and whether it is to be taken literally (some word has a mark)."""
    text = clean_line(user_text[:MAX_CHARACTERS])  # as the stored text was: a pasted "Ðảng" with an Icelandic Ð
    tree = _Parser(_capped(_tokens(text))).parse()
    return tree, any(exact != folded for phrase in _phrases(tree) for exact, folded in phrase.words)


def _phrases(node: _Node | None, *, wanted_only: bool = False) -> Iterator[_Phrase]:
    match node:
        case _Phrase():
            yield node
        case _Near():
            yield from node.phrases
        case _All() | _Any():
            for part in node.parts:
                yield from _phrases(part, wanted_only=wanted_only)
            if isinstance(node, _All) and not wanted_only:
                for part in node.without:
                    yield from _phrases(part)
        case _In():
            yield from _phrases(node.part, wanted_only=wanted_only)
        case None:
            return


def _expression(node: _Node, literal: bool) -> str:
    match node:
        case _Phrase():
            listed = " ".join(exact if literal else MARKER + folded for exact, folded in node.words)
            return f'"{listed}"' + (" *" if node.prefix else "")
        case _Near():
            return f"NEAR({' '.join(_expression(one, literal) for one in node.phrases)}, {node.distance})"
        case _All():
            wanted = " AND ".join(_expression(part, literal) for part in node.parts)
            without = " OR ".join(_expression(part, literal) for part in node.without)
            return f"(({wanted}) NOT ({without}))" if without else f"({wanted})"
        case _Any():
            return f"({' OR '.join(_expression(part, literal) for part in node.parts)})"
        case _In():
            return f"({{{' '.join(node.columns)}}} : ({_expression(node.part, literal)}))"


def fts_query(user_text: str) -> str:
    """An FTS5 MATCH expression for what a person typed; `""`, which finds nothing, where nothing is asked.

    Words typed with marks match exactly (in one tone placement: uỷ = ủy), bare ones match folded ("dak lak"
    finds Đắk Lắk); but once any word has a mark its writer can type them, and bare words are literal too: the
    "ban" of "ủy ban" is not bản or bạn. Never raises.
    """
    tree, literal = _parse(user_text)
    return _expression(tree, literal) if tree else NOTHING


def hits(text: str, user_text: str) -> list[tuple[int, int]]:
    """Where in `text` (NFC) the words and phrases of a query stand: (start, end), in order, apart."""
    tree, literal = _parse(user_text)
    which = 0 if literal else 1
    sought = [([pair[which] for pair in one.words], one.prefix) for one in _phrases(tree, wanted_only=True)]
    found = [(start, end, pair[which]) for start, end, *pair in words(text)]
    starts: dict[str, list[int]] = {}
    for number, (_, _, word) in enumerate(found):
        starts.setdefault(word, []).append(number)
    marked: set[int] = set()
    for phrase, prefix in sought:
        first = range(len(found)) if prefix and len(phrase) == 1 else starts.get(phrase[0], [])
        for number in first:
            row = [word for _, _, word in found[number : number + len(phrase)]]
            whole = row[:-1] == phrase[:-1] and len(row) == len(phrase)
            if whole and (row[-1].startswith(phrase[-1]) if prefix else row[-1] == phrase[-1]):
                marked.update(range(number, number + len(phrase)))
    return [found[number][:2] for number in sorted(marked)]


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a snippet; `hit` where the query's words stand."""

    text: str
    hit: bool = False


def snippet(text: str, user_text: str, length: int = 240) -> list[Piece]:
    """About `length` characters of the original text around the place with most hits, cut at words."""
    text = nfc(text)
    found = hits(text, user_text)
    begin = _best_start(found, length)
    if begin > 0:
        begin = text.rfind(" ", 0, begin) + 1
    end = min(len(text), begin + length)
    if end < len(text):
        end = max(text.rfind(" ", begin, end), begin + length // 2)
    pieces = [Piece("…")] if begin else []
    place = begin
    for start, stop in found:
        if start < begin or stop > end:
            continue
        if start > place:
            pieces.append(Piece(text[place:start]))
        pieces.append(Piece(text[start:stop], hit=True))
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
