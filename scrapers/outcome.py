"""What becomes of a fetched page: one transaction for the capture, the article and the frontier."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pipelines.article import Article, Capture, Hint, Refusal, Verdict
from pipelines.extract import EXTRACTOR_VERSION
from pipelines.identity import canonical_url
from pipelines.store import Store
from scrapers import frontier
from scrapers.catalogue import Site

REVISITS = (
    timedelta(days=1),
    timedelta(days=3),
    timedelta(days=7),
    timedelta(days=30),
    timedelta(days=180),
)
"""Ages at which an article is looked at again for edits; afterwards once a year."""
PASSING = frozenset({Verdict.CHALLENGE, Verdict.ERROR_PAGE})
"""What stands in the way of a page and says nothing of the page itself: it is asked for again another night."""
YEARLY = timedelta(days=365)


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


def next_visit(first_seen: datetime, now: datetime) -> datetime:
    """When an article first seen at `first_seen` is due again, seen from `now`."""
    for age in REVISITS:
        if first_seen + age > now:
            return first_seen + age
    return now + YEARLY


def settle(store: Store, site: Site, page: Page, run: int) -> str:
    """Store a page whose result is known. Returns `new`, `revised`, `unchanged` or `refused`."""
    capture, result = page.capture, page.result
    seen_at = capture.fetched_at
    if result is None:
        message = f"{page.url} was not extracted"
        raise ValueError(message)
    with store.transaction() as cx:
        capture_id = store.add_capture(capture, "article", run, result.verdict.value)
        if isinstance(result, Refusal):
            store.quarantine(result, capture_id=capture_id, site=site.id, url=capture.url, seen_at=seen_at)
            if result.verdict in PASSING:
                frontier.postponed(cx, site.id, page.url, capture.status, result.verdict.value, seen_at)
            else:
                frontier.refused(cx, site.id, page.url, capture.status, result.verdict.value, seen_at)
            return "refused"
        saved = store.save_article(
            result,
            capture_id=capture_id,
            site=site.id,
            seen_at=seen_at,
            seen_url=canonical_url(capture.url, site.rules.urls),
            extractor_version=EXTRACTOR_VERSION,
        )
        for address in _others(page, site, result):
            store.add_address(address, saved.article_id, "redirect", seen_at)
        again = next_visit(store.first_seen(saved.article_id), seen_at)
        frontier.kept(cx, site.id, page.url, capture.status, seen_at, again)
        return saved.status.value


def _others(page: Page, site: Site, article: Article) -> Sequence[str]:
    addresses = dict.fromkeys(canonical_url(url, site.rules.urls) for url in (page.url, *page.redirected_from))
    addresses.pop(article.canonical_url, None)
    return list(addresses)
