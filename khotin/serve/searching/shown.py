"""What the template of the search page draws: facets with their links, chips, pages, bars. No HTML here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from khotin.serve.searching.engine import Counted
from khotin.serve.searching.results import Answer
from khotin.serve.searching.selection import MARKS, NONE, Selection
from khotin.serve.words import Words

FIRST_SHOWN, MOST_SHOWN = 8, 60
"""Values of a facet in sight, and behind "more"."""
MOST_BARS = 300
WIDTH, HEIGHT = 1200, 120
"""Of the histogram's drawing, in its own units; the page stretches it."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A link that narrows or widens the selection."""

    label: str
    count: int
    href: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Facet:
    """A list of choices."""

    name: str
    title: str
    choices: tuple[Choice, ...]
    more: tuple[Choice, ...]
    left: int
    """How many more values there are than are listed."""
    schemes: tuple[Choice, ...] = ()
    """For provinces: the two ways of dividing the country."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A month or a year of the histogram, in units of the drawing."""

    x: float
    y: float
    width: float
    height: float
    since: str
    until: str
    """First and last day."""
    told: str
    """"tháng 7/2020: 12 bài"."""
    chosen: bool


@dataclass(frozen=True, slots=True)
class Histogram:
    """Articles by month (or year, if they are many) over all days."""

    bars: tuple[Bar, ...]
    first: str
    last: str
    """Labels of its ends."""


