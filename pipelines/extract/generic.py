"""The generic path: the article of a page that no template describes.

Every line of the page is weighed: running text counts for its container, links, labels and short lines
against it. The element with the greatest sum holds the body (a maximum-sum subtree). trafilatura is asked
where that outcome is doubtful."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lxml import etree
from lxml.html import HtmlElement

from pipelines.extract.blocks import Block, Reader
from pipelines.extract.columns import NEAR, article_column, headline_at
from pipelines.extract.known import Found
from pipelines.extract.leads import after_title, find_lead, holds
from pipelines.extract.lines import is_boilerplate
from pipelines.extract.marks import BODY, furniture, names_of, says
from pipelines.extract.page import Page
from pipelines.extract.paragraphs import TEASER, is_prose, is_related_link
from pipelines.extract.pictures import pictures_above
from pipelines.extract.second import second_opinion
from pipelines.extract.tags import BLOCK_TAGS
from pipelines.extract.titles import Title, names_publisher, title_above
from pipelines.extract.verse import verse_container
from pipelines.queries import strings

_SENTENCE = re.compile(r"[.!?:;…,]")
_NEVER = frozenset(("nav", "footer", "menu"))
MAX_DEPTH = 100
"""Ancestors of a line that may be its article's container: broken pages nest thousands."""
HEADLINE_WORDS = 4
"""Linked lines of fewer words are labels, not headlines of other pages."""
MANY_HEADLINES = 6
MAX_LINES = 3_000
MAX_SIZE = 300_000
"""Lines and characters of a page up to which trafilatura is asked: it needs quadratic time."""
LITTLE = 200.0
"""Weight of running text below which a page may be a poem."""
AGREED = 0.85
"""Confidence from which a headline is what the head of the page says."""
LINES_ABOVE = 8
"""Lines above the first sentence among which a headline is looked for that no heading is."""
ENOUGH = 250
"""Characters of running text from which the outcome needs no second opinion."""


def read_generic(page: Page, title: Title | None, names: Sequence[str] = ()) -> tuple[Found, Title | None]:
    """The body of an unknown page, without text where no line reads like running text; and the headline.

    Where the head of the page gave no headline, the heading above the first sentence is taken.
    """
    body = page.tree.find(".//body")
    root = page.tree if body is None else body
    skip = furniture_of(root, title.node if title else None)
    blocks = Reader(skip).read(root)
    container, total = best_container(blocks, root)
    if total < LITTLE and (poem := verse_container(blocks, root)) is not None:
        start, end = _span(blocks, poem)
        below = _below(blocks[end:])
        return Found(
            [poem], blocks[start:end], "generic: lines of verse", confidence=0.5, verse=True, below=below
        ), title
    if container is None:
        nothing = Found([root], blocks, "generic: nothing found", confidence=0.0)
        nothing.teasers = nothing.sentences = sum(node.tag == "article" for node in skip)
        return (None if _is_plain(blocks) else second_opinion(page, root, skip)) or nothing, title
    container = _named_body(blocks, container)
    start, end = _span(blocks, container)
    first = next((i for i in range(start, end) if is_prose(blocks[i])), None)
    if (title is None or names_publisher(title)) and first is not None:
        title = title_above(page, names, blocks[first].node, blocks[max(0, first - LINES_ABOVE) : first]) or title
    title_node, headline = (title.node, title.raw) if title else (None, "")
    above = 0
    if title is not None and title.node is not None and title.confidence >= AGREED:
        at = headline_at(blocks, title.node, headline)
        if at is not None and end <= at:
            container, start, end = _below_headline(blocks, at, root) or (container, start, end)
        column = article_column(blocks, start, end, at) if at is not None else None
        if column is not None and at is not None:
            start, end, around = column
            above = at if start > at else 0
            if all(b.node is None or holds(around, b.node) for b in blocks[start:end]):
                container = around
    inside = after_title(blocks[start:end], title_node, headline)
    inside = _without_teasers(inside, container)
    # rows of a table are text of the page's own: the second opinion would give them as one line
    prose = sum(len(b.text) for b in inside if is_prose(b) or b.kind == "row")
    if prose < ENOUGH and not _is_plain(blocks):
        second = second_opinion(page, root, skip)
        if second is not None and sum(len(b.text) for b in second.blocks) > 1.5 * prose:
            return second, title
    found = Found(
        [container], inside, "generic: greatest sum of running text", confidence=min(0.95, 0.5 + total / 4000)
    )
    found.teasers, found.sentences = _teasers(blocks, start, end)
    found.below = _below(blocks[end:])
    find_lead(found, blocks[above:start], page, title_node, headline)
    if title_node is not None:
        between = _between(blocks[above:start], title_node)
        found.pictures = pictures_above(between)
        found.above = next((b for b in between if _may_sign(b) and b not in found.lead_blocks), None)
    return found, title


