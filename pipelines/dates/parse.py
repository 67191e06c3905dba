"""One string to one time: `parse_date`, for every notation that Vietnamese pages and their machines write."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from pipelines.article import VIETNAM, Precision
from pipelines.dates import grammar
from pipelines.dates.beside import java_time, rest_of, time_beside, zone_of
from pipelines.dates.exact import read_machine, read_plain
from pipelines.dates.partial import read_partial
from pipelines.dates.reading import Parsed, is_possible, moment, month_number, with_zero_told
from pipelines.text import clean_line, fold

_NUMBERED = frozenset("234567")
_LONGEST = 400  # characters of a date line that are read; a longer string is no date line


def parse_date(raw: str, *, now: datetime | None = None, month_first: bool = False) -> Parsed | None:
    """The first date of `raw` that can be a day of publication, or None. Never raises.

    Day-first, unless the month is impossible, the weekday beside the date proves otherwise, or `month_first`
    asks for it. No zone means +07:00; "Z" and other offsets are converted. `now` is the time of fetching:
    relative dates ("5 giờ trước") need it, and with it dates more than a day ahead are refused. Days before
    1990, lunar and impossible days are refused too. "15/11/2019 | 604" has a view count, not a time.
    """
    if now is not None:
        now = (now if now.tzinfo else now.replace(tzinfo=VIETNAM)).astimezone(VIETNAM)
    whole = raw.strip()
    if len(whole) <= 64:
        certain = read_machine(whole, now) or (None if month_first else read_plain(whole))
        if certain is not None:
            return certain if is_possible(certain, now) else None
    text = clean_line(raw[: 4 * _LONGEST])[:_LONGEST]
    folded = fold(text)
    if len(folded) != len(text):  # a letter that folds into two: the rest cannot be cut from the original
        text = folded
    if not any(character.isdigit() for character in folded) and not grammar.RELATIVE.search(folded):
        return None
    for parsed in _full_dates(text, folded, now, month_first):
        if is_possible(parsed, now):
            return parsed
    return read_partial(text, folded, now)


def _full_dates(text: str, folded: str, now: datetime | None, month_first: bool) -> Iterator[Parsed]:
    found = [
        (match.start(), order, match)
        for order, pattern in enumerate(grammar.FULL)
        for match in pattern.finditer(folded)
    ]
    found.sort(key=lambda item: item[:2])
    for _, _, match in found:
        if grammar.LUNAR_AFTER.match(folded, match.end()) or grammar.LUNAR_BEFORE.search(folded[: match.start()]):
            continue
        parsed = _assemble(text, folded, match, now, month_first)
        if parsed is not None:
            yield parsed


def _assemble(text: str, folded: str, match: re.Match[str], now: datetime | None, month_first: bool) -> Parsed | None:
    groups = match.groupdict()
    time = java_time(groups) or time_beside(folded, match.start(), match.end())
    start = min(match.start(), time.start) if time else match.start()
    end = max(match.end(), time.end) if time else match.end()
    if (time is None or time.zone is None) and (zone := grammar.ZONE.match(folded, end)):
        end = zone.end()  # "10:30, 20/08/2021 [GMT+7]"
        time = replace(time, zone=zone_of(zone)) if time else None
    rest = rest_of(text, folded, start, end)
    year = _year(groups, now)
    if groups.get("y2") and time is None and any(character.isalnum() for character in rest):
        return None  # "số 12-10-20": two digits are a year only beside a time or alone
    month, day = month_number(groups.get("m") or groups.get("m3") or ""), int(groups["d"])
    swapped = _month_first(groups, folded, start, end, (year, month, day), month_first)
    if swapped:
        month, day = day, month
    value = moment(year, month, day, time)
    if value is None:
        return None
    if time is None:
        return Parsed(value, Precision.DAY, month_first=swapped, rest=rest)
    with_seconds = folded.count(":", time.start, time.end) >= 2
    return replace(with_zero_told(value, time, seconds=with_seconds), month_first=swapped, rest=rest)


def _year(groups: dict[str, str | None], now: datetime | None) -> int:
    if groups.get("y"):
        return int(groups["y"] or 0)
    short = int(groups.get("y2") or 0)
    newest = now.year + 1 if now else 2079
    return 2000 + short if 2000 + short <= newest else 1900 + short


def _month_first(
    groups: dict[str, str | None], folded: str, start: int, end: int, ymd: tuple[int, int, int], asked: bool
) -> bool:
    """Whether d/m/y is really m/d/y: "10/25/2021", or "Monday, 10/4/2021" (which 10 April was not)."""
    year, month, day = ymd
    if groups.get("s") not in ("/", "-") or len(groups.get("y") or "") != 4 or _starts_with_year(groups, folded):
        return False
    if not 1 <= day <= 12 or month == day:
        return False
    if month > 12 or asked:
        return month <= 31
    around = grammar.WEEKDAY_FIND.search(folded, max(0, start - 14), min(len(folded), end + 14))
    if around is None or groups["s"] != "/":
        return False
    number = grammar.WEEKDAYS[next((name for name in around.groups() if name), "nhat")]
    first, second = moment(year, month, day), moment(year, day, month)
    # both readings are days; only a weekday that contradicts the first and confirms the second proves
    # anything
    english = around["wen"] is not None and not folded[: around.start()].strip()
    # "T2, 05/12/2014", "Thứ 2, 05/12/2014": a machine's names for its days; "Thứ Hai" may be an editor's mistake
    told = around["wt"] is not None or around["wvi"] in _NUMBERED or around[0] == "cn"
    counted = told and not folded[around.end() : start].strip(" ,-–") and around.end() <= start
    proof = english or counted
    return bool(proof and first and second and first.weekday() != number == second.weekday())


def weekday_told(raw: str) -> int | None:
    """The weekday that a line tells, 0 for Monday; None without one."""
    found = grammar.WEEKDAY_FIND.search(fold(raw[:_LONGEST]))
    if found is None:
        return None
    return grammar.WEEKDAYS[next((name for name in found.groups() if name), "nhat")]


def _starts_with_year(groups: dict[str, str | None], folded: str) -> bool:
    return folded.find(groups["y"] or "") < folded.find((groups["d"] or "") + (groups["s"] or ""))
