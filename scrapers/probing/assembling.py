"""The card of a probed site as a checked value, put together step by step. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from pipelines.article import Capture, PageRules, Refusal, Verdict
from pipelines.dates import parse_date
from scrapers.attempts import Fault
from scrapers.catalogue import (
    Catalogue,
    Examples,
    Expect,
    Family,
    Kind,
    Province,
    Rights,
    Section,
    Site,
    Verified,
)
from scrapers.discovery import Listing, read_listing
from scrapers.probing.facts import FoundProvince
from scrapers.probing.families import Proposal
from scrapers.probing.found import Draft, ProbedSection
from scrapers.probing.sources import Sources

_EXAMPLES = 2
_FEWEST_DATES = 5
"""Of so few dates no frequency is made."""


def stranger_rules(catalogue: Catalogue) -> PageRules:
    """How a page of a site without card is read: by the templates of all families, else without any."""
    names = sorted(catalogue.families)
    return PageRules(templates=tuple(t for name in names for t in catalogue.families[name].templates))


def draft(
    *,
    site_id: str,
    host: str,
    name: str,
    kind: Kind,
    province: FoundProvince | None,
    patterns: Sequence[str],
    family: Family | None,
    proposal: Proposal | None,
    sections: Sequence[tuple[str, str]],
    examples: tuple[Sequence[str], Sequence[str]],
) -> Draft:
    """The card so far. Without a family it gets one of its own, with the selectors that were proposed."""
    own = family is None
    if family is None:
        template = proposal.template if proposal and not proposal.differs else None
        templates = (replace(template, name=f"{site_id}/{template.name}"),) if template else ()
        family = Family(site_id, f"The system of {name}", "seen by khotin new-site", templates)
    row = province.row if province else None
    site = Site(
        id=site_id,
        name=name,
        name_en=host,
        kind=kind,
        family=family.id,
        hosts=(host,),
        sections=tuple(Section(url, title) for url, title in sections),
        expect=Expect((0, 100), 14),
        rights=Rights("", "excerpt"),
        verified=Verified("none", 0),
        history=(),
        province=Province(row.code, row.scheme) if row else None,
        article_urls=tuple(patterns),
        families=(family,),
    )
    articles, others = examples
    wanted = Examples(
        tuple([url for url in articles if site.is_article(url)][:_EXAMPLES]),
        tuple([url for url in others if not site.is_article(url)][:_EXAMPLES]),
    )
    return Draft(replace(site, examples=wanted), own)


def listing(capture: Capture, so_far: Draft, section: str) -> Listing:
    """What the card finds on a page of a listing. Raises `Unreadable`."""
    return read_listing(capture.body, capture.content_type, capture.url, so_far.site, section)


def with_sources(so_far: Draft, sources: Sources) -> Site:
    """The card with the feeds and sitemaps that hold its sections."""
    sections = tuple(replace(one, feeds=sources.feeds.get(one.url, ())) for one in so_far.site.sections)
    week = a_week(sources.dates)
    expect = so_far.site.expect
    if week:
        rate = week[0]
        # a quarter and four times of what was seen: holidays and congresses are in between
        quiet = min(60, max(4, math.ceil(3 * 7 / rate)))
        expect = Expect((math.floor(rate / 4), math.ceil(rate * 4)), quiet)
    return replace(so_far.site, sections=sections, expect=expect)


def with_feeds(section: ProbedSection, sources: Sources) -> ProbedSection:
    """A section with the feeds that were found for it."""
    return replace(section, feeds=sources.feeds.get(section.url, ()))


def a_week(dates: Sequence[str]) -> tuple[float, int] | None:
    """Articles a week by the dates beside the links of listings, and the number of dates; None for too few."""
    parsed = [found for text in dates if (found := parse_date(text))]
    moments = [found.value for found in parsed if not found.yearless and not found.relative]
    if len(moments) < _FEWEST_DATES:
        return None
    days = max((max(moments) - min(moments)).total_seconds() / 86400, 1.0)
    return (len(moments) - 1) * 7 / days, len(moments)


def broken(fault: Fault) -> Refusal:
    """A page on which khotin itself failed."""
    return Refusal(Verdict.CRASH, f"a fault in khotin: {fault.reason}")
