"""From what a person types to a tree of what is asked. What is not well formed is read as far as it makes sense.

Known: words (all must occur), "a phrase", a prefix*, AND OR NOT in capitals, -word, ( ), title: lead: body: author:,
{title lead}:, NEAR(a b, 5).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from pipelines.search.words import COLUMNS, WORD, as_typed, forms
from pipelines.text import clean_line, fold

MAX_CHARACTERS = 2_000
MAX_WORDS = 64
MAX_DEPTH = 8  # of brackets; FTS5's own parser gives up at about 30
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
_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»＂", '"'))
"""What word processors and phones make of a typed quotation mark."""
_ALIASES = {"sapo": "lead", "tieude": "title", "tiêuđề": "title", "tacgia": "author", "tácgiả": "author"}


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words in a row, each (as indexed, folded). `ends` are the forms its last word may begin with, if a prefix."""

    words: tuple[tuple[str, str], ...]
    ends: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Near:
    """Phrases at most `distance` words apart."""

    phrases: tuple[Phrase, ...]
    distance: int


@dataclass(frozen=True, slots=True)
class All:
    """All of `parts`, none of `without`."""

    parts: tuple[Node, ...]
    without: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class Any:
    """At least one of `parts`."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class In:
    """`part` within some columns of the index."""

    columns: tuple[str, ...]
    part: Node


Node = Phrase | Near | All | Any | In


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    """phrase, near, columns, open, close, and, or, not"""
    node: Node | None = None
    columns: tuple[str, ...] = ()


def _phrase(text: str, *, prefix: bool = False) -> Phrase | None:
    found = tuple(map(forms, words := WORD.findall(text)))
    if not found:
        return None
    # One letter would ask for a large part of the whole index.
    if not prefix or len(found[-1][0]) < 2:
        return Phrase(found)
    typed = as_typed(words[-1])  # "hoà*" is the beginning of hoàn too, "ki*" of kiểm
    return Phrase(found, tuple(dict.fromkeys([found[-1], (typed, fold(typed))])))


def _columns(text: str) -> tuple[str, ...]:
    names = [_ALIASES.get(name, name) for name in text.strip("{}").lower().split()]
    return tuple(dict.fromkeys(names)) if names and all(name in COLUMNS for name in names) else ()


def _near(text: str, distance: str | None) -> Near | Phrase | None:
    parts = re.findall(r'"([^"]*)"|([^\s"]+)', text)
    phrases = tuple(found for quoted, bare in parts if (found := _phrase(quoted or bare)))
    if len(phrases) > 1:
        return Near(phrases, min(int(distance or 10), 100))
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
            phrases = token.node.phrases if isinstance(token.node, Near) else (token.node,)
            left -= sum(len(one.words) for one in phrases if isinstance(one, Phrase))
            if left < 0:
                return
        yield token


class _Parser:
    """Recursive descent; NOT binds closer than AND, AND closer than OR, as in FTS5."""

    def __init__(self, tokens: Iterable[_Token]) -> None:
        self._tokens = list(tokens)
        self._place = 0

    def parse(self) -> Node | None:
        parts = []
        while self._place < len(self._tokens):
            part = self._any(0)
            if part:
                parts.append(part)
            self._place += self._kind() == "close"  # one too many: passed over
        return _joined(parts, ())

    def _kind(self) -> str:
        return self._tokens[self._place].kind if self._place < len(self._tokens) else "end"

    def _any(self, depth: int) -> Node | None:
        branches = [self._all(depth)]
        while self._kind() == "or":
            self._place += 1
            branches.append(self._all(depth))
        kept = tuple(branch for branch in branches if branch)
        return Any(kept) if len(kept) > 1 else kept[0] if kept else None

    def _all(self, depth: int) -> Node | None:
        parts: list[Node] = []
        without: list[Node] = []
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

    def _one(self, depth: int) -> Node | None:
        token = self._tokens[self._place]
        self._place += 1
        if token.kind == "columns":
            if self._kind() not in ("phrase", "open"):
                return None
            part = self._one(depth + 1)
            return In(token.columns, part) if part else None
        if token.kind == "open":
            if depth >= MAX_DEPTH:
                return None
            part = self._any(depth + 1)
            self._place += self._kind() == "close"
            return part
        return token.node


def _joined(parts: Sequence[Node], without: Sequence[Node]) -> Node | None:
    if not parts:  # an index can't be asked for all that lacks a word
        return None
    return parts[0] if len(parts) == 1 and not without else All(tuple(parts), tuple(without))


def phrases(node: Node | None, *, wanted_only: bool = False) -> Iterator[Phrase]:
    """All phrases of a tree; `wanted_only`: without those that must not occur."""
    match node:
        case Phrase():
            yield node
        case Near():
            yield from node.phrases
        case All() | Any():
            for part in node.parts:
                yield from phrases(part, wanted_only=wanted_only)
            if isinstance(node, All) and not wanted_only:
                for part in node.without:
                    yield from phrases(part)
        case In():
            yield from phrases(node.part, wanted_only=wanted_only)
        case None:
            return


@dataclass(frozen=True, slots=True)
class Asked:
    """A query as read."""

    tree: Node | None
    """None: nothing is asked."""
    literal: bool
    """Some word has a mark: bare words are meant as they stand."""


def parse(user_text: str) -> Asked:
    """The tree of what a person typed. Never raises."""
    # As the stored text was: a pasted "Ðảng" with an Icelandic Ð.
    text = clean_line(user_text[:MAX_CHARACTERS]).translate(_QUOTES)
    tree = _Parser(_capped(_tokens(text))).parse()
    return Asked(tree, any(exact != folded for phrase in phrases(tree) for exact, folded in phrase.words))
