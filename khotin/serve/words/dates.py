"""Dates, times and numbers the way a Vietnamese and an English reader write them."""

from __future__ import annotations

from datetime import datetime

from pipelines.article import VIETNAM

_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def _read(moment: str | None, precision: str) -> datetime | None:
    if not moment or precision == "none":
        return None
    try:
        value = datetime.fromisoformat(moment)
    except ValueError:
        return None
    return value if value.tzinfo is None else value.astimezone(VIETNAM)


def written(moment: str | None, precision: str, language: str, *, short: bool = False) -> str | None:
    """A stored time (ISO 8601) in Vietnam's zone, as exact as `precision` (minute, day, month); None if unknown.

    `2020-07-01T20:05:00+07:00` is "20:05 ngày 1/7/2020" (reads on after "lúc") and "1 July 2020, 20:05"; `short`,
    for lists and tables, "1/7/2020, 20:05" and "1 Jul 2020, 20:05". A month is "tháng 7/2020", short "7/2020".
    """
    value = _read(moment, precision)
    if value is None:
        return None
    if language == "vi":
        text = f"{value.month}/{value.year}"
        text = text if precision == "month" else f"{value.day}/{text}"
        text = text if short else f"tháng {text}" if precision == "month" else f"ngày {text}"
    else:
        month = _MONTHS[value.month - 1]
        text = f"{month[:3] if short else month} {value.year}"
        text = text if precision == "month" else f"{value.day} {text}"
    if precision != "minute":
        return text
    return f"{value:%H:%M} {text}" if language == "vi" and not short else f"{text}, {value:%H:%M}"


def grouped(value: int, language: str) -> str:
    """12345 as "12.345" in Vietnamese, "12,345" in English."""
    text = f"{value:,}"
    return text.replace(",", ".") if language == "vi" else text
