"""Asks for pages one after the other, by the crawl's own downloader with all its guards, and keeps none of them."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar
from urllib.parse import urlsplit

from scrapy import Request, Spider
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.exceptions import CannotResolveHostError, DownloadTimeoutError
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK
from scrapy.settings import Settings

from pipelines.article import Capture, Hint, KhotinError, PageRules, Refusal
from pipelines.pool import WorkerPool
from pipelines.warc import Archived, Exchange
from pipelines.warc.records import sha1
from scrapers.attempts import Fault, attempt
from scrapers.blocking import blocked_by
from scrapers.catalogue import Site
from scrapers.choices import slowest_of
from scrapers.keeping import CAPTURE
from scrapers.manners import OffLimits, RobotsDisallowed, RobotsUnreachable, user_agent
from scrapers.patience import SLOW_DOWN, Patience, SiteLeft
from scrapers.private import PrivateAddress
from scrapers.replay import NOT_IN_ARCHIVE, ReplayIndex, replay_settings
from scrapers.session import pool_from
from scrapers.watching import Watch

if TYPE_CHECKING:
    from collections.abc import Collection

T = TypeVar("T")


class Met(StrEnum):
    """What a request came to."""

    OK = "ok"
    MISSING = "missing"
    MOVED = "moved"
    ROBOTS = "robots"
    KEPT_OUT = "kept_out"
    BLOCKED = "blocked"
    FAILED = "failed"
    LEFT = "left"
    """Not sent: the requests of this look are used up, or the site asked for quiet."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One request and what it came to."""

    asked: str
    met: Met
    url: str
    """The address that answered, after redirects; the one asked for where nothing did."""
    status: int | None = None
    capture: Capture | None = None
    reason: str = ""
    """What stood in the way, for a person; empty where nothing did."""

    @property
    def page(self) -> Capture | None:
        """The capture of a page that can be read."""
        return self.capture if self.met is Met.OK else None


@dataclass(frozen=True, slots=True)
class _Stranger:
    """Stands in for the card of a site that has none."""

    id: str = "new"
    tls: str = "modern"
    rules: PageRules = field(default_factory=PageRules)


class _Nothing:
    """Stands in for the run's session: decodes what comes, writes nothing."""

    def __init__(self, replay: ReplayIndex | None) -> None:
        self.replay = replay
        self.robots: dict[str, Capture] = {}
        """Host -> its robots.txt."""

    @staticmethod
    def clock() -> datetime:
        """The time at which an answer came."""
        return datetime.now(UTC)

    async def db(self, *_: object) -> None:
        """There is no archive in which an earlier capture of a page could stand."""

    async def keep(self, site: str, kind: str, exchange: Exchange, page: str = "") -> tuple[Capture, tuple[Hint, ...]]:
        """The capture of an exchange, which is not kept; of no page has anything been said before."""
        del page
        archived = Archived(exchange, Path(), 0, 0, "", sha1(exchange.body))
        capture = await asyncio.to_thread(archived.capture, site=site)
        if kind == "robots":
            self.robots[(urlsplit(exchange.url).hostname or "").lower()] = capture
        return capture, ()


