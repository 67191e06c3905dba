"""The way through an unknown site: its pages, sections, address pattern, family, feeds and sitemaps."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import zip_longest
from typing import TypeVar
from urllib.parse import urlsplit

from pipelines.article import Article, Capture, PageRules, Refusal
from pipelines.extract import extract
from pipelines.provinces import load_provinces
from scrapers.attempts import Fault
from scrapers.catalogue import Catalogue
from scrapers.catalogue.model import both_forms
from scrapers.probing import assembling
from scrapers.probing.addresses import Form, Sorted, canonical, forms, measure, sort_links
from scrapers.probing.facts import FoundSection, kind_of, province_of, sections
from scrapers.probing.families import Fit, Proposal, fits, propose
from scrapers.probing.found import Draft, NotProbed, Probed, ProbedSection, Sample
from scrapers.probing.page import Seen, see
from scrapers.probing.sources import Sources, look_for_sources
from scrapers.probing.visitor import Met, Visitor

T = TypeVar("T")
REQUESTS = 40
"""The most that one probe asks a site for."""
SAMPLES = 5
"""Articles opened of the form of address that most headlines have."""
_FURTHER_FORM = 0.2
"""Share of the headlines from which another form of address is tried too."""
MOST_SECTIONS = 4


@dataclass(slots=True)
class _State:
    """What is known so far."""

    asked: str
    hosts: frozenset[str]
    rules: PageRules
    """The templates of all families."""
    seen: list[Seen] = field(default_factory=list)
    sections: list[tuple[FoundSection, Capture, Seen]] = field(default_factory=list)
    samples: list[Capture] = field(default_factory=list)
    unsure: list[str] = field(default_factory=list)


def hosts_of(url: str) -> frozenset[str]:
    """The host of an address with and without www."""
    return frozenset(both_forms(((urlsplit(url).hostname or "").lower(),)))


async def probe(visitor: Visitor, url: str, catalogue: Catalogue, site_id: str) -> Probed:
    """Look at the site of `url`: its front page, or the section that is wanted; it is to be called `site_id`.

    Raises `NotProbed`.
    """
    state = _State(url, hosts_of(url), assembling.stranger_rules(catalogue))
    await _look_around(visitor, state)
    found = _sort(state)
    chosen = await _open_articles(visitor, state, found)
    fit, proposal = await _family(visitor, state, catalogue)
    own = _own_patterns(chosen, fit, found, catalogue)
    host = (urlsplit(state.seen[0].url).hostname or "").lower()
    name = _name(state) or host
    province, doubt = province_of(host, [name, *(n for seen in state.seen for n in seen.names)], load_provinces())
    if doubt:
        state.unsure.append(f"the province: {doubt}")
    draft = assembling.draft(
        site_id=site_id,
        host=host,
        name=name,
        kind=kind_of(host, name)[0],
        province=province,
        patterns=[form.pattern for form in chosen] if own else [],
        family=catalogue.families[fit.family] if fit else None,
        proposal=proposal,
        sections=[(section.url, section.title) for section, _, _ in state.sections],
        examples=([url for form in chosen for url in form.articles], found.sections),
    )
    read = [await _read_section(visitor, section, capture, draft) for section, capture, _ in state.sections]
    await _try_next_page(visitor, read, draft, state.unsure)
    sources = await look_for_sources(visitor, read, [feed for seen in state.seen for feed in seen.feeds], draft)
    samples = [await _sample(visitor, capture, draft) for capture in state.samples]
    site = assembling.with_sources(draft, sources)
    _doubts(state, found, chosen, samples, sources)
    return Probed(
        asked=url,
        host=host,
        name=name,
        kind=kind_of(host, name),
        province=province,
        site=site,
        family=site.families[0],
        new_family=fit is None,
        own_patterns=own,
        generator=next((seen.generator for seen in state.seen if seen.generator), ""),
        sections=tuple(assembling.with_feeds(section, sources) for section in read),
        samples=tuple(samples),
        forms=tuple(chosen),
        others=found.sections,
        fit=fit,
        proposal=proposal,
        unused=sources.unused,
        week=assembling.a_week(sources.dates),
        copying=next(
            (note for note in [seen.copying for seen in state.seen] + [await _note(visitor, state)] if note), ""
        ),
        at=max((v.capture.fetched_at for v in visitor.visits if v.capture), default=datetime.now(UTC)),
        live=visitor.replay is None,
        visits=visitor.visits,
        unsure=tuple(dict.fromkeys(state.unsure)),
    )


async def _look_around(visitor: Visitor, state: _State) -> None:
    """The page asked for, the front page, and the sections that they name."""
    start, seen = await _must_open(visitor, state.asked)
    parts = urlsplit(seen.url)
    front = f"{parts.scheme}://{parts.netloc}/"
    state.seen.append(seen)
    given: FoundSection | None = None
    if parts.path not in ("", "/") or parts.query:
        result = await visitor.read(extract, start, state.rules)
        if isinstance(result, Article):
            state.unsure.append(f"{seen.url} is an article, not a section: the sections are those of the front page")
            state.samples.append(start)
        else:
            given = FoundSection(seen.url, "", 101)
        if (home := await _open(visitor, front)) is not None:
            state.seen.append(home[1])
        else:
            state.unsure.append(f"the front page {front} could not be read")
    named = sections([link for one in state.seen for link in one.links], state.hosts)
    if given:
        title = next((one.title for one in named if canonical(one.url) == canonical(given.url)), "") or _heading(seen)
        state.sections.append((FoundSection(given.url, title, 101), start, seen))
    for section in named:
        if len(state.sections) < MOST_SECTIONS and not _known(section.url, state):
            opened = await _open(visitor, section.url)
            if opened is None or _known(opened[1].url, state):
                continue
            if isinstance(await visitor.read(extract, opened[0], state.rules), Article):
                continue  # a headline that is called like a section
            state.seen.append(opened[1])
            state.sections.append((FoundSection(opened[1].url, section.title, section.rank), *opened))
    if not state.sections:
        state.sections.append((FoundSection(seen.url, "", 0), start, seen))
        state.unsure.append("no link speaks of Party building: the front page stands in for a section")
    elif all(section.rank < 50 for section, _, _ in state.sections):
        state.unsure.append("no section is called Xây dựng Đảng: the sections below hold other news as well")


def _known(url: str, state: _State) -> bool:
    return canonical(url) in {canonical(section.url) for section, _, _ in state.sections}


async def _must_open(visitor: Visitor, url: str) -> tuple[Capture, Seen]:
    visit = await visitor.fetch(url)
    opened = await _open(visitor, url)
    if opened is None:
        advice = {
            Met.MOVED: "give the new address",
            Met.BLOCKED: "khotin never works around a block; if you may, try from a network in Vietnam",
            Met.ROBOTS: "the site does not want this page read; give another section",
        }.get(visit.met, "check the address in a browser")
        message = f"{url} {visit.reason or 'is no page with links'}: {advice}"
        raise NotProbed(message)
    return opened


async def _open(visitor: Visitor, url: str) -> tuple[Capture, Seen] | None:
    visit = await visitor.fetch(url)
    if visit.page is None:
        return None
    seen = await visitor.read(see, visit.page)
    return (visit.page, seen) if isinstance(seen, Seen) else None


def _heading(seen: Seen) -> str:
    """The first part of a listing's title: "Xây dựng Đảng mới nhất | Báo Mẫu"."""
    first = re.split(r"\s[|–—-]\s", seen.title)[0].strip()
    return re.sub(r"(?i)\s*(?:mới nhất|hôm nay|,? tin tức.*)+$", "", first)[:80]


