"""What a date candidate is, and how strings of a title or of a machine-written field become candidates."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pipelines.dates.parse import parse_date
from pipelines.text import clean_line


@dataclass(frozen=True, slots=True)
class DateCandidate:
    """One place that may tell when the article was published, as written there."""

    source: str
    """`template`, `title`, `visible`, `json-ld`, `meta`, `feed`, `sitemap`, `listing`, `neighbours` or `address`."""
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


# "Tên bài (20:05 01/07/2020)", "Tên bài - 01/07/2020", "Tên bài ( 20/08)"; not "Kế hoạch ngày 01/07/2020",
# not "Chào mừng 3/2 (1930 - 2020)"
_GLUED = re.compile(r"\s*(?P<date>[(\[][^()\[\]]{3,40}[)\]]|(?:[|–—-]|\s{2,})\s*\d[\d:/.,\s|–-]{6,24}(?:[AaPp][Mm])?)\s*$")
_ONLY_DATE = re.compile(r"[\d:/.,\s|–\-()\[\]'’+]*")


def split_title_date(title: str) -> tuple[str, str | None]:
    """("Tên bài", "(20:05 01/07/2020)") of "Tên bài (20:05 01/07/2020)"; (title, None) where no date is glued on.

    Both parts are clean lines. A date that belongs to the sentence ("… ngày 01/07/2020") stays.
    """
    title = clean_line(title)
    match = _GLUED.search(title)
    if match is None or match.start() == 0:
        return title, None
    glued = match["date"].strip(" |–—-") if match["date"][0] not in "([" else match["date"]
    parsed = parse_date(glued.strip("()[]"))
    if parsed is None or parsed.rest or parsed.relative:
        return title, None
    plain = _ONLY_DATE.fullmatch(glued) is not None
    if parsed.yearless and not (plain and glued[0] in "(["):
        return title, None
    return title[: match.start()].rstrip(" |–—-"), glued
