"""What a string says of a time: the reading itself, and the arithmetic every way of reading shares."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from pipelines.article import VIETNAM, Precision
from pipelines.dates.grammar import MONTH_WORDS

EARLIEST_YEAR = 1990
"""Vietnamese news went online in 1997; older dates on a page are anniversaries."""
TOLERANCE = timedelta(days=1)
"""How far after the fetch a date may lie: clocks run wrong, and pages are announced for tomorrow."""
STAND_IN_YEAR = 2000
"""The year in the value of a date that has none: a leap year, so that 29/02 can be told."""


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
class Clock:
    """A time of day in a string, and where it stands there."""

    hour: int = 0
    minute: int = 0
    second: int = 0
    zone: timezone | None = None
    placeholder: bool = False
    start: int = 0
    end: int = 0


def is_possible(parsed: Parsed, now: datetime | None) -> bool:
    """Whether a reading can be a time of publication: not before 1990, not more than a day after `now`."""
    if parsed.yearless:
        return True
    if parsed.value.year < EARLIEST_YEAR:
        return False
    return now is None or parsed.value <= now + TOLERANCE


def moment(year: int, month: int, day: int, time: Clock | None = None) -> datetime | None:
    """A time in +07:00, or None for an impossible day. Without a zone the time is one of +07:00."""
    time = time or Clock()
    try:
        value = datetime(year, month, day, time.hour, time.minute, time.second, tzinfo=time.zone or VIETNAM)
        return value.astimezone(VIETNAM)
    except (ValueError, OverflowError):
        return None


def offset(sign: str | None, hours: str, minutes: str | None) -> timezone | None:
    """A fixed zone of "+", "07", "00"; None for more than 14 hours."""
    delta = timedelta(hours=int(hours), minutes=int(minutes or 0))
    if delta > timedelta(hours=14):
        return None
    return timezone(-delta if sign in ("-", "−") else delta)


def with_zero_told(value: datetime, time: Clock, *, seconds: bool) -> Parsed:
    """A machine's 00:00:00 (as written, or in Việt Nam: 17:00:00Z) is a day whose time was not kept."""
    zero = seconds and (time.hour, time.minute, time.second) == (0, 0, 0)
    local_zero = seconds and (value.hour, value.minute, value.second) == (0, 0, 0)
    if zero or local_zero or time.placeholder:
        day = value.replace(hour=0, minute=0, second=0, microsecond=0)
        return Parsed(day, Precision.DAY, zone_given=time.zone is not None, placeholder_time=True)
    return Parsed(value, Precision.MINUTE, zone_given=time.zone is not None)


def month_number(word: str) -> int:
    """1 to 12 of "10", "muoi", "october"; 0 where it is no month."""
    word = " ".join(word.split())
    return int(word) if word.isdecimal() else MONTH_WORDS.get(word) or MONTH_WORDS.get(word[:3], 0)
