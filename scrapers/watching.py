"""What a run sees of a site while it goes on, and the verdict on the site at its end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    ResponseDataLossError,
)
from scrapy.http import Request, Response

from pipelines import health
from pipelines.article import KhotinError, Refusal, Verdict
from pipelines.health import Answers, Expectation, HealthVerdict, Outcome, Seen
from pipelines.store import visits
from pipelines.store.removals import night_of
from scrapers.manners import OffLimits, RobotsDisallowed, RobotsUnreachable
from scrapers.replay import NOT_IN_ARCHIVE, REPLAYED
from scrapers.validators import PLACE

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from scrapers.catalogue import Site
    from scrapers.session import Session
    from scrapers.spiders.card import CardSpider

_EXCEPTIONS: tuple[tuple[type[Exception], Outcome], ...] = (
    (CannotResolveHostError, Outcome.DNS),
    (DownloadConnectionRefusedError, Outcome.REFUSED),
    (DownloadTimeoutError, Outcome.TIMEOUT),
    (RobotsDisallowed, Outcome.ROBOTS),
    (RobotsUnreachable, Outcome.ROBOTS),  # why, the request for robots.txt itself tells
    (DownloadCancelledError, Outcome.OTHER),
    (DownloadFailedError, Outcome.REFUSED),
    (ResponseDataLossError, Outcome.REFUSED),
)
_NOT_WHAT_IT_SHOULD_BE = {
    Verdict.CHALLENGE.value: Outcome.CHALLENGE,
    Verdict.ERROR_PAGE.value: Outcome.SERVER_ERROR,
    Verdict.SOFT_404.value: Outcome.NOT_FOUND,
}
"""Verdicts on a listing or feed that was answered with status 200."""
_REDIRECTS = (301, 302, 303, 307, 308)
"""The answers whose Location is followed."""
MOST_ADDRESSES = 10_000
"""Addresses of listings remembered one by one: the last try of each counts. Articles are only counted."""


class Watch:
    """Counts what the requests of one site come to."""

    def __init__(self) -> None:
        self.links: dict[str, int] = {}
        self.moved: Counter[str] = Counter()
        self._lists: dict[str, Outcome] = {}
        self._robots: dict[str, Outcome] = {}
        self._pages: Counter[Outcome] = Counter()
        self._examples: dict[tuple[str, Outcome], str] = {}

    def read(self, url: str, links: int) -> None:
        """A feed or the first page of a listing (its address as on the card) has so many links to articles."""
        if len(self.links) < MOST_ADDRESSES:
            self.links[url] = links

    def note(self, kind: str, url: str, outcome: Outcome, example: str) -> None:
        """A request of a kind (`article`, `robots`, `listing`) for `url` came to this."""
        group = kind if kind in ("article", "robots") else "listing"
        self._examples.setdefault((group, outcome), example)
        if group == "article":
            self._pages[outcome] += 1
            return
        answers = self._robots if group == "robots" else self._lists
        if url in answers or len(answers) < MOST_ADDRESSES:
            answers[url] = outcome

    def blocked_robots(self, url: str, refusal: Refusal) -> None:
        """What was answered with status 200 in place of a robots.txt is a page that blocks."""
        self.note("robots", url, _NOT_WHAT_IT_SHOULD_BE.get(refusal.verdict, Outcome.OTHER), f"{refusal.reason}, {url}")

    def answers(self, group: str) -> Answers:
        """What the requests of a group came to."""
        counts = self._pages
        if group != "article":
            counts = Counter((self._robots if group == "robots" else self._lists).values())
        examples = {outcome: text for (one, outcome), text in self._examples.items() if one == group}
        return Answers({outcome: count for outcome, count in counts.items() if count}, examples)

    def missing(self) -> tuple[str, ...]:
        """Addresses of feeds, sitemaps and listings that are not there."""
        return tuple(url for url, outcome in self._lists.items() if outcome is Outcome.NOT_FOUND)


class WatchMiddleware:
    """Downloader middleware nearest to the network: notes what each request came to."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> WatchMiddleware:
        """As Scrapy builds it."""
        return cls(crawler)

    def process_response(self, request: Request, response: Response) -> Response:
        """Note a response. One that a replay does not have says nothing about the site."""
        spider: CardSpider = self.crawler.spider  # type: ignore[assignment]
        if NOT_IN_ARCHIVE not in response.flags:
            location = (response.headers.get("Location") or b"").decode("latin-1")
            target = urljoin(request.url, location) if response.status in _REDIRECTS and location else ""
            host = (urlsplit(target).hostname or "").lower()
            foreign = bool(host) and host not in spider.allowed_hosts
            if not target or foreign:  # else the answer is the one behind the redirect
                outcome = Outcome.MOVED if foreign else _outcome(request, response)
                if foreign:
                    spider.watch.moved[host] += 1
                self._note(request, outcome, f"HTTP {response.status} at {request.url}")
        return response

    def process_exception(self, request: Request, exception: Exception) -> None:
        """Note that there was no response."""
        if isinstance(exception, OffLimits) and "redirect_urls" in request.meta:
            return  # the redirect that led there is noted already
        outcome = next((one for kind, one in _EXCEPTIONS if isinstance(exception, kind)), Outcome.OTHER)
        telling = isinstance(exception, OffLimits | RobotsUnreachable)
        self._note(request, outcome, str(exception) if telling else request.url)

    def _note(self, request: Request, outcome: Outcome, example: str) -> None:
        spider: CardSpider = self.crawler.spider  # type: ignore[assignment]
        asked = request.meta.get("redirect_urls", [request.url])[0]
        spider.watch.note(request.meta.get("khotin_kind", "listing"), asked, outcome, example)


