"""Answers requests from WARC files instead of the network, under the true addresses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.core.downloader.handlers.base import BaseDownloadHandler
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.http import Headers, HtmlResponse, Response
from scrapy.responsetypes import responsetypes
from w3lib.url import canonicalize_url

from pipelines.article import UrlRules
from pipelines.identity import UnusableAddress, canonical_url, host_of
from pipelines.warc import Archived, Exchange, TornRecord, WarcMissing, read_archived, read_exchange, redirect_target
from scrapers.catalogue import Site

REPLAYED = "replayed"
NOT_IN_ARCHIVE = "not-in-archive"
TRUNCATED = "truncated"

SHOWN = 4
"""Forms of addresses that `present` names."""
_DROPPED = frozenset({"transfer-encoding"})
"""Response headers that no longer hold: the archive keeps bodies without transfer coding."""


@dataclass(frozen=True, slots=True)
class Ref:
    """Where a capture lies. `original` is set for a revisit: the capture that has its body."""

    url: str
    fetched_at: datetime
    status: int
    path: Path
    offset: int
    leads_to_itself: bool = False
    """A redirect to another form of the same address, as http to https."""
    original: Ref | None = None


class ReplayIndex:
    """Which address was captured when, over several WARC files. Held in memory, without bodies."""

    def __init__(self) -> None:
        self.captures = 0
        """Number of captures that can be replayed."""
        self.newest: datetime | None = None
        """Date of the newest capture; None if there is none."""
        self._by_key: dict[str, list[Ref]] = {}
        self._by_canonical: dict[UrlRules, dict[str, list[Ref]]] = {}
        """By the canonical form of a site's rules; built when it is first needed."""

    @classmethod
    def open(
        cls,
        paths: Sequence[Path],
        *,
        on_torn: Callable[[TornRecord], None] | None = None,
        on_skipped: Callable[[str], None] | None = None,
    ) -> ReplayIndex:
        """Read the files (folders: all `*.warc` and `*.warc.gz` below them) and index every capture.

        Args:
            paths: WARC files and folders.
            on_torn: called for each damaged stretch; all whole records are indexed nonetheless.
            on_skipped: called with one line for each record that cannot be replayed.

        Raises:
            TornRecord: there is a damaged stretch and no `on_torn`.
            WarcMissing: a file is missing, or a folder has none.
            WarcUnreadable: a file is no WARC.
        """
        index = cls()
        bodies: dict[str, Ref] = {}
        revisits: list[tuple[Ref, str]] = []
        for path in _files(paths):
            for item in read_archived(path, on_torn=on_torn, on_skipped=on_skipped):
                try:
                    ref = _ref(item)
                except ValueError as problem:  # "http://[x" or a port of letters: nobody can ask for it
                    if on_skipped:
                        on_skipped(f"{path}: {item.exchange.url}: {problem}")
                    continue
                if item.refers_to is None:
                    index._add(ref)
                    bodies.setdefault(item.digest, ref)
                else:
                    revisits.append((ref, item.refers_to[0]))
        for ref, digest in revisits:
            original = bodies.get(digest)
            if original is not None:
                index._add(replace(ref, original=original))
            elif on_skipped:
                on_skipped(f"{ref.path}: {ref.url}: a revisit of a record that is in none of the files")
        return index

    def find(self, url: str, rules: UrlRules | None = None) -> Ref | None:
        """Find the newest capture of an address, or None.

        A capture of exactly this address wins; otherwise http and https, "www.", the case of the host, a default
        port, the order of the query, the form of percent-encoding and a fragment make no difference. Where there is
        none, a page counts whose canonical form by the `rules` of its site is the same: `/vi/x` for `/x`. A 304
        is found only where there is nothing else: it has no body.
        """
        try:
            refs = self._by_key.get(_key(url), [])
        except ValueError:  # "http://[x": no address, so no capture
            return None
        scheme, host = _origin(url)
        # http://x that led to https://x, asked for as https://x, would send the crawl in circles.
        others = [ref for ref in refs if not ref.leads_to_itself]
        found = (
            [ref for ref in refs if ref.url == url]
            or [ref for ref in others if _origin(ref.url) == (scheme, host)]
            or [ref for ref in others if _origin(ref.url)[1] == host]
            or others
            or self._alike(url, rules)
        )
        full = [ref for ref in found if ref.status != 304]
        # Of two captures with one date the later one in the files.
        return max(reversed(full or found), key=lambda ref: ref.fetched_at, default=None)

    def _alike(self, url: str, rules: UrlRules | None) -> list[Ref]:
        """Pages that the rules of their site take for one with this address. No redirects: they lead to themselves."""
        canonical = _canonical(url, rules) if rules else ""
        if rules is None or not canonical:
            return []
        if rules not in self._by_canonical:
            known = self._by_canonical[rules] = {}
            for ref in (ref for refs in self._by_key.values() for ref in refs if not 300 <= ref.status < 400):
                if same := _canonical(ref.url, rules):
                    known.setdefault(same, []).append(ref)
        return self._by_canonical[rules].get(canonical, [])

    def dates(self, url: str) -> tuple[datetime, ...]:
        """Give the dates of all captures of an address, oldest first; addresses are compared as in `find`."""
        return tuple(sorted(ref.fetched_at for ref in self._by_key.get(_key(url), [])))

    def addresses(self) -> Iterator[str]:
        """One address of each page that was captured."""
        for refs in self._by_key.values():
            yield refs[0].url

    def load(self, ref: Ref) -> Exchange:
        """Read a capture from its file, still content-encoded.

        Raises:
            TornRecord, WarcUnreadable: the file has changed since it was indexed.
        """
        item = read_exchange(ref.path, ref.offset) if ref.original is None else self._revisit(ref, ref.original)
        return item.exchange

    @staticmethod
    def _revisit(ref: Ref, original: Ref) -> Archived:
        item = read_exchange(ref.path, ref.offset)
        if item.refers_to is None:
            return item
        return item.with_body_of(read_exchange(original.path, original.offset))

    def _add(self, ref: Ref) -> None:
        self._by_key.setdefault(_key(ref.url), []).append(ref)
        self.captures += 1
        if self.newest is None or ref.fetched_at > self.newest:
            self.newest = ref.fetched_at


