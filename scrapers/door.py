"""The last door before the network: every live request passes here, robots.txt and redirects included."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from OpenSSL import SSL
from scrapy import Request
from scrapy.core.downloader.handlers.http11 import (
    HTTP11DownloadHandler,
    _LenientHTTP11ClientFactory,
    _LenientHTTP11ClientProtocol,
)
from scrapy.exceptions import CannotResolveHostError
from scrapy.http import Response
from twisted.internet.interfaces import IAddress
from twisted.internet.ssl import CertificateOptions, TLSVersion, optionsForClientTLS, platformTrust
from twisted.python.failure import Failure
from twisted.web._newclient import HEADER, STATUS
from twisted.web.iweb import IPolicyForHTTPS
from zope.interface import implementer  # type: ignore[import-untyped]

from scrapers.patience import Patience
from scrapers.private import PrivateAddress, refused

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

MAX_HEAD = 256 << 10
"""Bytes of status line and header lines together: browsers stop at this (Chromium) or before."""
LEGACY_CIPHERS = b"DEFAULT:@SECLEVEL=0"
"""OpenSSL 3 speaks TLS 1.0 and 1.1, which sign with SHA-1, at security level 0 alone."""


class HeadTooLarge(Exception):
    """A server sends header lines without end."""


class _Protocol(_LenientHTTP11ClientProtocol):
    _head = 0

    def request(self, request: Any) -> Any:
        self._head = 0
        return super().request(request)

    def dataReceived(self, data: bytes) -> None:  # noqa: N802  # Twisted's name
        if self._parser is not None and self._parser.state in (STATUS, HEADER):
            self._head += len(data)
            if self._head > MAX_HEAD:
                message = f"the header has more than {MAX_HEAD} bytes"
                self._giveUp(Failure(HeadTooLarge(message)))  # type: ignore[no-untyped-call]
                return
        super().dataReceived(data)  # type: ignore[no-untyped-call]


class _Factory(_LenientHTTP11ClientFactory):
    def buildProtocol(self, addr: IAddress | None) -> _Protocol:  # noqa: ARG002, N802
        return _Protocol(self._quiescentCallback)  # type: ignore[no-untyped-call]


@implementer(IPolicyForHTTPS)
class LegacyTls:
    """TLS as old servers speak it: from 1.0 on, weak ciphers and keys. The certificate is verified all the same."""

    def creatorForNetloc(self, hostname: bytes, port: int) -> Any:  # noqa: ARG002, N802
        """As Twisted's Agent asks it."""
        creator = optionsForClientTLS(
            hostname.decode("ascii"),
            trustRoot=platformTrust(),  # type: ignore[no-untyped-call]
            extraCertificateOptions={"insecurelyLowerMinimumTo": TLSVersion.TLSv1_0, "fixBrokenPeers": True},
        )
        options: CertificateOptions = creator._createConnection.__self__
        loosen(options.getContext())
        return creator


def loosen(context: SSL.Context) -> None:
    """Let a context speak TLS 1.0 with the ciphers of its time."""
    context.set_cipher_list(LEGACY_CIPHERS)
    context.set_min_proto_version(SSL.TLS1_VERSION)
    context.set_options(0x4)  # OP_LEGACY_SERVER_CONNECT: servers older than RFC 5746


class Door(HTTP11DownloadHandler):
    """Scrapy's HTTP/1.1 handler behind the site's `Patience`, with a bound on headers.

    Scrapy counts the delay, and the requests at a time, of its slots. But a request that has left its slot may wait
    here for long, and a slot is no host: so both are kept here once more, for each host.
    """

    lazy = False

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._pool._factory = _Factory
        self._delay = crawler.settings.getfloat("DOWNLOAD_DELAY")
        self._at_once = max(1, crawler.settings.getint("CONCURRENT_REQUESTS_PER_DOMAIN"))
        self._gates: dict[str, asyncio.Semaphore] = {}
        if getattr(getattr(crawler.spidercls, "site", None), "tls", "modern") == "legacy":
            self._contextFactory = LegacyTls()  # type: ignore[assignment]  # zope's interfaces

    async def download_request(self, request: Request) -> Response:
        """Wait for the request's turn, send it, take note of the answer.

        Raises `SiteLeft`, `BudgetSpent`, `PrivateAddress`, and the errors of Scrapy's handler.
        """
        host = (urlsplit(request.url).hostname or "").lower()
        patience: Patience = self._crawler.spider.patience  # type: ignore[union-attr]
        async with self._gates.setdefault(host, asyncio.Semaphore(self._at_once)):
            await patience.turn(host, self._apart(request))
            return await self._send(request, host, patience)

    def _apart(self, request: Request) -> float:
        """Seconds between two requests to the host: DOWNLOAD_DELAY, or what AutoThrottle has made of it."""
        slot = self._crawler.engine.downloader.slots.get(request.meta.get("download_slot", ""))
        return max(self._delay, slot.delay if slot else 0.0)

    async def _send(self, request: Request, host: str, patience: Patience) -> Response:
        status, asked = None, ""
        request.meta["download_maxsize"] = 0  # scrapers.bounds cuts instead of throwing away
        try:
            response = await super().download_request(request)
            status = response.status
            asked = (response.headers.get("Retry-After") or b"").decode("latin-1")
        except CannotResolveHostError as error:
            if host in refused:
                message = f"{host} leads to {refused[host]}, which is not on the public internet"
                raise PrivateAddress(message) from error
            raise
        finally:
            patience.heard(host, status, asked, datetime.now(UTC))
        return response
