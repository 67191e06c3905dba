"""Dates that are less than a day of a year: relative to the fetch, month and year, day and month."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from pipelines.article import Precision
from pipelines.dates import grammar
from pipelines.dates.beside import rest_of, time_beside
from pipelines.dates.reading import EARLIEST_YEAR, STAND_IN_YEAR, Parsed, is_possible, moment, month_number


def _relative(text: str, folded: str, now: datetime | None) -> Parsed | None:
    match = grammar.RELATIVE.search(folded)
    if now is None or match is None or len(folded) > 80 or grammar.ABSOLUTE_DIGITS.search(folded):
        return None
    rest = rest_of(text, folded, match.start(), match.end())
    if match["now"]:
        return Parsed(now.replace(second=0, microsecond=0), Precision.MINUTE, relative=True, rest=rest)
    if match["day"]:
        return _named_day(text, folded, match, now)
    count = int(match["n"]) if match["n"].isdecimal() else 1
    return _ago(count, match["u"], now, rest)


def _named_day(text: str, folded: str, match: re.Match[str], now: datetime) -> Parsed:
    name = " ".join(match["day"].split())
    back = {"hom qua": 1, "yesterday": 1, "hom kia": 2}.get(name, 0)
    day = (now - timedelta(days=back)).replace(hour=0, minute=0, second=0, microsecond=0)
    time = time_beside(folded, match.start(), match.end())
    if time is None:
        return Parsed(day, Precision.DAY, relative=True, rest=rest_of(text, folded, match.start(), match.end()))
    value = day.replace(hour=time.hour, minute=time.minute, second=time.second)
    rest = rest_of(text, folded, min(match.start(), time.start), max(match.end(), time.end))
    return Parsed(value, Precision.MINUTE, relative=True, rest=rest)


def _ago(count: int, unit: str, now: datetime, rest: str) -> Parsed | None:
    value = now.replace(second=0, microsecond=0)
    minutes = {"giay": 0, "second": 0, "phut": 1, "minute": 1, "min": 1, "'": 1, "’": 1, "′": 1}
    hours = {"gio", "tieng", "hour", "h"}
    if unit in minutes:
        value -= timedelta(minutes=count * minutes[unit])
        return Parsed(value, Precision.MINUTE, relative=True, rest=rest)
    if unit in hours:  # "5 giờ trước" is anything from 5 to 6 hours: the day is known, the minute is not
        return Parsed(value - timedelta(hours=count), Precision.DAY, relative=True, rest=rest)
    midnight = value.replace(hour=0, minute=0)
    if unit in ("ngay", "day"):
        return Parsed(midnight - timedelta(days=count), Precision.DAY, relative=True, rest=rest)
    if unit in ("tuan", "week"):
        newest, oldest = midnight - timedelta(weeks=count), midnight - timedelta(weeks=count + 1)
        if (newest.year, newest.month) != (oldest.year, oldest.month):
            return None
        return Parsed(newest.replace(day=1), Precision.MONTH, relative=True, rest=rest)
    months = now.year * 12 + now.month - 1 - count
    if months < EARLIEST_YEAR * 12:
        return None
    first = midnight.replace(year=months // 12, month=months % 12 + 1, day=1)
    return Parsed(first, Precision.MONTH, relative=True, rest=rest)


def _month(text: str, folded: str) -> Parsed | None:
    match = grammar.MONTH_ONLY.search(folded)
    if match is None:
        match = grammar.MONTH_ALONE.fullmatch(folded)
        if match is None:
            return None
    groups = match.groupdict()
    month, year = groups["m"] or groups.get("m_") or "", groups["y"] or groups.get("y_") or ""
    value = moment(int(year), month_number(month), 1)
    if value is None or grammar.LUNAR_AFTER.match(folded, match.end()):
        return None
    if grammar.DAY_BEFORE.search(folded[: match.start()]):
        return None  # "30 tháng 2 năm 2021": no day of the calendar, or a lunar one
    return Parsed(value, Precision.MONTH, rest=rest_of(text, folded, match.start(), match.end()))


def _yearless(text: str, folded: str) -> Parsed | None:
    match = grammar.YEARLESS.search(folded)
    if match is None or grammar.LUNAR_AFTER.match(folded, match.end()):
        return None
    if grammar.LUNAR_BEFORE.search(folded[: match.start()]):
        return None
    time = time_beside(folded, match.start(), match.end())
    start = min(match.start(), time.start) if time else match.start()
    end = max(match.end(), time.end) if time else match.end()
    rest = rest_of(text, folded, start, end)
    if any(character.isdigit() for character in rest) or len(rest) > 40:
        return None  # one of many numbers in a sentence
    value = moment(STAND_IN_YEAR, int(match["m"]), int(match["d"]), time)
    if value is None:
        return None
    precision = Precision.MINUTE if time and not time.placeholder else Precision.DAY
    return Parsed(value, precision, yearless=True, rest=rest, placeholder_time=bool(time and time.placeholder))


def read_partial(text: str, folded: str, now: datetime | None) -> Parsed | None:
    """Dates that are less than a day of a year: month and year, day and month, or relative to `now`."""
    for parsed in (_relative(text, folded, now), _month(text, folded), _yearless(text, folded)):
        if parsed is not None and is_possible(parsed, now):
            return parsed
    return None