def _between(before: Sequence[Block], title_node: HtmlElement) -> list[Block]:
    """Blocks between headline and text; none where the headline does not stand above the text."""
    at = max((i for i, b in enumerate(before) if b.node is not None and holds(title_node, b.node)), default=None)
    return [] if at is None else list(before[at + 1 :])


def _may_sign(block: Block) -> bool:
    slanted = block.text and (block.all_bold or block.all_italic)
    return bool(slanted) and block.kind == "text" and len(block.text) <= 60 and not (block.links or block.heading)


# -- furniture ---------------------------------------------------------------------------------------------


def furniture_of(root: HtmlElement, title_node: HtmlElement | None) -> set[HtmlElement]:
    """Elements that hold no article text by their tag, class or id, outermost only."""
    safe = set(title_node.iterancestors()) | {title_node} if title_node is not None else set()
    found: set[HtmlElement] = set()
    whole = -1
    walk = etree.iterwalk(root, events=("start",))
    for _, node in walk:
        if not isinstance(node.tag, str):
            continue
        kind = "strong" if node.tag in _NEVER else "weak" if node.tag == "aside" else ""
        if not kind and node.tag in BLOCK_TAGS and (names := names_of(node)):
            kind = furniture(names)
        small = node.tag == "article" and not kind
        if not (kind or small) or node in safe or node is root:
            continue
        text, links = _measure(node)
        if small and not (text < 500 and links >= 20):
            continue  # a small article with a link leads to another page
        if kind == "strong":
            if text > 1500:
                whole = whole if whole >= 0 else _measure(root)[0]
                if text > 0.4 * whole:
                    continue
        elif text > 600 and links < 0.4 * text:
            continue  # a wrapper that happens to be called "share-and-content"
        found.add(node)
        walk.skip_subtree()
    return found


def _measure(node: HtmlElement) -> tuple[int, int]:
    """(characters of text, characters of link text)."""
    text = sum(len(t.strip()) for t in _TEXTS(node))
    links = sum(len(t.strip()) for t in _LINK_TEXTS(node))
    return text, links


_TEXTS = strings("descendant::text()[not(parent::script or parent::style)]")
# Not "descendant::a[@href]//text()": libxml2 merges its results in quadratic time
_LINK_TEXTS = strings("descendant::text()[ancestor::a[@href]]")


# -- the container -----------------------------------------------------------------------------------------


def weigh(block: Block) -> float:
    """What a block adds to its containers: characters of running text, less for links and labels."""
    if block.kind == "image":
        return 0.0
    text, size = block.text, len(block.text)
    if block.link_share > 0.5:
        return -15.0 - 0.4 * size
    if size >= 60 and _SENTENCE.search(text):
        return min(size, 900) * (1 - block.link_share)
    if is_boilerplate(text):
        return -25.0
    if block.kind == "row":
        return min(size, 60) / 2
    if text[-1] in ".!?…;”" and size > 20:
        return size / 2
    return -6.0


def best_container(blocks: Sequence[Block], root: HtmlElement) -> tuple[HtmlElement | None, float]:
    """The element whose blocks weigh most, and the weight. Of equals the innermost."""
    sums: dict[HtmlElement, float] = {}
    for block in blocks:
        weight = weigh(block)
        if not weight or block.node is None:
            continue
        node = block.node
        for _ in range(MAX_DEPTH):
            sums[node] = sums.get(node, 0.0) + weight
            if node is root:
                break
            node = node.getparent()
            if node is None:
                break
    best, top = None, 0.0
    for node, total in sums.items():
        # a container that is named like a body needs a little less, `>=` keeps the first met, which is
        # the innermost
        bonus = 1.03 if (names := names_of(node)) and says(BODY, names) else 1.0
        if total * bonus > top + 1e-6:
            best, top = node, total * bonus
    return best, top


