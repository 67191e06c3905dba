"""Whole strings of one known form: ISO 8601, compact digits, epochs, and the plain line of most sites."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from pipelines.article import VIETNAM, Precision
from pipelines.dates import grammar
from pipelines.dates.reading import EARLIEST_YEAR, TOLERANCE, Clock, Parsed, moment, offset, with_zero_told


def read_machine(raw: str, now: datetime | None) -> Parsed | None:
    """ISO 8601, compact digits, epoch seconds or milliseconds; None where the string is none of these."""
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
        year, month, day, hour, minute, second = (int(group or 0) for group in match.groups()[:6])
        time = Clock(hour, minute, second, UTC if match[7] else None)
        if value := moment(year, month, day, time):
            return Parsed(value, Precision.MINUTE if match[4] else Precision.DAY, zone_given=bool(match[7]))
    return None


def _iso(match: re.Match[str]) -> Parsed | None:
    year, month, day = int(match[1]), int(match[2]), int(match[3])
    if match[4] is None:
        value = moment(year, month, day)
        return Parsed(value, Precision.DAY) if value else None
    zone = UTC if match[7] else offset(match[8][0], match[8][1:], match[9]) if match[8] else None
    time = Clock(int(match[4]), int(match[5]), int(match[6] or 0), zone)
    value = moment(year, month, day, time)
    return None if value is None else with_zero_told(value, time, seconds=match[6] is not None)


def read_plain(raw: str) -> Parsed | None:
    """A plain line, read the short way; None leaves everything doubtful to the grammar."""
    match = grammar.PLAIN.fullmatch(raw)
    if match is None or int(match[3]) > 12:
        return None
    time = None
    if match[5] is not None:
        zone = VIETNAM if match[8] else None
        time = Clock(int(match[5]), int(match[6]), int(match[7] or 0), zone)
    value = moment(int(match[4]), int(match[3]), int(match[1]), time)
    if value is None:
        return None
    return Parsed(value, Precision.DAY) if time is None else with_zero_told(value, time, seconds=bool(match[7]))