class ReplayHandler(BaseDownloadHandler):
    """Scrapy download handler that answers from the `ReplayIndex` in the setting `KHOTIN_REPLAY_INDEX`.

    Put it in DOWNLOAD_HANDLERS for `http` and `https`. Status, headers and body are as archived, the body
    still content-encoded, so that Scrapy's own middlewares decode it. `response.flags` has "replayed" (and
    "truncated" if the capture was cut); `request.meta["khotin_fetched_at"]` is the aware datetime of the
    capture. An address that is not there is answered with 404 and the flags "replayed" and "not-in-archive";
    robots.txt is no exception.
    """

    lazy = False

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        index = crawler.settings.get("KHOTIN_REPLAY_INDEX")
        if not isinstance(index, ReplayIndex):
            message = "the setting KHOTIN_REPLAY_INDEX holds no ReplayIndex"
            raise NotConfigured(message)
        self._index = index

    def _rules(self) -> UrlRules | None:
        """The rules of the site whose spider asks; a spider without a card has none."""
        site: Site | None = getattr(self.crawler.spider, "site", None)
        return site.rules.urls if site else None

    async def download_request(self, request: Request) -> Response:
        """Answer one request. Only GET and HEAD are answered from the archive.

        Raises:
            TornRecord, WarcUnreadable: a file has changed since it was indexed.
        """
        ref = self._index.find(request.url, self._rules()) if request.method in ("GET", "HEAD") else None
        if ref is None:
            request.meta.pop("khotin_fetched_at", None)  # of an earlier hop of a redirect
            return HtmlResponse(
                request.url, status=404, flags=[REPLAYED, NOT_IN_ARCHIVE], request=request, encoding="utf-8"
            )
        exchange = self._index.load(ref)
        request.meta["khotin_fetched_at"] = exchange.fetched_at
        headers = Headers()
        for name, value in exchange.response_headers:
            if name.lower() not in _DROPPED:
                headers.appendlist(name, value.encode("latin-1", "replace"))
        body = b"" if request.method == "HEAD" else exchange.body
        response_class = responsetypes.from_args(headers=headers, url=request.url, body=body)
        return response_class(
            url=request.url,
            status=exchange.status,
            headers=headers,
            body=body,
            flags=[REPLAYED, TRUNCATED] if exchange.truncated else [REPLAYED],
            request=request,
            ip_address=_address(exchange.ip),
            protocol="HTTP/1.1",
        )


