"""What a site card and a family file say, as checked values."""

from __future__ import annotations

import datetime as dt
import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal
from urllib.parse import urlsplit

from pipelines.article import KhotinError, PageRules, Template, UrlRules
from pipelines.identity import UnusableAddress, canonical_url, host_of

Kind = Literal["party_journal", "party_newspaper", "party_portal", "government_portal"]


class CatalogueError(KhotinError):
    """Cards that do not say what they must. One line a problem: `file:line: found X, expected Y`."""

    exit_code = 2

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class UnknownSite(KhotinError):
    """No card has this id."""

    exit_code = 2


@dataclass(frozen=True, slots=True)
class Province:
    """The province a site writes for. A code is nothing without its scheme (see `pipelines.provinces`)."""

    code: str
    scheme: Literal[34, 63]


@dataclass(frozen=True, slots=True)
class Section:
    """One listing of a site that is walked."""

    url: str
    title: str = ""
    """Empty for a page of the whole site, which tells nothing about an article's section."""
    feeds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Expect:
    """What a healthy site gives; a verdict compares with it."""

    articles_per_week: tuple[int, int]
    """Fewest and most new articles in an ordinary week."""
    quiet_days: int
    """Days without a new article after which someone should look."""


@dataclass(frozen=True, slots=True)
class Rights:
    """What the publisher says about copying, and how much of a text is published accordingly."""

    note: str
    publish: Literal["full", "excerpt", "none"]


@dataclass(frozen=True, slots=True)
class Verified:
    """How far a card was checked against the site itself. Never more than was really seen."""

    how: Literal["live", "pages", "family", "none"]
    """`live` against the site, `pages` against saved pages of it, `family`: its family's rules were checked
    on other sites, `none`: only facts about it are known, its markup was never seen."""
    pages: int
    """Pages of this very site that were seen."""


@dataclass(frozen=True, slots=True)
class Rewrite:
    """A regular expression searched in path and query, and what stands there instead (`re.sub`)."""

    find: str
    replace: str


@dataclass(frozen=True, slots=True)
class UrlCard:
    """`urls:` of a family or a site; together they become `pipelines.article.UrlRules`."""

    keep_params: tuple[str, ...] = ()
    rewrite: tuple[Rewrite, ...] = ()


@dataclass(frozen=True, slots=True)
class Examples:
    """Addresses that prove a card's patterns: checked whenever the card is read."""

    articles: tuple[str, ...] = ()
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ListingTemplate:
    """One version of a family's listing layout: CSS selectors, and the days between which they hold."""

    name: str
    items: tuple[str, ...]
    """One element an article; all selectors count, in document order."""
    link: tuple[str, ...] = ("a[href]",)
    """Inside an item."""
    title: tuple[str, ...] = ()
    """Inside an item; without one the text of the link, else its `title` attribute."""
    date: tuple[str, ...] = ()
    """Inside an item; its `datetime` or `title` attribute stands in where it has no text."""
    summary: tuple[str, ...] = ()
    pages: tuple[str, ...] = ()
    """Links to other pages of the listing, anywhere on the page; without one pagers are read generically."""
    page_number: str = ""
    """Regular expression with one group, on path and query of such a link: the number of the page."""
    since: dt.date | None = None
    until: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Family:
    """A content management system as several sites use it."""

    id: str
    name: str
    evidence: str
    """What was seen where."""
    templates: tuple[Template, ...] = ()
    listings: tuple[ListingTemplate, ...] = ()
    urls: UrlCard = UrlCard()
    article_urls: tuple[str, ...] = ()
    """Used by sites that name none themselves."""
    boilerplate: tuple[str, ...] = ()
    agencies: tuple[str, ...] = ()


