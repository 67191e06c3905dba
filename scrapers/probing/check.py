"""A look at a site with its card: what the site gives today, and what of the card no longer holds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from urllib.parse import urlsplit

from pipelines.article import Article, Capture, Refusal
from pipelines.dates import parse_date
from pipelines.extract import extract
from pipelines.identity import canonical_url
from scrapers.attempts import Fault
from scrapers.catalogue import Section, Site
from scrapers.discovery import Candidate, Listing, SitemapPage, read_feed, read_listing, read_sitemap
from scrapers.probing.sources import sitemaps_named
from scrapers.probing.visitor import Met, Visit, Visitor

REQUESTS = 40
"""The most that one check asks a site for."""
ARTICLES = 3
MOST_SECTIONS, MOST_FEEDS, MOST_SITEMAPS, MOST_FORMER = 8, 8, 3, 3


class Holds(StrEnum):
    """What a line of a check says of the card."""

    YES = "ok"
    NOTE = "note"
    """Something to know; nothing of the card is wrong."""
    NO = "trouble"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of a check."""

    holds: Holds
    what: str
    """robots, feed, sitemap, listing, article, former host, expectation."""
    url: str
    text: str


@dataclass(frozen=True, slots=True)
class CheckedArticle:
    """An article as it is read today."""

    url: str
    title: str
    published_at: str | None
    byline: str | None
    characters: int
    template: str
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found."""

    site: str
    at: datetime
    live: bool
    findings: tuple[Finding, ...]
    articles: tuple[CheckedArticle, ...]
    requests: int

    @property
    def holds(self) -> bool:
        """Whether all of the card holds that was looked at."""
        return not any(one.holds is Holds.NO for one in self.findings)


@dataclass(slots=True)
class _Check:
    site: Site
    visitor: Visitor
    findings: list[Finding] = field(default_factory=list)
    candidates: dict[str, Candidate] = field(default_factory=dict)
    """By address, those of listings first."""
    articles: list[CheckedArticle] = field(default_factory=list)
    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    def tell(self, holds: Holds, what: str, url: str, text: str) -> None:
        self.findings.append(Finding(holds, what, url, text))


async def check(visitor: Visitor, site: Site, only: str = "") -> Checked:
    """Look at robots.txt, feeds, sitemaps, listings and three articles of a site; with `only` at that page alone."""
    look = _Check(site, visitor)
    if only:
        await _page(look, only)
    else:
        for section in site.sections[:MOST_SECTIONS]:
            await _section(look, section)
        for url in _feeds(site)[:MOST_FEEDS]:
            await _feed(look, url)
        for url in site.sitemaps[:MOST_SITEMAPS]:
            await _sitemap(look, url)
        for host in site.former_hosts[:MOST_FORMER]:
            await _former(look, host)
        await _articles(look)
        _expectations(look)
        _left_out(look)
    _robots(look)
    order = {name: n for n, name in enumerate(("robots", "listing", "feed", "sitemap", "article", "expectation"))}
    look.findings.sort(key=lambda one: order.get(one.what, len(order)))
    captures = [visit.capture for visit in visitor.visits if visit.capture]
    at = max((capture.fetched_at for capture in captures), default=look.now)
    live = visitor.replay is None
    return Checked(
        site.id, at, live, tuple(look.findings), tuple(look.articles), visitor.patience.sent or len(captures)
    )


def _robots(look: _Check) -> None:
    """What robots.txt came to; what it forbids is told where it was asked for."""
    for host, capture in look.visitor.robots.items():
        if capture.status == 200:
            named = sitemaps_named(capture)
            unused = [url for url in named if url not in look.site.sitemaps]
            told = f", names {len(named)} sitemaps ({len(unused)} not on the card)" if named else ""
            look.tell(Holds.YES, "robots", capture.url, f"read, {len(capture.body)} bytes{told}")
        elif capture.status >= 500 or capture.status == 429:
            look.tell(Holds.NO, "robots", capture.url, f"HTTP {capture.status}: khotin keeps out of {host}")
        else:
            look.tell(Holds.YES, "robots", capture.url, f"there is none (HTTP {capture.status}): all is allowed")


async def _section(look: _Check, section: Section) -> None:
    visit = await look.visitor.fetch(section.url)
    if not _answered(look, visit, "listing", section.title):
        return
    page = visit.page
    read = await look.visitor.read(_listing, page, look.site, section.title) if page else None
    name = section.title or "(no title)"
    if not isinstance(read, Listing):
        look.tell(Holds.NO, "listing", section.url, f"{name}: can't be read: {read.reason if read else ''}")
        return
    for one in read.candidates:
        look.candidates.setdefault(one.url, one)
    dated = sum(one.hint.published is not None for one in read.candidates)
    shown = f"{name}: {len(read.candidates)} articles, {dated} with a date, {len(read.pages)} further pages linked"
    if not read.candidates:
        look.tell(Holds.NO, "listing", section.url, f"{name}: no link fits article_urls")
        return
    unfit = [problem for problem in read.problems if problem.startswith("no listing template fits")]
    look.tell(
        Holds.NO if unfit else Holds.YES, "listing", section.url, f"{shown}{'; no template fits' if unfit else ''}"
    )
    for problem in read.problems:
        if problem not in unfit:
            look.tell(Holds.NOTE, "listing", section.url, problem.removesuffix(f": {visit.url}"))


async def _feed(look: _Check, url: str) -> None:
    visit = await look.visitor.fetch(url)
    if not _answered(look, visit, "feed"):
        return
    page = visit.page
    read = await look.visitor.read(read_feed, page.body, page.url, look.site, None) if page else None
    if not isinstance(read, tuple):
        look.tell(Holds.NO, "feed", url, f"is no feed any more: {read.reason if read else ''}")
        return
    known = sum(one.url in look.candidates for one in read)
    for one in read:
        look.candidates.setdefault(one.url, one)
    text = f"{len(read)} articles, {known} of them in the listings too" if read else "no article in it"
    look.tell(Holds.YES if read else Holds.NO, "feed", url, text)


async def _sitemap(look: _Check, url: str) -> None:
    visit = await look.visitor.fetch(url)
    if not _answered(look, visit, "sitemap"):
        return
    page = visit.page
    read = await look.visitor.read(read_sitemap, page.body, page.url, look.site) if page else None
    if not isinstance(read, SitemapPage):
        look.tell(Holds.NO, "sitemap", url, f"is no sitemap any more: {read.reason if read else ''}")
        return
    empty = not read.candidates and not read.sitemaps
    text = f"{len(read.candidates)} articles, {len(read.sitemaps)} further sitemaps"
    look.tell(Holds.NO if empty else Holds.YES, "sitemap", url, text)


async def _former(look: _Check, host: str) -> None:
    """A former host that still has pages of its own may have articles that the present one lost."""
    visit = await look.visitor.fetch(f"http://{host}/")
    there = (urlsplit(visit.url).hostname or "").lower()
    if visit.met is Met.OK and there.removeprefix("www.") == host.removeprefix("www."):
        look.tell(Holds.NOTE, "former host", visit.asked, "still answers with pages of its own: are they all archived?")
    elif visit.met is Met.OK:
        look.tell(Holds.YES, "former host", visit.asked, f"leads to {there}")
    else:
        look.tell(Holds.YES, "former host", visit.asked, f"gives nothing: {visit.reason}")


async def _articles(look: _Check) -> None:
    """The newest articles of the listings, as far as dates tell."""
    for one in _newest(look.candidates.values())[: 2 * ARTICLES]:
        if len(look.articles) == ARTICLES:
            return
        plain = look.site.sections[0].url.startswith("http://")
        await _page(look, one.url.replace("https://", "http://", 1) if plain else one.url, one)
    if not look.articles and look.candidates:
        look.tell(Holds.NO, "article", "", f"none of {len(look.candidates)} links led to an article")


async def _page(look: _Check, url: str, candidate: Candidate | None = None) -> None:
    visit = await look.visitor.fetch(url, "article")
    if not _answered(look, visit, "article") or visit.page is None:
        return
    hints = (candidate.hint,) if candidate else ()
    result = await look.visitor.read(extract, visit.page, look.site.rules, hints)
    if isinstance(result, Refusal | Fault):
        verdict = f"{result.verdict}: " if isinstance(result, Refusal) else ""
        look.tell(Holds.NO, "article", url, f"is not read as an article: {verdict}{result.reason}")
        return
    look.articles.append(
        CheckedArticle(
            canonical_url(visit.url, look.site.rules.urls),
            result.title,
            result.date.published_at,
            result.byline,
            len(result.body),
            result.template,
            tuple(dict.fromkeys((*result.flags, *result.date.flags))),
        )
    )
    templates = look.site.rules.templates
    described = any(template.body for template in templates)
    undated = any(one.name == result.template and not one.published for one in templates)
    dated = result.date.published_at is not None
    wrong = ["no title"] * (not result.title) + ["no date"] * (not dated and not undated)
    wrong += ["no template of its family fits"] if described and result.template == "generic" else []
    noted = ["no date, and its template knows of none"] * (not dated and undated)
    facts = [*[_day(result)] * dated, f"{len(result.body):,} characters", result.template]
    facts += ["no byline"] * (not result.byline)
    holds = Holds.NO if wrong else Holds.NOTE if noted else Holds.YES
    look.tell(holds, "article", url, "; ".join([*wrong, *noted, ", ".join(facts)]))


def _day(article: Article) -> str:
    return (article.date.published_at or "no date")[:16].replace("T", " ")


def _expectations(look: _Check) -> None:
    """The card's `expect` beside the dates that the listings show."""
    dates = [when for one in look.candidates.values() if (when := _moment(one, look.now))]
    dates += [datetime.fromisoformat(one.published_at) for one in look.articles if one.published_at]
    if not dates or look.visitor.replay is not None:
        return  # a replay says nothing of today
    quiet = look.now - max(dates)
    allowed = timedelta(days=look.site.expect.quiet_days)
    text = f"newest article {max(quiet.days, 0)} days old; the card expects one within {look.site.expect.quiet_days}"
    look.tell(Holds.NO if quiet > allowed else Holds.YES, "expectation", "", text)
    most = look.site.expect.articles_per_week[1]
    week = sum(look.now - timedelta(days=7) < when for when in dates)
    if week > most:
        look.tell(Holds.NOTE, "expectation", "", f"{week} articles of the last week; the card expects {most} at most")


