"""All places of a page that may tell when it was published: `collect_dates`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from lxml import etree
from lxml.cssselect import CSSSelector
from lxml.html import HtmlElement

from pipelines.article import Precision, Template
from pipelines.dates.candidates import DateCandidate, split_title_date
from pipelines.dates.grammar import RELATIVE
from pipelines.dates.machine import json_ld_dates, meta_dates
from pipelines.dates.parse import parse_date
from pipelines.dates.visible import visible_dates
from pipelines.text import clean_line, fold

# "Cập nhật: …" alone on a page is its only date; beside another it is the later one.
_UPDATE = re.compile(r"c[âậ]p\s+nh[aậ]t|ch[iỉ]nh\s+s[uử]a", re.IGNORECASE)
_HEAD_META = etree.XPath(
    "/html/head/meta[@content][contains(@property,'_time') or @itemprop or contains(@name,'date') or contains(@name,'Date')]"
)
_JSON_LD = etree.XPath("//script[@type='application/ld+json']/text()")


@lru_cache(maxsize=1024)
def _selector(css: str) -> CSSSelector:
    return CSSSelector(css, translator="html")


def collect_dates(
    tree: HtmlElement,
    *,
    url: str,
    template: Template | None,
    title_raw: str,
    scope: HtmlElement | None = None,
    title_node: HtmlElement | None = None,
) -> list[DateCandidate]:
    """Date candidates of a page, the surest places first.

    `title_raw` is the title as it stands on the page, with a date that may be glued on. `title_node` is the element it
    stands in, `scope` one that holds title, date and body, where they are known: both only help. Where a template
    selector gives a date with its minute, the walk over the whole tree is left out. The tree is not changed.
    """
    root = tree.getroottree().getroot() if scope is None else tree
    title, glued = split_title_date(title_raw)
    found = list(_from_template(tree, scope, template))
    if glued is not None:
        found.append(DateCandidate("title", glued, rule="after the title", weight=0.95))
    trusted = any((parsed := parse_date(c.raw)) is not None and parsed.precision is Precision.MINUTE for c in found)
    found.extend(json_ld_dates(_JSON_LD(tree), url, title))
    found.extend(meta_dates(_HEAD_META(tree) if trusted else tree.iter("meta")))
    if not trusted:
        found.extend(visible_dates(root, title, title_node))
    return found


def _from_template(
    tree: HtmlElement, scope: HtmlElement | None, template: Template | None
) -> Iterator[DateCandidate]:
    if template is None:
        return
    for css in template.published:
        selector = _selector(css)
        nodes = (selector(scope) if scope is not None else []) or selector(tree)
        for node in nodes[:3]:
            texts = _texts(node)
            if any(_readable(text) for text in texts):
                rule = f"template:{template.name} published {css}"
                for text in texts:
                    yield DateCandidate("template", text, bool(_UPDATE.search(text)), rule=rule, weight=0.98)
                return


def _readable(text: str) -> bool:
    return parse_date(text) is not None or RELATIVE.search(fold(text)) is not None


def _texts(node: HtmlElement) -> list[str]:
    """What is shown first, then what the attributes say; only the first line of long texts."""
    shown = clean_line(" ".join(part for part in node.itertext() if isinstance(part, str)))[:200]
    attribute = node.get("datetime") or node.get("content") or node.get("title") or ""
    return [text for text in (shown, attribute.strip()) if text and any(c.isalnum() for c in text)]
