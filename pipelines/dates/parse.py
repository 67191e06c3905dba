"""One string to one time: `parse_date`, for every notation that Vietnamese pages and their machines write."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone

from pipelines.article import VIETNAM, Precision
from pipelines.dates import grammar
from pipelines.text import clean_line, fold

EARLIEST_YEAR = 1990
"""Vietnamese news went online in 1997; older dates on a page are anniversaries."""
TOLERANCE = timedelta(days=1)
"""How far after the fetch a date may lie: clocks run wrong, and pages are announced for tomorrow."""
STAND_IN_YEAR = 2000
"""The year in the value of a date that has none: a leap year, so that 29/02 can be told."""
_SEPARATORS = " ,|-–—:;.•·/'’\"*()[]\t"
_LONGEST = 400  # characters of a date line that are read; a longer string is no date line


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a string says of a time. `value` is aware, +07:00; unknown parts are zero or the first."""

    value: datetime
    precision: Precision
    zone_given: bool = False
    """The string named its zone; else +07:00 was assumed."""
    yearless: bool = False
    """Day and month only: the year of `value` is `STAND_IN_YEAR`."""
    placeholder_time: bool = False
    """The time is a system's zero ("12:00 AM", "T00:00:00"), not one that was kept; precision is day."""
    month_first: bool = False
    """Read as month/day/year: proven by an impossible month, by the weekday beside it, or asked for."""
    relative: bool = False
    """Reckoned from the time of fetching: "3 ngày trước"."""
    rest: str = ""
    """What else stands in the string, without labels, weekday and separators: an author, a view count."""


@dataclass(frozen=True, slots=True)
class _Time:
    hour: int = 0
    minute: int = 0
    second: int = 0
    zone: timezone | None = None
    placeholder: bool = False
    start: int = 0
    end: int = 0


def parse_date(raw: str, *, now: datetime | None = None, month_first: bool = False) -> Parsed | None:
    """The first date of `raw` that can be a day of publication, or None. Never raises.

    Day-first, unless the month is impossible, the weekday beside the date proves otherwise, or `month_first`
    asks for it. No zone means +07:00; "Z" and other offsets are converted. `now` is the time of fetching: relative
    dates ("5 giờ trước") need it, and with it dates more than a day ahead are refused. Days before 1990, lunar
    and impossible days are refused too. "15/11/2019 | 604" has a view count, not a time.
    """
    if now is not None:
        now = (now if now.tzinfo else now.replace(tzinfo=VIETNAM)).astimezone(VIETNAM)
    whole = raw.strip()
    if len(whole) <= 64:
        certain = _machine(whole, now) or (None if month_first else _plain(whole))
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
    return _lesser(text, folded, now)


def is_possible(parsed: Parsed, now: datetime | None) -> bool:
    """Whether a reading can be a time of publication: not before 1990, not more than a day after `now`."""
    if parsed.yearless:
        return True
    if parsed.value.year < EARLIEST_YEAR:
        return False
    return now is None or parsed.value <= now + TOLERANCE


def _lesser(text: str, folded: str, now: datetime | None) -> Parsed | None:
    """Dates that are less than a day of a year: month and year, day and month, or relative to `now`."""
    for reader in (_relative, _month, _yearless):
        parsed = reader(text, folded, now)
        if parsed is not None and is_possible(parsed, now):
            return parsed
    return None


def _moment(year: int, month: int, day: int, time: _Time | None = None) -> datetime | None:
    time = time or _Time()
    try:
        value = datetime(
            year, month, day, time.hour, time.minute, time.second, tzinfo=time.zone or VIETNAM
        )
        return value.astimezone(VIETNAM)
    except (ValueError, OverflowError):
        return None


def _offset(sign: str | None, hours: str, minutes: str | None) -> timezone | None:
    delta = timedelta(hours=int(hours), minutes=int(minutes or 0))
    if delta > timedelta(hours=14):
        return None
    return timezone(-delta if sign in ("-", "−") else delta)


# --- strings that machines write ------------------------------------------------------------------------------


