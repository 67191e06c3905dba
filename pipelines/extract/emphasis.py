"""Lines set in bold, in large letters or in a colour: on pages of old the headline is nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice

from lxml.html import HtmlElement

from pipelines.extract.blocks import Block
from pipelines.extract.compare import bare, words
from pipelines.extract.lines import is_boilerplate
from pipelines.extract.page import visible_text
from pipelines.extract.paragraphs import is_date_line

MAX_LINE = 200
_INLINE = ("b", "strong", "font", "span", "big", "em", "i", "u")
_BOLD_STYLE = re.compile(r"font-weight\s*:\s*(?:bold|[6-9]00)", re.IGNORECASE)
_SIZE_STYLE = re.compile(r"font-size\s*:\s*(?:([\d.]{1,6})\s*(px|pt|r?em|%)|(x?x?-?large))", re.IGNORECASE)
_COLOUR_STYLE = re.compile(r"(?:^|;)\s*color\s*:", re.IGNORECASE)
_LARGE = {"px": 16.0, "pt": 13.0, "em": 1.2, "rem": 1.2, "%": 120.0}
_LARGE_FONT = frozenset(("4", "5", "6", "7", "+1", "+2", "+3", "+4"))


def emphasised_lines(blocks: Sequence[Block]) -> Iterator[tuple[int, str, HtmlElement]]:
    """(how much, text, element) of the lines that may be a headline by how they are set."""
    for block in blocks:
        text = block.text
        if block.kind != "text" or block.link_share > 0.2 or not 10 <= len(text) <= MAX_LINE or len(words(text)) < 4:
            continue
        if text[-1] in ".:;," or is_date_line(text) or is_boilerplate(text):
            continue
        node, weight = _set_off(block)
        if weight:
            yield weight, text, node


def _set_off(block: Block) -> tuple[HtmlElement, int]:
    """The element that is this line alone, and how it is set: 3 large, 2 bold, 1 coloured, 0 like any other."""
    key = bare(block.text)
    best, top = block.node, 2 if block.all_bold else 0
    own = [block.node] if bare(visible_text(block.node, 2 * MAX_LINE)) == key else []
    for node in (*own, *islice(block.node.iter(*_INLINE), 40)):
        weight = _weight(node)
        if weight <= top:
            continue
        if node is block.node or bare(visible_text(node, 2 * MAX_LINE)) == key:
            best, top = node, weight
    return best, top


def _weight(node: HtmlElement) -> int:
    style = node.get("style") or ""
    if node.tag == "big" or (node.get("size") or "").strip() in _LARGE_FONT or _is_large(style):
        return 3
    if node.tag in {"b", "strong"} or _BOLD_STYLE.search(style):
        return 2
    return 1 if node.get("color") or _COLOUR_STYLE.search(style) else 0


def _is_large(style: str) -> bool:
    found = _SIZE_STYLE.search(style)
    if found is None:
        return False
    try:
        return bool(found[3]) or float(found[1]) >= _LARGE[found[2].lower()]
    except ValueError:
        return False
