"""What becomes of an answer: one transaction for the capture, the article and the frontier."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from pipelines.article import OF_THE_MACHINE, Article, Capture, Hint, Refusal, Verdict
from pipelines.extract import EXTRACTOR_VERSION
from pipelines.identity import canonical_url
from pipelines.store import Store, visits
from pipelines.store.articles import merge
from pipelines.store.moves import carries
from pipelines.warc.records import sha1
from scrapers import frontier, validators
from scrapers.catalogue import Site
from scrapers.frontier import NOT_THERE
from scrapers.validators import Validators

REVISITS = (1, 3, 7, 30, 180)
"""Ages in days at which an article is looked at again for edits; afterwards once a year."""
PASSING = frozenset({Verdict.CHALLENGE, Verdict.ERROR_PAGE})
"""What stands in the way of a page and says nothing of the page itself: it is asked for again another night."""
SAYS_NOTHING = PASSING | OF_THE_MACHINE | {Verdict.LOGIN, Verdict.TOO_LARGE}
"""Refusals of a page behind a redirect that do not tell whether the article is still there."""
_NO_BYTES = sha1(b"")


@dataclass(slots=True)
class Page:
    """A fetched page on its way through the pipelines."""

    url: str
    """The address that was asked for, canonical: its key in the frontier."""
    capture: Capture
    hints: tuple[Hint, ...] = ()
    redirected_from: tuple[str, ...] = field(default=())
    """Addresses that led here, the first one asked for first."""
    result: Article | Refusal | None = None
    validators: Validators | None = None
    answer: int = 0
    """Its number among the answers of the site in this run."""


def next_visit(first_seen: datetime, now: datetime, plan: Sequence[int] = ()) -> datetime:
    """When an article first seen at `first_seen` is due again, seen from `now`; `plan`: ages in days, rising."""
    for days in plan or REVISITS:
        if first_seen + timedelta(days=days) > now:
            return first_seen + timedelta(days=days)
    return now + frontier.YEARLY


def settle(store: Store, site: Site, page: Page, run: int, plan: Sequence[int] = ()) -> str:
    """Store a page whose result is known. Returns `new`, `revised`, `unchanged`, `missing` or `refused`."""
    capture, result = page.capture, page.result
    if result is None:
        message = f"{page.url} was not extracted"
        raise ValueError(message)
    with store.transaction() as cx:
        capture_id = store.add_capture(capture, "article", run, result.verdict.value)
        known = store.article_id_for(page.url)
        missing = _missing(cx, store, site, page, known)
        if isinstance(result, Refusal):
            _refuse(cx, store, site, page, capture_id, known=known is not None)
        if known is not None and missing:  # what stands there instead is found by its own address
            times = visits.missing(cx, known, capture_id, capture.fetched_at, missing)
            frontier.missed(cx, site.id, page.url, capture.status, missing, capture.fetched_at, times)
            return "missing"
        if isinstance(result, Refusal):
            return "refused"
        return _save(cx, store, site, page, result, capture_id, known, plan)


def _missing(cx: sqlite3.Connection, store: Store, site: Site, page: Page, known: int | None) -> str:
    """Why a known article is not where it was; empty if it is, or if the page says nothing of it."""
    result = page.result
    if known is None or result is None:
        return ""
    if not page.redirected_from:
        soft = isinstance(result, Refusal) and result.verdict is Verdict.SOFT_404
        return "says that it is not there" if soft else ""
    if urlsplit(page.capture.url).path in ("", "/"):
        return "leads to the front page"
    if page.capture.url in {section.url for section in site.sections}:
        return "leads to a listing"
    if isinstance(result, Refusal):
        told = result.verdict not in SAYS_NOTHING and not site.is_article(page.capture.url)
        return "leads to a page that is no article" if told or result.verdict is Verdict.SOFT_404 else ""
    if store.article_id_for(result.canonical_url) == known or carries(cx, known, result):
        return ""
    return "leads to another article"


def _refuse(cx: sqlite3.Connection, store: Store, site: Site, page: Page, capture_id: int, *, known: bool) -> None:
    capture, refusal = page.capture, page.result
    assert isinstance(refusal, Refusal)  # noqa: S101  # for mypy
    seen_at, reason = capture.fetched_at, refusal.verdict.value
    store.quarantine(refusal, capture_id=capture_id, site=site.id, url=capture.url, seen_at=seen_at)
    validators.drop(cx, capture.url)
    if known or refusal.verdict in PASSING | OF_THE_MACHINE:
        frontier.postponed(cx, site.id, page.url, capture.status, reason, seen_at)
    else:
        frontier.refused(cx, site.id, page.url, capture.status, reason, seen_at)


def _save(
    cx: sqlite3.Connection,
    store: Store,
    site: Site,
    page: Page,
    article: Article,
    capture_id: int,
    known: int | None,
    plan: Sequence[int],
) -> str:
    capture, seen_at = page.capture, page.capture.fetched_at
    there = store.article_id_for(article.canonical_url)
    moved = known is not None and bool(page.redirected_from) and there != known
    if moved and known is not None and there is not None:
        merge(cx, known, there)
    saved = store.save_article(
        article,
        capture_id=capture_id,
        site=site.id,
        seen_at=seen_at,
        seen_url=canonical_url(capture.url, site.rules.urls),
        extractor_version=EXTRACTOR_VERSION,
        known_as=known,
    )
    for address in _others(page, site, article):
        store.add_address(address, saved.article_id, "redirect", seen_at)
    again = next_visit(store.first_seen(saved.article_id), seen_at, plan or site.revisits)
    day = article.date.published_at or article.date.date_estimate
    old_again: datetime | None = again
    if moved and site.fits_article(article.canonical_url):
        frontier.kept(cx, site.id, article.canonical_url, capture.status, seen_at, again, day and day[:10])
        old_again = None  # it is visited where it is now
    frontier.kept(cx, site.id, page.url, capture.status, seen_at, old_again, day and day[:10])
    validators.note(cx, site.id, capture.url, capture_id, page.validators, seen_at)
    return saved.status.value


def settle_without_page(
    store: Store, site: Site, url: str, capture: Capture, run: int, reason: str = "", plan: Sequence[int] = ()
) -> str:
    """Note an answer that brought no page: unchanged, not there, an error. Returns `unchanged`, `missing`,
    `dead_links` or `failed`.
    """
    status, seen_at = capture.status, capture.fetched_at
    reason = reason or f"HTTP {status}"
    with store.transaction() as cx:
        capture_id = store.add_capture(capture, "article", run, None)
        known = store.article_id_for(url)
        if known is not None and status == 304 and capture.digest != _NO_BYTES:
            # It has the digest of the capture that still holds. One that nobody asked for stands for none.
            visits.unchanged(cx, known, capture_id, seen_at)
            again = next_visit(store.first_seen(known), seen_at, plan or site.revisits)
            frontier.kept(cx, site.id, url, status, seen_at, again)
            return "unchanged"
        validators.drop(cx, capture.url)
        if known is not None and status in NOT_THERE:
            times = visits.missing(cx, known, capture_id, seen_at, reason)
            frontier.missed(cx, site.id, url, status, reason, seen_at, times)
            return "missing"
        frontier.failed(cx, site.id, url, status, reason, seen_at)
    return "dead_links" if status in NOT_THERE else "failed"


def _others(page: Page, site: Site, article: Article) -> Sequence[str]:
    addresses = dict.fromkeys(canonical_url(url, site.rules.urls) for url in (page.url, *page.redirected_from))
    addresses.pop(article.canonical_url, None)
    return list(addresses)
