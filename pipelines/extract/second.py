"""A second opinion on an unknown page: trafilatura, fed the tree that is already decoded and pruned."""

from __future__ import annotations

import copy
from collections.abc import Collection

from lxml import etree
from lxml.html import HtmlElement

from pipelines.extract.blocks import Block
from pipelines.extract.known import Found
from pipelines.extract.page import Page


def second_opinion(page: Page, root: HtmlElement, skip: Collection[HtmlElement]) -> Found | None:
    """What trafilatura makes of the pruned tree: one text block for each of its lines."""
    blocks = [Block(text, root) for text in trafilatura_lines(root, skip, page.url)]
    if not blocks:
        return None
    return Found([root], blocks, "generic: trafilatura", confidence=0.5)


def trafilatura_lines(root: HtmlElement, skip: Collection[HtmlElement], url: str) -> list[str]:
    """Lines of text by trafilatura, fed the tree that is already decoded, without the furniture.

    Its own search for dates and its memory of earlier pages (`deduplicate`) stay off: the same page
    always gives the same lines."""
    from trafilatura import bare_extraction

    marked = []
    for node in skip:
        node.set("data-khotin-skip", "1")
        marked.append(node)
    try:
        tree = copy.deepcopy(root)
    finally:
        for node in marked:
            del node.attrib["data-khotin-skip"]
    for node in tree.xpath(".//*[@data-khotin-skip]"):
        parent = node.getparent()
        if parent is not None:
            node.drop_tree()
    if tree.tag != "html":
        html = etree.Element("html")
        html.append(tree)
        tree = html
    document = bare_extraction(
        tree,
        url=url or None,
        include_comments=False,
        include_tables=True,
        deduplicate=False,
        with_metadata=False,
        favor_recall=True,
    )
    text = getattr(document, "text", None) if document is not None else None
    return [" ".join(line.split()) for line in (text or "").split("\n") if line.strip()]
