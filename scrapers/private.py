"""Addresses that are not on the public internet, and a resolver that gives none of them away.

A name that anyone may register can point at 127.0.0.1 or at a router's 192.168.0.1. Scrapy connects to what the
resolver answers, literal addresses and redirects included, so what it does not answer is never connected to.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self

from scrapy.exceptions import IgnoreRequest
from scrapy.resolver import CachingHostnameResolver
from scrapy.settings import BaseSettings
from twisted.internet.interfaces import IAddress, IHostResolution, IResolutionReceiver
from zope.interface import implementer  # type: ignore[import-untyped]

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

_TRANSLATED = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("::/96"))
"""IPv6 networks that carry an IPv4 address in their last 32 bits (RFC 6052, RFC 4291 section 2.5.5.1)."""

refused: dict[str, str] = {}
"""Name -> the address not on the public internet that it resolved to, in this process."""


class PrivateAddress(IgnoreRequest):
    """The host's name leads to an address that is not on the public internet: it is not connected to."""


def is_private(host: str) -> bool:
    """Whether a host is a literal address that is not on the public internet, or a name of this machine."""
    host = host.rstrip(".").lower()
    if host == "localhost" or host.endswith((".localhost", ".local", ".internal", ".home.arpa")):
        return True
    try:
        address = ipaddress.ip_address(host.strip("[]").partition("%")[0])
    except ValueError:
        return False
    return any(_not_public(one) for one in (address, *_inside(address)))


def _not_public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    if isinstance(address, ipaddress.IPv6Address) and (address.ipv4_mapped or _carries(address)):
        return False  # what counts is the address inside
    return (
        not address.is_global or address.is_multicast or address.is_reserved or getattr(address, "is_site_local", False)
    )


def _carries(address: ipaddress.IPv6Address) -> bool:
    return address not in (ipaddress.ip_address("::"), ipaddress.ip_address("::1")) and any(
        address in network for network in _TRANSLATED
    )


def _inside(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> list[ipaddress.IPv4Address]:
    """IPv4 addresses that an IPv6 one stands for: mapped, translated, 6to4, Teredo."""
    if isinstance(address, ipaddress.IPv4Address):
        return []
    inner = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    if _carries(address):
        inner.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    return [one for one in inner if one is not None]


class Allowed:
    """Which private hosts a crawl may talk to: setting KHOTIN_ALLOW_PRIVATE_HOSTS, a switch for tests.

    True or 1: all of them; a list or a text with commas: these addresses alone; otherwise none.
    """

    def __init__(self, settings: BaseSettings) -> None:
        value: Any = settings.get("KHOTIN_ALLOW_PRIVATE_HOSTS", False)
        texts = value.split(",") if isinstance(value, str) else value if isinstance(value, Sequence) else [str(value)]
        self._hosts = frozenset(str(text).strip().lower() for text in texts)

    def __call__(self, host: str) -> bool:
        """Whether the crawl may talk to this host as far as networks go."""
        return bool(self._hosts & {"true", "1", host.strip("[]").lower()}) or not is_private(host)


@implementer(IResolutionReceiver)
class _Sieve:
    """Hands on only the addresses that may be connected to."""

    def __init__(self, receiver: Any, name: str, allowed: Allowed) -> None:
        self._receiver = receiver
        self._name = name
        self._allowed = allowed

    def resolutionBegan(self, resolution: IHostResolution) -> None:  # noqa: N802  # Twisted's name
        refused.pop(self._name, None)
        self._receiver.resolutionBegan(resolution)

    def addressResolved(self, address: IAddress) -> None:  # noqa: N802
        host = str(getattr(address, "host", ""))
        if self._allowed(host):
            self._receiver.addressResolved(address)
        else:
            refused[self._name] = host

    def resolutionComplete(self) -> None:  # noqa: N802
        self._receiver.resolutionComplete()


class PublicResolver(CachingHostnameResolver):
    """Scrapy's resolver for IPv4 and IPv6, without the answers that lead off the public internet."""

    def __init__(self, reactor: Any, cache_size: int, allowed: Allowed) -> None:
        super().__init__(reactor, cache_size)
        self.allowed = allowed

    @classmethod
    def from_crawler(cls, crawler: Crawler, reactor: Any) -> Self:
        """As Scrapy builds it, once a process."""
        settings = crawler.settings
        size = settings.getint("DNSCACHE_SIZE") if settings.getbool("DNSCACHE_ENABLED") else 0
        return cls(reactor, size, Allowed(settings))

    def resolveHostName(  # noqa: N802
        self,
        resolutionReceiver: IResolutionReceiver,  # noqa: N803
        hostName: str,  # noqa: N803
        portNumber: int = 0,  # noqa: N803
        addressTypes: Sequence[type[IAddress]] | None = None,  # noqa: N803
        transportSemantics: str = "TCP",  # noqa: N803
    ) -> IHostResolution:
        """As Twisted asks it."""
        sieve: Any = _Sieve(resolutionReceiver, hostName, self.allowed)
        return super().resolveHostName(sieve, hostName, portNumber, addressTypes, transportSemantics)
