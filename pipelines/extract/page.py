"""A parsed page: the tree, the machine-written facts in its head, and selectors that are compiled once."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any, cast

from cssselect import SelectorError
from lxml import etree
from lxml.cssselect import CSSSelector
from lxml.html import HtmlElement, HTMLParser, document_fromstring

from pipelines.extract.fastselect import Index, simple_steps
from pipelines.queries import strings

MAX_CHARACTERS = 6_000_000
"""Longer pages are cut before parsing: no article is that long, but a broken one may be."""

_PLAIN_ELEMENTS = etree.ElementDefaultClassLookup(element=HtmlElement)
"""lxml.html asks a function in Python for the class of every element it hands out, for the sake of forms."""
# tokens that a selector cannot do without; what stands in :not(), [] or a string is no such token
_NEGATED = re.compile(r":not\([^)]*\)|\[[^\]]*\]")
_TOKEN = re.compile(r"[.#](-?[A-Za-z_][\w-]*)")


@lru_cache(maxsize=4096)
def selector(css: str) -> Callable[[HtmlElement], list[HtmlElement]] | None:
    """The compiled form of a CSS selector; None for one that cannot be read (the catalogue checks its
    own).
    """
    try:
        return cast("Callable[[HtmlElement], list[HtmlElement]]", CSSSelector(css, translator="html"))
    except (SelectorError, etree.XPathError):
        return None


@lru_cache(maxsize=4096)
def needed_tokens(css: str) -> tuple[frozenset[str], ...]:
    """For each alternative of a selector the class names and ids that must occur on a page for it to
    match.
    """
    parts = _NEGATED.sub("", css).split(",")
    return tuple(frozenset(_TOKEN.findall(part)) for part in parts)


def squeeze(text: str | None) -> str:
    """Text on one line, runs of white space (no-break spaces too) made one space."""
    return " ".join(text.split()) if text else ""


def visible_text(node: HtmlElement, limit: int = 20_000) -> str:
    """Text of an element without scripts and styles, squeezed; `limit` characters are looked at."""
    parts: list[str] = []
    size = 0
    for text in visible_parts(node):
        parts.append(text)
        size += len(text)
        if size > limit:
            break
    return squeeze("".join(parts))


visible_parts = strings("descendant::text()[not(parent::script or parent::style or parent::noscript)]")
"""The texts of an element without those of scripts and styles, in order, as they stand."""


@dataclass
class Page:
    """One parsed page. Nothing here changes the tree."""

    tree: HtmlElement
    url: str
    metas: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def tokens(self) -> frozenset[str]:
        """All class names and ids of the page: most templates are ruled out by them alone."""
        return self.index.tokens()

    @cached_property
    def index(self) -> Index:
        """Elements by class and id."""
        return Index(self.tree)

    @cached_property
    def document_title(self) -> str:
        """The text of the first `title` element, squeezed."""
        node = next(self.tree.iter("title"), None)
        return squeeze(node.text) if node is not None else ""

    @cached_property
    def linked_data(self) -> tuple[dict[str, Any], ...]:
        """All JSON-LD objects of the page, flat; what cannot be read is left out."""
        scripts = [node for node in self.tree.iter("script") if "ld+json" in node.get("type", "")]
        return tuple(item for script in scripts for item in _json_objects(script.text_content()))

    @cached_property
    def news_object(self) -> dict[str, Any]:
        """The JSON-LD object that describes a news article, else an empty one."""
        for item in self.linked_data:
            kind = item.get("@type")
            kinds = kind if isinstance(kind, list) else [kind]
            if any(isinstance(k, str) and k.endswith(("Article", "BlogPosting")) for k in kinds):
                return item
        return {}

    def meta(self, *names: str) -> str:
        """The first non-empty `meta` content under one of the names (`property`, `name` or `itemprop`)."""
        return next((value for name in names if (value := self.metas.get(name, ""))), "")

    def select(self, css: str, scope: HtmlElement | None = None) -> list[HtmlElement]:
        """Elements that match a selector, in document order."""
        tokens = self.tokens
        for needed in needed_tokens(css):
            if needed <= tokens:
                break
        else:
            return []
        steps = simple_steps(css)
        if steps is not None:
            return self.index.find(steps, scope)
        found = selector(css)
        return found(self.tree if scope is None else scope) if found is not None else []

    def select_all(self, many: Sequence[str], scope: HtmlElement | None = None) -> Iterator[tuple[str, HtmlElement]]:
        """(selector, element) for each selector in turn."""
        for css in many:
            for node in self.select(css, scope):
                yield css, node

    def first_text(self, many: Sequence[str]) -> tuple[str, HtmlElement, str] | None:
        """(text, element, selector) of the first selector that yields text."""
        for css, node in self.select_all(many):
            text = squeeze(node.get("content")) if node.tag == "meta" else visible_text(node)
            if text:
                return text, node, css
        return None


def parse(text: str, url: str, body: bytes = b"") -> Page | None:
    """Parse decoded HTML once. Comments go (some sites hide old dates in them). None where there is no
    element. `body` is the text in UTF-8 where the caller has it, which spares making it.

    Raises `MemoryError` where the memory of the process does not suffice.

    >>> parse("<p>Một <b>đoạn</b></p>", "").tree.text_content()
    'Một đoạn'
    """
    parser = HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True)
    parser.set_element_class_lookup(_PLAIN_ELEMENTS)
    if not body or len(body) > MAX_CHARACTERS:
        body = text[:MAX_CHARACTERS].replace("\x00", "").encode("utf-8", "replace")
    if not body or body.isspace():
        return None
    try:
        tree = document_fromstring(body, parser=parser)
    except etree.XMLSyntaxError as error:
        if error.code == etree.ErrorTypes.ERR_NO_MEMORY:
            raise MemoryError from error
        return None
    except etree.ParserError:
        return None
    return Page(tree, url, _read_metas(tree))


def _read_metas(tree: HtmlElement) -> dict[str, str]:
    metas: dict[str, str] = {}
    for node in tree.iter("meta"):
        name = node.get("property") or node.get("name") or node.get("itemprop") or ""
        value = squeeze(node.get("content"))
        if name and value:
            metas.setdefault(name.lower(), value)
    return metas


def _json_objects(source: str) -> Iterator[dict[str, Any]]:
    """Objects of one JSON-LD script. Line breaks inside strings are met often, hence not strict."""
    try:
        data = json.loads(source.strip().rstrip(";"), strict=False)
    except (ValueError, RecursionError):
        return
    todo, seen = [data], 0
    while todo and seen < 500:
        seen += 1
        item = todo.pop(0)
        if isinstance(item, list):
            todo.extend(item)
        elif isinstance(item, dict):
            yield item
            todo.extend(value for key in ("@graph", "mainEntity") if isinstance(value := item.get(key), (list, dict)))
