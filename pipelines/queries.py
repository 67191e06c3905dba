"""Compiled XPath and CSS queries whose results have one type each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import islice
from typing import cast

from lxml import etree
from lxml.cssselect import CSSSelector
from lxml.html import HtmlElement

Select = Callable[[str], list[HtmlElement]]
"""Answers a CSS selector on one page. A caller with an index of the page has a faster one."""


def elements(xpath: str) -> Callable[..., list[HtmlElement]]:
    """A compiled XPath that finds elements: call it with a node and the variables it names."""
    return cast("Callable[..., list[HtmlElement]]", etree.XPath(xpath))


def strings(xpath: str) -> Callable[[HtmlElement], list[str]]:
    """A compiled XPath that finds texts or attribute values."""
    return cast("Callable[[HtmlElement], list[str]]", etree.XPath(xpath, smart_strings=False))


@lru_cache(maxsize=1024)
def css(selector: str) -> Callable[[HtmlElement], list[HtmlElement]]:
    """A compiled CSS selector. Raises `cssselect.SelectorError` for one that cannot be read."""
    return cast("Callable[[HtmlElement], list[HtmlElement]]", CSSSelector(selector, translator="html"))


def shown_text(node: HtmlElement, pieces: int = 60) -> str:
    """The first texts inside an element, without scripts and styles, joined by blanks.

    At most `pieces` texts are looked at: for lines, not for bodies, however large the element is.
    """
    return " ".join(islice(_texts(node), pieces))


def _texts(node: HtmlElement) -> Iterator[str]:
    for event, element in etree.iterwalk(node, events=("start", "end", "comment", "pi")):
        hidden = not isinstance(element.tag, str) or element.tag in ("script", "style")
        if event == "start" and not hidden and element.text:
            yield element.text
        elif event != "start" and element is not node and element.tail:
            yield element.tail


def json_ld(tree: HtmlElement) -> list[str]:
    """The sources of the JSON-LD scripts of a page, in order."""
    return [node.text for node in tree.iter("script") if node.get("type") == "application/ld+json" and node.text]


def selecting(tree: HtmlElement) -> Select:
    """Answers CSS selectors by searching the tree."""
    return lambda selector: css(selector)(tree)
