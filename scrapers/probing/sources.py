"""Feeds and sitemaps of a probed site: which hold its sections, which the whole site."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urljoin, urlsplit

from pipelines.article import Capture
from scrapers.catalogue import Site
from scrapers.discovery import Candidate, SitemapPage, read_feed, read_sitemap
from scrapers.probing.found import Draft, ProbedSection, UnusedSource
from scrapers.probing.page import Seen, see
from scrapers.probing.visitor import Visitor

MOST_FEEDS = 6
MOST_SITEMAPS = 2
COMMON_FEEDS = ("/rss", "/feed", "/rss.html")
COMMON_SITEMAPS = ("/sitemap.xml",)
_OF_A_SECTION = 0.5
"""So much of a feed must stand in a section's listing that it is the section's."""


@dataclass(slots=True)
class Sources:
    """What was found beside the listings."""

    feeds: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Address of a section -> its feeds."""
    unused: tuple[UnusedSource, ...] = ()
    dates: tuple[str, ...] = ()
    """Dates beside the links of listings and in feeds, as written."""
    problems: tuple[str, ...] = ()


async def look_for_sources(
    visitor: Visitor, sections: Sequence[ProbedSection], named: Sequence[str], draft: Draft
) -> Sources:
    """Open the feeds that pages `named`, else the common ones, and the sitemaps that robots.txt names."""
    sources = Sources()
    unused: list[UnusedSource] = []
    dates: dict[str, str] = {}
    origin = _origin(sections[0].url)
    slugs = [_slug(section.url) for section in sections]
    # a section's own feed has its name in the address
    wanted = sorted(dict.fromkeys(named), key=lambda url: not any(slug and slug in url for slug in slugs))
    feeds = wanted or [origin + path for path in COMMON_FEEDS]
    opened = 0
    while feeds and opened < MOST_FEEDS:
        url, feeds = feeds[0], feeds[1:]
        opened += 1
        visit = await visitor.fetch(url)
        if visit.page is None:
            if url in wanted:
                sources.problems += (f"the feed {url} {visit.reason}",)
            continue
        found = await visitor.read(_feed, visit.page, draft.site)
        if isinstance(found, Seen):  # a page that lists the feeds
            listed = [link.url for link in found.links if re.search(r"\.rss$|/rss/.+", link.url)]
            feeds += sorted(listed, key=lambda u: not any(slug and slug in u for slug in slugs))[:3]
        elif isinstance(found, tuple):
            if _place(sources, unused, sections, url, found):
                dates.update({one.url: one.hint.published for one in found if one.hint.published})
            if not wanted:
                break
    unused += await _sitemaps(visitor, origin, draft)
    for section in sections:
        dates.update(section.dates)
    sources.unused, sources.dates = tuple(unused), tuple(dates.values())
    return sources


def _place(
    sources: Sources,
    unused: list[UnusedSource],
    sections: Sequence[ProbedSection],
    url: str,
    found: tuple[Candidate, ...],
) -> bool:
    """Give a feed to the section that it is a feed of; whether it is one's."""
    links = {one.url for one in found}
    for section in sections:
        shared = len(links & set(section.articles))
        slug = _slug(section.url)
        named = bool(slug) and urlsplit(url).path.rstrip("/").removesuffix(".rss").endswith(slug)
        if links and (shared >= _OF_A_SECTION * len(links) or (named and shared)) and section.title:
            sources.feeds[section.url] = (*sources.feeds.get(section.url, ()), url)
            return True
    why = "it holds the whole site, or other sections" if links else "it holds no article of this site"
    unused.append(UnusedSource(url, len(links), why))
    return False


async def _sitemaps(visitor: Visitor, origin: str, draft: Draft) -> list[UnusedSource]:
    """Sitemaps hold whole sites: they are told, and used only where a person says so."""
    robots = [capture for host, capture in visitor.robots.items() if host in draft.site.allowed_hosts]
    named = [url for capture in robots for url in sitemaps_named(capture)]
    found: list[UnusedSource] = []
    for url in (list(dict.fromkeys(named)) or [origin + path for path in COMMON_SITEMAPS])[:MOST_SITEMAPS]:
        if (urlsplit(url).hostname or "").lower() not in draft.site.allowed_hosts:
            continue
        visit = await visitor.fetch(url)
        page = await visitor.read(read_sitemap, visit.page.body, visit.page.url, draft.site) if visit.page else None
        if isinstance(page, SitemapPage):
            why = f"an index of {len(page.sitemaps)} sitemaps" if page.sitemaps else "it holds the whole site"
            found.append(UnusedSource(url, len(page.candidates), why))
    return found


def sitemaps_named(robots: Capture) -> list[str]:
    """The sitemaps that a robots.txt names (sitemaps.org)."""
    text = robots.body.decode("utf-8", "replace")
    if robots.status != 200:
        return []
    return [urljoin(robots.url, found.strip()) for found in re.findall(r"(?im)^\s*sitemap\s*:\s*(\S+)", text)]


def _feed(capture: Capture, site: Site) -> tuple[Candidate, ...] | Seen:
    """The links of a feed, or what a page says that stands where a feed was looked for."""
    if "html" in capture.content_type.lower() or capture.body.lstrip()[:15].lower().startswith(b"<!doctype html"):
        return see(capture)
    return read_feed(capture.body, capture.url, site, None)


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _slug(url: str) -> str:
    """ "/chinh-tri/xay-dung-dang.htm" -> "xay-dung-dang"."""
    return re.sub(r"\.\w{2,5}$", "", urlsplit(url).path.rstrip("/").rpartition("/")[2])
