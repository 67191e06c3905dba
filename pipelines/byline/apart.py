"""Lines that stand outside of the box of the text: a name there may be the user who typed the page in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from lxml.html import HtmlElement

_LONG = 60
"""Characters of a line that is surely running text."""
_PARAGRAPHS = frozenset(("p", "li", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "center"))
_CELLS = frozenset(("td", "tr", "tbody", "table"))
_LAST = 4
_DEEP = 100


def lines_apart(lines: Sequence[str], nodes: Sequence[HtmlElement]) -> frozenset[int]:
    """Indices of short last lines that stand apart from the running text above them: see `stands_apart`.

    `nodes` are the elements the lines stood in; without them nothing is known.
    """
    long = [i for i, line in enumerate(lines) if len(line) > _LONG]
    if not long or len(nodes) != len(lines):
        return frozenset()
    short = range(max(long[-1] + 1, len(lines) - _LAST), len(lines))
    return frozenset(i for i in short if stands_apart(nodes[i], [nodes[j] for j in long]))


def stands_apart(node: HtmlElement, texts: Sequence[HtmlElement]) -> bool:
    """Whether a line was set by the page's template and not by whoever typed in the text, whose lines are `texts`.

    Content systems show their user right below the text ("<div>…</div><p align=right>Trần Văn Nhập</p>"), the author's
    name is typed into it. So a line is apart that stands behind the box with most of the text, and one that is indented
    as only templates are and set right by an attribute where the editor of the text sets its lines by styles.
    """
    if not texts:
        return False
    styled = sum("text-align" in (text.get("style") or "") for text in texts)
    if node.get("align") == "right" and not node.get("style") and _is_indented(node) and 2 * styled > len(texts):
        return True
    above = set(_up(node))
    box = None
    for element in _up(texts[-1]):
        if element in above:
            break
        box = element
    if box is None or box.tag in _PARAGRAPHS or box.tag in _CELLS or len(texts) < 2:
        return False
    return 2 * sum(any(element is box for element in _up(text)) for text in texts) > len(texts)


def lines_quoted(nodes: Sequence[HtmlElement]) -> frozenset[int]:
    """Indices of the last lines that stand in a quotation which is not most of the text."""
    last = range(max(0, len(nodes) - _LAST), len(nodes))
    quotes = {i: next((up for up in _up(nodes[i]) if up.tag == "blockquote"), None) for i in last}
    if not any(quote is not None for quote in quotes.values()):
        return frozenset()
    sizes: dict[HtmlElement, int] = {}
    for node in nodes:
        for up in _up(node):
            if up.tag == "blockquote":
                sizes[up] = sizes.get(up, 0) + 1
    return frozenset(i for i, quote in quotes.items() if quote is not None and 2 * sizes[quote] <= len(nodes))


def _is_indented(node: HtmlElement) -> bool:
    """Whether the element in a line stands on a line of its own in the source, as editors of texts never write it."""
    return len(node) == 1 and bool(node.text) and node.text.isspace() and bool(tail := node[0].tail) and tail.isspace()


def _up(node: HtmlElement) -> Iterator[HtmlElement]:
    yield node
    yield from islice(node.iterancestors(), _DEEP)


def look_alike(one: HtmlElement, other: HtmlElement) -> bool:
    """Whether two lines were set in the same way: elements of one kind with the same attributes in one parent."""
    if one is other:
        return True
    return one.tag == other.tag and dict(one.attrib) == dict(other.attrib) and one.getparent() is other.getparent()
