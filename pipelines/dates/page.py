"""All places of a page that may tell when it was published: `collect_dates`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml.html import HtmlElement

from pipelines.article import Precision, Template
from pipelines.dates.candidates import DateCandidate, glued_date
from pipelines.dates.grammar import RELATIVE
from pipelines.dates.machine import json_ld_dates, meta_dates
from pipelines.dates.parse import parse_date
from pipelines.dates.visible import visible_dates
from pipelines.queries import Select, json_ld, selecting, shown_text
from pipelines.text import clean_line, fold

# "Cập nhật: …" alone on a page is its only date; beside another it is the later one.
_UPDATE = re.compile(r"c[âậ]p\s+nh[aậ]t|ch[iỉ]nh\s+s[uử]a", re.IGNORECASE)


def collect_dates(
    tree: HtmlElement,
    *,
    url: str,
    template: Template | None,
    title_raw: str,
    scope: HtmlElement | None = None,
    title_node: HtmlElement | None = None,
    select: Select | None = None,
) -> list[DateCandidate]:
    """Date candidates of a page, the surest places first.

    `title_raw` is the title as it stands on the page, with a date that may be glued on. `title_node` is the
    element it stands in, `scope` one that holds title, date and body, where they are known: both only help.
    Where a template selector gives a date, or the title one with a time, the walk over the whole tree is left
    out. The tree is not changed.
    """
    title, glued = glued_date(title_raw) or (clean_line(title_raw), None)
    found = list(_from_template(select or selecting(tree), template))
    trusted = any(c.parsed is not None and not c.parsed.yearless and not c.parsed.relative for c in found)
    if glued is not None:
        parsed = parse_date(glued)
        timed = parsed is not None and parsed.precision is Precision.MINUTE
        # a day alone may be what the title is about: any date line of the page is surer
        found.append(
            DateCandidate("title", glued, rule="after the title", weight=0.95 if timed else 0.7, parsed=parsed)
        )
        trusted = trusted or timed
    found.extend(json_ld_dates(json_ld(tree), url, title))
    found.extend(meta_dates(_head_metas(tree) if trusted else tree.iter("meta")))
    if not trusted:
        found.extend(visible_dates(tree, title, title_node, scope))
    return found


def _head_metas(tree: HtmlElement) -> Iterator[HtmlElement]:
    """The meta elements of the head that may tell a date."""
    for head in tree.getroottree().getroot().iterchildren("head"):
        for meta in head.iterchildren("meta"):
            if meta.get("content") is None:
                continue
            name = meta.get("name") or ""
            if (
                "_time" in (meta.get("property") or "")
                or meta.get("itemprop") is not None
                or "date" in name
                or "Date" in name
            ):
                yield meta


def _from_template(select: Select, template: Template | None) -> Iterator[DateCandidate]:
    if template is None:
        return
    for css in template.published:
        nodes = select(css)
        for node in nodes[:3]:
            readings = [(text, parse_date(text)) for text in _texts(node)]
            if any(parsed is not None or RELATIVE.search(fold(text)) for text, parsed in readings):
                rule = f"template:{template.name} published {css}"
                for text, parsed in readings:
                    update = _UPDATE.search(text) is not None
                    yield DateCandidate("template", text, update, rule=rule, weight=0.98, parsed=parsed)
                return


def _texts(node: HtmlElement) -> list[str]:
    """What is shown first, then what the attributes say; only the first line of long texts."""
    shown = clean_line(shown_text(node))[:200]
    attribute = node.get("datetime") or node.get("content") or node.get("title") or ""
    return [text for text in (shown, attribute.strip()) if text and any(c.isalnum() for c in text)]
