"""What sites give to tell whether a page has changed: kept in archive.db, sent with the next request for it.

ETag and Last-Modified of a whole answer (RFC 9110, section 8.8) are noted in the transaction that stores what
the answer held; they are sent as If-None-Match and If-Modified-Since. "304 Not Modified" then means the earlier
capture, which is read back from its WARC file: a listing that is the same is walked by the same rules, so that an
interrupted first visit is not ended by a 304. Where that capture can't be read, the page is asked for once more,
without conditions.

They are not sent to a page that a redirect led to, nor believed for longer than `BELIEVED`: a server whose dates
stand still would hide every edit. The functions take the connection of a running transaction.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from dateutil.parser import isoparse
from scrapy.http import Request, Response

from pipelines.article import VIETNAM, Capture
from pipelines.schema import iso

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from scrapers.spiders.card import CardSpider

BELIEVED = timedelta(days=20)
"""After so long without a whole answer a page is asked for without conditions."""
EARLIER = "khotin_earlier"
"""Key of `request.meta` under which an answer 304 has the earlier Capture that still holds."""
UNCONDITIONAL = "khotin_unconditional"
"""Key of `request.meta`: send no validators."""
PLACE = "khotin_place"
"""Key of `request.meta`: the `Place` of the capture whose validators were sent."""
REMEMBERED = "khotin_remembered"
"""Key of `request.meta`: what `known` said of the address when it was taken from the frontier, if that was asked."""
_LONGEST = 1000
_CLOCKS_DIFFER = timedelta(hours=1)
_FULL_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_KINDS = ("article", "listing")


@dataclass(frozen=True, slots=True)
class Validators:
    """ETag and Last-Modified as sent; one of them at least."""

    etag: str | None = None
    last_modified: str | None = None


class Place(NamedTuple):
    """Where a capture lies below the folder of the WARC files, and its number."""

    file: str
    offset: int
    capture_id: int


Remembered = tuple[Validators, Place] | None
"""What is sent with a request, and the capture that a 304 would mean."""


def of_response(response: Response) -> Validators | None:
    """The validators of a whole answer that no redirect led to; None where it has none."""
    if response.status != 200 or response.meta.get("redirect_urls"):
        return None
    etag, modified = (_header(response, name) for name in ("ETag", "Last-Modified"))
    return Validators(etag, modified) if etag or modified else None


def _header(response: Response, name: str) -> str | None:
    value = (response.headers.get(name) or b"").decode("latin-1").strip()
    return value if 0 < len(value) <= _LONGEST else None


def note(cx: sqlite3.Connection, site: str, url: str, capture_id: int, found: Validators | None, now: datetime) -> None:
    """Note the validators of an answer whose content has been stored; None: forget those of the one before."""
    if found is None:
        drop(cx, url)
        return
    cx.execute(
        "INSERT OR REPLACE INTO validators (url, site, capture_id, etag, last_modified, noted_at)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (url, site, capture_id, found.etag, found.last_modified, iso(now)),
    )


def drop(cx: sqlite3.Connection, url: str) -> None:
    """Forget what an address had: the page must be seen again as a whole."""
    cx.execute("DELETE FROM validators WHERE url = ?", (url,))


def known(cx: sqlite3.Connection, url: str, now: datetime) -> Remembered:
    """What to send with a request for an address, and the capture that a 304 would mean."""
    row = cx.execute(
        "SELECT v.etag, v.last_modified, c.warc_file, c.warc_offset, c.id FROM validators v"
        " JOIN captures c ON c.id = v.capture_id WHERE v.url = ? AND v.noted_at > ?",
        (url, iso(now - BELIEVED)),
    ).fetchone()
    return (Validators(row[0], row[1]), Place(*row[2:])) if row else None


def newest_whole(cx: sqlite3.Connection, site: str, url: str, before: datetime) -> Place | None:
    """The newest whole answer of an address `before` a time: what a 304 in replayed files means."""
    row = cx.execute(
        "SELECT warc_file, warc_offset, id FROM captures WHERE url = ? AND site = ? AND status = 200"
        " AND fetched_at < ? ORDER BY fetched_at DESC, id DESC LIMIT 1",
        (url, site, iso(before)),
    ).fetchone()
    return Place(*row) if row else None


def unchanged(
    cx: sqlite3.Connection, site: str, sitemaps: Iterable[tuple[str, str | None]], since: datetime
) -> frozenset[str]:
    """The sitemaps of an index (address, `lastmod` as written) that were read after they were last changed.

    Only readings `since` a time count: an index whose `lastmod` stands still would hide what is new for ever.
    """
    found: set[str] = set()
    for url, lastmod in sitemaps:
        changed = _changed_before(lastmod)
        if changed is None:
            continue
        row = cx.execute(
            "SELECT 1 FROM captures WHERE url = ? AND site = ? AND kind = 'sitemap' AND verdict IS NULL"
            " AND status IN (200, 304) AND fetched_at >= ? LIMIT 1",
            (url, site, iso(max(changed, since))),
        )
        if row.fetchone():
            found.add(url)
    return frozenset(found)


def _changed_before(lastmod: str | None) -> datetime | None:
    """The moment by which what `lastmod` tells (sitemaps.org: a W3C date, with or without a time) was surely over."""
    if not lastmod or not _FULL_DATE.match(lastmod):
        return None
    try:
        moment: datetime = isoparse(lastmod)
        if moment.tzinfo is None:  # a day only, or a time without its zone
            return moment.replace(tzinfo=VIETNAM) + timedelta(days=1) + _CLOCKS_DIFFER
        return moment + _CLOCKS_DIFFER
    except (ValueError, OverflowError):
        return None


class Conditional:
    """Downloader middleware: sends validators, and asks again where a 304 can't be made sense of."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Conditional:
        """As Scrapy builds it."""
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Put what is known of this very address into the request, and nothing of an earlier hop."""
        for name in ("If-None-Match", "If-Modified-Since"):
            request.headers.pop(name, None)
        for key in (PLACE, EARLIER):
            request.meta.pop(key, None)
        spider: CardSpider = self.crawler.spider  # type: ignore[assignment]
        conditional = request.meta.get("khotin_kind") in _KINDS and not request.meta.get(UNCONDITIONAL)
        if spider.session.replay or not conditional or request.meta.get("redirect_urls"):
            return
        if REMEMBERED in request.meta:
            found: Remembered = request.meta[REMEMBERED]
        else:
            found = await spider.session.db(self._known, request.url)
        if found is not None:
            validators, request.meta[PLACE] = found
            for name, value in (
                ("If-None-Match", validators.etag),
                ("If-Modified-Since", validators.last_modified),
            ):
                if value:
                    request.headers[name] = value.encode("latin-1")

    def _known(self, url: str) -> Remembered:
        spider: CardSpider = self.crawler.spider  # type: ignore[assignment]
        with spider.session.store.transaction() as cx:
            return known(cx, url, spider.session.now())

    def process_response(self, request: Request, response: Response) -> Request | Response:
        """The request again, without conditions, if what a 304 refers to can't be read."""
        if response.status != 304 or PLACE not in request.meta or EARLIER in request.meta:
            return response
        return request.replace(dont_filter=True, meta={**request.meta, UNCONDITIONAL: True})


def earlier(response: Response) -> Capture | None:
    """The capture that still holds, if this is a 304 that says so."""
    capture: Capture | None = response.meta.get(EARLIER) if response.status == 304 else None
    return capture
