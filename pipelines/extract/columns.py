"""Columns beside the article: what a portal says of itself to the left or the right of a short text, and below it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lxml.html import HtmlElement

from pipelines.extract.blocks import Block
from pipelines.extract.compare import bare
from pipelines.extract.lines import is_imprint
from pipelines.extract.marks import names_of, says
from pipelines.extract.paragraphs import is_prose

_DEEP = 300
NEAR = 12
"""Lines that may stand between a headline and its first sentence: date, tools, author, pictures."""
ENOUGH = 200
"""Characters of running text from which a column may be the whole article."""
IMPRINT_LINES = 10
MANY = 1_000
"""Lines below a column that are not looked at any more."""
_SIDE = re.compile(
    r"(?:^|[\s_-])(?:side\w*|right\w*|left\w*|col\w*|c\d{1,2}|grid\w*|span\d{1,2})(?:$|[\s_-])", re.IGNORECASE
)
_OFFICE = re.compile(
    r"\W*(?:(?:cơ quan|đơn vị) chủ quản|chịu trách nhiệm(?: chính| nội dung| xuất bản)?|tổng biên tập)\s*:",
    re.IGNORECASE,
)


def article_column(blocks: Sequence[Block], start: int, end: int, at: int) -> tuple[int, int, HtmlElement] | None:
    """Of the blocks from `start` to `end` those of the column of the headline, which is at `at`: where they begin and
    end, and the element that holds headline and first two sentences. None where nothing stands in another column.
    """
    if at + 1 >= end:
        return None
    following = [i for i in range(at + 1, end) if is_prose(blocks[i])]
    if len(following) < 2 or following[0] - at > NEAR or following[0] < start:
        return None
    column = common([blocks[i].node for i in (at, *following[:2])])
    if column is None:
        return None
    inner = set(column.iter())
    if sum(len(blocks[i].text) for i in following if blocks[i].node in inner) < ENOUGH:
        return None
    before = [i for i in range(start, at) if is_prose(blocks[i])]
    first = start
    if before and not any(b.node in inner and is_prose(b) for b in blocks[:at]):
        first = at + 1
    last = _end_of_column(blocks, following, end, column)
    text = common([blocks[i].node for i in following[:2]])
    if last == end and text is not None and text is not column:  # the headline above both columns
        last = _end_of_column(blocks, following, end, text)
    return (first, last, column) if (first, last) != (start, end) else None


def headline_at(blocks: Sequence[Block], title_node: HtmlElement, title: str) -> int | None:
    """The first line that is the headline."""
    key, inner = bare(title), set(title_node.iter())
    for at, block in enumerate(blocks):
        if block.kind != "image" and (
            block.node in inner or (len(block.text) <= 2 * len(title) and bare(block.text) == key)
        ):
            return at
    return None


def _path(node: HtmlElement | None) -> list[HtmlElement]:
    """An element and its ancestors."""
    path: list[HtmlElement] = []
    while node is not None and len(path) < _DEEP:
        path.append(node)
        node = node.getparent()
    return path


def common(nodes: Sequence[HtmlElement]) -> HtmlElement | None:
    """The smallest element that holds all of the others."""
    shared = set.intersection(*(set(_path(node)) for node in nodes))
    return next((node for node in _path(nodes[0]) if node in shared), None)


def _end_of_column(blocks: Sequence[Block], prose: Sequence[int], end: int, column: HtmlElement) -> int:
    """Where the column ends, if all running text below it stands in boxes that are no part of the article."""
    around, inner = _path(column), set(column.iter())
    own = [i for i in prose if blocks[i].node in inner]
    size = sum(len(blocks[i].text) for i in own)
    if size < ENOUGH:
        return end
    last = max(i for i in range(own[0], end) if blocks[i].node in inner) + 1
    if end - last > MANY:
        return end
    boxes: dict[HtmlElement, list[int]] = {}
    for i in range(last, end):
        box = next((up for up in reversed(_path(blocks[i].node)) if up not in around), None)
        if box is None:
            return end  # text of the page's own, in no box
        if blocks[i].kind != "image":
            boxes.setdefault(box, []).append(i)
    told = {box: lines for box, lines in boxes.items() if any(is_prose(blocks[i]) for i in lines)}
    signed = _signs_off(blocks[own[-1] + 1 : last])
    for box, members in told.items():
        lines = [blocks[i] for i in members]
        beside = next((up for up in around if up.getparent() is box.getparent()), column)
        apart = _heads(lines[0]) and (signed or _is_column(box, beside))
        if not (apart or _is_foot(lines, size)):
            return end
    return min((lines[0] for lines in told.values()), default=end)


def _is_foot(lines: Sequence[Block], size: int) -> bool:
    """Whether a box shorter than the text names the office that runs the site."""
    named = any(is_imprint(b.text) or _OFFICE.match(b.text) for b in lines)
    return named and len(lines) <= IMPRINT_LINES and sum(len(b.text) for b in lines) < size


def _heads(block: Block) -> bool:
    return not is_prose(block) and (block.heading or (block.all_bold and len(block.text) <= 80))


def _signs_off(rest: Sequence[Block]) -> bool:
    """Whether a line at the right edge, in bold or in italics ends the text: the author's name."""
    lines = [b for b in rest if b.kind != "image"]
    return bool(lines) and not lines[0].heading and len(lines[0].text) <= 60 and lines[0].align == "right"


def _is_column(box: HtmlElement, beside: HtmlElement) -> bool:
    if box.tag == "td":
        return bool(beside.tag == "td")
    names = names_of(box)
    return bool(names) and names != names_of(beside) and says(_SIDE, names)
