"""The one address of an article: its own, or the one its page names as the right one (RFC 6596, rel=canonical)."""

from __future__ import annotations

import re
from urllib.parse import urljoin, urlsplit

from pipelines.article import Evidence, PageRules
from pipelines.extract.page import Page
from pipelines.identity import UnusableAddress, canonical_url
from pipelines.text import fold

_WORD = re.compile(r"[^\W_]+")
_ID = re.compile(r"\d{5,}")
KIN = 0.6
"""Share of the words of the shorter of two addresses that the other (or the title) must have too."""


def article_address(page: Page, rules: PageRules, title: str) -> tuple[str, Evidence | None]:
    """The canonical address of an article page, and evidence where the page named another one than its own.

    A page is believed only about its own site (`rules.urls.hosts`), only if what it names is an address of an article
    there (`rules.article_urls`), and only if that has the same number or nearly the same words: templates that name the
    front page or one fixed article on every page are met. A site without `article_urls` keeps its own addresses.
    """
    if not page.url:
        return "", None
    own = canonical_url(page.url, rules.urls)
    if not (rules.article_urls and rules.urls.hosts):
        return own, None
    rule, raw = "link rel=canonical", _canonical_link(page)
    if raw is None:
        rule, raw = "meta og:url", page.meta("og:url")
    named = _named(page.url, raw, rules)
    if named and named != own and _kin(named, own, title):
        return named, Evidence("canonical_url", named, rule, raw[:300], 0.9)
    return own, None


def _canonical_link(page: Page) -> str | None:
    for link in page.tree.iter("link"):
        href: str | None = link.get("href")
        if href is not None and "canonical" in (link.get("rel") or "").lower():
            return href
    return None


def _named(base: str, raw: str, rules: PageRules) -> str:
    """The address as the site's rules write it; empty where it is none of an article of this site."""
    if not raw.strip():
        return ""
    try:
        url = canonical_url(urljoin(base, raw.strip()), rules.urls)
    except (UnusableAddress, ValueError):  # ValueError: "http://[", which urljoin cannot take apart
        return ""
    parts = urlsplit(url)
    target = f"{parts.path}?{parts.query}" if parts.query else parts.path
    ours = parts.hostname == rules.urls.hosts[0] and any(re.search(p, target) for p in rules.article_urls)
    return url if ours else ""


def _kin(named: str, own: str, title: str) -> bool:
    one, other = _last(named), _last(own)
    ids, own_ids = _ID.findall(one), _ID.findall(other)
    if ids and own_ids and ids[-1] == own_ids[-1]:
        return True
    words = set(_WORD.findall(one))
    return any(
        len(words & known) >= KIN * min(len(words), len(known))
        for known in (set(_WORD.findall(other)), set(_WORD.findall(fold(title))))
        if words and len(known) > 2
    )


def _last(url: str) -> str:
    """What tells articles apart: the last part of the path and the query."""
    parts = urlsplit(url)
    return f"{parts.path.rstrip('/').rpartition('/')[2]} {parts.query}".lower()
