"""Months, quarters and years: the steps of a chart, as many as fit."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from khotin.serve.words import Words

Unit = Literal["month", "quarter", "year"]
UNITS: tuple[Unit, ...] = ("month", "quarter", "year")
MOST_BUCKETS = 72
_MONTH = re.compile(r"[0-9]{4}-(?:0[1-9]|1[0-2])")


def is_month(text: str | None) -> bool:
    """Is it a month, YYYY-MM?"""
    return bool(text and _MONTH.fullmatch(text))


def bucket(month: str, unit: Unit) -> str:
    """The step that a month (YYYY-MM) belongs to: "2026-11", "2026-Q4", "2026"."""
    if unit == "month":
        return month
    year = month[:4]
    return year if unit == "year" else f"{year}-Q{(int(month[5:7]) + 2) // 3}"


def _months(first: str, last: str) -> list[str]:
    start, end = (int(text[:4]) * 12 + int(text[5:7]) - 1 for text in (first, last))
    return [f"{number // 12:04d}-{number % 12 + 1:02d}" for number in range(start, end + 1)]


@dataclass(frozen=True, slots=True)
class Period:
    """The steps of a chart from the first to the last, those without articles too."""

    unit: Unit
    buckets: tuple[str, ...]

    @classmethod
    def over(cls, months: Iterable[str], unit: str | None = None) -> Period:
        """From the first to the last of some months; the unit is the finest that gives 72 steps or fewer.

        A `unit` asked for is used if it gives 360 steps or fewer.
        """
        known = sorted(months)
        every = _months(known[0], known[-1]) if known else []
        for step in ("month", "quarter", "year"):
            buckets = tuple(dict.fromkeys(bucket(month, step) for month in every))
            most = 5 * MOST_BUCKETS if unit == step else MOST_BUCKETS
            if len(buckets) <= most and unit in (step, None):
                return cls(step, buckets)
        return cls("year", tuple(dict.fromkeys(month[:4] for month in every)))

    def sums(self, counts: Mapping[str, int]) -> tuple[int, ...]:
        """Month -> count, added up for each step."""
        found = dict.fromkeys(self.buckets, 0)
        for month, count in counts.items():
            step = bucket(month, self.unit)
            if step in found:
                found[step] += count
        return tuple(found.values())


def named(step: str, t: Words) -> str:
    """A step as a reader has it: "11/2026", "quý 4/2026", "2026"; "Nov 2026", "Q4 2026", "2026"."""
    year, _, part = step.partition("-")
    if not part:
        return year
    if part.startswith("Q"):
        return t("quarter", number=part[1:], year=year)
    return t.stamp(f"{step}-01", "month")