class Shown:
    """An answer as a reader of this language sees it; `path` is the address of the search page."""

    def __init__(self, answer: Answer, t: Words, path: str, site_names: dict[str, str]) -> None:
        self.answer, self.selection, self._t, self._path = answer, answer.selection, t, path
        self._sites = site_names

    def href(self, selection: Selection) -> str:
        """The address of a selection."""
        return self._path + selection.address()

    def label(self, facet: str, value: str) -> str:
        """What a reader calls a value of a facet."""
        if value == NONE:
            return self._t("facet_none_province" if facet == "province" else "facet_none")
        if facet == "site":
            return self._sites.get(value, value)
        return self._t.value("kind", value) if facet == "kind" else value

    def facets(self) -> Iterator[Facet]:
        """In the order of the page."""
        provinces = "province" if self.selection.scheme == 34 else "province_63"
        for name in (provinces, "site", "kind", "section"):
            found = self.answer.found.facets[name]
            chosen = self.selection.chosen.get(name, ())
            ordered = sorted(found, key=lambda one: one.value not in chosen)  # the chosen ones first
            listed = [self._choice(name, one) for one in ordered[:MOST_SHOWN]]
            schemes: tuple[Choice, ...] = ()
            if name == provinces:
                schemes = tuple(
                    Choice(
                        self._t(key), 0, self.href(self.selection.with_(scheme=scheme)), scheme == self.selection.scheme
                    )
                    for scheme, key in ((34, "scheme_34"), (63, "scheme_63"))
                )
            # A facet of one value tells the same of all articles: nothing to choose.
            if len(found) > 1 or chosen or (found and schemes):
                yield Facet(
                    name,
                    self._t("facet_" + name),
                    tuple(listed[:FIRST_SHOWN]),
                    tuple(listed[FIRST_SHOWN:]),
                    max(0, len(found) - MOST_SHOWN),
                    schemes,
                )

    def _choice(self, name: str, one: Counted) -> Choice:
        chosen = one.value in self.selection.chosen.get(name, ())
        return Choice(
            self.label(name, one.value), one.count, self.href(self.selection.toggled(name, one.value)), chosen
        )

    def marks(self) -> list[Choice]:
        """Edited after publication; removed by the site."""
        return [
            Choice(
                self._t("mark_" + mark),
                sum(one.count for one in self.answer.found.facets[mark]),
                self.href(self.selection.with_mark(mark)),
                mark in self.selection.marks,
            )
            for mark in MARKS
            if self.answer.found.facets[mark]
        ]

    def years(self) -> list[Choice]:
        """Years with articles, the newest first; below a chosen year its months."""
        by_year: dict[str, int] = {}
        for month, count in self.answer.found.months:
            by_year[month[:4]] = by_year.get(month[:4], 0) + count
        listed = []
        for year in sorted(by_year, reverse=True):
            opened = any(month.startswith(year) for month in self.selection.months)
            if by_year[year] or opened:
                listed.append(self._period(year, by_year[year]))
            if opened:
                months = [one for one in self.answer.found.months if one[0].startswith(year)]
                listed += [
                    self._period(month, count) for month, count in months if count or month in self.selection.months
                ]
        return listed

    def _period(self, period: str, count: int) -> Choice:
        label = period if len(period) == 4 else self._t.when(f"{period}-01", "month")
        selection = self.selection
        if len(period) == 7 and period not in selection.months:  # the month instead of its whole year
            selection = selection.with_(months=tuple(one for one in selection.months if one != period[:4]))
        return Choice(label, count, self.href(selection.with_month(period)), period in self.selection.months)

    def chips(self) -> list[Choice]:
        """What narrows the query, each with the address without it."""
        t, selection = self._t, self.selection
        listed = [
            Choice(
                f"{t('facet_' + name)}: {self.label(name, label)}", 0, self.href(selection.toggled(name, label)), True
            )
            for name, labels in selection.chosen.items()
            for label in labels
        ]
        listed += [
            Choice(self._period(month, 0).label, 0, self.href(selection.with_month(month)), True)
            for month in selection.months
        ]
        if selection.since:
            told = t("chip_since", day=t.stamp(selection.since.isoformat(), "day"))
            listed.append(Choice(told, 0, self.href(selection.with_(since=None)), True))
        if selection.until:
            told = t("chip_until", day=t.stamp(selection.until.isoformat(), "day"))
            listed.append(Choice(told, 0, self.href(selection.with_(until=None)), True))
        listed += [Choice(t("mark_" + mark), 0, self.href(selection.with_mark(mark)), True) for mark in selection.marks]
        return listed

    def orders(self) -> list[Choice]:
        """The orders that make sense here."""
        asked = self.selection.query or self.answer.model
        return [
            Choice(
                self._t("sort_" + order), 0, self.href(self.selection.with_(sort=order)), order == self.selection.order
            )
            for order in (("rank", "new", "old") if asked else ("new", "old"))
        ]

    def pages(self) -> list[Choice | None]:
        """Links to pages around this one, with None where some are left out."""
        here, last = self.selection.page, self.answer.pages
        wanted = sorted({1, last, *range(max(1, here - 2), min(last, here + 2) + 1)} & set(range(1, last + 1)))
        listed: list[Choice | None] = []
        before = 0
        for number in wanted:
            if number > before + 1:
                listed.append(None)
            listed.append(Choice(str(number), 0, self.page_href(number), number == here))
            before = number
        return listed

    def page_href(self, number: int) -> str:
        """Address of a page of this selection."""
        return self.href(self.selection.with_(page=number))

    def histogram(self) -> Histogram | None:
        """None where all articles are of one month."""
        months = list(self.answer.found.months)
        if len(months) < 2:
            return None
        if len(months) > MOST_BARS:
            by_year: dict[str, int] = {}
            for month, count in months:
                by_year[month[:4]] = by_year.get(month[:4], 0) + count
            months = list(by_year.items())
        step = WIDTH / len(months)
        most = max(count for _, count in months)
        bars = []
        for number, (period, count) in enumerate(months):
            height = round(count * (HEIGHT - 4) / most, 1) if count else 0
            since, until = _days(period)
            told = self._t.count("n_articles", count)
            label = period if len(period) == 4 else self._t.when(since, "month")
            bars.append(
                Bar(
                    round(number * step, 2),
                    round(HEIGHT - max(height, 1.5 if count else 0), 1),
                    round(step * 0.86, 2),
                    max(height, 1.5 if count else 0),
                    since,
                    until,
                    f"{label}: {told}",
                    self._inside(since, until),
                )
            )
        ends = [
            self._t.stamp(one.since, "month") if len(months[0][0]) > 4 else one.since[:4] for one in (bars[0], bars[-1])
        ]
        return Histogram(tuple(bars), *ends)

    def _inside(self, since: str, until: str) -> bool:
        selection = self.selection
        if not (selection.since or selection.until):
            return True
        return (selection.since or date.min).isoformat() <= until and since <= (selection.until or date.max).isoformat()

    def hidden(self) -> list[tuple[str, str]]:
        """Fields that the form of the page sends along unseen."""
        return [(n, v) for n, v in self.selection.pairs(paging=False) if n not in ("q", "since", "until", "like")]


def _days(period: str) -> tuple[str, str]:
    """First and last day of "2020" or "2020-07"."""
    if len(period) == 4:
        return f"{period}-01-01", f"{period}-12-31"
    year, month = int(period[:4]), int(period[5:])
    after = date(year + month // 12, month % 12 + 1, 1)
    return f"{period}-01", date.fromordinal(after.toordinal() - 1).isoformat()


def names_of_sites(conn: Any) -> dict[str, str]:
    """Short name of a site -> its name."""
    return dict(conn.execute("SELECT id, name FROM sites").fetchall())
