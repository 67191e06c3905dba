"""What is due, what was tried: the frontier, kept in archive.db in the same transaction as what it concerns.

All functions take the connection of a running transaction (`Store.transaction()`), so that kill -9 at any
moment leaves either both the page and its frontier state, or neither. Times are ISO 8601 with +07:00.

A walk is one passage through a section's listing in one run. A page of the listing counts as wholly known when
all its links were found in or before the run of the last *completed* walk: links found by a walk that was
interrupted do not count, so that an interrupted visit is walked to its end later. Runs are counted, not timed:
a replay's clock stands still.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from pipelines.article import Hint
from pipelines.schema import iso
from scrapers.discovery import Candidate

RETRY_AFTER = (timedelta(hours=6), timedelta(days=1), timedelta(days=3), timedelta(days=10))
"""Waits between the tries of an address that fails; after the last one it is given up (state `dead`)."""

ANOTHER_NIGHT = timedelta(hours=20)
"""Less than a day: tomorrow's run may begin a little earlier than today's."""


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


def found(cx: sqlite3.Connection, site: str, candidates: Sequence[Candidate], run: int, now: datetime) -> int:
    """Note links that a feed, a sitemap or a listing named. Returns how many were not known before."""
    new = 0
    for candidate in candidates:
        row = cx.execute("SELECT hints FROM frontier WHERE url = ?", (candidate.url,)).fetchone()
        if row is None:
            cx.execute(
                "INSERT INTO frontier (url, site, state, due_at, reason, tries, hints, found_at, found_run,"
                " priority) VALUES (?, ?, 'due', ?, 'new', 0, ?, ?, ?, ?)",
                (
                    candidate.url,
                    site,
                    iso(now),
                    _dumped([candidate.hint]),
                    iso(now),
                    run,
                    candidate.position,
                ),
            )
            new += 1
            continue
        old = _hints(row[0])
        merged = _merged(old, candidate.hint)
        if merged != old:
            cx.execute("UPDATE frontier SET hints = ? WHERE url = ?", (_dumped(merged), candidate.url))
    return new


def wholly_known(cx: sqlite3.Connection, urls: Sequence[str], walked_run: int | None) -> bool:
    """Whether every address was found in or before `walked_run`, the run of the last completed walk."""
    if walked_run is None:
        return False
    for url in urls:
        row = cx.execute("SELECT found_run FROM frontier WHERE url = ?", (url,)).fetchone()
        if row is None or row[0] is None or row[0] > walked_run:
            return False
    return True


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
) -> list[Due]:
    """The addresses of a site that are due, new ones first, in the order in which they were found; what was
    tried in vain comes after the others of its kind.

    `skip`: addresses that are being fetched. `states`: which kinds of addresses are asked for.
    """
    rows = cx.execute(
        "SELECT url, tries FROM frontier WHERE site = ? AND state IN (SELECT value FROM json_each(?))"
        " AND due_at <= ? ORDER BY state, tries > 0, found_at, priority, url LIMIT ?",
        (site, json.dumps(list(states)), iso(now), limit + len(skip)),
    )
    return [Due(url, tries) for url, tries in rows if url not in skip][:limit]


def kept_rows(cx: sqlite3.Connection, site: str) -> Iterator[tuple[Due, datetime]]:
    """All addresses of a site that are stored as articles, and when each was last fetched."""
    rows = cx.execute("SELECT url, tries, fetched_at FROM frontier WHERE site = ? AND state = 'kept'", (site,))
    for url, tries, fetched_at in rows:
        yield Due(url, tries), datetime.fromisoformat(fetched_at)


def kept(cx: sqlite3.Connection, site: str, url: str, status: int, now: datetime, next_visit: datetime | None) -> None:
    """The page was fetched and stored as an article; it is visited again at `next_visit` (None: never)."""
    _settle(cx, site, url, State.KEPT, status, "stored", now, next_visit)


def refused(cx: sqlite3.Connection, site: str, url: str, status: int, reason: str, now: datetime) -> None:
    """The page was fetched and is not an article."""
    _settle(cx, site, url, State.REFUSED, status, reason, now, None)


def postponed(cx: sqlite3.Connection, site: str, url: str, status: int, reason: str, now: datetime) -> None:
    """Something stood in the way of the page (a challenge): it is due again, each time later, and never given up."""
    row = cx.execute("SELECT state, tries FROM frontier WHERE url = ?", (url,)).fetchone()
    state, tries = (State(row[0]), row[1]) if row else (State.DUE, 0)
    state = state if state is State.KEPT else State.DUE
    wait = max(ANOTHER_NIGHT, RETRY_AFTER[min(tries, len(RETRY_AFTER) - 1)])
    _settle(cx, site, url, state, status, reason, now, now + wait, tries + 1)


def failed(cx: sqlite3.Connection, site: str, url: str, status: int | None, reason: str, now: datetime) -> None:
    """The fetch failed; it is tried again after a growing wait, and given up after the last of them."""
    row = cx.execute("SELECT tries FROM frontier WHERE url = ?", (url,)).fetchone()
    tries = row[0] if row else 0
    if tries < len(RETRY_AFTER):
        _settle(cx, site, url, State.DUE, status, reason, now, now + RETRY_AFTER[tries], tries + 1)
    else:
        _settle(cx, site, url, State.DEAD, status, reason, now, None, tries + 1)


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


def reached(cx: sqlite3.Connection, site: str, section_url: str) -> str | None:
    """The page of the listing at which the last walk through a section was broken off; None where it was not."""
    row = cx.execute(
        "SELECT completed_at, reached FROM walks WHERE site = ? AND section_url = ? ORDER BY run_id DESC LIMIT 1",
        (site, section_url),
    ).fetchone()
    return row[1] if row and row[0] is None else None


def found_before(cx: sqlite3.Connection, urls: Sequence[str], run: int) -> bool:
    """Whether every address was found before this run."""
    query = "SELECT 1 FROM frontier WHERE url = ? AND found_run < ?"
    return all(cx.execute(query, (url, run)).fetchone() for url in urls)


def last_completed_walk(cx: sqlite3.Connection, site: str, section_url: str) -> int | None:
    """The run in which a walk through a section last reached its end; None before the first."""
    row = cx.execute(
        "SELECT max(run_id) FROM walks WHERE site = ? AND section_url = ? AND completed_at IS NOT NULL",
        (site, section_url),
    ).fetchone()
    return row[0] if row else None


def begin_walk(cx: sqlite3.Connection, site: str, section_url: str, run: int, now: datetime) -> None:
    """Note that a walk through a section has begun."""
    cx.execute(
        "INSERT INTO walks (site, section_url, run_id, started_at, pages) VALUES (?, ?, ?, ?, 0)"
        " ON CONFLICT (site, section_url, run_id) DO UPDATE SET completed_at = NULL, pages = 0",
        (site, section_url, run, iso(now)),
    )


def walked_page(cx: sqlite3.Connection, site: str, section_url: str, run: int, page: str) -> None:
    """Count one page of a walk, and note where the next one goes on if this one should be broken off."""
    cx.execute(
        "UPDATE walks SET pages = pages + 1, reached = ? WHERE site = ? AND section_url = ? AND run_id = ?",
        (page, site, section_url, run),
    )


def end_walk(cx: sqlite3.Connection, site: str, section_url: str, run: int, now: datetime) -> None:
    """Note that a walk reached its end: the last page, or the first wholly known one."""
    cx.execute(
        "UPDATE walks SET completed_at = ? WHERE site = ? AND section_url = ? AND run_id = ?",
        (iso(now), site, section_url, run),
    )
