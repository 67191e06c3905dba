"""Manners: who we say we are, robots.txt, and which hosts a crawl may talk to.

Never a disguise and never a way around a block: a site that does not want us is reported as such.
"""

from __future__ import annotations

import asyncio
import logging
import re
import time
from dataclasses import replace
from importlib.metadata import version
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from scrapy.core.downloader import Downloader
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Request, Response
from scrapy.http.request import NO_CALLBACK

from pipelines.article import Capture, KhotinError
from scrapers.blocking import blocked_by
from scrapers.choices import slowest_of
from scrapers.keeping import CAPTURE
from scrapers.patience import SLOW_DOWN, Patience, SiteLeft
from scrapers.private import Allowed
from scrapers.replay import REPLAYED

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.robotstxt import RobotParser

logger = logging.getLogger(__name__)

_CONTACT = re.compile(
    r"""[^@\s]+@[^@\s]+\.[a-z]{2,}   # archive@example.org; not: archive@example
    |   https?://[^\s]+\.[^\s]+      # https://example.org/bot; not: example.org
    """,
    re.IGNORECASE | re.VERBOSE,
)


ROBOTS_SECONDS = 24 * 3600
"""For so long are rules believed (RFC 9309, section 2.4)."""
ROBOTS_BYTES = 512 << 10
"""So much of a robots.txt is read (RFC 9309, section 2.5, wants 500 KiB at least)."""
_TELLS_NOTHING = (206, 304, 429)
"""Answers that neither have the rules nor say that there are none: a part of them, "as before", "later"."""
_MARKUP = re.compile(rb"(?:\xef\xbb\xbf)?\s*<")


class NoContact(KhotinError):
    """A live crawl without an operator's address."""

    exit_code = 2


class OffLimits(IgnoreRequest):
    """An address that the crawl may not open: another host, another scheme, a private network."""


class RobotsDisallowed(IgnoreRequest):
    """robots.txt forbids the address."""


class RobotsUnreachable(IgnoreRequest):
    """robots.txt could not be read, so the site is kept out of for now; the address stays due."""


def user_agent(contact: str) -> str:
    """The honest name of the crawler: `khotin/0.1.0 (+mailto:archive@example.org)`.

    `contact` is the operator's e-mail address or web page. Raises `NoContact` where it is neither.
    """
    if not _CONTACT.fullmatch(contact):
        shown = f"{contact!r} is neither" if contact else "none is set"
        message = (
            f"a live crawl tells the sites how to reach its operator, by e-mail or a web page, and {shown}: "
            "set KHOTIN_CONTACT=you@example.org, or give --contact"
        )
        raise NoContact(message)
    where = contact if contact.startswith(("http://", "https://")) else f"mailto:{contact}"
    return f"khotin/{version('khotin')} (+{where})"


class _KeepOut:
    """What an unreachable robots.txt says (RFC 9309, 2.3.1.4)."""

    def __init__(self, reason: str) -> None:
        self.reason = reason


