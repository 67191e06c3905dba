"""The date in an address: a day or month it is filed under, or the clock inside an id."""

from __future__ import annotations

import re
from datetime import datetime

from pipelines.article import VIETNAM, Precision

# "/2021/10/04/", "/2021-10-04/"
_DAY = re.compile(r"/((?:19|20)\d\d)[/-](\d\d?)[/-](\d\d?)(?=/)")
# "/202308/", "/2005/11/"
_MONTH = re.compile(r"/((?:19|20)\d\d)/?(\d\d)(?=/)")
# VCCorp: "-102260228093004191.htm" holds YYMMDDhhmmss before its last three to five digits; "-20260307080054340.htm", "d20230112091014465"
_CLOCK = re.compile(r"(?:-|/d|\bd)(\d{12,20})(?=\.|$|/)")
_INSIDE = re.compile(r"(?:20)?(\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])([01]\d|2[0-3])([0-5]\d)[0-5]\d")


def url_date(url: str) -> tuple[str, Precision] | None:
    """(ISO 8601 with +07:00, precision) of an address, or None. Precision minute: the clock of an id."""
    path = re.sub(r"^\w+://[^/]*|[?#].*$", "", url)
    for pattern, precision in ((_DAY, Precision.DAY), (_MONTH, Precision.MONTH)):
        if (match := pattern.search(path)) and (found := _iso(*(int(part) for part in match.groups()))):
            return found, precision
    if match := _CLOCK.search(path):
        digits = match[1]
        for start in range(min(4, len(digits) - 11)):
            inside = _INSIDE.match(digits, start)
            if inside and 5 <= int(inside[1]) <= 49:
                year, *rest = (int(part) for part in inside.groups())
                if found := _iso(2000 + year, *rest):
                    return found, Precision.MINUTE
    return None


def _iso(year: int, month: int, day: int = 1, hour: int = 0, minute: int = 0) -> str | None:
    try:
        return datetime(year, month, day, hour, minute, tzinfo=VIETNAM).isoformat()
    except ValueError:
        return None
