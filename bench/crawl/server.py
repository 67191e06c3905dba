"""The site on loopback: four hosts, 127.0.0.1 to 127.0.0.4, on one port; pages made beforehand, packed if asked for.

    python -m bench.crawl.server FOLDER STORIES    # prints its port, then serves until stdin ends

STORIES a host. A line on stdin is answered by what it has sent since the last one, by user agent: how many articles,
and when the first and the last request came. A crawl's time begins with its first request, not with its imports.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import json
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from bench.crawl import heavy, pages

HOSTS = ("127.0.0.1", "127.0.0.2", "127.0.0.3", "127.0.0.4")
LEVEL = 6
ROBOTS = b"User-agent: *\nDisallow: /tim-kiem\n"


def packed(host: int, number: int) -> bytes:
    """A page as it is sent."""
    return gzip.compress(pages.article(host, number), LEVEL, mtime=0)


def _packed_all(host: int, numbers: range) -> list[bytes]:
    return [packed(host, number) for number in numbers]


class Pages:
    """The articles of all hosts in one file, made once for each form of the pages and each number of them."""

    def __init__(self, folder: Path, stories: int) -> None:
        self.stories = stories
        source = hashlib.sha256(Path(pages.__file__).read_bytes())
        for file in sorted(pages.THEMES.glob("*.txt")):
            source.update(file.read_bytes())
        name = folder / f"pages-{stories}-{source.hexdigest()[:12]}"
        index = name.with_suffix(".json")
        if not index.exists():
            self._make(name.with_suffix(".bin"), index)
        self._index: list[list[int]] = json.loads(index.read_text())
        self._file = os.open(name.with_suffix(".bin"), os.O_RDONLY)

    def _make(self, file: Path, index: Path) -> None:
        folder = file.parent
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob(f"pages-{self.stories}-*"):
            old.unlink()
        places: list[list[int]] = []
        at = 0
        with file.open("wb") as out, ProcessPoolExecutor() as pool:
            for host in range(len(HOSTS)):
                ends = [at]
                parts = [range(n, min(n + 50, self.stories + 1)) for n in range(1, self.stories + 1, 50)]
                for made in pool.map(_packed_all, [host] * len(parts), parts):
                    for page in made:
                        out.write(page)
                        at += len(page)
                        ends.append(at)
                places.append(ends)
        index.write_text(json.dumps(places))

    def article(self, host: int, number: int) -> bytes | None:
        """The packed page of a story; None where there is none."""
        if not 1 <= number <= self.stories:
            return None
        start, end = self._index[host][number - 1 : number + 1]
        return os.pread(self._file, end - start, start)


class Site:
    """Answers requests and counts what it sent."""

    def __init__(self, stored: Pages, folder: Path) -> None:
        self.pages, self.folder = stored, folder
        self.listings: dict[tuple[int, int, int], bytes] = {}
        self.heavy: dict[str, tuple[str, bytes]] = {}
        self.sent: dict[str, list[float]] = {}
        """User agent -> articles sent, clock of the first request, clock of the last one."""

    def prepare(self, port: int) -> None:
        """Make the heavy documents, which name the port."""
        for path in ("/robots.txt", heavy.FEED, heavy.SITEMAP, heavy.LISTING):
            if made := heavy.document(path, port):
                self.heavy[path] = (made[0], gzip.compress(made[1], LEVEL))

    def answer(self, host: int, target: str, agent: str) -> tuple[int, str, bytes]:
        """Status, content type, packed body."""
        parts = urlsplit(target)
        if host == len(HOSTS):
            if parts.path in self.heavy:
                return 200, *self.heavy[parts.path]
            host = 0
        seen = self.sent.setdefault(agent, [0, time.time(), 0])
        seen[2] = time.time()
        if parts.path == "/robots.txt":
            return 200, "text/plain", gzip.compress(ROBOTS)
        if parts.path == pages.SECTION:
            query = parse_qs(parts.query)
            page, stories = (int(query.get(name, [other])[0]) for name, other in (("page", "1"), ("stories", "1")))
            if (host, page, stories) not in self.listings:
                self.listings[host, page, stories] = gzip.compress(pages.listing(host, page, stories), LEVEL)
            return 200, "text/html; charset=utf-8", self.listings[host, page, stories]
        number = parts.path.rpartition("-")[2].removesuffix(".html")
        body = self.pages.article(host, int(number) - 830_000) if number.isdecimal() else None
        if body is None:
            return 404, "text/plain", gzip.compress(b"no such page")
        seen[0] += 1
        return 200, "text/html; charset=utf-8", body


class Connection(asyncio.Protocol):
    """HTTP/1.1 with keep-alive, as much of it as crawlers need."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Learn which host is asked."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101
        self.transport = transport
        self.host = (*HOSTS, heavy.HOST).index(transport.get_extra_info("sockname")[0])

    def data_received(self, data: bytes) -> None:
        """Answer each whole request."""
        self.buffer += data
        while b"\r\n\r\n" in self.buffer:
            head, _, self.buffer = self.buffer.partition(b"\r\n\r\n")
            first, *lines = head.decode("latin-1").split("\r\n")
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
            status, kind, body = self.site.answer(self.host, first.split(" ")[1], headers.get("user-agent", ""))
            zipped = "gzip" in headers.get("accept-encoding", "")
            if not zipped:
                body = gzip.decompress(body)
            close = headers.get("connection", "").lower() == "close"
            coding = "Content-Encoding: gzip\r\nVary: Accept-Encoding\r\n" if zipped else ""
            head = (
                f"HTTP/1.1 {status} {'OK' if status == 200 else 'Not Found'}\r\nServer: mau\r\nContent-Type: {kind}\r\n"
                f"{coding}Content-Length: {len(body)}\r\nConnection: {'close' if close else 'keep-alive'}\r\n\r\n"
            ).encode()
            self.transport.write(head + (b"" if first.startswith("HEAD") else body))
            if close:
                self.transport.close()


async def serve(site: Site) -> None:
    """Listen, tell the port, note the counts on every line of stdin, and end with it."""
    loop = asyncio.get_running_loop()
    first = await loop.create_server(lambda: Connection(site), HOSTS[0], 0, backlog=512)
    port = first.sockets[0].getsockname()[1]
    others = (*HOSTS[1:], heavy.HOST)
    servers = [first, *[await loop.create_server(lambda: Connection(site), one, port, backlog=512) for one in others]]
    site.prepare(port)
    print(port, flush=True)
    while (await loop.run_in_executor(None, sys.stdin.readline)) != "":
        print(json.dumps(site.sent), flush=True)
        site.sent.clear()
    for server in servers:
        server.close()


def main() -> None:
    """Make what is missing, and serve."""
    site = Site(Pages(Path(sys.argv[1]), int(sys.argv[2])), Path(sys.argv[1]))
    asyncio.run(serve(site))


if __name__ == "__main__":
    main()
