"""What the template of the search page draws: facets with their links, chips, pages, bars."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from markupsafe import Markup, escape

from khotin.serve.searching.engine import Counted
from khotin.serve.searching.results import Answer
from khotin.serve.searching.selection import MARKS, NONE, Selection
from khotin.serve.words import Words
from pipelines.search import Piece

FIRST_SHOWN, MOST_SHOWN = 8, 60
"""Values of a facet in sight, and behind "more"."""
_FACETS = {
    "province": "facet_province",
    "province_63": "facet_province_63",
    "site": "facet_site",
    "kind": "facet_kind",
    "section": "facet_section",
}
_MARKS = {"revised": "mark_revised", "gone": "mark_gone"}
_SORTS = {"rank": "sort_rank", "new": "sort_new", "old": "sort_old"}
MOST_BARS = 300
CURRENT = ' aria-current="true"'
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
class Histogram:
    """Articles by month (or year, if the months are many) over all days, drawn WIDTH by HEIGHT."""

    inside: str
    outside: str
    """SVG paths of the bars within the chosen days and of the others."""
    start: str
    """The first month ("2012-04") or year ("2004")."""
    counts: str
    """Articles of each from there on, with commas between, for the script that tells them."""
    first: str
    last: str
    """Labels of its ends."""


def marked(pieces: Iterable[Piece]) -> Markup:
    """A text with its hits in <mark>. Made here: in a template it is the slowest part of the page."""
    return Markup("").join(
        Markup("<mark>{}</mark>").format(piece.text) if piece.hit else escape(piece.text) for piece in pieces
    )


class Shown:
    """An answer as a reader of this language sees it.

    `path` is the address of the search page, `named` what the query names (see `results.named`).
    """

    def __init__(
        self,
        answer: Answer,
        t: Words,
        path: str,
        site_names: dict[str, str],
        named: Sequence[tuple[str, Counted]] = (),
    ) -> None:
        self.answer, self.selection, self._t, self._path = answer, answer.selection, t, path
        self._sites, self._named = site_names, named

    def named(self) -> Iterator[Choice]:
        """Links to all articles of the province or site that the query names."""
        for facet, one in self._named:
            scheme = 63 if facet == "province_63" else 34
            href = self.href(Selection(chosen={facet: (one.value,)}, scheme=scheme))
            yield Choice(f"{self._t(_FACETS[facet])}: {self.label(facet, one.value)}", one.count, href, chosen=False)

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
                    for scheme, key in ((34, "provinces_34"), (63, "provinces_63"))
                )
            # A facet of one value tells the same of all articles: nothing to choose.
            if len(found) > 1 or chosen or (found and schemes):
                yield Facet(
                    name,
                    self._t(_FACETS[name]),
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

    def listed(self, choices: Iterable[Choice]) -> Markup:
        """Choices as items of a list; made here for the reason `marked` is: a page has more than a hundred."""
        number = self._t.number
        items = [
            f'<li><a href="{escape(one.href)}" rel="nofollow"{CURRENT if one.chosen else ""}>'
            f'<span>{escape(one.label)}</span> <span class="n">{escape(number(one.count))}</span></a></li>'
            for one in choices
        ]
        return Markup("".join(items))  # noqa: S704 - each value is escaped above

    def marks(self) -> list[Choice]:
        """Edited after publication; removed by the site."""
        return [
            Choice(
                self._t(_MARKS[mark]),
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
            Choice(f"{t(_FACETS[name])}: {self.label(name, label)}", 0, self.href(selection.toggled(name, label)), True)
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
        listed += [Choice(t(_MARKS[mark]), 0, self.href(selection.with_mark(mark)), True) for mark in selection.marks]
        return listed

    def orders(self) -> list[Choice]:
        """The orders that make sense here."""
        asked = self.selection.query or self.answer.model
        return [
            Choice(
                self._t(_SORTS[order]), 0, self.href(self.selection.with_(sort=order)), order == self.selection.order
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
        step, most = WIDTH / len(months), max(count for _, count in months)
        paths: dict[bool, list[str]] = {True: [], False: []}
        for number, (period, count) in enumerate(months):
            if count:
                height = max(1.5, count * (HEIGHT - 4) / most)
                path = f"M{number * step:.1f} {HEIGHT}v-{height:.1f}h{step * 0.86:.1f}v{height:.1f}z"
                paths[self._inside(*_days(period))].append(path)
        ends = [
            period if len(period) == 4 else self._t.stamp(f"{period}-01", "month")
            for period, _ in (months[0], months[-1])
        ]
        counts = ",".join(str(count) for _, count in months)
        return Histogram("".join(paths[True]), "".join(paths[False]), months[0][0], counts, *ends)

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
