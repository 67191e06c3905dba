"""Runs the spiders of some sites over a data folder, and tells what came of it."""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

from scrapy.crawler import AsyncCrawlerProcess, Crawler
from scrapy.settings import Settings

from pipelines import schema
from pipelines.article import KhotinError
from pipelines.folder import DataFolder
from pipelines.health import TROUBLES, HealthVerdict
from scrapers import choices, frontier
from scrapers.catalogue import Catalogue, load_catalogue
from scrapers.manners import user_agent
from scrapers.replay import ReplayIndex, replay_settings
from scrapers.session import Session, pool_from
from scrapers.spiders.loader import spider_for
from scrapers.watching import judge_run

if TYPE_CHECKING:
    from scrapers.spiders.site import SiteSpider


COUNT_EVERY_S = 2.0
"""Seconds between two countings of what is due, for those who watch."""


class NothingToCrawl(KhotinError):
    """No site was named, and none could be told from the files to replay."""

    exit_code = 2


@dataclass(frozen=True, slots=True)
class SiteReport:
    """What a run did on one site. `counts` are numbers of pages, see README, "What a crawl tells"."""

    site: str
    counts: dict[str, int]
    problems: tuple[str, ...]
    blocked: str | None
    finished: bool
    health: HealthVerdict | None = None
    """The verdict on the site; None where the run was interrupted or asked it for nothing."""


@dataclass(frozen=True, slots=True)
class CrawlReport:
    """What a run did. `failure` is what ended it before its time."""

    sites: tuple[SiteReport, ...]
    seconds: float
    interrupted: bool
    failure: KhotinError | None = None
    problems: tuple[str, ...] = ()
    """What is wrong with the replayed files themselves: one line for each damaged stretch."""

    @property
    def totals(self) -> dict[str, int]:
        """The counts of all sites added up."""
        names = sorted({name for site in self.sites for name in site.counts})
        return {name: sum(site.counts.get(name, 0) for site in self.sites) for name in names}

    @property
    def trouble(self) -> bool:
        """Whether a site gave nothing to read or is judged to be in trouble, or a replayed file is damaged."""
        return bool(self.problems) or any(
            site.blocked or site.problems or (site.health and site.health.verdict in TROUBLES) for site in self.sites
        )


@dataclass(slots=True)
class _Interrupt:
    """Ctrl-C: the first one finishes the pages in hand, the second one stops at once."""

    process: AsyncCrawlerProcess
    reactor: Any
    tell: Callable[[str], None]
    count: int = field(default=0)

    def __call__(self, _signum: int, _frame: FrameType | None) -> None:
        self.count += 1
        self.reactor.callFromThread(self._stop if self.count == 1 else self._kill)

    def _stop(self) -> None:
        self.tell("Stopping: finishing the pages in hand. Run the same command again to go on from here.")
        self._task = asyncio.ensure_future(self.process.stop())

    def _kill(self) -> None:
        self.tell("Stopping at once; what was in flight is fetched again next time.")
        self.reactor.stop()

    _task: Any = None


