"""What a reader asks for, read from an address and written into one: the whole state of the page is its address."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, Literal
from urllib.parse import quote_plus

from khotin.serve.wrong import Wrong, one_of
from pipelines.search import split_sites

Sort = Literal["rank", "new", "old"]
SORTS: tuple[Sort, ...] = ("rank", "new", "old")
FACETS = ("province", "province_63", "site", "kind", "section")
"""Columns with labels that a reader may choose from; several of one column mean any of them."""
MARKS = ("revised", "gone")
"""Yes or no: was edited after publication; was removed by its site."""
NONE = "-"
"""Chosen in a facet: articles without a value in it."""
SIZE, MOST = 20, 200
"""Articles a page: unless told, and at most."""
CHOICES = 60
"""Values of one facet at once; addresses have an end."""
_MONTH = re.compile(r"(?:19|20)\d\d(?:-(?:0[1-9]|1[0-2]))?")  # 2020, 2020-07; not 20-7


class WrongSelection(Wrong):
    """An address of the search page that can't be understood."""


# A page has a hundred addresses, of the same few values.
_quoted = lru_cache(maxsize=1000)(quote_plus)


@dataclass(frozen=True, slots=True)
class Selection:
    """A query, what it is narrowed to, and what is shown of it."""

    query: str = ""
    like: str = ""
    """Key of an article: those like it."""
    chosen: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Facet -> labels; never empty tuples."""
    months: tuple[str, ...] = ()
    """Years and months, "2020" and "2020-07": any of them."""
    since: date | None = None
    until: date | None = None
    """First and last day, by `date_estimate`; both included."""
    marks: tuple[str, ...] = ()
    """Of MARKS: all of them."""
    sort: Sort | None = None
    """None: by rank if there is a query, else the newest first."""
    scheme: int = 34
    """Provinces shown: those of today or the 63 until 30 June 2025."""
    page: int = 1
    size: int = SIZE

    @property
    def order(self) -> Sort:
        """The order that holds."""
        asked = bool(self.query or self.like)
        if self.sort == "rank" and not asked:
            return "new"
        return self.sort or ("rank" if asked else "new")

    @property
    def narrowed(self) -> bool:
        """Whether anything but the query narrows it."""
        return bool(self.chosen or self.months or self.since or self.until or self.marks)

    def pairs(self, *, paging: bool = True) -> list[tuple[str, str]]:
        """Names and values of an address, in one order: equal selections have equal addresses."""
        found = [("q", self.query), ("like", self.like)]
        found += [(name, label) for name in FACETS for label in self.chosen.get(name, ())]
        found += [("month", month) for month in self.months]
        found += [(name, day.isoformat()) for name, day in (("since", self.since), ("until", self.until)) if day]
        found += [(mark, "1") for mark in self.marks]
        if self.sort:
            found.append(("sort", self.sort))
        if self.scheme != 34:
            found.append(("scheme", str(self.scheme)))
        if self.size != SIZE:
            found.append(("size", str(self.size)))
        if paging and self.page > 1:
            found.append(("page", str(self.page)))
        return [(name, value) for name, value in found if value]

    def address(self, *, paging: bool = True) -> str:
        """The part of an address after `?`, with the `?`; empty if nothing is asked."""
        pairs = self.pairs(paging=paging)
        return "?" + "&".join([f"{name}={_quoted(value)}" for name, value in pairs]) if pairs else ""

    def with_(self, **changes: Any) -> Selection:
        """Changed, and back on its first page."""
        return replace(self, **({"page": 1} | changes))

    def toggled(self, facet: str, label: str) -> Selection:
        """With one more label of a facet, or without it."""
        before = self.chosen.get(facet, ())
        after = tuple(one for one in before if one != label) if label in before else (*before, label)
        chosen = {name: labels for name, labels in (self.chosen | {facet: after}).items() if labels}
        return self.with_(chosen=chosen)

    def with_month(self, month: str) -> Selection:
        """With one more month or year, or without it."""
        kept = tuple(one for one in self.months if one != month)
        return self.with_(months=kept if month in self.months else (*kept, month))

    def with_mark(self, mark: str) -> Selection:
        """With a mark, or without it."""
        return self.with_(marks=tuple(one for one in MARKS if (one in self.marks) != (one == mark)))

    def cleared(self) -> Selection:
        """The query alone."""
        return Selection(query=self.query, like=self.like, sort=self.sort, scheme=self.scheme, size=self.size)


def read_selection(args: Any) -> Selection:
    """From the arguments of a request (Datasette's MultiParams). Raises Wrong."""

    def one(name: str) -> str:
        return (args.get(name) or "").strip()

    query, sites = split_sites(one("q"))
    chosen = {name: _some(args.getlist(name)) for name in FACETS}
    chosen["site"] = _some((*chosen["site"], *sites))
    months = _some(args.getlist("month"))
    for month in months:
        if not _MONTH.fullmatch(month):
            raise WrongSelection(key="wrong_month_asked", given=month[:20])
    since, until = _day(one("since"), "since"), _day(one("until"), "until")
    if since and until and since > until:
        raise WrongSelection(key="wrong_order", since=since.isoformat(), until=until.isoformat())
    sort, scheme = one_of(args, "sort", SORTS), one_of(args, "scheme", ("34", "63")) or "34"
    return Selection(
        query=query,
        like=one("like")[:80],
        chosen={name: labels for name, labels in chosen.items() if labels},
        months=months,
        since=since,
        until=until,
        marks=tuple(mark for mark in MARKS if one(mark) not in ("", "0")),
        sort=sort or None,  # type: ignore[arg-type]
        scheme=int(scheme),
        page=_number(one("page"), "page", 1, 10_000_000),
        size=_number(one("size"), "size", SIZE, MOST),
    )


def _some(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for value in (value.strip() for value in values) if value))[:CHOICES]


def _day(text: str, name: str) -> date | None:
    """A day; of a month (2020-07) its first for `since` and its last for `until`, as of a year."""
    if not text:
        return None
    first = text + "-01-01"[3 * text.count("-") :] if _MONTH.fullmatch(text) else text
    try:
        found = date.fromisoformat(first)
    except ValueError as error:
        raise WrongSelection(key="wrong_day", given=text[:20], name=name) from error
    if name == "since" or first == text:
        return found
    ended = date(found.year + 1, 1, 1) if len(text) == 4 else (found + timedelta(days=31)).replace(day=1)
    return ended - timedelta(days=1)


def _number(text: str, name: str, default: int, most: int) -> int:
    if not text:
        return default
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:12]) <= most:
        raise WrongSelection(key="wrong_number", given=text[:20], name=name, least=1, most=most)
    return int(text)