def _outcome(request: Request, response: Response) -> Outcome:
    status = response.status
    if status < 400:
        asked = PLACE in request.meta or REPLAYED in response.flags  # what was sent then, the files know
        return Outcome.OK if status == 200 or (status == 304 and asked) else Outcome.OTHER
    if status == 429 or (status == 503 and response.headers.get("Retry-After")):
        return Outcome.SLOW_DOWN
    if status in (404, 410):
        return Outcome.NOT_FOUND
    return Outcome.SERVER_ERROR if status >= 500 else Outcome.FORBIDDEN


class NothingReached(KhotinError):
    """No site of a run gave any answer: more likely than that all are dead is that this machine is cut off."""

    exit_code = 69  # EX_UNAVAILABLE


_UNREACHED = frozenset({Outcome.DNS, Outcome.REFUSED, Outcome.TIMEOUT})


def _check_reached(spiders: Sequence[CardSpider]) -> None:
    """Raises NothingReached if several sites were asked and none of them answered at all."""
    asked = [
        outcomes
        for spider in spiders
        if (outcomes := {one for kind in ("robots", "listing", "article") for one in spider.watch.answers(kind).counts})
    ]
    # What the robots.txt that could not be had "disallowed" was not asked for.
    if len(asked) > 1 and all(_UNREACHED & one and one <= _UNREACHED | {Outcome.ROBOTS} for one in asked):
        ends = sorted(set().union(*asked) & _UNREACHED)
        message = (
            f"none of {len(asked)} sites could be reached ({', '.join(ends)}): is this machine online?"
            " No site is judged by this run; run it again"
        )
        raise NothingReached(message)


def judge_run(session: Session, spiders: Sequence[CardSpider]) -> dict[str, HealthVerdict]:
    """Judge the sites of a run that is over and write the verdicts, all in one transaction; returns them by site.

    A site that was asked for nothing keeps the verdict it has. Raises NothingReached, where no site answered at all,
    and the errors of `Store.transaction`.
    """
    if not session.replay:
        _check_reached(spiders)
    now, found = session.now(), {}
    with session.store.transaction() as cx:
        for spider in spiders:
            site = spider.site
            gone, masses = visits.judge(cx, site.id)
            spider.counts.update({"gone": gone} if gone else {})
            mass = next((one for one in masses if one.night == night_of(now)), None)
            articles, refused, unlike = health.look_up(cx, site.id, session.run)
            lists = _reread(spider.watch.answers("listing"), unlike)
            seen = Seen(
                at=now,
                robots=spider.watch.answers("robots"),
                lists=lists,
                pages=_reread(spider.watch.answers("article"), refused),
                links={url: 0 for url in spider.watch.missing() if url in _listings(site)} | spider.watch.links,
                articles=articles,
                refused=refused,
                found=spider.counts["found"],
                moved_to=next((host for host, _ in spider.watch.moved.most_common(1)), ""),
                cut_short=spider.blocked or "",
                missing=(mass.missing, mass.there) if mass else (0, 0),
            )
            if seen.asked:
                found[site.id] = health.judge(expectation(site), seen, health.look_back(cx, site.id, session.run, now))
                health.record(cx, site.id, session.run, now, found[site.id])
    return found


def expectation(site: Site) -> Expectation:
    """What a card expects, as it is judged by."""
    described = any(template.body for template in site.rules.templates)
    return Expectation(site.expect.articles_per_week, site.expect.quiet_days, described)


def _listings(site: Site) -> frozenset[str]:
    """Addresses of the card whose links are counted. A sitemap's number of links says nothing of the site."""
    sections = site.sections
    return frozenset((*site.feeds, *(one.url for one in sections), *(feed for one in sections for feed in one.feeds)))


def _reread(answers: Answers, unlike: dict[str, int]) -> Answers:
    """Some answers of status 200 turned out to be no answers when they were read."""
    counts, examples = dict(answers.counts), dict(answers.examples)
    for verdict, number in unlike.items():
        outcome = _NOT_WHAT_IT_SHOULD_BE.get(verdict)
        moving = min(number, counts.get(Outcome.OK, 0))
        if outcome and moving:
            counts[Outcome.OK] -= moving
            counts[outcome] = counts.get(outcome, 0) + moving
            examples.setdefault(outcome, "told with HTTP 200")
    return Answers({one: count for one, count in counts.items() if count}, examples)
