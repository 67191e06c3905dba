"""The day that opens a lead ("Ngày 17-4-2012, …") or signs the end: when it happened, not when it was
published.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from pipelines.dates.reading import EARLIEST_YEAR
from pipelines.text import clean_line, fold

_DAY = (
    r"(?P<d>\d{1,2})\s*(?:[/.-]|thang)\s*(?P<m>\d{1,2})(?!\d)"
    r"(?:\s*(?:[/.-]|,?\s*nam)\s*(?P<y>(?:19|20)\d\d)(?!\d))?(?!\s*[/.-]\s*\d)"
)
# "(Chinhphu.vn) - ", "HNP - ", "TCCSĐT - ", "Hà Nội, ": what stands before the opening day
_AGENCY = r"(?:\(?[\w.\s]{2,28}\)?\s*[-–—:]\s*)?"
_PART = (
    r"(?:sang|trua|chieu|toi|dem|khuya|rang sang|hom nay|hom qua|sang nay|chieu nay|toi nay|chieu qua"
    r"|toi qua|sang qua)"
)
# "Ngày 17-4-2012,", "Chiều 01/7,", "Sáng 11-10,", "Chiều ngày 3/12", "Sáng nay (11/10)", "Vào lúc 8 giờ
# ngày 4/10", "Sáng thứ Hai, ngày 4 tháng 10 năm 2021"; not "Từ ngày 1/10", "Quý II-2012", "Trong 2 ngày
# 10-11/10"
_OPENING = re.compile(
    rf"^\W*{_AGENCY}(?:vao\s+)?(?:(?:luc\s+)?\d{{1,2}}\s*(?:gio|h)(?:\s*\d{{1,2}}(?:\s*phut)?)?,?\s+)?"
    rf"(?:(?:vua qua,?\s+)?{_PART}(?:\s+(?:nay|qua))?,?\s*(?:thu\s+(?:hai|ba|tu|nam|sau|bay|\d),?\s*"
    rf"|chu nhat,?\s*)?\(?\s*(?:ngay\s*)?|ngay\s*|\(?ngay\s*){_DAY}"
)
# "Hà Nội, ngày 4 tháng 10 năm 2021", "Ngày 17/4/2012", "(17/4/2012)" as the whole last line
_SIGNED = re.compile(rf"^\W*(?:[^\d,]{{2,30}},\s*)?(?:ngay\s*)?{_DAY}\W*$")


@dataclass(frozen=True, slots=True)
class EventDay:
    """A day in the text. `year` is None where the text leaves it to the reader."""

    day: int
    month: int
    year: int | None
    raw: str
    rule: str

    def dated(self, year: int) -> date | None:
        """The calendar day in a year, None where it does not exist (29/02)."""
        try:
            return date(year, self.month, self.day)
        except ValueError:
            return None


def event_day(lead: str | None, paragraphs: Sequence[str]) -> EventDay | None:
    """The day with which the lead or the first paragraph opens, else the one that signs the end; None without
    one.
    """
    openings = [text for text in (lead, *paragraphs[:1]) if text]
    for number, text in enumerate(openings):
        found = _read(_OPENING, text[:160], "opens the lead" if lead and not number else "opens the first paragraph")
        if found is not None:
            return found
    for text in paragraphs[:-4:-1]:
        if len(text) > 70:
            continue
        found = _read(_SIGNED, text, "signs the end")
        if found is not None and found.year is not None:
            return found
    return None


def _read(pattern: re.Pattern[str], text: str, rule: str) -> EventDay | None:
    line = clean_line(text)
    match = pattern.search(fold(line))
    if match is None:
        return None
    year = int(match["y"]) if match["y"] else None
    found = EventDay(int(match["d"]), int(match["m"]), year, line[: match.end()][:120].strip(), rule)
    if found.dated(year or 2000) is None or (year is not None and year < EARLIEST_YEAR):
        return None
    return found


def complete(event: EventDay, known: date) -> date | None:
    """The day of a year-less event that lies nearest to a known day."""
    near = [day for year in (known.year - 1, known.year, known.year + 1) if (day := event.dated(year))]
    return min(near, key=lambda day: abs((day - known).days), default=None)
