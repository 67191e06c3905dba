"""The lead (*sapo*) of a page that no template describes."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from lxml.html import HtmlElement

from pipelines.extract.blocks import Block
from pipelines.extract.columns import common
from pipelines.extract.compare import bare
from pipelines.extract.known import Found
from pipelines.extract.lines import is_boilerplate, is_end_label
from pipelines.extract.marks import LEAD, names_of, says
from pipelines.extract.page import Page, visible_text
from pipelines.extract.paragraphs import is_date_line, is_prose
from pipelines.extract.pictures import looks_like_caption

MAX_LEAD = 700
"""Characters up to which a sentence above the box of the text is its lead."""


def holds(container: HtmlElement, node: HtmlElement | None) -> bool:
    """Whether an element is the container or stands in it; broken pages are not searched for ever."""
    for _ in range(300):
        if node is None:
            return False
        if node is container:
            return True
        node = node.getparent()
    return False


def after_title(blocks: list[Block], title_node: HtmlElement | None, title: str) -> list[Block]:
    """Blocks after the headline, where the headline stands inside the container."""
    key = bare(title)
    for at, block in enumerate(blocks):
        if block.kind == "image":
            continue
        if (title_node is not None and block.node is not None and holds(title_node, block.node)) or (
            key and bare(block.text) == key
        ):
            before = sum(len(b.text) for b in blocks[:at] if is_prose(b))
            after = sum(len(b.text) for b in blocks[at + 1 :] if is_prose(b))
            if after > before:
                return blocks[at + 1 :]
    return blocks


def find_lead(found: Found, before: Sequence[Block], page: Page, title_node: HtmlElement | None, title: str) -> None:
    """The lead stands between headline and body, or opens the body in an element that is named like a
    lead.
    """
    between = after_title(list(before), title_node, title) if title_node is not None else []
    if len(between) == len(before):
        between = list(before[-4:]) if title_node is None else []
    summary = bare(page.meta("og:description", "description", "twitter:description"))
    for block in between[:20]:
        if not _may_be_lead(block):
            continue
        named = _named_lead(block, found.containers[0])
        described = bool(summary) and (bare(block.text)[:60] in summary or summary[:60] in bare(block.text))
        if (
            named
            or described
            or (title_node is not None and (is_prose(block) or block.all_bold) and len(block.text) >= 60)
        ):
            _set_lead(found, [block], "named like a lead" if named else "between headline and body")
            return
    for at, block in enumerate(found.blocks[:25]):
        if block.kind == "image" or not _may_be_lead(block) or bare(block.text) == bare(title):
            continue
        if at and found.blocks[at - 1].kind == "image" and looks_like_caption(block):
            continue
        named = _named_lead(block, found.containers[0])
        rest = found.blocks[at + 1 :]
        described = _is_described(block, summary) and _in_own_box(block, rest)
        heading = _is_long_heading(block, rest)
        boxed = title_node is not None and _above_box(block, rest)
        if named or heading or described or boxed or _set_apart(block, rest):
            same = [b for b in found.blocks[at : at + 4] if b.node is block.node] if named else [block]
            found.blocks = [b for b in found.blocks if not any(b is s for s in same)]
            how = "a heading of a sentence's length" if heading else "bold, in a box of its own"
            how = "above the box of the text" if boxed else how
            how = "told by the head of the page, in a box of its own" if described else how
            _set_lead(found, same, "named like a lead" if named else how)
        return


def _is_described(block: Block, summary: str) -> bool:
    """Whether a block is what the head of the page gives as description, which may be cut off."""
    own = bare(block.text)
    return len(summary) >= 40 and (own.startswith(summary) or summary.startswith(own))


def _in_own_box(block: Block, rest: Sequence[Block]) -> bool:
    """Whether a sentence stands in another element than the paragraphs below it, of which there are two or more."""
    if block.node is None or not is_prose(block):
        return False
    text = [b for b in rest if is_prose(b) and b.node is not None]
    above = block.node.getparent()
    return len(text) >= 2 and all(b.node.getparent() is not above and b.node is not block.node for b in text)


def _is_long_heading(block: Block, rest: Sequence[Block]) -> bool:
    """Whether a heading is as long as a sentence, and below it there is no other of its kind."""
    tag, long = block.node.tag, len(block.text) > 90
    if tag == "h2":
        return long
    return long and tag in {"h3", "h4", "h5"} and not any(b.node is not None and b.node.tag == tag for b in rest)


def _above_box(block: Block, rest: Sequence[Block]) -> bool:
    """Whether a sentence stands above the one element that holds all of the running text below it, set in its own way
    or in an element of a name of its own.
    """
    nodes = [b.node for b in rest if is_prose(b)]
    if len(nodes) < 2 or not is_prose(block) or len(block.text) > MAX_LEAD:
        return False
    box = common([nodes[0], nodes[-1]])
    if box is None or holds(box, block.node) or not all(holds(box, node) for node in nodes):
        return False
    return (
        block.heading or block.all_bold or block.all_italic or bool(_own_names(block, box) - _names_within(nodes, box))
    )


def _own_names(block: Block, box: HtmlElement) -> set[str]:
    """Names of the elements that hold a line and nothing else: above it up to the box beside it, or within it."""
    node, found, key = block.node, set(), bare(block.text)
    if holds(node, box):  # `<span class="teaser">` right above the box, in the same element
        found = {names_of(n) for n in islice(node, 30) if bare(visible_text(n, 2 * MAX_LEAD)) == key}
    while node is not None and not holds(node, box):
        found.add(names_of(node))
        node = node.getparent()
    return found - {""}


def _names_within(nodes: Sequence[HtmlElement], box: HtmlElement) -> set[str]:
    return {names_of(box), *(names_of(node) for node in nodes)}


def _set_apart(block: Block, rest: Sequence[Block]) -> bool:
    """Whether a bold first sentence stands in a box of its own above the box of the text, of which nothing
    is bold.

    A bold paragraph among the paragraphs is no proof: it may as well be the first of the text.
    """
    text = [b for b in rest if is_prose(b)]
    if not (block.all_bold and is_prose(block) and len(text) >= 2) or any(b.all_bold for b in text):
        return False
    above = block.node.getparent()
    return block.node.tag in {"div", "td"} and all(b.node.getparent() is not above for b in text)


def _may_be_lead(block: Block) -> bool:
    return (
        block.kind == "text"
        and 40 <= len(block.text) <= 1500
        and block.link_share < 0.4
        and not is_date_line(block.text)
        and not is_end_label(block.text)
        and not is_boilerplate(block.text)
    )


def _named_lead(block: Block, container: HtmlElement) -> bool:
    node = block.node
    inner = node
    while inner is not None and len(inner) == 1 and not (inner.text or "").strip():
        inner = inner[0]  # `<td><b><span id="lblSummary">`
        if (names := names_of(inner)) and says(LEAD, names):
            return True
    for _ in range(3):
        if node is None or node is container:
            return False
        names = names_of(node)
        if names and says(LEAD, names):
            return True
        node = node.getparent()
    return False


def _set_lead(found: Found, blocks: Sequence[Block], why: str) -> None:
    found.lead = " ".join(b.text for b in blocks)
    found.lead_rule = f"generic: {why}"
    found.lead_blocks = blocks
