"""Sitemaps as sitemaps.org has them, indexes, Google's news sitemaps, plain text, any of them in gzip."""

from __future__ import annotations

import zlib

from lxml import etree

from pipelines.article import Hint
from pipelines.decode import decode
from scrapers.catalogue import Site
from scrapers.discovery.feeds import name, parse_xml, text_of
from scrapers.discovery.found import MAX_BYTES, Gathering, SitemapPage, TooLarge, Unreadable, absolute, line

MAX_ENTRIES = 50_000
"""The most that sitemaps.org allows one file."""
_MEMBERS = 1000
"""Gzip may be several members; a million empty ones are an attack."""


def read_sitemap(body: bytes, url: str, site: Site) -> SitemapPage:
    """The articles of a sitemap, or the sitemaps of an index. `url` is its own address.

    `lastmod` is the day of the last change, not of publication: it is `Candidate.modified`, never a hint's
    date, which comes from `news:publication_date` alone. Raises `Unreadable` for what is neither, or a bomb.
    """
    problems: list[str] = []
    if body.startswith(b"\x1f\x8b"):
        body, whole = _gunzip(body, url)
        if not whole:
            problems.append(f"sitemap cut off in the middle: {url}")
    if not body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return _plain_text(body, url, site, problems)
    root = parse_xml(body, url)
    if name(root) not in {"urlset", "sitemapindex"}:
        msg = f"{url} is no sitemap: its root element is <{name(root)}>"
        raise Unreadable(msg)
    gathering = Gathering(site)
    sitemaps: dict[str, str | None] = {}
    abroad = 0
    for i, entry in enumerate(root.iterchildren(etree.Element)):
        if i == MAX_ENTRIES:
            problems.append(f"more than {MAX_ENTRIES} entries, the rest is left: {url}")
            break
        # Only the entry's own children: `image:loc` is a picture's.
        fields = {name(child): child for child in reversed(list(entry.iterchildren(etree.Element)))}
        loc = text_of(fields["loc"]) if "loc" in fields else ""
        modified = line(text_of(fields["lastmod"])) if "lastmod" in fields else None
        if name(entry) == "url":
            gathering.add(loc, url, _news(fields.get("news")), modified)
        elif name(entry) == "sitemap":
            address = absolute(loc, url, site) if loc else None
            abroad += address is None
            if address:
                sitemaps.setdefault(address, modified)
    if abroad:
        problems.append(f"{abroad} sitemaps on no host of this site: {url}")
    return SitemapPage(gathering.candidates, tuple(sitemaps.items()), tuple(problems))


def _news(news: etree._Element | None) -> Hint:
    fields = {name(child): text_of(child) for child in news.iterchildren(etree.Element)} if news is not None else {}
    return Hint("sitemap", line(fields.get("publication_date")), line(fields.get("title")))


def _plain_text(body: bytes, url: str, site: Site, problems: list[str]) -> SitemapPage:
    """One address a line."""
    lines = [text for text in decode(body[:MAX_BYTES]).text.split() if text.startswith(("http://", "https://"))]
    if not lines:
        msg = f"{url} is no sitemap: neither XML nor a list of addresses"
        raise Unreadable(msg)
    if len(lines) > MAX_ENTRIES:
        problems.append(f"more than {MAX_ENTRIES} entries, the rest is left: {url}")
    gathering = Gathering(site)
    for text in lines[:MAX_ENTRIES]:
        gathering.add(text, url, Hint("sitemap"))
    return SitemapPage(gathering.candidates, (), tuple(problems))


def _gunzip(body: bytes, url: str) -> tuple[bytes, bool]:
    """The content, and whether it was whole. Raises `Unreadable` for a bomb."""
    content = b""
    rest = body
    for _ in range(_MEMBERS):
        inflater = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
        try:
            content += inflater.decompress(rest, MAX_BYTES + 1 - len(content))
        except zlib.error as error:
            if content:
                return content, False
            msg = f"{url} is broken gzip: {error}"
            raise Unreadable(msg) from error
        if len(content) > MAX_BYTES:
            msg = f"{url} has more than {MAX_BYTES} bytes when unpacked"
            raise TooLarge(msg)
        if not inflater.eof:
            return content, False
        rest = inflater.unused_data
        if not rest.startswith(b"\x1f\x8b"):
            return content, True
    return content, False
