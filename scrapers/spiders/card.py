"""What every spider of a site has: its card, its session, its counts, and how it tells of trouble."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self

from scrapy import Spider, signals
from scrapy.exceptions import UsageError
from scrapy.http import Response
from scrapy.settings import BaseSettings
from twisted.python.failure import Failure

from pipelines.article import KhotinError, Refusal
from scrapers import choices, rests
from scrapers.blocking import IN_A_ROW
from scrapers.catalogue import Site
from scrapers.manners import user_agent
from scrapers.patience import BudgetSpent, Patience, SiteLeft
from scrapers.replay import ReplayIndex, replay_settings
from scrapers.session import Session
from scrapers.watching import Watch, judge_run

if TYPE_CHECKING:
    from scrapy.crawler import Crawler


SETTLED = ("new", "revised", "unchanged", "refused", "missing", "dead_links", "failed")
"""Counts that add up to the addresses that a run is done with."""


class CardSpider(Spider):
    """A spider of one site. `site` is set on the subclass that `scrapers.spiders.loader` makes of a card."""

    site: Site
    session: Session
    handle_httpstatus_list: ClassVar[list[int]] = [304, *range(400, 600)]  # told and counted, not dropped

    def __init__(self, *args: Any, session: Session, owns_session: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.session = session
        self.owns_session = owns_session
        self.allowed_hosts = self.site.allowed_hosts
        self.counts: Counter[str] = Counter()
        self.problems: list[str] = []
        self.blocked: str | None = None
        self.expected = 0
        """Addresses of this run, as last counted: what was settled then, and what was due."""
        self.watch = Watch()
        self.patience = Patience()
        self._answers = 0
        self._blocked: set[int] = set()
        """Answers that kept us out."""
        self._good = 0
        """The last answer that did not."""
        self._stopping: asyncio.Future[None] | None = None

    @property
    def settled(self) -> int:
        """Addresses that this run is done with, one way or another."""
        return sum(self.counts[name] for name in SETTLED)

    @classmethod
    def update_settings(cls, settings: BaseSettings) -> None:
        """Name the operator in a live crawl; answer from the files in KHOTIN_REPLAY where it is set.

        Raises `UsageError`, which Scrapy's commands tell in one line: no contact, files that can't be replayed,
        settings that can't be read.
        """
        super().update_settings(settings)
        if settings.get("KHOTIN_REPLAY_INDEX"):
            return
        files = settings.get("KHOTIN_REPLAY", "").split()
        try:
            choices.read_all(settings)
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
        spider.patience = spider._manners(crawler)
        crawler.signals.connect(spider._end_session, signals.engine_stopped)
        crawler.signals.connect(spider._at_rest, signals.spider_closed)
        crawler.signals.connect(spider._fault, signals.spider_error)
        crawler.signals.connect(spider._fault, signals.item_error)
        return spider

    def _manners(self, crawler: Crawler) -> Patience:
        settings = crawler.settings
        return Patience(
            budget=self.site.budget or choices.budget_of(settings),
            back_off=2 * settings.getfloat("DOWNLOAD_DELAY"),
            quiet=settings.getfloat("KHOTIN_QUIET_SECONDS"),
            stopping=lambda: not crawler.crawling or self._stopping is not None,
        )

    async def _resting(self) -> bool:
        """Whether the site asked in an earlier run to be left alone until later."""
        if self.session.replay:
            return False
        rest = await self.session.db(self._look_up_rest)
        if rest:
            until, reason = rest
            self.blocked = f"left alone until {until:%Y-%m-%d %H:%M}: it {reason}"
            self._trouble(self.blocked)
        return rest is not None

    def _look_up_rest(self) -> tuple[datetime, str] | None:
        with self.session.store.transaction() as cx:
            return rests.resting(cx, self.site.id, self.session.now())

    async def _at_rest(self) -> None:
        """The end of the site's run: what it asked of the next ones is noted."""
        if max(self._blocked, default=0) > self._good and not self.blocked:
            self.blocked = "the last pages of the run were blocked"
        if not self.session.replay and self.patience.sent and not self.session.failure:
            await self.session.db(self._note_rest)

    def _note_rest(self) -> None:
        with self.session.store.transaction() as cx:
            if self.patience.asked_for_quiet:
                rests.rest(cx, self.site.id, self.patience.left or "", self.patience.rest, self.session.now())
            else:
                rests.rested(cx, self.site.id)

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
        if self.patience.left is None:  # a replay: nothing was sent
            asked = (response.headers.get("Retry-After") or b"").decode("latin-1")
            self.patience.leave(f"asked to slow down (HTTP {response.status}" + (f", for {asked})" if asked else ")"))
        self._leave(self.patience.left or "")

    def _leave(self, reason: str) -> None:
        """Let no further request out and end the site's run politely; what is not fetched stays due."""
        self.patience.leave(reason)
        if self.blocked is None:
            self.blocked = reason
            self._trouble(reason)
        self._close("left alone")

    def _left(self, error: SiteLeft) -> None:
        """A request was not let out: the run of this site ends."""
        if isinstance(error, BudgetSpent):
            if not self.counts["over_budget"]:
                self.counts["over_budget"] = 1
                self._trouble(f"{error}; the next run goes on from here", alarm=False)
            self._close("budget spent")
        elif self.patience.left:
            self._leave(self.patience.left)

    def _came(self) -> int:
        """The number of an answer. Pages are judged beside each other, and a block sooner than an article: what comes
        in a row is told by the order in which it came.
        """
        self._answers += 1
        return self._answers

    def _met_block(self, refusal: Refusal, answer: int) -> None:
        """Count a page that kept us out; several in a row end the run of this site. No way round is looked for."""
        self._blocked.add(answer)
        self.counts["blocked"] += 1
        first = last = answer
        while first - 1 in self._blocked:
            first -= 1
        while last + 1 in self._blocked:
            last += 1
        if last - first + 1 >= IN_A_ROW:
            self._leave(f"blocked: {refusal.reason}")

    def _met_page(self, answer: int) -> None:
        self._good = max(self._good, answer)

    def _fatal(self, failure: Failure) -> bool:
        """A full disk or a read-only folder ends the run; what was in hand is fetched again next time."""
        if isinstance(failure.value, KhotinError):
            self._stop(failure.value)
            return True
        return False

    def _stop(self, error: KhotinError) -> None:
        self.session.failure = self.session.failure or error
        self._close("failed")

    def _close(self, reason: str) -> None:
        if not self._stopping:
            self._stopping = asyncio.ensure_future(self.crawler.engine.close_spider_async(reason=reason))

    def _trouble(self, message: str, *, alarm: bool = True) -> None:
        if alarm:
            self.problems.append(message)
        self.logger.warning("%s: %s", self.site.id, message)

    @staticmethod
    def _reason(failure: Failure) -> str:
        return f"{failure.type.__name__}: {failure.getErrorMessage()}" if failure.type else "unknown failure"
