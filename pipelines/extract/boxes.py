"""Boxes that stand among the paragraphs without a line that ends the text: readers' comments, forms, teasers of other
articles. They are told by how they are built, on known and unknown pages alike.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from itertools import islice

from lxml.html import HtmlElement

from pipelines.extract.blocks import Block
from pipelines.extract.lines import fold_line, is_comment_label
from pipelines.extract.marks import names_of, says
from pipelines.extract.paragraphs import TEASER, is_date_line, is_prose, is_related_link

_DEEP = 100
_HEADLINE_WORDS = 4
_COMMENTS = re.compile(
    r"(?:^|[\s_-])(?:(?:\w{0,12}[_-]?)?(?:comments?|cmts?)(?:[_-]?\w{0,12})?|binh[_-]?luan\w*|y[_-]?kien\w*"
    r"|phan[_-]?hoi\w*)(?:$|[\s_-])",
    re.IGNORECASE,
)
# Headings of an article as well: only what follows tells ("Thảo luận" in a journal)
_AMBIGUOUS = frozenset(("nhận xét", "thảo luận"))
_PICTURE_FILE = re.compile(r"\.(?:jpe?g|png|webp|gif)(?:$|\?)", re.IGNORECASE)


def without_boxes(blocks: Sequence[Block], containers: Collection[HtmlElement]) -> list[Block]:
    """Blocks without comments, forms and teasers. `containers` are the elements the blocks were read from.

    Nothing goes that is half of the running text or more.
    """
    kept = _without_comments(list(blocks), containers)
    return _without_teasers(kept, containers)


def _up(node: HtmlElement | None, containers: Collection[HtmlElement]) -> Iterator[HtmlElement]:
    """An element and its ancestors below the container."""
    for _ in range(_DEEP):
        if node is None or node in containers:
            return
        yield node
        node = node.getparent()


def _size(blocks: Sequence[Block]) -> int:
    return sum(len(b.text) for b in blocks if is_prose(b))


# -- comments and forms ------------------------------------------------------------------------------------


def _without_comments(blocks: list[Block], containers: Collection[HtmlElement]) -> list[Block]:
    dropped: set[int] = set()
    seen: dict[HtmlElement, bool] = {}
    for at, block in enumerate(blocks):
        if at in dropped:
            continue
        if _is_label(block) and (end := _end_of_comments(blocks, at, containers)) > at:
            dropped.update(range(at, end))
            continue
        for node in _up(block.node, containers):
            if node not in seen:
                seen[node] = node.tag == "form" or bool((names := names_of(node)) and says(_COMMENTS, names))
            if seen[node]:
                dropped.update(_span(blocks, at, node))
                break
    if not dropped or 2 * _size([blocks[i] for i in dropped]) >= _size(blocks):
        return blocks
    return [b for i, b in enumerate(blocks) if i not in dropped]


def _is_label(block: Block) -> bool:
    return block.kind != "image" and (is_comment_label(block.text) or fold_line(block.text) in _AMBIGUOUS)


def _end_of_comments(blocks: Sequence[Block], at: int, containers: Collection[HtmlElement]) -> int:
    """Where the comments end that the label at `at` heads: with the widest element around the label that holds no
    text above it, and with the text where such a box holds nothing else. `at` where it heads none.
    """
    if not any(is_prose(b) for b in blocks[:at]):
        return at
    label = fold_line(blocks[at].text)
    counted = any(character.isdigit() for character in label)
    end = at + 1
    for node in _up(blocks[at].node, containers):
        span = _span(blocks, at, node)
        if span.start < at:
            break
        end = span.stop
    rest = blocks[at + 1 : end] if end > at + 1 else blocks[at + 1 :]
    signed = any(is_date_line(b.text) for b in rest) or not any(is_prose(b) for b in rest)
    if not (counted or signed) and (label in _AMBIGUOUS or end == at + 1):
        return at
    return end if end > at + 1 else len(blocks)


def _span(blocks: Sequence[Block], at: int, node: HtmlElement) -> range:
    """Indices of the blocks around `at` that stand in an element."""

    def inside(block: Block) -> bool:
        return block.node is node or any(up is node for up in islice(block.node.iterancestors(), _DEEP))

    first = last = at
    while first > 0 and inside(blocks[first - 1]):
        first -= 1
    while last + 1 < len(blocks) and inside(blocks[last + 1]):
        last += 1
    return range(first, last + 1)


# -- teasers -----------------------------------------------------------------------------------------------


def _without_teasers(blocks: list[Block], containers: Collection[HtmlElement]) -> list[Block]:
    dropped: set[int] = set()
    for at, block in enumerate(blocks):
        if at in dropped or not _is_headline(block):
            continue
        box: range | None = None
        for node in _up(block.node, containers):
            span = _span(blocks, at, node)
            if not _may_be_teasers(blocks[span.start : span.stop]):
                break
            if _leads_elsewhere(blocks[span.start : span.stop]):
                box = span
        if box is not None:
            dropped.update(box)
    if not dropped or 2 * _size([blocks[i] for i in dropped]) >= _size(blocks):
        return blocks
    return [b for i, b in enumerate(blocks) if i not in dropped]


def _is_headline(block: Block) -> bool:
    return is_related_link(block) and len(block.text.split()) >= _HEADLINE_WORDS and bool(_targets(block))


def _targets(block: Block) -> set[str]:
    return {href for link in block.links if (href := link.get("href")) and not _PICTURE_FILE.search(href)}


def _may_be_teasers(box: Sequence[Block]) -> bool:
    """Whether a box holds nothing but linked headlines, pictures, and short texts each below its headline."""
    under = False
    for block in box:
        if block.kind == "image":
            continue
        if block.kind != "text":
            return False
        if is_related_link(block):
            under = True
        elif is_prose(block):
            if not under or block.link_chars or len(block.text) > TEASER:
                return False
            under = False
        elif len(block.text) > 60:
            return False
    return True


def _leads_elsewhere(box: Sequence[Block]) -> bool:
    """Whether a box holds two headlines, or one whose link its picture has as well."""
    headlines = [b for b in box if _is_headline(b)]
    targets = set().union(*map(_targets, headlines))
    pictures = (b.node for b in box if b.kind == "image")
    return len(targets) > 1 or any(
        link.get("href") in targets for picture in pictures for link in islice(picture.iterancestors("a"), 1)
    )
