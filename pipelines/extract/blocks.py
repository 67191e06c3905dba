"""An element tree read as a person reads it: text blocks, table rows and images in their order.

Nothing is judged here. Each block carries what later rules need to judge it: how it was set, how much of it
is link text, in which element it stood.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field

from lxml import etree
from lxml.html import HtmlElement

from pipelines.extract.page import squeeze
from pipelines.extract.tags import BLOCK_TAGS, SKIPPED_TAGS
from pipelines.extract.unfolding import unfolds
from pipelines.queries import elements

_PICTURED = elements(".//img | .//amp-img")
HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_BOLD = frozenset(("b", "strong", *HEADINGS, "th"))
_ITALIC = frozenset(("i", "em", "cite"))
_FIGURES = frozenset(("figure", "figcaption"))
_PLAIN_LOOK = (False, False, False)
"""Of an element that is neither bold nor in italics nor a caption: most are."""
_ALIGN_STYLE = re.compile(r"text-align\s*:\s*(left|right|center|justify|start|end)", re.IGNORECASE)
_BOLD_STYLE = re.compile(r"font-weight\s*:\s*(?:bold|[6-9]00)", re.IGNORECASE)
_ITALIC_STYLE = re.compile(r"font-style\s*:\s*italic", re.IGNORECASE)
_HIDDEN_STYLE = re.compile(r"(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)
_CENTER_CLASS = re.compile(r"(?:^|[\s_-])(?:text-?center|align-?center|ql-align-center|pcenter)(?:$|\s)", re.IGNORECASE)
_RIGHT_CLASS = re.compile(r"(?:^|[\s_-])(?:text-?right|align-?right|ql-align-right|pright)(?:$|\s)", re.IGNORECASE)
# "…phục vụ <br> nhân dân." is one sentence broken for looks; "…đã đề ra.<br>- Hai là" are two lines
_ENDS_LINE = re.compile(r"[.!?…:;”\"»)\]/]\s*$")
_STARTS_LINE = re.compile(r"^\s*(?:[-–—+*•●▪♦>]|\(?\d{1,2}[.)]|[a-zđ]\)|[IVX]+\.)")


MAX_BLOCKS = 20_000
"""Lines that are read of one container: the longest laws have some thousands, a broken page has a hundred thousand."""


@dataclass(slots=True)
class Block:
    """One line of text as shown, or an image."""

    text: str
    node: HtmlElement
    """The nearest block element; for an image the `img` itself."""
    kind: str = "text"
    """`text`, `row` (of a table), `caption`, `image`."""
    link_chars: int = 0
    bold_chars: int = 0
    italic_chars: int = 0
    align: str = ""
    """`center`, `right`, or empty for all others."""
    heading: bool = False
    item: bool = False
    """Stands in a list item."""
    links: list[HtmlElement] = field(default_factory=list)

    @property
    def link_share(self) -> float:
        """Share of the characters that are link text, 0 to 1."""
        return min(1.0, self.link_chars / len(self.text)) if self.text else 0.0

    @property
    def all_bold(self) -> bool:
        """Whether (nearly) all of the text is bold."""
        return self.bold_chars >= 0.9 * len(self.text.replace(" ", ""))

    @property
    def all_italic(self) -> bool:
        """Whether (nearly) all of the text is in italics."""
        return self.italic_chars >= 0.9 * len(self.text.replace(" ", ""))


class _Line:
    """Text being gathered until a block ends."""

    __slots__ = ("bold", "italic", "linked", "links", "parts")

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.bold = self.italic = 0
        self.linked = [0]
        """Characters of link text between one line break and the next."""
        self.links: list[HtmlElement] = []


class Reader:
    """Reads one container. `skip` are elements left out whole, `captions` those whose text is a caption."""

    def __init__(self, skip: Collection[HtmlElement] = (), captions: Collection[HtmlElement] = ()) -> None:
        self.skip = skip
        self.captions = captions
        self.blocks: list[Block] = []
        self._line = _Line()
        self._stack: list[tuple[HtmlElement, str]] = []  # block elements and their alignment
        self._open: list[tuple[bool, bool, bool]] = []  # of all open elements: bold, italic, caption
        self._left_out: list[HtmlElement] = []
        self._bold = self._italic = self._caption = self._item = self._heading = self._anchor = 0

    def read(self, container: HtmlElement) -> list[Block]:
        """All blocks of the container in order."""
        walk = etree.iterwalk(container, events=("start", "end"))
        for event, node in walk:
            if len(self.blocks) >= MAX_BLOCKS:
                break
            if event == "start":
                if self._skipped(node, container) or (node.tag == "table" and self._table(node)):
                    walk.skip_subtree()
                    if node.tag in BLOCK_TAGS:
                        self._flush()
                    self._left_out.append(node)
                else:
                    self._start(node)
                continue
            if self._left_out and self._left_out[-1] is node:
                self._left_out.pop()  # of a subtree left out only the tail is read
            else:
                self._end(node)
            if node is not container and (tail := node.tail):
                self._text(tail)
        self._flush()
        return self.blocks

    # -- the walk ------------------------------------------------------------------------------------------

    def _skipped(self, node: HtmlElement, container: HtmlElement) -> bool:
        if not isinstance(node.tag, str) or node.tag in SKIPPED_TAGS:
            return True
        if node is container:
            return False
        if node in self.skip:
            return True
        style = node.get("style")
        hidden = style and ("none" in style or "hidden" in style) and _HIDDEN_STYLE.search(style)
        return bool(hidden) and not unfolds(node)

    def _start(self, node: HtmlElement) -> None:
        tag = node.tag
        if tag == "br":
            self._line.parts.append("\n")
            self._line.linked.append(0)
        elif tag in {"img", "amp-img"}:
            self._image(node)
        elif tag == "a":
            self._anchor += 1
            if node.get("href"):
                self._line.links.append(node)
        if tag in BLOCK_TAGS:
            self._flush()
            self._stack.append((node, self._align(node)))
            self._item += tag == "li"
            self._heading += tag in HEADINGS
        bold, italic, caption = tag in _BOLD, tag in _ITALIC, self.captions and node in self.captions
        if style := node.get("style"):
            bold = bold or ("font-weight" in style and bool(_BOLD_STYLE.search(style)))
            italic = italic or ("font-style" in style and bool(_ITALIC_STYLE.search(style)))
        if tag in _FIGURES and not caption:
            caption = self._is_caption(node)
        if bold or italic or caption:
            look = (bold, italic, bool(caption))
            self._bold += bold
            self._italic += italic
            self._caption += look[2]
        else:
            look = _PLAIN_LOOK
        self._open.append(look)
        if text := node.text:
            self._text(text)

    def _end(self, node: HtmlElement) -> None:
        tag = node.tag
        if tag in BLOCK_TAGS:
            self._flush()
            self._stack.pop()
            self._item -= tag == "li"
            self._heading -= tag in HEADINGS
        elif tag == "a":
            self._anchor -= 1
        look = self._open.pop()
        if look is not _PLAIN_LOOK:
            bold, italic, caption = look
            self._bold -= bold
            self._italic -= italic
            self._caption -= caption

    def _text(self, text: str) -> None:
        line = self._line
        line.parts.append(text.replace("\n", " "))
        if self._anchor:
            line.linked[-1] += len(squeeze(text))
        if self._bold or self._italic:
            size = len("".join(text.split()))
            line.bold += size if self._bold else 0
            line.italic += size if self._italic else 0

    def _flush(self) -> None:
        line = self._line
        if not line.parts:
            return
        self._line = _Line()
        text = line.parts[0] if len(line.parts) == 1 else "".join(line.parts)
        texts = _split_lines(text)
        if not texts:
            self._line.links = line.links  # the text of `<a><div>…</div></a>` is still to come
            return
        whole = sum(len(text) for text, _ in texts)
        node, align = self._stack[-1] if self._stack else (None, "")
        for text, broken in texts:
            share = len(text) / whole
            self.blocks.append(
                Block(
                    text,
                    node,
                    "caption" if self._caption else "text",
                    min(len(text), sum(line.linked[i] for i in broken)),
                    round(line.bold * share),
                    round(line.italic * share),
                    align,
                    self._heading > 0,
                    self._item > 0,
                    line.links,
                )
            )

    # -- what an element is --------------------------------------------------------------------------------

    def _is_caption(self, node: HtmlElement) -> bool:
        if node.tag == "figcaption":
            return True
        # a figure may also hold a table or a quotation (CKEditor 5): only with a picture is its text a
        # caption
        return node.tag == "figure" and bool(_PICTURED(node)) and node.find(".//table") is None

    def _align(self, node: HtmlElement) -> str:
        given = (node.get("align") or "").lower()
        style = node.get("style")
        if style and "align" in style and (found := _ALIGN_STYLE.search(style)):
            given = found[1].lower()
        elif not given and node.tag != "div" and (classes := node.get("class")):  # a box that is centred is no line
            given = "center" if _CENTER_CLASS.search(classes) else "right" if _RIGHT_CLASS.search(classes) else ""
        if node.tag == "center":
            given = "center"
        if not given:
            return self._stack[-1][1] if self._stack else ""
        return given if given in {"center", "right"} else ""

    def _image(self, node: HtmlElement) -> None:
        if _tiny(node):
            return
        self._flush()
        self.blocks.append(Block("", node, "image"))

    def _table(self, table: HtmlElement) -> bool:
        """Read a table of data as rows; False for one that only lays out the page."""
        if table.find(".//table") is not None:
            return False
        rows = list(table.iter("tr"))
        cells = [[c for c in row if c.tag in {"td", "th"}] for row in rows]
        if max(map(len, cells), default=0) < 2:
            return False
        texts = [[squeeze(_cell_text(cell, self.skip)) for cell in row] for row in cells]
        if table.find(".//img") is not None or max((len(t) for row in texts for t in row), default=0) > 700:
            return False
        if not any(sum(map(bool, row)) > 1 for row in texts):
            return False
        self._flush()
        for row_node, row in zip(rows, texts, strict=True):
            text = " | ".join(t for t in row if t)
            if text:
                links = [a for a in row_node.iter("a") if a.get("href")]
                size = sum(len(squeeze(a.text_content())) for a in links)
                kind = "caption" if self._caption else "row"
                self.blocks.append(Block(text, row_node, kind, size, links=links))
        return True


def _split_lines(text: str) -> list[tuple[str, list[int]]]:
    """Lines of one block, each with the numbers of the broken lines it is made of: an empty line always splits,
    a single break only where a sentence or an item ends.
    """
    if "\n" not in text:
        line = squeeze(text)
        return [(line, [0])] if line else []
    lines: list[tuple[str, list[int]]] = []
    empty = True
    for number, raw in enumerate(text.split("\n")):
        line = squeeze(raw)
        if line and not empty and not _breaks(lines[-1][0], line):
            before, broken = lines[-1]
            lines[-1] = f"{before} {line}", [*broken, number]
        elif line:
            lines.append((line, [number]))
        empty = not line
    return lines


def _breaks(before: str, after: str) -> bool:
    return bool(_ENDS_LINE.search(before) or _STARTS_LINE.match(after) or not after[:1].islower())


def _tiny(node: HtmlElement) -> bool:
    """Icons, bullets and counting pixels."""
    for side in ("width", "height"):
        value = (node.get(side) or "").removesuffix("px")
        if value.isdecimal() and len(value) < 3 and int(value) < 60:
            return True
    return False


def _cell_text(cell: HtmlElement, skip: Collection[HtmlElement]) -> str:
    return " ".join(block.text for block in Reader(skip).read(cell) if block.kind == "text")
