"""The other crawlers, each called as its manual has it, in its own environment: `python peer.py NAME URLS OUT`.

URLS: a file with an address a line, the hosts in turn. OUT: a folder for what is extracted, as JSON. Four downloads at
once, no delay, four hosts. The last line printed is a JSON object: {"pages": extracted, "versions": {...}}.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

AT_ONCE = 4


def trafilatura(urls: Path, out: Path) -> int:
    """Its command line: downloads in threads, extracts with metadata, writes a JSON file a page."""
    import trafilatura as package

    settings = (Path(package.__file__).parent / "settings.cfg").read_text()
    changed = settings.replace("SLEEP_TIME = 5.0", "SLEEP_TIME = 0").replace(
        "SSRF_PROTECTION = on", "SSRF_PROTECTION = off"
    )
    if changed == settings:
        message = "trafilatura names its settings differently now"
        raise ValueError(message)
    config = out / "settings.cfg"
    config.write_text(changed)
    pages = out / "pages"
    command = [str(Path(sys.executable).parent / "trafilatura"), "--input-file", str(urls), "--output-dir", str(pages)]
    options = ["--json", "--with-metadata", "--parallel", str(AT_ONCE), "--config-file", str(config)]
    subprocess.run([*command, *options], check=False)
    return sum(1 for _ in pages.rglob("*.json"))


def newspaper4k(urls: Path, out: Path) -> int:
    """Its thread pool downloads and parses; written as JSON lines."""
    import newspaper
    from newspaper.mthreading import fetch_news

    config = newspaper.Config()
    config.language, config.fetch_images, config.memorize_articles = "vi", False, False
    config.request_timeout = 30
    articles = [newspaper.Article(url, config=config) for url in urls.read_text().split()]
    done = 0
    with (out / "pages.jsonl").open("w", encoding="utf-8") as file:
        for article in fetch_news(articles, threads=AT_ONCE):
            if not article.is_parsed:
                article.parse()
            if article.text:
                file.write(json.dumps({"url": article.url, "title": article.title, "text": article.text}) + "\n")
                done += 1
    return done


def news_please(urls: Path, out: Path) -> int:
    """Its library call for a list of addresses."""
    from newsplease import NewsPlease

    found = NewsPlease.from_urls(urls.read_text().split(), request_args={"timeout": 30})
    done = 0
    with (out / "pages.jsonl").open("w", encoding="utf-8") as file:
        for article in found.values():
            if getattr(article, "maintext", None):
                file.write(json.dumps(article.get_serializable_dict(), default=str) + "\n")
                done += 1
    return done


def scrapy(urls: Path, out: Path) -> int:
    """A plain spider that calls trafilatura where it parses; Scrapy's feed export writes JSON lines."""
    from scrapy import Spider
    from scrapy.crawler import CrawlerProcess
    from trafilatura import extract

    class Plain(Spider):
        name = "plain"
        start_urls = urls.read_text().split()

        def parse(self, response: Any) -> Any:
            text = extract(response.text, url=response.url, with_metadata=True, output_format="json")
            if text:
                yield json.loads(text)

    pages = out / "pages.jsonl"
    process = CrawlerProcess(
        {
            "LOG_LEVEL": "ERROR",
            "ROBOTSTXT_OBEY": True,
            "DOWNLOAD_DELAY": 0,
            "CONCURRENT_REQUESTS": AT_ONCE,
            "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
            "TELNETCONSOLE_ENABLED": False,
            "FEEDS": {str(pages): {"format": "jsonlines"}},
        }
    )
    process.crawl(Plain)
    process.start()
    return sum(1 for _ in pages.open())


PEERS: dict[str, tuple[Callable[[Path, Path], int], tuple[str, ...]]] = {
    "trafilatura": (trafilatura, ("trafilatura", "lxml")),
    "newspaper4k": (newspaper4k, ("newspaper4k", "lxml")),
    "news-please": (news_please, ("news-please", "lxml")),
    "scrapy": (scrapy, ("scrapy", "trafilatura", "lxml")),
}


def main() -> None:
    """Run one of them."""
    name, urls, out = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    call, packages = PEERS[name]
    pages = call(urls, out)
    print(json.dumps({"pages": pages, "versions": {package: version(package) for package in packages}}))


if __name__ == "__main__":
    main()