def _left_out(look: _Check) -> None:
    site = look.site
    parts = (
        ("sections", len(site.sections), MOST_SECTIONS),
        ("feeds", len(_feeds(site)), MOST_FEEDS),
        ("sitemaps", len(site.sitemaps), MOST_SITEMAPS),
    )
    for name, count, most in parts:
        if count > most:
            look.tell(Holds.NOTE, name, "", f"only the first {most} of {count} were looked at")
    if site.verified.how != "live" and look.visitor.replay is None and look.articles:
        pages = sum(visit.page is not None for visit in look.visitor.visits)
        text = f"the card says how: {site.verified.how}; {pages} pages were read live now: verify them and say so"
        look.tell(Holds.NOTE, "verified", "", text)


def _answered(look: _Check, visit: Visit, what: str, title: str = "") -> bool:
    """Whether there is a page to read; what stands in the way is told. A redirect within the site is trouble too."""
    name = f"{title}: " if title else ""
    if visit.met is not Met.OK:
        holds = Holds.NOTE if visit.met is Met.LEFT else Holds.NO
        look.tell(holds, what, visit.asked, f"{name}{visit.reason}")
        return False
    if what != "article" and not _same_place(visit.asked, visit.url):
        look.tell(Holds.NO, what, visit.asked, f"{name}is redirected to {visit.url}")
    return True


def _same_place(asked: str, answered: str) -> bool:
    """http and https, www. and a last slash apart."""
    one, other = (urlsplit(url) for url in (asked, answered))
    hosts = [(parts.hostname or "").removeprefix("www.") for parts in (one, other)]
    return hosts[0] == hosts[1] and (one.path.rstrip("/"), one.query) == (other.path.rstrip("/"), other.query)


def _feeds(site: Site) -> list[str]:
    return list(dict.fromkeys((*site.feeds, *(feed for section in site.sections for feed in section.feeds))))


def _newest(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Those with the newest dates first; those without keep their places behind them."""
    far = datetime.min.replace(tzinfo=UTC)
    return sorted(candidates, key=lambda one: _moment(one, None) or far, reverse=True)


def _moment(candidate: Candidate, now: datetime | None) -> datetime | None:
    parsed = parse_date(candidate.hint.published, now=now) if candidate.hint.published else None
    return None if parsed is None or parsed.yearless else parsed.value


def _listing(capture: Capture, site: Site, section: str) -> Listing:
    return read_listing(capture.body, capture.content_type, capture.url, site, section)
