"""Dates in machine-written places: `<meta>` and JSON-LD."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from lxml.html import HtmlElement

from pipelines.dates.candidates import DateCandidate
from pipelines.text import clean_line, fold

# Names of `property`, `name` and `itemprop`, lower case. The weight says how often the name is used for
# something else.
PUBLISHED_META = {
    "article:published_time": 1.0, "og:published_time": 1.0, "og:article:published_time": 1.0,
    "article:published": 1.0, "datepublished": 1.0, "pubdate": 1.0, "pub_date": 1.0, "publishdate": 1.0,
    "publish_date": 1.0, "publish-date": 1.0, "published_date": 1.0, "published_time": 1.0,
    "publication_date": 1.0, "citation_publication_date": 0.9, "dc.date.issued": 1.0, "dcterms.issued": 1.0,
    "dc.date": 0.8, "dc.date.created": 0.8, "dcterms.created": 0.8, "parsely-pub-date": 1.0,
    "sailthru.date": 0.9, "originalpublicationdate": 1.0, "its_publication": 0.9, "date": 0.6,
}  # fmt: skip
MODIFIED_META = frozenset({
    "article:modified_time", "og:updated_time", "og:modified_time", "datemodified", "lastmod",
    "last-modified", "modified_time", "dcterms.modified", "dc.date.modified", "article_updatetime", "revised",
})  # fmt: skip


def meta_dates(elements: Iterable[HtmlElement]) -> Iterator[DateCandidate]:
    """Candidates among `<meta>` elements. `dateCreated` is left out: it is when the draft was begun."""
    for element in elements:
        content = element.get("content")
        if not content or not any(character.isdigit() for character in content[:40]):
            continue
        for attribute in ("property", "name", "itemprop"):
            name = (element.get(attribute) or "").strip().lower()
            if not name:
                continue
            if name in MODIFIED_META:
                yield DateCandidate("meta", content.strip(), modified=True, rule=f"meta {name}")
                break
            if name in PUBLISHED_META:
                weight = 0.85 * PUBLISHED_META[name]
                yield DateCandidate("meta", content.strip(), rule=f"meta {name}", weight=weight)
                break


_ARTICLE_TYPE = re.compile(r"Article|BlogPosting|Report|NewsItem")
# Under these keys stand other articles: related lists, parts of a series, comments.
_WALKED = ("@graph", "mainEntity", "mainEntityOfPage")
_BROKEN_DATE = re.compile(r'"(datePublished|dateModified)"\s*:\s*"([^"]{4,40})"')
_BROKEN_TYPE = re.compile(r'"@type"\s*:\s*"[^"]*(?:Article|BlogPosting|Report)[^"]*"')


def json_ld_dates(scripts: Iterable[str], url: str, title: str) -> Iterator[DateCandidate]:
    """Candidates in JSON-LD texts: of the article that is this page, not of those it lists. Broken JSON is
    tolerated.
    """
    objects: list[tuple[dict[str, Any], str]] = []
    for text in scripts:
        if "datePublished" not in text and "dateModified" not in text:
            continue
        try:
            data = json.loads(text, strict=False)
        except (ValueError, RecursionError):
            yield from _broken(text)
            continue
        objects.extend(_articles(data, 0))
    mine = [found for found, _ in objects if _is_this_page(found, url, title)]
    chosen = mine or [found for found, _ in objects]
    # several articles and none of them this page: the data of a related list
    weight = 0.9 if mine or len(chosen) == 1 else 0.4
    for found in chosen[:3]:
        for key, modified in (("datePublished", False), ("dateModified", True)):
            value = found.get(key)
            if isinstance(value, str | int) and str(value).strip():
                raw = str(value).strip()
                yield DateCandidate("json-ld", raw, modified=modified, rule=f"json-ld {key}", weight=weight)


def _articles(data: Any, depth: int) -> Iterator[tuple[dict[str, Any], str]]:
    if depth > 6:
        return
    if isinstance(data, list):
        for item in data[:200]:
            yield from _articles(item, depth + 1)
    elif isinstance(data, dict):
        kinds = data.get("@type")
        kind = " ".join(map(str, kinds)) if isinstance(kinds, list) else str(kinds or "")
        if ("datePublished" in data or "dateModified" in data) and (_ARTICLE_TYPE.search(kind) or kind == "WebPage"):
            yield data, kind
        for key in _WALKED:
            if isinstance(data.get(key), dict | list):
                yield from _articles(data[key], depth + 1)


def _is_this_page(found: dict[str, Any], url: str, title: str) -> bool:
    address = found.get("url") or found.get("mainEntityOfPage") or found.get("@id")
    if isinstance(address, dict):
        address = address.get("@id") or address.get("url")
    if isinstance(address, str) and _path(address) and _path(address) == _path(url):
        return True
    headline = found.get("headline") or found.get("name")
    if not isinstance(headline, str) or not title:
        return False
    return fold(clean_line(headline))[:60] == fold(title)[:60]


def _path(url: str) -> str:
    return re.sub(r"^\w+://[^/]*|[?#].*$", "", url.strip()).strip("/")


def _broken(text: str) -> Iterator[DateCandidate]:
    """The first dates after the first article type of a text that is no JSON (unescaped quotes, a missing
    comma).
    """
    start = _BROKEN_TYPE.search(text)
    seen: set[str] = set()
    for match in _BROKEN_DATE.finditer(text, start.start() if start else 0):
        if match[1] not in seen:
            seen.add(match[1])
            modified = match[1] == "dateModified"
            yield DateCandidate("json-ld", match[2].strip(), modified, rule=f"broken json-ld {match[1]}", weight=0.8)