@dataclass(frozen=True)
class Site:
    """A site card with the families it names."""

    id: str
    name: str
    name_en: str
    kind: Kind
    family: str
    hosts: tuple[str, ...]
    """The present host first. All give the same pages under the same paths and are made one."""
    sections: tuple[Section, ...]
    expect: Expect
    rights: Rights
    verified: Verified
    history: tuple[str, ...]
    """Dated lines, oldest first: "2026-11-22 first written …"."""
    province: Province | None = None
    """None: it writes for the whole country."""
    more_families: tuple[str, ...] = ()
    """Systems of the site's other generations; their templates are tried after the family's."""
    also_named: tuple[str, ...] = ()
    former_hosts: tuple[str, ...] = ()
    """Known as this site, but their addresses stay as they are: old paths differ from the present ones."""
    feeds: tuple[str, ...] = ()
    sitemaps: tuple[str, ...] = ()
    article_urls: tuple[str, ...] = ()
    urls: UrlCard = UrlCard()
    agencies: tuple[str, ...] = ()
    boilerplate: tuple[str, ...] = ()
    examples: Examples = Examples()
    tls: Literal["modern", "legacy"] = "modern"
    """`legacy`: a server that speaks nothing newer than TLS 1.0 or 1.1, or has weak keys."""
    budget: int = 0
    """Most requests of a night; 0: as the setting KHOTIN_BUDGET says."""
    revisits: tuple[int, ...] = ()
    """Ages in days at which an article is looked at again, rising; empty: as the setting KHOTIN_REVISITS says."""
    families: tuple[Family, ...] = field(default=(), metadata={"card": False})
    """`family` and `more_families` themselves, filled in when the catalogue is put together."""

    @cached_property
    def allowed_hosts(self) -> frozenset[str]:
        """Every host that is this site: present and former, each with and without www."""
        return frozenset(both_forms(self.hosts + self.former_hosts))

    @cached_property
    def listings(self) -> tuple[ListingTemplate, ...]:
        """Listing templates of all its families, in the order they are tried."""
        return tuple(listing for family in self.families for listing in family.listings)

    @cached_property
    def rules(self) -> PageRules:
        """What extraction needs to know of the site."""
        patterns = self.article_urls or tuple(p for family in self.families for p in family.article_urls)
        cards = (*(family.urls for family in self.families), self.urls)
        return PageRules(
            site=self.id,
            names=_joined((self.name, self.name_en), self.also_named),
            templates=tuple(template for family in self.families for template in family.templates),
            article_urls=patterns,
            urls=UrlRules(
                keep_params=_joined(*(card.keep_params for card in cards)),
                rewrite=tuple((rule.find, rule.replace) for card in cards for rule in card.rewrite),
                hosts=tuple(both_forms(self.hosts)),
            ),
            agencies=_joined(self.agencies, *(family.agencies for family in self.families)),
            boilerplate=_joined(self.boilerplate, *(family.boilerplate for family in self.families)),
        )

    @cached_property
    def _patterns(self) -> tuple[re.Pattern[str], ...]:
        return tuple(re.compile(pattern) for pattern in self.rules.article_urls)

    def is_article(self, url: str) -> bool:
        """Whether an address is one of this site's articles, going by host and address patterns alone."""
        try:
            canonical = canonical_url(url, self.rules.urls)
        except UnusableAddress:
            return False
        return self.fits_article(canonical)

    def fits_article(self, canonical: str) -> bool:
        """`is_article` for an address that is canonical already."""
        parts = urlsplit(canonical)
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        return parts.hostname in self.allowed_hosts and any(p.search(target) for p in self._patterns)


@dataclass(frozen=True)
class Catalogue:
    """All site cards and families of one folder, checked."""

    sites: Mapping[str, Site]
    families: Mapping[str, Family]
    _by_host: Mapping[str, Site] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_host = {host: site for site in self.sites.values() for host in site.allowed_hosts}
        object.__setattr__(self, "_by_host", by_host)

    def site(self, site_id: str) -> Site:
        """The site of this id. Raises `UnknownSite` with the nearest ids."""
        if site_id in self.sites:
            return self.sites[site_id]
        near = difflib.get_close_matches(site_id, self.sites, n=3, cutoff=0.5)
        hint = f"did you mean {' or '.join(near)}?" if near else f"there are: {', '.join(sorted(self.sites))}"
        msg = f"unknown site {site_id!r}; {hint}"
        raise UnknownSite(msg)

    def site_for(self, url: str) -> Site | None:
        """The site an address belongs to, by its host, former ones too. None for a stranger or no address."""
        try:
            return self._by_host.get(host_of(url))
        except UnusableAddress:
            return None

    def rules_for(self, url: str) -> PageRules:
        """The rules of the address' site; for an unknown host the templates of all families."""
        site = self.site_for(url)
        if site:
            return site.rules
        families = [self.families[name] for name in sorted(self.families)]
        return PageRules(templates=tuple(template for family in families for template in family.templates))


def _joined(*parts: tuple[str, ...]) -> tuple[str, ...]:
    """All of them in order, none twice."""
    return tuple(dict.fromkeys(text for part in parts for text in part))


def both_forms(hosts: tuple[str, ...]) -> Iterator[str]:
    """Each host with and without `www.`, in order, none twice; the first stays the first."""
    yield from dict.fromkeys(
        form
        for host in hosts
        for form in (host, host.removeprefix("www.") if host.startswith("www.") else f"www.{host}")
    )
