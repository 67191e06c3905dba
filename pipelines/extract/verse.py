"""Poems: many short lines, none of which reads like running text."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lxml.html import HtmlElement

from pipelines.extract.blocks import Block
from pipelines.extract.lines import is_boilerplate

MIN_LINES = 8
"""Two stanzas."""
MIN_SHARE = 0.8
"""Share of the lines of an element that read like verse."""
MAX_PICTURES = 2
# Fits: "Quê tôi bên bến sông Mẫu"; not: "Điện thoại: 0200 3800 800", nor "12/10/2021", nor "Xem thêm >>".
_VERSE = re.compile(r"[^\W\d_][^\d:|@/©>»]{5,70}")


def is_verse(block: Block) -> bool:
    """Whether a line can be one of a poem: three to fourteen words, no digits, no link, no label."""
    return (
        block.kind == "text"
        and not (block.links or block.heading or block.item)
        and 3 <= len(block.text.split()) <= 14
        and _VERSE.fullmatch(block.text) is not None
        and not is_boilerplate(block.text)
    )


def verse_container(blocks: Sequence[Block], root: HtmlElement) -> HtmlElement | None:
    """The innermost element that holds the lines of a poem; None where there is none.

    A gallery has as many short lines, but each beside a picture.
    """
    groups: dict[HtmlElement, list[Block]] = {}
    for block in blocks:
        node: HtmlElement | None = block.node
        for _ in range(4):
            if node is None:
                break
            groups.setdefault(node, []).append(block)
            if node is root:
                break
            node = node.getparent()
    found: list[tuple[int, HtmlElement]] = []
    for node, members in groups.items():
        lines = [b for b in members if b.kind != "image"]
        verses = sum(map(is_verse, lines))
        if verses >= MIN_LINES and verses >= MIN_SHARE * len(lines) and len(members) - len(lines) <= MAX_PICTURES:
            found.append((len(members), node))
    return min(found, key=lambda item: item[0], default=(0, None))[1]