def _machine(raw: str, now: datetime | None) -> Parsed | None:
    """ISO 8601, compact digits, epoch seconds or milliseconds; None where the whole string is none of these."""
    if match := grammar.ISO.fullmatch(raw):
        return _iso(match)
    if not raw[-1:].isdigit() and not raw.startswith("/Date("):
        return None
    if match := grammar.EPOCH.fullmatch(raw):
        seconds = int(match[1]) / (1000 if len(match[1]) == 13 else 1)
        value = datetime.fromtimestamp(seconds, UTC).astimezone(VIETNAM) if seconds < 4e9 else None
        # ten digits are also a phone number or an id: taken only where they can be a time of the web
        if value is not None and value.year >= EARLIEST_YEAR and (now is None or value <= now + TOLERANCE):
            return Parsed(value.replace(microsecond=0), Precision.MINUTE, zone_given=True)
    if match := grammar.COMPACT.fullmatch(raw):
        parts = [int(group) for group in match.groups()[:6] if group]
        time = _Time(*parts[3:], zone=UTC if match[7] else None)
        if value := _moment(parts[0], parts[1], parts[2], time):
            return Parsed(value, Precision.MINUTE if match[4] else Precision.DAY, zone_given=bool(match[7]))
    return None


def _iso(match: re.Match[str]) -> Parsed | None:
    year, month, day = int(match[1]), int(match[2]), int(match[3])
    if match[4] is None:
        value = _moment(year, month, day)
        return Parsed(value, Precision.DAY) if value else None
    zone = UTC if match[7] else _offset(match[8][0], match[8][1:], match[9]) if match[8] else None
    time = _Time(int(match[4]), int(match[5]), int(match[6] or 0), zone)
    value = _moment(year, month, day, time)
    return None if value is None else _with_zero_told(value, time, seconds=match[6] is not None)


def _plain(raw: str) -> Parsed | None:
    """A plain line, read the short way; None leaves everything doubtful to the grammar."""
    match = grammar.PLAIN.fullmatch(raw)
    if match is None or int(match[3]) > 12:
        return None
    time = None
    if match[5] is not None:
        zone = VIETNAM if match[8] else None
        time = _Time(int(match[5]), int(match[6]), int(match[7] or 0), zone)
    value = _moment(int(match[4]), int(match[3]), int(match[1]), time)
    if value is None:
        return None
    return Parsed(value, Precision.DAY) if time is None else _with_zero_told(value, time, seconds=bool(match[7]))


def _with_zero_told(value: datetime, time: _Time, *, seconds: bool) -> Parsed:
    """A machine's 00:00:00 (as written, or in Việt Nam: 17:00:00Z) is a day whose time was not kept."""
    zero = seconds and (time.hour, time.minute, time.second) == (0, 0, 0)
    local_zero = seconds and (value.hour, value.minute, value.second) == (0, 0, 0)
    if zero or local_zero or time.placeholder:
        day = value.replace(hour=0, minute=0, second=0, microsecond=0)
        return Parsed(day, Precision.DAY, zone_given=time.zone is not None, placeholder_time=True)
    return Parsed(value, Precision.MINUTE, zone_given=time.zone is not None)


# --- strings that people and templates write ------------------------------------------------------------------


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


def _assemble(
    text: str, folded: str, match: re.Match[str], now: datetime | None, month_first: bool
) -> Parsed | None:
    groups = match.groupdict()
    time = _java_time(groups) or _time_beside(folded, match.start(), match.end())
    start = min(match.start(), time.start) if time else match.start()
    end = max(match.end(), time.end) if time else match.end()
    if (time is None or time.zone is None) and (zone := grammar.ZONE.match(folded, end)):
        end = zone.end()  # "10:30, 20/08/2021 [GMT+7]"
        time = replace(time, zone=_zone(zone)) if time else None
    rest = _rest(text, folded, start, end)
    year = _year(groups, now)
    if groups.get("y2") and time is None and any(character.isalnum() for character in rest):
        return None  # "số 12-10-20": two digits are a year only beside a time or alone
    month, day = _month_number(groups.get("m") or groups.get("m3") or ""), int(groups["d"])
    swapped = _month_first(groups, folded, start, end, (year, month, day), month_first)
    if swapped:
        month, day = day, month
    value = _moment(year, month, day, time)
    if value is None:
        return None
    if time is None:
        return Parsed(value, Precision.DAY, month_first=swapped, rest=rest)
    with_seconds = folded.count(":", time.start, time.end) >= 2
    return replace(_with_zero_told(value, time, seconds=with_seconds), month_first=swapped, rest=rest)


