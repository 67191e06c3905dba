"""From what a person types to an FTS5 expression, always a valid one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from pipelines.search.equivalents import widened
from pipelines.search.tree import All, Any, Asked, In, Near, Node, Phrase, parse
from pipelines.search.words import MARKER

MOST_IN_A_ROW = 6
_SITE = re.compile(r"(?:^|(?<=\s))site:([\w.-]+)(?=\s|$)")  # đảng site:hanoimoi; not "website:x"
NOTHING = '""'
"""The expression that finds nothing."""


def _phrase(words: Sequence[tuple[str, str]], literal: bool) -> str:
    return f'"{" ".join(exact if literal else MARKER + folded for exact, folded in words)}"'


def _expression(node: Node, literal: bool) -> str:
    match node:
        case Phrase():
            begun = [_phrase((*node.words[:-1], end), literal) + " *" for end in node.ends]
            if len(begun) > 1:
                return f"({' OR '.join(begun)})"
            return begun[0] if begun else _phrase(node.words, literal)
        case Near():
            return f"NEAR({' '.join(_phrase(one.words, literal) for one in node.phrases)}, {node.distance})"
        case All():
            wanted = " AND ".join(_expression(part, literal) for part in node.parts)
            without = " OR ".join(_expression(part, literal) for part in node.without)
            return f"(({wanted}) NOT ({without}))" if without else f"({wanted})"
        case Any():
            return f"({' OR '.join(_expression(part, literal) for part in node.parts)})"
        case In():
            return f"({{{' '.join(node.columns)}}} : ({_expression(node.part, literal)}))"


def within(column: str, expression: str) -> str:
    """The expression for one column of the index; as it is if `column` is empty."""
    return f"{{{column}}} : ({expression})" if column else expression


@dataclass(frozen=True, slots=True)
class Part:
    """One of the conditions of a query, all of which must hold."""

    expression: str
    """FTS5."""
    wanted: bool = True
    """Otherwise its articles are those that the query must not find. One part at least is wanted."""
    node: Node | None = None
    """What the expression was made from; None where nothing is asked."""
    literal: bool = False
    """See `pipelines.search.tree.Asked`."""

    def word(self, phrase: Phrase) -> str | None:
        """The word as it stands in the index, for a phrase of one whole word."""
        if len(phrase.words) != 1 or phrase.ends:
            return None
        exact, folded = phrase.words[0]
        return exact if self.literal else MARKER + folded


def split_sites(user_text: str) -> tuple[str, tuple[str, ...]]:
    """What a person typed without its `site:…`, and the sites: they are a choice beside the words, in no index."""
    sites = tuple(dict.fromkeys(_SITE.findall(user_text)))
    return (_SITE.sub("", user_text).strip() if sites else user_text), sites


def parts(user_text: str) -> tuple[Part, ...]:
    """What a person typed as conditions; one that nothing fulfils where nothing is asked. Never raises.

    Words typed with marks match exactly (in one tone placement: uỷ = ủy), bare ones match folded ("dak lak"
    finds Đắk Lắk); but once any word has a mark its writer can type them, and bare words are literal too: the
    "ban" of "ủy ban" is not bản or bạn. Abbreviations of equivalents.yml find what they stand for, and the other
    way round.
    """
    asked = parse(user_text)
    tree = widened(asked)
    if tree is None:
        return (Part(NOTHING),)
    return tuple(
        Part(_expression(node, asked.literal), wanted, node, asked.literal) for node, wanted in _conditions(tree)
    )


def _conditions(node: Node) -> Iterator[tuple[Node, bool]]:
    """What must hold, and what must not, brackets in brackets taken apart."""
    if isinstance(node, All):
        for part in node.parts:
            yield from _conditions(part)
        for part in node.without:
            yield part, False
    else:
        yield node, True


def in_a_row(user_text: str) -> Part | None:
    """The typed words as one phrase, if they are two to MOST_IN_A_ROW plain ones that must all occur; else None.

    A Vietnamese word is most often two syllables, which are written apart: who types "đảng bộ" means these two in a
    row, and articles that have them so are the better ones. Never raises.
    """
    asked = parse(user_text)
    parts = asked.tree.parts if isinstance(asked.tree, All) else ()
    words = [part.words[0] for part in parts if isinstance(part, Phrase) and len(part.words) == 1 and not part.ends]
    if not 2 <= len(words) == len(parts) <= MOST_IN_A_ROW:
        return None
    row = widened(Asked(Phrase(tuple(words)), asked.literal))
    return Part(_expression(row, asked.literal), node=row, literal=asked.literal) if row else None


def joined(conditions: Iterable[Part]) -> str:
    """One FTS5 expression for all of them; one at least must be wanted."""
    found = list(conditions)
    wanted = " AND ".join(part.expression for part in found if part.wanted)
    without = " OR ".join(part.expression for part in found if not part.wanted)
    return f"(({wanted}) NOT ({without}))" if without else f"({wanted})"


def fts_query(user_text: str) -> str:
    """The FTS5 MATCH expression of `parts`; `""`, which finds nothing, where nothing is asked. Never raises."""
    found = parts(user_text)
    return NOTHING if found[0].expression == NOTHING else joined(found)
