"""Words and addresses: slugs, dates in the notations of the sites, identifiers that never change."""

from __future__ import annotations

import html
import re
import unicodedata
import uuid
from datetime import date, datetime

_WEEKDAYS = ("hai", "ba", "tư", "năm", "sáu", "bảy")
_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_DNS, "sample.khotin")


def slug(text: str) -> str:
    """`Xã Mẫu Thượng: kết quả` -> `xa-mau-thuong-ket-qua`."""
    plain = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def identifier(*parts: object) -> uuid.UUID:
    """A UUID that is the same each time for the same parts."""
    return uuid.uuid5(_NAMESPACE, "/".join(map(str, parts)))


def weekday(day: date) -> str:
    """`Thứ sáu`, `Chủ nhật`."""
    return "Chủ nhật" if day.weekday() == 6 else f"Thứ {_WEEKDAYS[day.weekday()]}"


def day_month_year(day: date, mark: str = "/") -> str:
    """`05/11/2026`."""
    return day.strftime(f"%d{mark}%m{mark}%Y")


def short_day(day: date, mark: str = "/") -> str:
    """`5-11`: no zeros, no year."""
    return f"{day.day}{mark}{day.month}"


def minute(moment: datetime) -> str:
    """`05/11/2026 07:21`."""
    return moment.strftime("%d/%m/%Y %H:%M")


def esc(text: str) -> str:
    """Text for HTML, also inside attributes."""
    return html.escape(text, quote=True)


def summary(text: str, words: int = 24) -> str:
    """The first words of a text, as listings show them."""
    parts = text.split()
    return text if len(parts) <= words else " ".join(parts[:words]) + "..."
