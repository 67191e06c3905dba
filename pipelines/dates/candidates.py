"""What a date candidate is, and how strings of a title or of a machine-written field become candidates."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from lxml.html import HtmlElement

from pipelines.dates.parse import parse_date
from pipelines.dates.reading import Parsed
from pipelines.text import clean_line


@dataclass(frozen=True, slots=True)
class DateCandidate:
    """One place that may tell when the article was published, as written there."""

    source: str
    """`template`, `title`, `visible`, `json-ld`, `meta`, `feed`, `sitemap`, `listing`, `neighbours` or
    `address`.
    """
    raw: str
    modified: bool = False
    """The place tells of a change, not of publication (`article:modified_time`, "Cập nhật lúc …")."""
    month_first: bool = False
    """Known to be written month/day/year."""
    rule: str = ""
    """The selector, tag or property."""
    weight: float = 1.0
    """0 to 1: how surely this place speaks of this article, before it is compared with the others."""
    before_title: bool = False
    """Shown above the title, where headers keep their clock."""
    parsed: Parsed | None = field(default=None, compare=False, repr=False)
    """The reading of `raw` without a time of fetching, where it has been read already."""


# "Tên bài (20:05 01/07/2020)", "Tên bài - 01/07/2020 20:05", "Tên bài ( 20/08)"; not "Kế hoạch ngày
# 01/07/2020",
# and not "Chào mừng 3/2 (1930 - 2020)"
_GLUED = re.compile(
    r"\s*(?P<date>[(\[][^()\[\]]{3,40}[)\]]|(?:[|–—-]|\s{2,})\s*\d[\d:/.,\s|–-]{6,24}(?:[AaPp][Mm])?)\s*$"
)
_ONLY_DATE = re.compile(r"[\d:/.,\s|–\-()\[\]'’+]*")
_CLOCK = re.compile(r"\d\s*(?:[:hg]|giờ)\s*\d|\d\s*[AaPp][Mm]\b")


def glued_date(title: str) -> tuple[str, str] | None:
    """(title, date) where a date stands at the end of a title, with a time or without; else None. Clean
    lines.
    """
    title = clean_line(title)
    match = _GLUED.search(title)
    if match is None or match.start() == 0:
        return None
    glued = match["date"].strip(" |–—-") if match["date"][0] not in "([" else match["date"]
    parsed = parse_date(glued.strip("()[]"))
    if parsed is None or parsed.rest or parsed.relative:
        return None
    plain = _ONLY_DATE.fullmatch(glued) is not None
    if parsed.yearless and not (plain and glued[0] in "(["):
        return None
    return title[: match.start()].rstrip(" |–—-"), glued


def split_title_date(title: str) -> tuple[str, str | None]:
    """("Tên bài", "(20:05 01/07/2020)") of "Tên bài (20:05 01/07/2020)"; (title, None) where the date is the
    title's own.

    Both parts are clean lines. Only a date with a time is surely the system's: "Kiểm tra trực Tết
    (15/02/2016)" is what an editor wrote, and stays, unless the page sets it apart (`split_title_node`).
    """
    found = glued_date(title)
    if found is None or not _CLOCK.search(found[1]):
        return clean_line(title), None
    return found


def split_title_node(node: HtmlElement) -> tuple[str, str | None]:
    """As `split_title_date`, of the element that shows the title: a date in an element of its own comes off
    as well.
    """
    text = clean_line(node.text_content())
    for child in reversed(list(node.iter("span", "small", "em", "i", "time", "font", "label", "sub", "sup"))):
        apart = clean_line(child.text_content())
        if not 4 <= len(apart) <= 60 or not text.endswith(apart) or apart == text:
            continue
        parsed = parse_date(apart.strip("()[] "))
        if parsed is not None and not parsed.rest:
            return text[: -len(apart)].rstrip(" |–—-"), apart
    return split_title_date(text)
