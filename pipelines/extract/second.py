"""A second opinion on an unknown page: trafilatura, fed the tree that is already decoded and pruned."""

from __future__ import annotations

import copy
from collections.abc import Collection

from lxml import etree
from lxml.html import HtmlElement, document_fromstring

from pipelines.extract.blocks import Block
from pipelines.extract.known import Found
from pipelines.extract.page import Page
from pipelines.extract.paragraphs import is_prose


def second_opinion(page: Page, root: HtmlElement, skip: Collection[HtmlElement]) -> Found | None:
    """What trafilatura makes of the pruned tree: one text block for each of its lines."""
    blocks = [Block(text, root) for text in trafilatura_lines(root, skip, page.url)]
    if not any(is_prose(block) for block in blocks):
        return None
    return Found([root], blocks, "generic: trafilatura", confidence=0.5)


_LEFT_OUT = "khotin-left-out"
_MAX_DEPTH = 150


def trafilatura_lines(root: HtmlElement, skip: Collection[HtmlElement], url: str) -> list[str]:
    """Lines of text by trafilatura, fed the tree that is already decoded, without the furniture.

    Its own search for dates and its memory of earlier pages (`deduplicate`) stay off: the same page
    always gives the same lines."""
    from trafilatura import bare_extraction

    if _too_deep(root):
        return []
    copied = copy.deepcopy(root)
    # the same places in the copy: elements are told by their number in document order
    left_out = {i for i, node in enumerate(root.iter()) if node in skip}
    for node in [n for i, n in enumerate(copied.iter()) if i in left_out]:
        node.tag = _LEFT_OUT
    etree.strip_elements(copied, _LEFT_OUT, with_tail=False)
    tree = document_fromstring("<html><body></body></html>")
    tree[0].extend([copied] if copied.tag != "body" else list(copied))
    try:
        document = bare_extraction(
            tree,
            url=url or None,
            include_comments=False,
            include_tables=True,
            deduplicate=False,
            with_metadata=False,
            favor_recall=True,
        )
    except (RecursionError, ValueError):  # trees nested a thousand deep; control characters in texts
        return []
    text = getattr(document, "text", None) if document is not None else None
    return [" ".join(line.split()) for line in (text or "").split("\n") if line.strip()]


def _too_deep(root: HtmlElement) -> bool:
    """Whether a tree is nested deeper than any page is made: trafilatura needs quadratic time for it."""
    depth = 0
    for event, _ in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if depth > _MAX_DEPTH:
            return True
    return False
