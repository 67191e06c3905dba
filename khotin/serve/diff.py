"""What changed between two versions of an article: paragraphs first, then words inside the changed ones."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

# A number with its separators ("93,5", "1.250", "19/11"), a word (in Vietnamese: a syllable), a run of spaces, or a
# single other sign.
_TOKEN = re.compile(r"\d+(?:[.,/:-]\d+)+|\w+|\s+|[^\w\s]")
MAX_WORK = 4_000_000
"""Tokens of the old times tokens of the new version: the matcher is quadratic at worst (then about 1 s)."""
PAIR = 20
"""What it costs to hold two paragraphs against each other, in the same measure, besides their tokens."""
CONTEXT = 30
"""Tokens kept at each end of a long unchanged stretch."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text: `equal`, `insert`, `delete`, or `skip` (unchanged and left out)."""

    kind: str
    text: str


Line = tuple[Piece, ...]
"""A paragraph in which something changed, or the single `skip` that stands for unchanged ones."""

_SKIP: Line = (Piece("skip", ""),)


class _TooMuch(Exception):
    """The budget is spent."""


class Budget:
    """Work that may be done, for one comparison or for several together."""

    def __init__(self, work: int = MAX_WORK) -> None:
        self.left = work

    def spend(self, work: int) -> None:
        """Take this much; what is too much for it is refused and leaves the rest to others."""
        if work > self.left:
            raise _TooMuch
        self.left -= work


def compare(old: Sequence[str], new: Sequence[str], budget: Budget | None = None) -> tuple[Line, ...] | None:
    """The paragraphs of two versions as changed lines; empty if equal, None if too long to compare by words.

    The text of all `equal` and `delete` pieces is in `old`, that of all `equal` and `insert` pieces in `new`.
    """
    try:
        return _compare(old, new, budget or Budget())
    except _TooMuch:
        return None


def _compare(old: Sequence[str], new: Sequence[str], budget: Budget) -> tuple[Line, ...]:
    # A paragraph that stands many times in both (an empty bullet, a row of stars) is what makes the matcher quadratic.
    here, there = Counter(old), Counter(new)
    budget.spend(sum(count * there[paragraph] for paragraph, count in here.items()))
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    lines: list[Line] = []
    changed = False
    for tag, old_from, old_to, new_from, new_to in matcher.get_opcodes():
        if tag == "equal":
            lines.append(_SKIP)
            continue
        changed = True
        for before, after in _pairs(_tokens(old[old_from:old_to]), _tokens(new[new_from:new_to]), budget):
            budget.spend(len(before) * len(after) or len(before) + len(after))
            lines.append(tuple(_shorten(_words(before, after))))
    return tuple(lines) if changed else ()


def _tokens(paragraphs: Sequence[str]) -> list[list[str]]:
    return [_TOKEN.findall(paragraph) for paragraph in paragraphs]


def _pairs(old: list[list[str]], new: list[list[str]], budget: Budget) -> Iterator[tuple[list[str], list[str]]]:
    # A rewritten paragraph stands opposite its new form if as many went as came; else whole ones are shown,
    # paired with the most similar start: good enough, and quadratic only in paragraphs, which the budget counts.
    if len(old) == len(new):
        yield from zip(old, new, strict=True)
        return
    others = [set(tokens) for tokens in new]
    taken = 0
    for before in old:
        words = set(before)
        for index in range(taken, len(new)):
            other = others[index]
            budget.spend(PAIR + min(len(words), len(other)))
            if 2 * len(words & other) > max(len(words), len(other)):
                yield from (([], added) for added in new[taken:index])
                yield before, new[index]
                taken = index + 1
                break
        else:
            yield before, []
    yield from (([], added) for added in new[taken:])


def _words(old: Sequence[str], new: Sequence[str]) -> Iterator[Piece]:
    """Pieces in order. A space that stayed between two changed words belongs to the change: a rewritten title

    reads as one title struck out and one put in, not as a salad of words.
    """
    removed, added = "", ""
    opcodes = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    for place, (tag, old_from, old_to, new_from, new_to) in enumerate(opcodes):
        before, after = "".join(old[old_from:old_to]), "".join(new[new_from:new_to])
        inside = 0 < place < len(opcodes) - 1
        if tag != "equal" or (inside and before.isspace()):
            removed, added = removed + before, added + after
            continue
        yield from _change(removed, added)
        removed, added = "", ""
        yield Piece("equal", before)
    yield from _change(removed, added)


def _change(removed: str, added: str) -> Iterator[Piece]:
    if removed:
        yield Piece("delete", removed)
    if added:
        yield Piece("insert", added)


def _shorten(pieces: Iterator[Piece]) -> Iterator[Piece]:
    for piece in pieces:
        tokens = _TOKEN.findall(piece.text)
        if piece.kind != "equal" or len(tokens) <= 2 * CONTEXT + 10:
            yield piece
            continue
        yield Piece("equal", "".join(tokens[:CONTEXT]))
        yield Piece("skip", "".join(tokens[CONTEXT:-CONTEXT]))
        yield Piece("equal", "".join(tokens[-CONTEXT:]))