def _sort(state: _State) -> Sorted:
    pages = [seen for _, _, seen in state.sections] or state.seen
    links = [link for seen in (*pages, *state.seen) for link in seen.links]
    return sort_links(links, state.hosts, [section.url for section, _, _ in state.sections])


async def _open_articles(visitor: Visitor, state: _State, found: Sorted) -> list[Form]:
    """The forms of address behind which articles stand; the pages that show it are added to the samples."""
    candidates = forms(found)
    if not candidates:
        message = (
            f"no address of an article can be told among {len(found.headlines)} headlines and "
            f"{len(found.sections)} other links of {state.asked}: give the address of a section that lists articles; "
            "a page made by scripts alone can't be read"
        )
        raise NotProbed(message)
    chosen: list[Form] = []
    for form in candidates[:4]:
        share = len(form.articles) / max(1, len(found.headlines))
        if chosen and share < _FURTHER_FORM:
            continue
        good = await _proved(visitor, state, form, SAMPLES if not chosen else 2)
        if good:
            chosen.append(form)
        else:
            state.unsure.append(f"{len(form.articles)} headlines of the form {form.pattern} lead to no articles")
    if not chosen:
        message = f"none of the pages behind the headlines of {state.asked} is an article that can be read"
        raise NotProbed(message)
    return chosen


async def _proved(visitor: Visitor, state: _State, form: Form, count: int) -> bool:
    """Open some articles of a form, in turn from each section; whether most of those that answer are articles."""
    fitting = set(form.articles)
    lists = [[u for link in seen.links if (u := canonical(link.url)) in fitting] for _, _, seen in state.sections]
    mixed = [url for row in zip_longest(*lists) for url in row if url]
    plain = urlsplit(state.seen[0].url).scheme == "http"
    articles = answered = 0
    for url in list(dict.fromkeys([*mixed, *form.articles]))[: count + 2]:
        visit = await visitor.fetch(url.replace("https://", "http://", 1) if plain else url, "article")
        if visit.page is None:
            continue
        answered += 1
        result = await visitor.read(extract, visit.page, state.rules)
        articles += isinstance(result, Article)
        if isinstance(result, Article) and visit.page not in state.samples:
            state.samples.append(visit.page)
        if answered == count:
            break
    return articles * 2 > answered