def crawl(
    sites: Sequence[str],
    data: Path,
    *,
    replay: Sequence[Path] = (),
    contact: str = "",
    delay: float | None = None,
    workers: int | None = None,
    log_level: str = "ERROR",
    catalogue: Catalogue | None = None,
    settings: dict[str, Any] | None = None,
    since: str = "",
    until: str = "",
    limit: int = 0,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    tell: Callable[[str], None] = lambda _: None,
    watch: Callable[[Sequence[SiteSpider]], None] | None = None,
) -> CrawlReport:
    """Crawl sites, live or from WARC files, into the data folder. One call a process: the reactor runs once.

    `sites`: ids of the catalogue; in a replay none means all that the files hold pages of.
    `replay`: WARC files that answer all requests; without them the crawl is live and `contact` (an e-mail
    address or web page of the operator) is required. `delay`: least seconds between two requests to a host,
    default 5 live and 0 in a replay. `since`, `until`: days (YYYY-MM-DD) between which articles were published,
    as far as their links tell; `limit`: at most so many articles a site; what is left over, the next run fetches.
    `tell` gets a line for a person now and then; `watch` is called about once a second with the spiders, and once at
    the end. Raises `KhotinError` (unknown site, no contact, folder not writable …).
    """
    catalogue = catalogue or load_catalogue()
    for site in sites:
        catalogue.site(site)
    scrapy_settings = Settings()
    scrapy_settings.setmodule("scrapers.settings", priority="project")
    scrapy_settings.setdict({"LOG_LEVEL": log_level, **(settings or {})}, priority="cmdline")
    asked = {"KHOTIN_SINCE": since, "KHOTIN_UNTIL": until, "KHOTIN_LIMIT": limit}
    scrapy_settings.setdict({name: value for name, value in asked.items() if value}, priority="cmdline")
    choices.read_all(scrapy_settings)
    damaged: list[str] = []
    index = (
        ReplayIndex.open(replay, on_torn=lambda torn: damaged.append(str(torn)), on_skipped=tell) if replay else None
    )
    for line in damaged:
        tell(line)
    if index:
        scrapy_settings.setdict(replay_settings(index), priority="cmdline")
    else:
        user_agent(contact)
        scrapy_settings.set("KHOTIN_CONTACT", contact, priority="cmdline")
        scrapy_settings.set("KHOTIN_REPLAY", "", priority="cmdline")  # of the environment: it is meant for Scrapy
    chosen = list(dict.fromkeys(sites)) or (_sites_in(index, catalogue) if index else [])
    if not chosen:
        message = "there is nothing to crawl: no site was named, and the files hold none of the catalogue"
        raise NothingToCrawl(message)
    if delay is not None:
        scrapy_settings.set("DOWNLOAD_DELAY", delay, priority="cmdline")
    if schema.orphaned(archive := DataFolder(data).archive):  # never a new archive over the files of an old one
        raise schema.no_archive(archive)
    process = AsyncCrawlerProcess(scrapy_settings)
    # Scrapy's handler leaves out the same lines, but only when they are made: two for each page.
    logging.getLogger("scrapy").setLevel(scrapy_settings.get("LOG_LEVEL"))
    session = Session(
        data,
        catalogue,
        command="crawl",
        sites=chosen,
        operator=contact,
        replay=index,
        pool=pool_from(scrapy_settings, workers),
        disk_free_mb=scrapy_settings.get("KHOTIN_DISK_FREE_MB"),
        clock=clock,
    )
    if session.lost:
        tell(f"{session.lost} captures were lost, as in a power cut; what rested on them is fetched again")
    started = time.monotonic()
    crawlers = [process.create_crawler(spider_for(catalogue, site)) for site in chosen]
    from twisted.internet import reactor  # only now: the process has chosen which one

    interrupt = _Interrupt(process, reactor, tell)
    before = {name: signal.signal(name, interrupt) for name in (signal.SIGINT, signal.SIGTERM)}
    reports: tuple[SiteReport, ...] = ()
    try:
        for crawler in crawlers:
            process.crawl(crawler, session=session)
        if watch:
            _watch(session, crawlers, watch)
        # A collection stops the event loop, whichever thread it runs in. Modules stay and need not be gone through
        # again, and the 100,000 objects of a large sitemap should not set off one after the other.
        gc.collect()
        gc.freeze()
        gc.set_threshold(10_000, 10, 10)
        process.start(install_signal_handlers=False)
        if watch:
            watch(_spiders(crawlers))  # the end of the last one
        spiders: list[SiteSpider] = [crawler.spider for crawler in crawlers if crawler.spider]  # type: ignore[misc]
        verdicts = None if interrupt.count else session.judge(lambda: judge_run(session, spiders))
        reports = tuple(_report(crawler, verdicts or {}) for crawler in crawlers)
    finally:
        for name, handler in before.items():
            signal.signal(name, handler)
        outcome = "interrupted" if interrupt.count else "failed" if session.failure else "finished"
        session.close(outcome, {f"{r.site}/{k}": v for r in reports for k, v in r.counts.items()})
    return CrawlReport(reports, time.monotonic() - started, bool(interrupt.count), session.failure, tuple(damaged))


def _sites_in(index: ReplayIndex, catalogue: Catalogue) -> list[str]:
    found = {site.id for url in index.addresses() if (site := catalogue.site_for(url))}
    return sorted(found)


def _report(crawler: Crawler, verdicts: dict[str, HealthVerdict]) -> SiteReport:
    spider: SiteSpider = crawler.spider  # type: ignore[assignment]
    reason = crawler.stats.get_value("finish_reason")
    return SiteReport(
        spider.site.id,
        dict(sorted(spider.counts.items())),
        tuple(spider.problems),
        spider.blocked,
        reason == "finished",
        verdicts.get(spider.site.id),
    )


def _watch(session: Session, crawlers: Sequence[Crawler], watch: Callable[[Sequence[SiteSpider]], None]) -> None:
    from twisted.internet.task import LoopingCall

    counting: Future[dict[str, int]] | None = None
    counted = 0.0

    def look() -> None:
        nonlocal counted, counting
        if counting is None and time.monotonic() - counted >= COUNT_EVERY_S:
            counted = time.monotonic()
            running = {one.name: one.settled for one in _spiders(crawlers) if one.crawler.crawling}
            counting = session.ask(_expected, session, running)
        elif counting is not None and counting.done():
            found, counting = counting.result(), None
            for spider in _spiders(crawlers):
                spider.expected = found.get(spider.name, spider.settled)
        watch(_spiders(crawlers))

    LoopingCall(look).start(1.0, now=False)


def _spiders(crawlers: Sequence[Crawler]) -> list[SiteSpider]:
    return [crawler.spider for crawler in crawlers if crawler.spider]  # type: ignore[misc]


def _expected(session: Session, settled: dict[str, int]) -> dict[str, int]:
    """Site -> what is settled and what is due."""
    with session.store.transaction() as cx:
        states = ("due",) if session.replay else ("due", "kept")
        return {site: done + frontier.waiting(cx, site, session.now(), states) for site, done in settled.items()}
