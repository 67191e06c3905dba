"""What every spider of a site has: its card, its session, its counts, and how it tells of trouble."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self

from scrapy import Spider, signals
from scrapy.exceptions import CloseSpider, UsageError
from scrapy.http import Response
from scrapy.settings import BaseSettings
from twisted.python.failure import Failure

from pipelines.article import KhotinError
from scrapers.catalogue import Site
from scrapers.manners import user_agent
from scrapers.replay import ReplayIndex, replay_settings
from scrapers.session import Session
from scrapers.watching import Watch, judge_run

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

SLOW_DOWN = (429, 503)


class CardSpider(Spider):
    """A spider of one site. `site` is set on the subclass that `scrapers.spiders.loader` makes of a card."""

    site: Site
    session: Session
    handle_httpstatus_list: ClassVar[list[int]] = list(range(400, 600))  # told and counted, not dropped

    def __init__(self, *args: Any, session: Session, owns_session: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.session = session
        self.owns_session = owns_session
        self.allowed_hosts = self.site.allowed_hosts
        self.counts: Counter[str] = Counter()
        self.problems: list[str] = []
        self.blocked: str | None = None
        self.watch = Watch()
        self._stopping: asyncio.Future[None] | None = None

    @classmethod
    def update_settings(cls, settings: BaseSettings) -> None:
        """Name the operator in a live crawl; answer from the files in KHOTIN_REPLAY where it is set.

        Raises `UsageError`, which Scrapy's commands tell in one line: no contact, files that can't be replayed.
        """
        super().update_settings(settings)
        if settings.get("KHOTIN_REPLAY_INDEX"):
            return
        files = settings.get("KHOTIN_REPLAY", "").split()
        try:
            if files:
                index = ReplayIndex.open([Path(file) for file in files])
                settings.setdict(replay_settings(index), priority="spider")
            else:
                settings.set("USER_AGENT", user_agent(settings.get("KHOTIN_CONTACT", "")), priority="spider")
        except KhotinError as error:
            raise UsageError(str(error), print_help=False) from error

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """As Scrapy builds it; `scrapy crawl SITE` gets a session of its own."""
        if "session" not in kwargs:
            kwargs["session"] = Session.from_settings(crawler.settings, [cls.site.id])
            kwargs["owns_session"] = True
        spider: Self = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider._end_session, signals.engine_stopped)
        crawler.signals.connect(spider._fault, signals.spider_error)
        crawler.signals.connect(spider._fault, signals.item_error)
        return spider

    def _fault(self, failure: Failure, response: Response | None = None) -> None:
        """A fault of ours: the page is in the WARC file; the run goes on, but does not end well."""
        if self._fatal(failure):
            return
        self.counts["faults"] += 1
        self._trouble(f"a fault in khotin at {response.url if response else '?'}: {self._reason(failure)}")

    def _end_session(self) -> None:
        if self.owns_session:
            self.session.judge(lambda: judge_run(self.session, [self]))
            self.session.close("finished", {f"{self.site.id}/{k}": v for k, v in self.counts.items()})

    async def _slow_down(self, response: Response) -> None:
        """Whoever asks for quiet gets it: the site is left alone for this run."""
        asked = (response.headers.get("Retry-After") or b"").decode("latin-1")
        self.blocked = f"asked to slow down (HTTP {response.status}" + (f", for {asked})" if asked else ")")
        self._trouble(self.blocked)
        raise CloseSpider(self.blocked)

    def _fatal(self, failure: Failure) -> bool:
        """A full disk or a read-only folder ends the run; what was in hand is fetched again next time."""
        if isinstance(failure.value, KhotinError):
            self._stop(failure.value)
            return True
        return False

    def _stop(self, error: KhotinError) -> None:
        self.session.failure = self.session.failure or error
        engine = self.crawler.engine
        if not self._stopping:
            self._stopping = asyncio.ensure_future(engine.close_spider_async(reason="failed"))

    def _trouble(self, message: str, *, alarm: bool = True) -> None:
        if alarm:
            self.problems.append(message)
        self.logger.warning("%s: %s", self.site.id, message)

    @staticmethod
    def _reason(failure: Failure) -> str:
        return f"{failure.type.__name__}: {failure.getErrorMessage()}" if failure.type else "unknown failure"
