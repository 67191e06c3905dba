"""Abbreviations and what they stand for: UBND = Ủy ban nhân dân. The list is equivalents.yml, beside this module."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

import yaml

from pipelines.search.tree import All, Any, Asked, In, Node, Phrase
from pipelines.search.words import WORD, forms

_File = Path(__file__).with_name("equivalents.yml")
_Form = tuple[tuple[str, str], ...]
"""Words in a row, each (as indexed, folded)."""


@cache
def equivalents() -> tuple[tuple[str, ...], ...]:
    """The list as written, a group of forms a line; for the page that explains the search."""
    return tuple(tuple(map(str, group)) for group in yaml.safe_load(_File.read_text(encoding="utf-8")))


@cache
def _by_first_word(literal: bool) -> dict[str, list[tuple[_Form, tuple[_Form, ...]]]]:
    """First word of a form -> that form and the other ones of its group; the longest forms first."""
    which = 0 if literal else 1
    found: dict[str, list[tuple[_Form, tuple[_Form, ...]]]] = {}
    for group in equivalents():
        # "KT-XH" and "KT XH" are the same words
        cut = tuple(dict.fromkeys(tuple(map(forms, WORD.findall(form))) for form in group))
        for form in cut:
            others = tuple(other for other in cut if other != form)
            found.setdefault(form[0][which], []).append((form, others))
    for entries in found.values():
        entries.sort(key=lambda entry: -len(entry[0]))
    return found


def _found_at(words: Sequence[tuple[str, str]], place: int, literal: bool) -> tuple[int, tuple[_Form, ...]] | None:
    """How many words from `place` on are a form of the list, and its other forms."""
    which = 0 if literal else 1
    for form, others in _by_first_word(literal).get(words[place][which], ()):
        here = words[place : place + len(form)]
        if len(here) == len(form) and all(a[which] == b[which] for a, b in zip(here, form, strict=True)):
            return len(form), others
    return None


def widened(asked: Asked) -> Node | None:
    """The tree with the other forms beside each abbreviation and each name that has one."""
    return _widened(asked.tree, asked.literal) if asked.tree else None


def _widened(node: Node, literal: bool) -> Node:
    match node:
        case Phrase(ends=()):
            return _phrase(node, literal)
        case All():
            return All(tuple(_row(node.parts, literal)), tuple(_widened(part, literal) for part in node.without))
        case Any():
            return Any(tuple(_widened(part, literal) for part in node.parts))
        case In():
            return In(node.columns, _widened(node.part, literal))
        case _:  # NEAR takes phrases only; the end of a beginning is not known
            return node


def _phrase(phrase: Phrase, literal: bool) -> Node:
    """ "19-NQ/TW": the phrase, or the one with another form in the place of a part of it."""
    others = []
    place = 0
    while place < len(phrase.words):
        found = _found_at(phrase.words, place, literal)
        if found:
            before, after = phrase.words[:place], phrase.words[place + found[0] :]
            others += [Phrase((*before, *other, *after)) for other in found[1]]
        place += found[0] if found else 1
    return Any((phrase, *others)) if others else phrase


def _row(parts: Sequence[Node], literal: bool) -> Iterator[Node]:
    """Parts that must all occur; single words side by side (ủy ban nhân dân, unquoted) are read together."""
    place = 0
    while place < len(parts):
        row = []
        for part in parts[place:]:
            if not isinstance(part, Phrase) or part.ends or len(part.words) > 1:
                break
            row.append(part.words[0])
        found = _found_at(row, 0, literal) if row else None
        if not found:
            yield _widened(parts[place], literal)
            place += 1
            continue
        here = parts[place : place + found[0]]
        asked = here[0] if len(here) == 1 else All(tuple(here))
        yield Any((asked, *map(Phrase, found[1])))
        place += found[0]