def _year(groups: dict[str, str | None], now: datetime | None) -> int:
    if groups.get("y"):
        return int(groups["y"] or 0)
    short = int(groups.get("y2") or 0)
    newest = now.year + 1 if now else 2079
    return 2000 + short if 2000 + short <= newest else 1900 + short


def _month_number(word: str) -> int:
    word = " ".join(word.split())
    return int(word) if word.isdigit() else grammar.MONTH_WORDS.get(word) or grammar.MONTH_WORDS.get(word[:3], 0)


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
    first, second = _moment(year, month, day), _moment(year, day, month)
    # both readings are days; only a weekday that contradicts the first and confirms the second proves anything
    english = around["wen"] is not None
    return bool(english and first and second and first.weekday() != number == second.weekday())


def _starts_with_year(groups: dict[str, str | None], folded: str) -> bool:
    return folded.find(groups["y"] or "") < folded.find((groups["d"] or "") + (groups["s"] or ""))


def _java_time(groups: dict[str, str | None]) -> _Time | None:
    if not groups.get("jt"):
        return None
    hour, minute, second = (int(part) for part in (groups["jt"] or "").split(":"))
    name = groups["jz"] or ""
    offset = re.fullmatch(r"[a-z]+([+-])(\d\d):?(\d\d)", name)
    zone = _offset(offset[1], offset[2], offset[3]) if offset else UTC if name in ("utc", "gmt") else VIETNAM
    return _Time(hour, minute, second, zone, start=10**9)


def _time_beside(folded: str, start: int, end: int) -> _Time | None:
    """The clock time before or after the date; the one before where the one after belongs to a next date."""
    after = grammar.TIME_AFTER.match(folded, end)
    before = grammar.TIME_BEFORE.search(folded, max(0, start - 60), start)
    if after and before and grammar.NEXT_DATE.match(folded, after.end()):
        after = None
    for match in (after, before):
        if match is not None and (time := _clock(match, folded)):
            return time
    return None


def _clock(match: re.Match[str], folded: str) -> _Time | None:
    hour, minute, second = int(match["H"]), int(match["M"] or 0), int(match["S"] or 0)
    if hour > 23 or minute > 59 or second > 59:
        return None
    half = (match["ap"] or "").replace(".", "")
    placeholder = False
    if half in ("pm", "ch", "chieu", "toi") and hour < 12:
        hour += 12
    elif half in ("am", "sa", "sang") and hour == 12:
        hour, placeholder = 0, minute == 0 and second == 0
    zone = _zone(match) if match["zone"] else None
    return _Time(hour, minute, second, zone, placeholder, match.start(), match.end())


def _zone(match: re.Match[str]) -> timezone | None:
    if match["zh"]:
        return _offset(match["sg"], match["zh"], match["zm"])
    if match["nh"]:
        return _offset(match["sn"], match["nh"], match["nm"])
    return VIETNAM if match["z"] == "ict" else UTC


def _rest(text: str, folded: str, start: int, end: int) -> str:
    """What is left beside the date: labels, weekdays and separators off, the publisher's letters kept."""
    parts = []
    for lo, hi in ((0, start), (end, len(text))):
        piece = text[lo:hi]
        if any(character.isalnum() for character in piece):
            for match in reversed(list(grammar.WEEKDAY_FIND.finditer(folded[lo:hi]))):
                word = match[0]
                shown = piece[match.start() : match.end()]
                # "Thu Hải" and "Thu Ba" are authors; "Thứ Hai" and, on a page without marks, "Thu sau" are days
                bare = shown.lower() == word and shown[-1].islower() and shown.split()[-1][0].islower()
                if not word.startswith("thu") or shown.lower().startswith("thứ") or bare:
                    piece = piece[: match.start()] + " " + piece[match.end() :]
            for match in reversed(list(grammar.LABELS.finditer(piece.lower()))):
                piece = piece[: match.start()] + " " + piece[match.end() :]
        parts.append(piece.strip(_SEPARATORS))
    return " ".join(" ".join(part for part in parts if part).split())


