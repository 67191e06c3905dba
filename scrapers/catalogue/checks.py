"""What the types of a card cannot say: patterns compile, addresses are the site's, claims are honest."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from cssselect import SelectorError
from lxml.cssselect import CSSSelector

from pipelines.article import Template
from pipelines.identity import UnusableAddress, host_of
from pipelines.provinces import UnknownProvince, load_provinces
from scrapers.catalogue.model import Examples, Family, ListingTemplate, Rewrite, Section, Site, UrlCard
from scrapers.catalogue.reader import Check, Checks, Place

Problem = tuple[Place, str, str]
"""Where, what was found, what was expected."""


def selector(text: str) -> str:
    """A CSS selector as lxml takes it (no `::text`)."""
    try:
        CSSSelector(text, translator="html")
    except (SelectorError, SyntaxError) as error:  # cssselect's, and the compiler's of the XPath made from it
        return f"a CSS selector ({error})"
    return ""


def pattern(text: str) -> str:
    """A regular expression of Python's `re`."""
    try:
        re.compile(text)
    except re.error as error:
        return f"a regular expression ({error})"
    return ""


def page_pattern(text: str) -> str:
    """A regular expression with one group, the number of a page."""
    broken = pattern(text)
    return broken or ("" if re.compile(text).groups == 1 else "a regular expression with exactly one group")


def address(text: str) -> str:
    """An absolute http(s) address."""
    try:
        host_of(text)
    except UnusableAddress:
        return "an address like https://example.org/page"
    return ""


def host(text: str) -> str:
    """A bare host name in lower case."""
    # "hanoimoi.vn" and "127.0.0.1" match; "https://hanoimoi.vn" does not.
    return "" if re.fullmatch(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+", text) else "a host like example.org"


def identifier(text: str) -> str:
    """The id of a site or family, as in its file's name."""
    return "" if re.fullmatch(r"[a-z0-9]+(?:-[a-z0-9]+)*", text) else "small letters, digits, single hyphens"


def dated(text: str) -> str:
    """A line of history: a day, a blank, what happened."""
    try:
        date.fromisoformat(text[:10])
    except ValueError:
        return "a day and what happened: 2026-11-22 first written"
    return "" if re.match(r"\S+ \S", text) else "what happened after the day: 2026-11-22 first written"


def body_pick(text: str) -> str:
    """Which of several body containers count."""
    return "" if text in {"all", "longest"} else "one of all, longest"


_SELECTORS = (
    "match",
    "title",
    "lead",
    "body",
    "published",
    "byline",
    "section",
    "tags",
    "drop",
    "keep",
    "caption",
)
_ITEM = ("items", "link", "title", "date", "summary", "pages")
CHECKS: Checks = {
    Template: {**dict.fromkeys(_SELECTORS, selector), "body_pick": body_pick},
    ListingTemplate: {**dict.fromkeys(_ITEM, selector), "page_number": page_pattern},
    Rewrite: {"find": pattern},
    Section: {"url": address, "feeds": address},
    Examples: {"articles": address, "others": address},
    Family: {"id": identifier, "article_urls": pattern},
    Site: {
        "id": identifier,
        "hosts": host,
        "former_hosts": host,
        "feeds": address,
        "sitemaps": address,
        "article_urls": pattern,
        "history": dated,
    },
}


def family_problems(family: Family) -> Iterator[Problem]:
    """Problems of a family that only show when it is seen whole."""
    if not family.evidence:
        yield ("evidence",), "no evidence", "what was seen where"
    kinds: dict[str, Sequence[Template | ListingTemplate]]
    kinds = {"templates": family.templates, "listings": family.listings}
    for key, versions in kinds.items():
        names: set[str] = set()
        for i, version in enumerate(versions):
            if version.name in names:
                yield (key, i, "name"), f"the name {version.name!r} a second time", f"another name in {key}"
            names.add(version.name)
            if version.since and version.until and version.since > version.until:
                yield (key, i, "until"), f"until {version.until}", f"a day not before since: {version.since}"
    yield from _url_problems(family.urls)


def site_problems(site: Site) -> Iterator[Problem]:
    """Problems of a site card that only show when it is seen whole, its families apart."""
    least, most = site.expect.articles_per_week
    if not 0 <= least <= most:
        yield (
            ("expect", "articles_per_week"),
            f"{least} to {most}",
            "[fewest, most] of an ordinary week",
        )
    if site.expect.quiet_days < 1:
        yield ("expect", "quiet_days"), str(site.expect.quiet_days), "1 or more days"
    if any(days < 1 for days in site.revisits) or list(site.revisits) != sorted(set(site.revisits)):
        yield ("revisits",), str(list(site.revisits)), "rising numbers of days: [1, 3, 7, 30, 180]"
    seen = site.verified.how in {"live", "pages"}
    if seen != (site.verified.pages > 0):
        expected = "the number of pages seen, 1 or more" if seen else "0: no page of this site was seen"
        yield ("verified", "pages"), f"{site.verified.pages} with how: {site.verified.how}", expected
    if site.province:
        try:
            load_provinces().get(site.province.code, site.province.scheme)
        except UnknownProvince as error:
            yield ("province",), str(error).partition(";")[0], "a code of data/provinces_*.csv in its scheme"
    days = [line[:10] for line in site.history]
    if not days or days != sorted(days):
        yield ("history",), "no line" if not days else "days out of order", "dated lines, the oldest first"
    if not site.hosts:
        yield ("hosts",), "no host", "the present host first"
    yield from _url_problems(site.urls)
    yield from _strangers(site)


def pattern_problems(site: Site) -> Iterator[Problem]:
    """Problems of a site's address patterns, which may be its family's: its examples decide."""
    if not site.rules.article_urls:
        yield (
            ("article_urls",),
            "no pattern here nor in the family",
            "at least one for article addresses",
        )
    for key, wanted in (("articles", True), ("others", False)):
        for i, example in enumerate(getattr(site.examples, key)):
            if site.is_article(example) != wanted:
                verb = "no" if wanted else "a"
                yield (
                    ("examples", key, i),
                    f"{example!r}, which {verb} pattern of article_urls fits",
                    ("an article's address that one fits" if wanted else "an address that none fits"),
                )


def _url_problems(urls: UrlCard) -> Iterator[Problem]:
    for i, rule in enumerate(urls.rewrite):
        groups = re.compile(rule.find).groups
        used = [int(number) for number in re.findall(r"\\(\d+)", rule.replace)]
        if max(used, default=0) > groups:
            yield ("urls", "rewrite", i, "replace"), f"\\{max(used)}", f"a group of find, which has {groups}"


def _strangers(site: Site) -> Iterator[Problem]:
    """Addresses on hosts that the card does not name."""
    places: Mapping[Place, tuple[str, ...]] = {
        ("feeds",): site.feeds,
        ("sitemaps",): site.sitemaps,
        **{("sections", i, "url"): (section.url,) for i, section in enumerate(site.sections)},
        **{("sections", i, "feeds"): section.feeds for i, section in enumerate(site.sections)},
    }
    for place, urls in places.items():
        for url in urls:
            if host_of(url) not in site.allowed_hosts:
                yield (
                    place,
                    f"the host {host_of(url)}",
                    f"one of the card's: {', '.join(site.hosts)}",
                )


__all__ = ["CHECKS", "Check", "Problem", "family_problems", "pattern_problems", "site_problems"]