def _below_headline(blocks: Sequence[Block], at: int, root: HtmlElement) -> tuple[HtmlElement, int, int] | None:
    """Container and span of the text below the headline, where the weightiest container ends above it."""
    following = [i for i in range(at + 1, len(blocks)) if is_prose(blocks[i])]
    if len(following) < 2 or following[0] - at > NEAR:
        return None
    container, total = best_container(blocks[at + 1 :], root)
    if container is None or total < LITTLE:
        return None
    container = _named_body(blocks[at + 1 :], container)
    start, end = _span(blocks, container)
    return container, max(start, at + 1), end


def _named_body(blocks: Sequence[Block], container: HtmlElement) -> HtmlElement:
    """An element within the container that is named like a body and holds nearly all of its running text."""
    sums: dict[HtmlElement, float] = {}
    whole = 0.0
    for block in blocks:
        if block.node is None or not is_prose(block) or not holds(container, block.node):
            continue
        whole += len(block.text)
        node = block.node
        while node is not container:
            if (names := names_of(node)) and says(BODY, names):
                sums[node] = sums.get(node, 0.0) + len(block.text)
            node = node.getparent()
    best = container
    for node, size in sums.items():
        if size >= 0.75 * whole and holds(best, node):
            best = node
    return best


def _is_plain(blocks: Sequence[Block]) -> bool:
    """Whether a page without much running text of its own needs no second opinion: one that leads to many others (a
    listing), and one that is larger than any article.
    """
    if len(blocks) > MAX_LINES or sum(len(b.text) for b in blocks) > MAX_SIZE:
        return True
    headlines = sum(is_related_link(b) and len(b.text.split()) >= HEADLINE_WORDS for b in blocks)
    return headlines >= MANY_HEADLINES


def _teasers(blocks: Sequence[Block], start: int, end: int) -> tuple[int, int]:
    """(running text under a linked headline, running text) among the blocks from `start` to `end`."""
    pairs = sentences = 0
    headline = -9
    texts = [(i, b) for i, b in enumerate(blocks[:end]) if b.kind != "image"]
    for at, (i, block) in enumerate(texts):
        if is_related_link(block) and len(block.text.split()) >= HEADLINE_WORDS:
            headline = at
        elif is_prose(block) and not block.heading and i >= start:
            sentences += 1
            if at - headline <= 3:
                pairs += 1
                headline = -9
        elif block.heading and not block.links:
            headline = -9  # a headline of the page's own
    return pairs, sentences


def _span(blocks: Sequence[Block], container: HtmlElement) -> tuple[int, int]:
    within = [i for i, b in enumerate(blocks) if b.node is not None and holds(container, b.node)]
    return (within[0], within[-1] + 1) if within else (0, 0)


def _below(after: Sequence[Block]) -> Block | None:
    """The line that follows the text, if it is neither heading nor item nor link: "<div align=right>Tên</div>"."""
    line = next((b for b in after[:3] if b.kind not in {"image", "caption"}), None)
    if line is None or line.kind != "text" or line.heading or line.item or len(line.text) > 110:
        return None
    return line if line.link_share < 0.7 else None


def _without_teasers(blocks: list[Block], container: HtmlElement) -> list[Block]:
    """Boxes that lead to other articles: a linked headline, perhaps with a picture and a sentence of
    summary.
    """
    groups: dict[HtmlElement, list[Block]] = {}
    for block in blocks:
        child = block.node
        while child is not None and child.getparent() is not container and child is not container:
            child = child.getparent()
        if child is not None and child is not container:
            groups.setdefault(child, []).append(block)
    out: set[int] = set()
    whole = sum(len(b.text) for b in blocks if is_prose(b) and not b.link_chars)
    for child, members in groups.items():
        texts = [b for b in members if b.kind != "image"]
        if child.tag in {"p", "h2", "h3"} or len(texts) > 40:
            continue
        linked = [b for b in texts if is_related_link(b)]
        prose = sum(len(b.text) for b in texts if is_prose(b) and not b.link_chars)
        if 2 * prose > whole > 0:
            continue  # a short article with the links below it
        if len(linked) == 1 and next(b for b in texts if is_prose(b) or b is linked[0]) is not linked[0]:
            continue  # a paragraph and below it what to read further
        if linked and prose < TEASER * len(linked) and len(linked) * 3 >= len(texts):
            out.update(id(b) for b in members)
    return [b for b in blocks if id(b) not in out]
