"""What is due, what was tried: the frontier, kept in archive.db in the same transaction as what it concerns.

All functions take the connection of a running transaction (`Store.transaction()`), so that kill -9 at any
moment leaves either both the page and its frontier state, or neither. Times are ISO 8601 with +07:00.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from pipelines.article import Hint, Precision
from pipelines.dates import parse_date
from pipelines.identity import url_date
from pipelines.schema import iso
from pipelines.store.removals import ANOTHER_NIGHT
from scrapers.discovery import Candidate

RETRY_AFTER = (timedelta(hours=6), timedelta(days=1), timedelta(days=3), timedelta(days=10))
"""Waits between the tries of an address that fails. After the last one an address where no page is two nights
running, is given up (state `dead`)."""
MONTHLY = timedelta(days=30)
"""Afterwards the wait of what fails otherwise: a server that is broken for weeks may be mended."""
NOT_THERE = (404, 410)

MISSING_AFTER = (ANOTHER_NIGHT, *(timedelta(days=days) for days in (3, 7, 30, 180)))
"""Waits before a known article that is missing is looked for again; afterwards once a year. It is never given up."""
YEARLY = timedelta(days=365)
NEW_FOR_ONE = 3
"""So many new addresses are asked for before each known article that is due, while both wait: a quarter of what a
night may ask for is for looking again, however long the first visit takes."""


class State(StrEnum):
    """Where an address stands."""

    DUE = "due"
    KEPT = "kept"
    REFUSED = "refused"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class Due:
    """An address that should be fetched now."""

    url: str
    tries: int


@dataclass(frozen=True, slots=True)
class Span:
    """Days of publication, both included; None: no bound. What has no date that is known fits every span."""

    since: date | None = None
    until: date | None = None

    def has(self, day: str | None) -> bool:
        """Whether a day (ISO 8601) lies in the span."""
        return day is None or self._bounds[0] <= day <= self._bounds[1]

    @property
    def _bounds(self) -> tuple[str, str]:
        return (self.since.isoformat() if self.since else "", self.until.isoformat() if self.until else "9999")


EVER = Span()


def _hints(text: str) -> tuple[Hint, ...]:
    return tuple(Hint(**hint) for hint in json.loads(text))


def _merged(old: tuple[Hint, ...], new: Hint) -> tuple[Hint, ...]:
    """One hint for each source and section, in an order that does not depend on which page was read first.

    A list beside the listing ("Mới nhất") names an article without its date: what was known stays.
    """
    hints = {(hint.source, hint.section or ""): hint for hint in old}
    place = (new.source, new.section or "")
    if (known := hints.get(place)) is not None:
        new = Hint(new.source, new.published or known.published, new.title or known.title, new.section)
    hints[place] = new
    return tuple(hints[place] for place in sorted(hints))


def _dumped(hints: Iterable[Hint]) -> str:
    return json.dumps(
        [{"source": h.source, "published": h.published, "title": h.title, "section": h.section} for h in hints],
        ensure_ascii=False,
    )


def day_of(url: str, hints: Iterable[Hint], now: datetime) -> str | None:
    """The day of publication as the links to a page and its address tell it (ISO 8601); None where none does."""
    for hint in hints:
        told = parse_date(hint.published, now=now) if hint.published else None
        if told and not told.yearless and told.precision in (Precision.MINUTE, Precision.DAY):
            return told.value.date().isoformat()
    address = url_date(url)
    return address[0][:10] if address and address[1] is not Precision.MONTH else None


def found(cx: sqlite3.Connection, site: str, candidates: Sequence[Candidate], run: int, now: datetime) -> int:
    """Note links that a feed, a sitemap or a listing named. Returns how many were not known before."""
    new = 0
    for candidate in candidates:
        row = cx.execute("SELECT hints, found_run FROM frontier WHERE url = ?", (candidate.url,)).fetchone()
        if row is None:
            cx.execute(
                "INSERT INTO frontier (url, site, state, due_at, reason, tries, hints, found_at, found_run,"
                " priority, day) VALUES (?, ?, 'due', ?, 'new', 0, ?, ?, ?, ?, ?)",
                (
                    candidate.url,
                    site,
                    iso(now),
                    _dumped([candidate.hint]),
                    iso(now),
                    run,
                    candidate.position,
                    day_of(candidate.url, [candidate.hint], now),
                ),
            )
            new += 1
            continue
        if row[1] is None:  # an article that moved here was followed before any listing named the address
            cx.execute("UPDATE frontier SET found_run = ? WHERE url = ?", (run, candidate.url))
        old = _hints(row[0])
        merged = _merged(old, candidate.hint)
        if merged != old:
            cx.execute(
                "UPDATE frontier SET hints = ?, day = CASE state WHEN 'kept' THEN day ELSE ? END WHERE url = ?",
                (_dumped(merged), day_of(candidate.url, merged, now), candidate.url),
            )
    return new


def found_by(cx: sqlite3.Connection, urls: Iterable[str], run: int | None) -> int:
    """How many of the addresses were found in or before a run; none where there is no such run."""
    query = "SELECT 1 FROM frontier WHERE url = ? AND found_run <= ?"
    return sum(cx.execute(query, (url, run)).fetchone() is not None for url in urls)


def hints_of(cx: sqlite3.Connection, url: str) -> tuple[Hint, ...]:
    """What other pages said of an address."""
    row = cx.execute("SELECT hints FROM frontier WHERE url = ?", (url,)).fetchone()
    return _hints(row[0]) if row else ()


def due(
    cx: sqlite3.Connection,
    site: str,
    now: datetime,
    limit: int,
    skip: Collection[str] = (),
    states: Sequence[str] = (State.DUE, State.KEPT),
    span: Span = EVER,
) -> list[Due]:
    """The addresses of a site that are due: new ones in the order in which they were found, and after each
    `NEW_FOR_ONE` of them the known article that is overdue for longest. What was tried in vain comes after the
    others of its kind.

    `skip`: addresses that are being fetched. `states`: which kinds of addresses are asked for. `span`: when they
    were published.
    """
    found: dict[str, list[Due]] = {}
    for state in states:
        rows = cx.execute(
            "SELECT url, tries FROM frontier WHERE site = ? AND state = ? AND due_at <= ?"
            " AND (day IS NULL OR day BETWEEN ? AND ?)"
            " ORDER BY tries > 0, CASE state WHEN 'kept' THEN due_at END, found_at, priority, url LIMIT ?",
            (site, state, iso(now), *span._bounds, limit + len(skip)),
        )
        found[state] = [Due(*row) for row in rows if row[0] not in skip]
    return _by_turns(found.get(State.DUE, []), found.get(State.KEPT, []))[:limit]


def _by_turns(new: Sequence[Due], known: Sequence[Due]) -> list[Due]:
    """Both, so many new ones before each known one; when either ends, the rest of the other."""
    mixed: list[Due] = []
    for turn in range(max(len(known), -(-len(new) // NEW_FOR_ONE))):
        mixed += new[turn * NEW_FOR_ONE : (turn + 1) * NEW_FOR_ONE]
        mixed += known[turn : turn + 1]
    return mixed


def waiting(cx: sqlite3.Connection, site: str, now: datetime, states: Sequence[str] = (State.DUE, State.KEPT)) -> int:
    """How many addresses of a site are due."""
    row = cx.execute(
        "SELECT count(*) FROM frontier WHERE site = ? AND state IN (SELECT value FROM json_each(?)) AND due_at <= ?",
        (site, json.dumps(list(states)), iso(now)),
    ).fetchone()
    return int(row[0])


def due_new(cx: sqlite3.Connection, site: str, span: Span, most: int) -> int:
    """How many addresses wait that were never fetched; counted up to `most`."""
    row = cx.execute(
        "SELECT count(*) FROM (SELECT 1 FROM frontier WHERE site = ? AND state = 'due' AND fetched_at IS NULL"
        " AND (day IS NULL OR day BETWEEN ? AND ?) LIMIT ?)",
        (site, *span._bounds, most),
    ).fetchone()
    return int(row[0])


def kept_rows(cx: sqlite3.Connection, site: str, span: Span = EVER) -> Iterator[tuple[Due, datetime]]:
    """All addresses of a site that are stored as articles, and when each was last fetched."""
    rows = cx.execute(
        "SELECT url, tries, fetched_at FROM frontier WHERE site = ? AND state = 'kept'"
        " AND (day IS NULL OR day BETWEEN ? AND ?)",
        (site, *span._bounds),
    )
    for url, tries, fetched_at in rows:
        yield Due(url, tries), datetime.fromisoformat(fetched_at)


def beside(cx: sqlite3.Connection, site: str, missing: Sequence[str], count: int, before: datetime) -> list[Due]:
    """Known articles to look at beside those that are missing: found at about the same time, and last in place
    `before` now.
    """
    wanted = sorted(missing)[:: max(1, len(missing) // 3)][:3]
    chosen: dict[str, Due] = {}
    for url in wanted:
        rows = cx.execute(
            "SELECT url, tries FROM frontier WHERE site = ?1 AND state = 'kept' AND tries = 0 AND fetched_at < ?2"
            " AND due_at IS NOT NULL AND url NOT IN (SELECT value FROM json_each(?3)) ORDER BY"
            " abs(julianday(found_at) - (SELECT julianday(found_at) FROM frontier WHERE url = ?4)), url LIMIT ?5",
            (site, iso(before), json.dumps([*missing, *chosen]), url, -(-count // len(wanted))),
        )
        chosen |= {row[0]: Due(*row) for row in rows}
    return list(chosen.values())[:count]


def kept(
    cx: sqlite3.Connection,
    site: str,
    url: str,
    status: int,
    now: datetime,
    next_visit: datetime | None,
    day: str | None = None,
) -> None:
    """The page was fetched and stored as an article; it is visited again at `next_visit` (None: never)."""
    _settle(cx, site, url, State.KEPT, status, "stored", now, next_visit)
    if day:
        cx.execute("UPDATE frontier SET day = ? WHERE url = ?", (day, url))


def missed(cx: sqlite3.Connection, site: str, url: str, status: int, reason: str, now: datetime, times: int) -> None:
    """A known article was not there, `times` in a row: it is looked for another night, then ever more seldom."""
    wait = MISSING_AFTER[times - 1] if times <= len(MISSING_AFTER) else YEARLY
    _settle(cx, site, url, State.KEPT, status, reason, now, now + wait, times)


def _standing(cx: sqlite3.Connection, url: str) -> tuple[State, int]:
    row = cx.execute("SELECT state, tries FROM frontier WHERE url = ?", (url,)).fetchone()
    return (State(row[0]), row[1]) if row else (State.DUE, 0)


def refused(cx: sqlite3.Connection, site: str, url: str, status: int, reason: str, now: datetime) -> None:
    """The page was fetched and is not an article."""
    _settle(cx, site, url, State.REFUSED, status, reason, now, None)


def postponed(cx: sqlite3.Connection, site: str, url: str, status: int | None, reason: str, now: datetime) -> None:
    """Something stood in the way of the page (a challenge, a wish for quiet, robots.txt): it is due again, each time
    later, and never given up.
    """
    state, tries = _standing(cx, url)
    state = state if state is State.KEPT else State.DUE
    wait = max(ANOTHER_NIGHT, RETRY_AFTER[min(tries, len(RETRY_AFTER) - 1)])
    _settle(cx, site, url, state, status, reason, now, now + wait, tries + 1)


def failed(
    cx: sqlite3.Connection,
    site: str,
    url: str,
    status: int | None,
    reason: str,
    now: datetime,
    *,
    not_there: bool = False,
) -> None:
    """The fetch failed; it is tried again after a growing wait. After the last of them an address that never gave
    an article is given up if no page is there, twice in a row: it says so (404, 410), or it is `not_there` in the
    replayed files. A first miss after other failures may be one bad night: the next one decides.
    """
    state, tries = _standing(cx, url)
    lasting = tries >= len(RETRY_AFTER)
    wait = MONTHLY if lasting else RETRY_AFTER[tries]
    if lasting and state is not State.KEPT and (not_there or status in NOT_THERE):
        if _was_missing(cx, url, reason):
            _settle(cx, site, url, State.DEAD, status, reason, now, None, tries + 1)
            return
        wait = ANOTHER_NIGHT
    state = state if state is State.KEPT else State.DUE
    _settle(cx, site, url, state, status, reason, now, now + wait, tries + 1)


def _was_missing(cx: sqlite3.Connection, url: str, reason: str) -> bool:
    """Whether there was no page at the try before, for what the site said or for the same reason."""
    row = cx.execute("SELECT status, reason FROM frontier WHERE url = ?", (url,)).fetchone()
    return row is not None and (row[0] in NOT_THERE or row[1] == reason)


def _settle(
    cx: sqlite3.Connection,
    site: str,
    url: str,
    state: State,
    status: int | None,
    reason: str,
    now: datetime,
    due_at: datetime | None,
    tries: int = 0,
) -> None:
    cx.execute(
        "INSERT INTO frontier (url, site, state, due_at, reason, tries, status, hints, found_at, fetched_at,"
        " priority) VALUES (:url, :site, :state, :due, :reason, :tries, :status, '[]', :now, :now, 0)"
        " ON CONFLICT (url) DO UPDATE SET state = :state, due_at = :due, reason = :reason, tries = :tries,"
        " status = :status, fetched_at = :now",
        {
            "url": url,
            "site": site,
            "state": state.value,
            "due": iso(due_at) if due_at else None,
            "reason": reason,
            "tries": tries,
            "status": status,
            "now": iso(now),
        },
    )