def replay_settings(index: ReplayIndex) -> dict[str, Any]:
    """Settings of a crawl that is answered from WARC files: no network, no waiting."""
    handler = "scrapers.replay.ReplayHandler"
    return {
        "DOWNLOAD_HANDLERS": {"http": handler, "https": handler, "data": None, "file": None, "s3": None, "ftp": None},
        "KHOTIN_REPLAY_INDEX": index,
        "DOWNLOAD_DELAY": 0,
        "AUTOTHROTTLE_ENABLED": False,
        "CONCURRENT_REQUESTS": 16,
        "CONCURRENT_REQUESTS_PER_DOMAIN": 8,
        "RETRY_ENABLED": False,
        "USER_AGENT": "khotin (replay)",
        "KHOTIN_ALLOW_PRIVATE_HOSTS": True,  # nothing is connected to
    }


def _files(paths: Iterable[Path]) -> list[Path]:
    files: list[Path] = []
    for path in paths:
        if path.is_dir():
            there = sorted(file for file in path.rglob("*") if file.name.endswith((".warc", ".warc.gz")))
            if not there:
                message = f"{path}: there is no .warc or .warc.gz file in it. Give the path of a WARC file or folder."
                raise WarcMissing(message)
            files += there
        else:
            files.append(path)
    return files


def _ref(item: Archived) -> Ref:
    exchange = item.exchange
    target = redirect_target(exchange)
    key = _key(exchange.url)
    return Ref(
        exchange.url,
        exchange.fetched_at,
        exchange.status,
        item.path,
        item.offset,
        leads_to_itself=bool(target) and _same(target, key),
    )


def _key(url: str) -> str:
    """Bring an address to the form in which captures are compared: no scheme, no www., no fragment, query sorted."""
    parts = urlsplit(canonicalize_url(url))
    host = (parts.hostname or "").rstrip(".").removeprefix("www.")
    port = "" if parts.port in (None, 80, 443) else f":{parts.port}"
    return f"{host}{port}{parts.path or '/'}?{parts.query}"


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme.lower(), (parts.hostname or "").rstrip(".")


def _canonical(url: str, rules: UrlRules) -> str:
    """The canonical form of an address of the rules' own hosts; empty for any other."""
    try:
        if host_of(url) not in rules.hosts:
            return ""
        return canonical_url(url, rules)
    except UnusableAddress:
        return ""


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(text)
    except ValueError:  # foreign archives may hold anything there
        return None


def _same(url: str, key: str) -> bool:
    try:
        return _key(url) == key
    except ValueError:
        return False


def present(addresses: Iterable[str], hosts: Collection[str]) -> str:
    """What replayed files hold of a site, for a person: its hosts with the beginnings of their paths, most frequent
    first. Of a site that is not there at all: which hosts are.
    """
    forms: Counter[str] = Counter()
    others: Counter[str] = Counter()
    for parts in map(urlsplit, addresses):
        host = (parts.hostname or "").lower()
        others[host] += 1
        if host in hosts:
            # "/web/guest/tin/-/view_content/1-a.html" -> "/web/guest/…": two parts tell how addresses are formed
            folders = parts.path.split("/")[1:-1][:2]
            forms[f"{parts.scheme}://{host}" + ("/".join(("", *folders, "…")) if folders else "/…")] += 1
    kinds = [form for form, _ in (forms or others).most_common(SHOWN)]
    more = " and others" if len(forms or others) > SHOWN else ""
    of_site = "they hold" if forms else "of this site they hold nothing, only pages of"
    return f"{of_site} {', '.join(kinds)}{more}"
