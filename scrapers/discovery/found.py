"""What discovery gives, and the gathering of links that all its readers share."""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import urldefrag, urljoin

from pipelines.article import Hint, KhotinError
from pipelines.identity import UnusableAddress, canonical_url, host_of
from pipelines.text import clean_line
from scrapers.catalogue import Site

MAX_BYTES = 50 << 20
"""Of an uncompressed body: the most that sitemaps.org allows a sitemap."""


class Unreadable(KhotinError):
    """A body that is no feed, sitemap or listing at all: the page is reported, nothing on it is followed."""


class TooLarge(Unreadable):
    """A body of more bytes, when unpacked, than any feed or sitemap may have."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A link to what is an article of the site by its address."""

    url: str
    """Absolute and canonical."""
    hint: Hint
    position: int
    """From 0, in the order of the page."""
    modified: str | None = None
    """`lastmod` of a sitemap, as written there."""


@dataclass(frozen=True, slots=True)
class Listing:
    """A listing or a feed that was read."""

    candidates: tuple[Candidate, ...]
    pages: tuple[str, ...] = ()
    """Absolute addresses of further pages of a listing, as linked: by page number, then in document order."""
    problems: tuple[str, ...] = ()
    """What the operator should know, one line each: a template that no longer fits, links of an odd form."""


@dataclass(frozen=True, slots=True)
class SitemapPage:
    """A sitemap or an index of sitemaps that was read."""

    candidates: tuple[Candidate, ...]
    sitemaps: tuple[tuple[str, str | None], ...]
    """Address and `lastmod` as written."""
    problems: tuple[str, ...] = ()


class Gathering:
    """Candidates of one page, in its order, each address once with the best that is said of it."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.strangers = 0
        """Links that are none of the site's articles."""
        self._found: dict[str, Candidate] = {}

    @property
    def candidates(self) -> tuple[Candidate, ...]:
        """What was gathered so far."""
        return tuple(self._found.values())

    def article(self, href: str, base: str) -> str | None:
        """The canonical address of a link if it is an article of the site, else None."""
        try:
            url = canonical_url(urljoin(base, href.strip()), self.site.rules.urls)
        except (UnusableAddress, ValueError):  # urljoin raises ValueError on a broken IPv6 host
            return None
        return url if self.site.fits_article(url) else None

    def add(self, href: str, base: str, hint: Hint, modified: str | None = None) -> None:
        """Take a link; where it is known already, only what was missing from its hint."""
        url = self.article(href, base)
        if url is None:
            self.strangers += 1
            return
        known = self._found.get(url)
        if known is None:
            self._found[url] = Candidate(url, hint, len(self._found), modified)
            return
        old = known.hint
        merged = replace(
            old,
            published=old.published or hint.published,
            title=old.title or hint.title,
            section=old.section or hint.section,
        )
        self._found[url] = replace(known, hint=merged, modified=known.modified or modified)


def absolute(href: str, base: str, site: Site) -> str | None:
    """A link that may be fetched for this site, as linked but absolute, without fragment; else None."""
    try:
        url = urldefrag(urljoin(base, href.strip())).url
        return url if host_of(url) in site.allowed_hosts else None
    except (UnusableAddress, ValueError):
        return None


def line(text: str | None) -> str | None:
    """One clean line, or None where nothing is left (at most 500 characters: a hint, not a text)."""
    return clean_line(text or "")[:500].strip() or None