class _ProbeSpider(Spider):
    """Lets a `Visitor` ask for pages."""

    name = "look"
    site: Site | _Stranger
    visitor: Visitor
    handle_httpstatus_list: ClassVar[list[int]] = list(range(400, 600))

    def __init__(self, *args: Any, visitor: Visitor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.visitor = visitor
        self.session = _Nothing(visitor.replay)
        self.allowed_hosts = frozenset(visitor.hosts)
        self.watch = Watch()
        self.patience = visitor.patience

    async def start(self) -> AsyncIterator[Request]:
        """Do the visitor's work; no request goes through the scheduler."""
        await self.visitor.work(self)
        nothing: tuple[Request, ...] = ()
        for request in nothing:  # which makes this the generator that Scrapy wants
            yield request


class Visitor:
    """Fetches pages of one site. Each address is asked for once."""

    def __init__(
        self,
        hosts: Collection[str],
        pool: WorkerPool,
        replay: ReplayIndex | None,
        patience: Patience,
        procedure: Callable[[Visitor], Awaitable[object]],
        tell: Callable[[str], None],
    ) -> None:
        self.hosts = hosts
        self.pool = pool
        self.replay = replay
        self.patience = patience
        self.tell = tell
        self.result: Any = None
        self.failure: BaseException | None = None
        self._procedure = procedure
        self._visits: dict[str, Visit] = {}
        self._spider: _ProbeSpider | None = None

    async def work(self, spider: _ProbeSpider) -> None:
        """Run the procedure; what it raises is kept for the caller of `look`."""
        self._spider = spider
        try:
            self.result = await self._procedure(self)
        except Exception as error:  # noqa: BLE001  # raised again outside the reactor
            self.failure = error

    @property
    def visits(self) -> tuple[Visit, ...]:
        """All visits so far."""
        return tuple(self._visits.values())

    @property
    def robots(self) -> dict[str, Capture]:
        """Host -> its robots.txt, of the hosts that were asked."""
        return self._spider.session.robots if self._spider else {}

    async def fetch(self, url: str, kind: str = "listing") -> Visit:
        """Ask for an address. Nothing that a site does raises."""
        if url not in self._visits:
            visit = await self._fetch(url, kind)
            self._visits[url] = visit
            self.tell(f"{visit.status or '-'} {url}{': ' + visit.reason if visit.reason else ''}")
        return self._visits[url]

    async def read(self, function: Callable[..., T], *args: Any) -> T | Refusal | Fault:
        """Call a pure function on a page in a worker process, within the bounds of a page."""
        return await self.pool.run(attempt, function, *args)

    async def _fetch(self, url: str, kind: str) -> Visit:
        spider = self._spider
        assert spider is not None  # noqa: S101  # `work` has set it
        request = Request(url, dont_filter=True, meta={"khotin_kind": kind}, callback=NO_CALLBACK)
        moved = spider.watch.moved.copy()
        try:
            response: Response = await spider.crawler.engine.download_async(request)
        except KhotinError:
            raise  # a fault of the replayed files
        except Exception as error:  # noqa: BLE001  # whatever a server or a network breaks is what this look is for
            return _unanswered(url, error, next(iter(spider.watch.moved - moved), ""))
        return await self._answered(url, response)

    async def _answered(self, url: str, response: Response) -> Visit:
        capture: Capture | None = response.meta.get(CAPTURE)
        status = response.status
        if NOT_IN_ARCHIVE in response.flags or capture is None:
            return Visit(url, Met.MISSING, response.url, None, None, "is not in the replayed files")
        if status in SLOW_DOWN:
            self.patience.leave(f"the site asked to slow down (HTTP {status})")
            return Visit(url, Met.BLOCKED, response.url, status, capture, f"asked to slow down (HTTP {status})")
        if status in (404, 410):
            return Visit(url, Met.MISSING, response.url, status, capture, f"is not there (HTTP {status})")
        if kept := await self._kept_out(capture):
            return Visit(url, Met.BLOCKED, response.url, status, capture, kept)
        if status != 200:
            return Visit(url, Met.FAILED, response.url, status, capture, f"answered HTTP {status}")
        if capture.truncated:
            return Visit(url, Met.FAILED, response.url, status, capture, "the answer was cut short")
        return Visit(url, Met.OK, response.url, status, capture)

    async def _kept_out(self, capture: Capture) -> str:
        found = await self.read(blocked_by, capture)
        return found.reason if isinstance(found, Refusal | Fault) else ""


def _unanswered(url: str, error: Exception, foreign: str) -> Visit:
    """What an error means, in words of the world."""
    if isinstance(error, OffLimits) and foreign:
        return Visit(url, Met.MOVED, url, None, None, f"is redirected to another host, {foreign}")
    kinds: tuple[tuple[type[Exception], Met, str], ...] = (
        (OffLimits, Met.MOVED, str(error)),
        (RobotsDisallowed, Met.ROBOTS, "robots.txt does not allow it"),
        (RobotsUnreachable, Met.KEPT_OUT, str(error).partition(": keeping out")[0]),
        (PrivateAddress, Met.FAILED, str(error)),
        (SiteLeft, Met.LEFT, str(error)),
        (CannotResolveHostError, Met.FAILED, "the host's name is not known (DNS)"),
        (DownloadTimeoutError, Met.FAILED, "no answer in time"),
    )
    for kind, met, reason in kinds:
        if isinstance(error, kind):
            return Visit(url, met, url, None, None, reason)
    return Visit(url, Met.FAILED, url, None, None, f"no answer ({type(error).__name__}: {error})")


def look(
    procedure: Callable[[Visitor], Awaitable[T]],
    hosts: Collection[str],
    *,
    site: Site | None = None,
    contact: str = "",
    delay: float | None = None,
    budget: int,
    replay: Sequence[Path] = (),
    settings: dict[str, Any] | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> T:
    """Run a procedure that asks for pages of `hosts`, at most `budget` of them. One call a process, as of `crawl`.

    Live, `contact` is told to the site; with WARC files in `replay` these answer, and nothing is sent. `delay`: least
    seconds between two requests (default 5 live). Raises `NoContact`, `BadSetting`, the errors of
    `ReplayIndex.open`, KeyboardInterrupt, and what the procedure raises.
    """
    scrapy_settings = Settings()
    scrapy_settings.setmodule("scrapers.settings", priority="project")
    index = ReplayIndex.open(replay, on_torn=lambda torn: tell(str(torn)), on_skipped=tell) if replay else None
    changed: dict[str, Any] = {"LOG_LEVEL": "CRITICAL", **(settings or {})}
    changed |= replay_settings(index) if index else {"USER_AGENT": user_agent(contact)}
    scrapy_settings.setdict(changed, priority="cmdline")
    slowest_of(scrapy_settings)  # what can't be read is told before anything is asked
    if delay is not None:
        scrapy_settings.set("DOWNLOAD_DELAY", delay, priority="cmdline")
    process = AsyncCrawlerProcess(scrapy_settings)
    crawler = process.create_crawler(type("ProbeSpider", (_ProbeSpider,), {"site": site or _Stranger()}))
    patience = Patience(
        budget=budget,
        back_off=2 * scrapy_settings.getfloat("DOWNLOAD_DELAY"),
        quiet=scrapy_settings.getfloat("KHOTIN_QUIET_SECONDS"),
        stopping=lambda: not crawler.crawling,
    )
    with pool_from(scrapy_settings, 1) as pool, _ctrl_c(process) as interrupted:
        visitor = Visitor(hosts, pool, index, patience, procedure, tell)
        process.crawl(crawler, visitor=visitor)
        process.start(install_signal_handlers=False)
    if interrupted:
        raise KeyboardInterrupt
    if visitor.failure:
        raise visitor.failure
    result: T = visitor.result
    return result


@contextlib.contextmanager
def _ctrl_c(process: AsyncCrawlerProcess) -> Any:
    """Ctrl-C ends the look after the page in hand."""
    from twisted.internet import reactor  # only now: the process has chosen which one

    seen: list[int] = []
    stops: list[object] = []

    def stop(number: int, _frame: object) -> None:
        seen.append(number)
        reactor.callFromThread(lambda: stops.append(asyncio.ensure_future(process.stop())))

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield seen
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