async def _family(visitor: Visitor, state: _State, catalogue: Catalogue) -> tuple[Fit | None, Proposal | None]:
    """The family whose templates read most of the samples; else selectors that would."""
    found = await visitor.read(fits, state.samples, dict(catalogue.families))
    fit = next(iter(found), None) if isinstance(found, tuple) else None
    if fit and fit.pages * 2 >= len(state.samples):
        return fit, None
    if fit:
        state.unsure.append(f"the family {fit.family} reads {fit.pages} of {len(state.samples)} articles only")
    proposal = await visitor.read(propose, state.samples)
    return None, proposal if isinstance(proposal, Proposal) else Proposal(None, 0, len(state.samples))


def _own_patterns(chosen: Sequence[Form], fit: Fit | None, found: Sorted, catalogue: Catalogue) -> bool:
    """Whether the card needs patterns of its own: the family's find fewer articles, or some that are none."""
    patterns = catalogue.families[fit.family].article_urls if fit else ()
    matched, wrongly = measure(patterns, found)
    ours, ours_wrongly = measure([form.pattern for form in chosen], found)
    return not patterns or matched < ours or len(wrongly) > len(ours_wrongly)


def _name(state: _State) -> str:
    names = Counter(name for seen in state.seen for name in seen.names[:1])
    return names.most_common(1)[0][0] if names else ""


async def _note(visitor: Visitor, state: _State) -> str:
    """What an article says about copying: many sites say it there alone."""
    seen = await visitor.read(see, state.samples[0])
    return seen.copying if isinstance(seen, Seen) else ""


async def _read_section(visitor: Visitor, section: FoundSection, capture: Capture, draft: Draft) -> ProbedSection:
    listing = await visitor.read(assembling.listing, capture, draft, section.title)
    if isinstance(listing, Refusal | Fault):
        return ProbedSection(section.url, section.title, capture, problems=(listing.reason,))
    return ProbedSection(
        section.url,
        section.title,
        capture,
        articles=tuple(one.url for one in listing.candidates),
        dates={one.url: one.hint.published for one in listing.candidates if one.hint.published},
        pages=listing.pages,
        problems=listing.problems,
    )


async def _try_next_page(visitor: Visitor, read: Sequence[ProbedSection], draft: Draft, unsure: list[str]) -> None:
    """Whether the second page of the first listing brings further articles."""
    first = next((section for section in read if section.pages), None)
    if first is None:
        unsure.append("no listing links to a second page: only what stands on the first one is found")
        return
    visit = await visitor.fetch(first.pages[0])
    listing = await visitor.read(assembling.listing, visit.page, draft, first.title) if visit.page else None
    new = set() if listing is None or isinstance(listing, Refusal | Fault) else {one.url for one in listing.candidates}
    if not new - set(first.articles):
        unsure.append(
            f"the second page of a listing brings no further article: {first.pages[0]} {visit.reason}".strip()
        )


async def _sample(visitor: Visitor, capture: Capture, draft: Draft) -> Sample:
    result = await visitor.read(extract, capture, draft.site.rules)
    if isinstance(result, Fault):
        result = assembling.broken(result)
    return Sample(capture, result)


def _doubts(state: _State, found: Sorted, chosen: Sequence[Form], samples: Sequence[Sample], sources: Sources) -> None:
    """What a person must look at."""
    tell = state.unsure.append
    for form in chosen:
        if not form.numbered:
            tell(f"addresses of articles have no number: {form.pattern} goes by the length of the slug alone")
        if form.wrongly:
            tell(f"{form.pattern} also matches {len(form.wrongly)} links that may be sections, as {form.wrongly[0]}")
    matched, _ = measure([form.pattern for form in chosen], found)
    if missed := len(found.headlines) - matched:
        tell(f"{missed} of {len(found.headlines)} headlines have an address of another form")
    for sample in samples:
        if isinstance(sample.result, Refusal):
            tell(f"{sample.capture.url}: refused as {sample.result.verdict}: {sample.result.reason}")
        elif missing := _missing(sample.result):
            tell(f"{sample.capture.url}: no {', no '.join(missing)} found")
    state.unsure += sources.problems


def _missing(article: Article) -> list[str]:
    values = {"date": article.date.published_at, "byline": article.byline, "title": article.title}
    return [name for name, value in values.items() if not value]
