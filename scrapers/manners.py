"""Manners: who we say we are, robots.txt, and which hosts a crawl may talk to.

Never a disguise and never a way around a block: a site that does not want us is reported as such.
"""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import re
from importlib.metadata import version
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Request, Response
from scrapy.http.request import NO_CALLBACK

from pipelines.article import KhotinError

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


class NoContact(KhotinError):
    """A live crawl without an operator's address."""

    exit_code = 2


class OffLimits(IgnoreRequest):
    """An address that the crawl may not open: another host, another scheme, a private network."""


class RobotsDisallowed(IgnoreRequest):
    """robots.txt forbids the address, or could not be read."""


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


class _Allows(Protocol):
    def allowed(self, url: str | bytes, user_agent: str | bytes) -> bool: ...


class _KeepOut:
    """What an unreachable robots.txt says (RFC 9309, 2.3.1.4)."""

    def allowed(self, _url: str | bytes, _user_agent: str | bytes) -> bool:
        return False


class Robots(RobotsTxtMiddleware):
    """robots.txt as RFC 9309 has it: 4xx = no rules, 5xx and unreachable = keep out.

    Also cures a fault of Scrapy 2.16-2.19: of the requests that wait while robots.txt is being fetched, all but
    the first went out although disallowed. Here they share one future a host.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._rules: dict[str, asyncio.Future[RobotParser | None]] = {}

    async def robot_parser(self, request: Request) -> RobotParser | None:
        """The rules of the request's host, fetched once; None where there are none."""
        parts = urlsplit(request.url)
        origin = f"{parts.scheme}://{parts.netloc}"
        if origin not in self._rules:
            self._rules[origin] = asyncio.ensure_future(self._fetch_rules(origin))
        return await asyncio.shield(self._rules[origin])

    def process_request_2(self, rp: RobotParser | None, request: Request) -> None:
        """Refuse what the rules disallow."""
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
        keep_out: RobotParser = _KeepOut()  # type: ignore[assignment]  # all that is asked of it is allowed()
        try:
            response: Response = await self.crawler.engine.download_async(robots)
        except KhotinError:
            raise  # the answer could not be archived: a matter of our disk, not of the site
        except Exception as error:  # noqa: BLE001  # unreachable in whatever way means: keep out
            logger.warning("robots.txt of %s could not be fetched (%s): keeping out", origin, error)
            return keep_out
        if response.status >= 500 or response.status == 429:
            logger.warning("robots.txt of %s answered %d: keeping out", origin, response.status)
            return keep_out
        if response.status >= 300:
            return None
        parser: RobotParser = self._parserimpl.from_crawler(self.crawler, response.body)
        return parser


def is_private(host: str) -> bool:
    """Whether a host is a literal address that is not on the public internet, or a name of this machine."""
    if host == "localhost" or host.endswith((".localhost", ".local", ".internal")):
        return True
    try:
        address = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return not (mapped or address).is_global


class HostGuard:
    """Lets a spider open only http(s) addresses on the hosts of its site card, redirects included."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.local = crawler.settings.getbool("KHOTIN_ALLOW_PRIVATE_HOSTS")

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> HostGuard:
        """As Scrapy builds it."""
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Raise `OffLimits` for an address that is not the site's."""
        parts = urlsplit(request.url)
        host = (parts.hostname or "").lower()
        allowed: frozenset[str] = getattr(self.crawler.spider, "allowed_hosts", frozenset())
        if parts.scheme not in ("http", "https") or host not in allowed:
            message = f"{request.url} is not on a host of this site ({', '.join(sorted(allowed))})"
            raise OffLimits(message)
        if is_private(host) and not self.local:
            message = f"{request.url} is on a private network"
            raise OffLimits(message)
