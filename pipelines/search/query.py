"""From what a person types to an FTS5 expression, always a valid one."""

from __future__ import annotations

from collections.abc import Sequence

from pipelines.search.equivalents import widened
from pipelines.search.tree import All, Any, In, Near, Node, Phrase, parse
from pipelines.search.words import MARKER

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


def fts_query(user_text: str) -> str:
    """An FTS5 MATCH expression for what a person typed; `""`, which finds nothing, where nothing is asked.

    Words typed with marks match exactly (in one tone placement: uỷ = ủy), bare ones match folded ("dak lak"
    finds Đắk Lắk); but once any word has a mark its writer can type them, and bare words are literal too: the
    "ban" of "ủy ban" is not bản or bạn. Abbreviations of equivalents.yml find what they stand for, and the other
    way round. Never raises.
    """
    asked = parse(user_text)
    tree = widened(asked)
    return _expression(tree, asked.literal) if tree else NOTHING
