"""Dates told in an attribute: `time[datetime]`, `abbr.published[title]`, a title over "11 giờ trước"."""

from __future__ import annotations

import re

from lxml.html import HtmlElement

from pipelines.dates.grammar import RELATIVE
from pipelines.dates.parse import parse_date
from pipelines.text import fold

_LONGEST = 48
_STAMP = re.compile(
    r"(?:^|\s)(?:published|timestamp|time-?ago|(?:post|entry|pub|publish|article)[-_]?(?:date|time)|date-?time|time|date)"
    r"(?:$|\s)",
    re.IGNORECASE,
)
_YEARS = re.compile(r"\d\s+(?:nam\s+truoc|years?\s+ago)$")
_DATA = ("data-date", "data-time", "data-datetime", "data-timestamp", "data-published", "data-utime")


def date_attribute(element: HtmlElement) -> str | None:
    """The date an element tells in an attribute, for a machine or for a reader who points at it."""
    if element.tag == "time" or element.get("itemprop") == "datePublished":
        value = element.get("datetime") or element.get("content")
        if value:
            return value if len(value) < _LONGEST else None
    elif (told := element.get("property")) and told.startswith(("dc:date", "dc:created")):
        return _date(element.get("content"))
    title, words = element.get("title"), element.get("class")
    stamped = words is not None and len(words) < 80 and _STAMP.search(words) is not None
    if title and (stamped or _ago(element)) and (value := _date(title)):
        return value
    return next((value for name in _DATA if (value := _date(element.get(name)))), None) if stamped else None


def _ago(element: HtmlElement) -> bool:
    text = (element.text or "").strip()
    return 4 < len(text) <= 40 and bool(RELATIVE.search(folded := fold(text)) or _YEARS.search(folded))


def _date(value: str | None) -> str | None:
    """A value that is a day of a year and nothing else."""
    if not value or not 8 <= len(value) < _LONGEST or not any(map(str.isdigit, value)):
        return None
    parsed = parse_date(value)
    alone = parsed is not None and not (
        parsed.yearless or parsed.relative or parsed.rest or parsed.precision == "month"
    )
    return value if alone else None