# --- less than a full date ------------------------------------------------------------------------------------


def _relative(text: str, folded: str, now: datetime | None) -> Parsed | None:
    match = grammar.RELATIVE.search(folded)
    if now is None or match is None or len(folded) > 80 or grammar.ABSOLUTE_DIGITS.search(folded):
        return None
    rest = _rest(text, folded, match.start(), match.end())
    if match["now"]:
        return Parsed(now.replace(second=0, microsecond=0), Precision.MINUTE, relative=True, rest=rest)
    if match["day"]:
        return _named_day(text, folded, match, now)
    count = int(match["n"]) if match["n"].isdigit() else 1
    return _ago(count, match["u"], now, rest)


def _named_day(text: str, folded: str, match: re.Match[str], now: datetime) -> Parsed:
    name = " ".join(match["day"].split())
    back = {"hom qua": 1, "yesterday": 1, "hom kia": 2}.get(name, 0)
    day = (now - timedelta(days=back)).replace(hour=0, minute=0, second=0, microsecond=0)
    time = _time_beside(folded, match.start(), match.end())
    if time is None:
        return Parsed(day, Precision.DAY, relative=True, rest=_rest(text, folded, match.start(), match.end()))
    value = day.replace(hour=time.hour, minute=time.minute, second=time.second)
    rest = _rest(text, folded, min(match.start(), time.start), max(match.end(), time.end))
    return Parsed(value, Precision.MINUTE, relative=True, rest=rest)


def _ago(count: int, unit: str, now: datetime, rest: str) -> Parsed | None:
    value = now.replace(second=0, microsecond=0)
    minutes = {"giay": 0, "second": 0, "phut": 1, "minute": 1, "min": 1}
    hours = {"gio", "tieng", "hour"}
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


def _month(text: str, folded: str, now: datetime | None) -> Parsed | None:
    match = grammar.MONTH_ONLY.search(folded)
    if match is None:
        match = grammar.MONTH_ALONE.fullmatch(folded)
        if match is None:
            return None
    groups = match.groupdict()
    month, year = groups["m"] or groups.get("m_") or "", groups["y"] or groups.get("y_") or ""
    value = _moment(int(year), _month_number(month), 1)
    if value is None or grammar.LUNAR_AFTER.match(folded, match.end()):
        return None
    if grammar.DAY_BEFORE.search(folded[: match.start()]):
        return None  # "30 tháng 2 năm 2021": no day of the calendar, or a lunar one
    return Parsed(value, Precision.MONTH, rest=_rest(text, folded, match.start(), match.end()))


def _yearless(text: str, folded: str, now: datetime | None) -> Parsed | None:
    match = grammar.YEARLESS.search(folded)
    if match is None or grammar.LUNAR_AFTER.match(folded, match.end()):
        return None
    if grammar.LUNAR_BEFORE.search(folded[: match.start()]):
        return None
    time = _time_beside(folded, match.start(), match.end())
    start = min(match.start(), time.start) if time else match.start()
    end = max(match.end(), time.end) if time else match.end()
    rest = _rest(text, folded, start, end)
    if any(character.isdigit() for character in rest) or len(rest) > 40:
        return None  # one of many numbers in a sentence
    value = _moment(STAND_IN_YEAR, int(match["m"]), int(match["d"]), time)
    if value is None:
        return None
    precision = Precision.MINUTE if time and not time.placeholder else Precision.DAY
    return Parsed(value, precision, yearless=True, rest=rest, placeholder_time=bool(time and time.placeholder))