class Robots(RobotsTxtMiddleware):
    """robots.txt as RFC 9309 has it: 4xx = no rules, 5xx and unreachable = keep out.

    So is a page that blocks, told with status 200 in its place, and a wish for more time between two requests than is
    waited.

    Also cures a fault of Scrapy 2.16-2.19: of the requests that wait while robots.txt is being fetched, all but
    the first went out although disallowed. Here they share one future a host.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._rules: dict[str, tuple[float, asyncio.Future[RobotParser | None]]] = {}
        self._slowest = slowest_of(crawler.settings)

    async def robot_parser(self, request: Request) -> RobotParser | None:
        """The rules of the request's host, fetched once; None where there are none."""
        parts = urlsplit(request.url)
        origin = f"{parts.scheme}://{parts.netloc}"
        known = self._rules.get(origin)
        if known is None or time.monotonic() - known[0] > ROBOTS_SECONDS:
            known = (time.monotonic(), asyncio.ensure_future(self._fetch_rules(origin)))
            self._rules[origin] = known
        return await asyncio.shield(known[1])

    def process_request_2(self, rp: RobotParser | None, request: Request) -> None:
        """Refuse what the rules disallow."""
        rules: object = rp
        if isinstance(rules, _KeepOut):
            message = f"robots.txt {rules.reason}: keeping out of {request.url}"
            raise RobotsUnreachable(message)
        if rp is not None and not rp.allowed(request.url, self._robotstxt_useragent or "khotin"):
            self._stats.inc_value("robotstxt/forbidden")
            message = f"robots.txt does not allow {request.url}"
            raise RobotsDisallowed(message)

    async def _fetch_rules(self, origin: str) -> RobotParser | None:
        robots = Request(
            f"{origin}/robots.txt",
            priority=self.DOWNLOAD_PRIORITY,
            meta={"dont_obey_robotstxt": True, "khotin_kind": "robots"},
            callback=NO_CALLBACK,
        )
        try:
            response: Response = await self.crawler.engine.download_async(robots)
        except SiteLeft:
            raise
        except KhotinError:
            raise  # the answer could not be archived: a matter of our disk, not of the site
        except Exception as error:  # noqa: BLE001  # unreachable in whatever way means: keep out
            return self._keep_out(origin, f"could not be fetched ({error})")
        if response.status >= 500 or response.status in _TELLS_NOTHING:
            return self._keep_out(origin, f"answered {response.status}")
        if response.status >= 300:
            return None
        capture: Capture | None = response.meta.get(CAPTURE)
        body = (capture.body if capture else response.body)[:ROBOTS_BYTES]
        live = REPLAYED not in response.flags  # files are read whatever stood in the way afterwards
        if live and capture and _MARKUP.match(body):  # rules are no markup, and may well name a /captcha/
            refusal = await asyncio.to_thread(blocked_by, replace(capture, body=body))
            if refusal is not None:
                self.crawler.spider.watch.blocked_robots(robots.url, refusal)  # type: ignore[union-attr]
                return self._keep_out(origin, f"is a page that blocks ({refusal.reason})")
        # In a thread: half a megabyte of rules would stop the event loop for a quarter of a second.
        parser: RobotParser = await asyncio.to_thread(self._parserimpl.from_crawler, self.crawler, body)
        return (live and self._keep_apart(origin, parser)) or parser

    @property
    def _patience(self) -> Patience:
        return self.crawler.spider.patience  # type: ignore[union-attr,no-any-return]

    def _keep_out(self, origin: str, reason: str) -> RobotParser:
        logger.warning("robots.txt of %s %s: keeping out", origin, reason)
        return _KeepOut(reason)  # type: ignore[return-value]  # process_request_2 asks it nothing

    def _keep_apart(self, origin: str, parser: RobotParser) -> RobotParser | None:
        """Obey Crawl-delay and Request-rate, which stand in no RFC but in many robots.txt: wait, or keep out."""
        rules = getattr(parser, "rp", None)  # Scrapy wraps Protego's
        if rules is None:
            return None
        agent = self._robotstxt_useragent or "khotin"
        rate = rules.request_rate(agent)
        wanted = max(rules.crawl_delay(agent) or 0.0, rate.seconds / rate.requests if rate and rate.requests else 0.0)
        if self._slowest and wanted > self._slowest:
            told = f"asks for {wanted:g} s between two requests, more than {self._slowest:g}"
            return self._keep_out(origin, f"{told} (to wait for so long, set KHOTIN_MAX_CRAWL_DELAY)")
        if wanted > 0:
            self._patience.space((urlsplit(origin).hostname or "").lower(), wanted)
        return None


class SlowDown:
    """Asks again, once, for a page that was answered with 429 or 503 and a short wait; `Patience` does the waiting."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> SlowDown:
        """As Scrapy builds it."""
        return cls(crawler)

    def process_response(self, request: Request, response: Response) -> Request | Response:
        """The request again, if the site is not to be left alone."""
        robots = request.meta.get("khotin_kind") == "robots"
        if response.status not in SLOW_DOWN or robots or REPLAYED in response.flags:
            return response
        patience: Patience = self.crawler.spider.patience  # type: ignore[union-attr]
        return response if patience.left else request.replace(dont_filter=True, priority=request.priority + 100)


class HostGuard:
    """Lets a spider open only http(s) addresses on the hosts of its site card, redirects included."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.public = Allowed(crawler.settings)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> HostGuard:
        """As Scrapy builds it."""
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Raise `OffLimits` for an address that is not the site's."""
        # Scrapy lets a redirect keep the slot of the host that it came from.
        request.meta.pop(Downloader.DOWNLOAD_SLOT, None)
        parts = urlsplit(request.url)
        host = (parts.hostname or "").lower()
        allowed: frozenset[str] = getattr(self.crawler.spider, "allowed_hosts", frozenset())
        if parts.scheme not in ("http", "https") or host not in allowed:
            message = f"{request.url} is not on a host of this site ({', '.join(sorted(allowed))})"
            raise OffLimits(message)
        if not self.public(host):
            message = f"{request.url} is on a private network"
            raise OffLimits(message)
