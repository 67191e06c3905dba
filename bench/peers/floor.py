"""The floor: what an article costs at the least with lxml, and what one rule written by hand gets for it.

One parse, one rule for every site: the first `h1` is the title, the first published-time field or written date is
the date, and the paragraphs under the element with the most paragraph text are the body. No lead, no author, no
charset but UTF-8, no judgement of what is no article."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import Any

from lxml import etree, html

_HEADING = etree.XPath("//h1")
_META_TITLE = etree.XPath('//meta[@property="og:title"]/@content')
_PUBLISHED = etree.XPath(
    '//meta[@property="article:published_time" or @itemprop="datePublished" or @name="pubdate"]/@content'
    " | //time/@datetime"
)
_PARAGRAPHS = etree.XPath("//p")
_ISO = re.compile(r"\d{4}-\d\d-\d\d(?:T\d\d:\d\d\S*)?")
_WRITTEN = re.compile(r"(\d{1,2})[/-](\d{1,2})[/-](\d{4})(?:\D{1,12}(\d{1,2}):(\d\d)(?!\s*[AP]M))?")


def parse_only(body: bytes) -> html.HtmlElement:
    """The tree that every lxml-based extractor starts from; memory is told as what comes on top of it."""
    return html.document_fromstring(body, parser=html.HTMLParser(encoding="utf-8"))


def read(body: bytes, url: str) -> dict[str, Any]:
    """Title, date and body by the rule; `url` is not needed."""
    del url
    tree = parse_only(body)
    titles = [text for node in _HEADING(tree) if (text := " ".join(node.text_content().split()))] or _META_TITLE(tree)
    texts: dict[Any, list[str]] = defaultdict(list)
    for node in _PARAGRAPHS(tree):
        if text := " ".join(node.text_content().split()):
            texts[node.getparent()].append(text)
    lines = max(texts.values(), key=lambda found: sum(map(len, found)), default=[])
    return {"title": titles[0] if titles else None, "body": "\n".join(lines), "published": _date(tree)}


def _date(tree: html.HtmlElement) -> str | None:
    for value in _PUBLISHED(tree):
        if found := _ISO.match(value):
            return found[0]
    found = _WRITTEN.search(tree.text_content())
    if found is None:
        return None
    day, month, year, hour, minute = found.groups()
    clock = f"T{int(hour):02}:{minute}" if hour else ""
    return f"{year}-{int(month):02}-{int(day):02}{clock}"
