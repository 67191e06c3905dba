"""Replay: a real Scrapy crawl that is answered from WARC files."""

import gzip
import json
import subprocess
import sys
import textwrap
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import brotli
import pytest
import warc_samples as samples
import zstandard
from warcio.archiveiterator import ArchiveIterator

from pipelines.article import UrlRules
from pipelines.warc import TornRecord, WarcUnreadable, read_archived
from scrapers.replay import ReplayIndex

BASE = "https://mau.example/"
KIND = ("Content-Type", "text/html; charset=UTF-8")

CRAWL = """
import json, sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
import scrapy
from scrapy.crawler import AsyncCrawlerProcess
from scrapers.replay import ReplayHandler, ReplayIndex

class Walk(scrapy.Spider):
    name = "walk"
    custom_settings = {
        "DOWNLOAD_HANDLERS": {"http": ReplayHandler, "https": ReplayHandler, "file": None, "data": None},
        "KHOTIN_REPLAY_INDEX": ReplayIndex.open([Path(name) for name in sys.argv[4:]]),
        "ROBOTSTXT_OBEY": True, "HTTPERROR_ALLOW_ALL": True, "TELNETCONSOLE_ENABLED": False,
        "COOKIES_ENABLED": False, "DOWNLOAD_DELAY": 0, "RETRY_ENABLED": False,
        "CONCURRENT_REQUESTS_PER_DOMAIN": 16,
    }
    follow = sys.argv[2]

    async def start(self):
        for url in json.loads(sys.argv[3]):
            yield scrapy.Request(url, dont_filter=True)

    def parse(self, response):
        fetched = response.meta.get("khotin_fetched_at")
        print(json.dumps({
            "url": response.url, "status": response.status, "flags": response.flags,
            "type": type(response).__name__, "size": len(response.body),
            "fetched": fetched and fetched.isoformat(),
            "title": response.css("title::text").get() if hasattr(response, "text") else None,
        }), flush=True)
        if self.follow and hasattr(response, "text"):
            for link in response.css("a::attr(href)").re(self.follow):
                yield response.follow(link)

process = AsyncCrawlerProcess({"LOG_LEVEL": "WARNING"})
process.crawl(Walk)
process.start()
"""


def crawl(starts: list[str], *files: Path, follow: str = "") -> dict[str, dict[str, object]]:
    """Crawl in a process of its own; what came back, by address."""
    command = [sys.executable, "-c", textwrap.dedent(CRAWL), str(Path(__file__).parents[1])]
    command += [follow, json.dumps(starts), *map(str, files)]
    run = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert (run.returncode, run.stderr) == (0, "")
    return {row["url"]: row for row in map(json.loads, run.stdout.splitlines())}


def test_pages_come_back_with_status_headers_and_date_as_archived(tmp_path: Path) -> None:
    page = samples.HTML
    path = samples.written(
        tmp_path,
        samples.exchange(
            b"User-agent: *\nDisallow: /kin/",
            url=BASE + "robots.txt",
            headers=(("Content-Type", "text/plain"),),
        ),
        samples.exchange(page, url=BASE + "plain", ip="192.0.2.7"),
        samples.exchange(gzip.compress(page), url=BASE + "gzip", headers=(KIND, ("Content-Encoding", "gzip"))),
        samples.exchange(brotli.compress(page), url=BASE + "br", headers=(KIND, ("Content-Encoding", "br"))),
        samples.exchange(zstandard.compress(page), url=BASE + "zstd", headers=(KIND, ("Content-Encoding", "zstd"))),
        samples.exchange(page, url=BASE + "chunked", headers=(KIND, ("Transfer-Encoding", "chunked"))),
        samples.exchange(b"", url=BASE + "old", status=301, headers=(("Location", "/plain"),)),
        samples.exchange(page, url=BASE + "broken", status=503),
        samples.exchange(page[:40], url=BASE + "cut", truncated="length"),
        samples.exchange(page, url=BASE + "kin/secret"),
    )
    names = ["plain", "gzip", "br", "zstd", "chunked", "broken", "cut", "none", "kin/secret", "old"]
    found = crawl([BASE + name for name in names], path)
    whole = {
        "status": 200,
        "flags": ["replayed"],
        "type": "HtmlResponse",
        "size": len(page),
        "fetched": "2026-11-22T01:02:03.456789+00:00",
        "title": "Chi bộ thôn Mẫu học tập nghị quyết",
    }
    expected: dict[str, dict[str, object]] = {
        name: {"url": BASE + name, **whole} for name in ("plain", "gzip", "br", "zstd", "chunked")
    }
    expected["broken"] = {**whole, "url": BASE + "broken", "status": 503}
    expected["cut"] = {**whole, "url": BASE + "cut", "size": 40, "flags": ["replayed", "truncated"]}
    expected["cut"]["title"] = found[BASE + "cut"]["title"]
    expected["none"] = {
        **whole,
        "url": BASE + "none",
        "status": 404,
        "flags": ["replayed", "not-in-archive"],
        "size": 0,
        "fetched": None,
        "title": None,
    }
    assert found == {BASE + name: row for name, row in expected.items()}


def test_a_site_without_archived_robots_txt_is_replayed(tmp_path: Path) -> None:
    path = samples.written(tmp_path, samples.exchange())
    assert crawl([samples.ADDRESS], path)[samples.ADDRESS]["status"] == 200


def test_a_real_section_is_walked_under_its_true_addresses(shared: Path) -> None:
    path = shared / "pages" / "sotttt-hoat-dong-dang.warc.gz"
    rows = [json.loads(line) for line in (path.parent / "sotttt-index.jsonl").read_text().splitlines()]
    with path.open("rb") as stream:
        sizes = {
            record.rec_headers.get_header("WARC-Target-URI"): len(record.content_stream().read())
            for record in ArchiveIterator(stream)
            if record.rec_type == "response"
        }
    start = "https://sotttt.hanoi.gov.vn/hoat-ong-ang-oan-the"
    found = crawl([start], path, follow=r".*hoat-ong-ang-oan-the.*")
    there = {url: row["size"] for url, row in found.items() if row["flags"] == ["replayed"]}
    assert there == {row["url"]: sizes[row["url"]] for row in rows}
    dead = [row for row in found.values() if row["flags"] != ["replayed"]]
    assert dead
    assert {(row["status"], tuple(row["flags"])) for row in dead} == {(404, ("replayed", "not-in-archive"))}
    assert {found[url]["fetched"] for url in there} == {"2022-08-27T00:00:00+00:00"}


def index_of(folder: Path, *exchanges: object) -> ReplayIndex:
    return ReplayIndex.open([samples.written(folder, *exchanges)])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("archived", "asked"),
    [
        ("https://mau.example/a", "http://mau.example/a"),
        ("http://mau.example/a", "https://mau.example/a"),
        ("https://MAU.example/a", "https://mau.EXAMPLE/a"),
        ("https://mau.example:443/a", "https://mau.example/a"),
        ("http://mau.example/a", "http://mau.example:80/a"),
        ("https://mau.example", "https://mau.example/"),
        ("https://mau.example/a?x=1&y=2", "https://mau.example/a?y=2&x=1"),
        ("https://mau.example/a", "https://mau.example/a#"),
        ("https://mau.example/a", "https://mau.example/a#end"),
        ("https://mau.example/%c4%91", "https://mau.example/%C4%91"),
        ("https://www.mau.example/a", "https://mau.example/a"),
        ("http://mau.example/a", "https://www.mau.example/a"),
    ],
)
def test_small_differences_in_an_address_make_no_difference(tmp_path: Path, archived: str, asked: str) -> None:
    ref = index_of(tmp_path, samples.exchange(url=archived)).find(asked)
    assert ref is not None
    assert ref.url == archived


@pytest.mark.parametrize(
    "asked",
    [
        "https://mau.example/A",
        "https://mau.example/a/",
        "https://mau.example/a?",
        "https://mau.example:8443/a",
        "https://tin.mau.example/a",
        "https://mau.example/a?x=1",
        "https://[mau.example/a",
        "https://mau.example:port/a",
    ],
)
def test_another_address_is_not_found(tmp_path: Path, asked: str) -> None:
    ref = index_of(tmp_path, samples.exchange(url="https://mau.example/a")).find(asked)
    assert ref is None or asked == "https://mau.example/a?"  # an empty query is no other page


def test_the_newest_capture_wins_whatever_the_order_of_the_files(tmp_path: Path) -> None:
    days = [datetime(2026, 1, day, tzinfo=UTC) for day in (3, 9, 5)]
    files = [
        samples.written(tmp_path / str(day.day), samples.exchange(b"%d" % day.day, fetched_at=day)) for day in days
    ]
    index = ReplayIndex.open(files)
    ref = index.find(samples.ADDRESS)
    assert ref is not None
    assert index.load(ref).body == b"9"
    assert (index.captures, index.newest) == (3, days[1])
    assert index.dates(samples.ADDRESS) == tuple(sorted(days))
    assert index.dates(BASE) == ()


RULES = UrlRules(rewrite=(("^/(?:vi|en)(?=/)", ""), ("/pop_up$", "")), hosts=("mau.example", "www.mau.example"))


@pytest.mark.parametrize(
    ("archived", "asked"),
    [
        (BASE + "vi/a", BASE + "a"),
        ("http://www.mau.example/vi/a", BASE + "a"),
        (BASE + "a/pop_up", BASE + "en/a?utm_source=zalo"),
    ],
)
def test_the_rules_of_a_site_find_a_page_under_its_other_forms(tmp_path: Path, archived: str, asked: str) -> None:
    index = index_of(tmp_path, samples.exchange(url=archived))
    ref = index.find(asked, RULES)
    assert ref is not None
    assert ref.url == archived
    assert index.find(asked) is None
    assert index.find(asked.replace("mau.example", "khac.example"), RULES) is None


def test_another_form_is_asked_for_only_where_the_address_itself_is_not_there(tmp_path: Path) -> None:
    later = samples.FETCHED + timedelta(days=1)
    index = index_of(tmp_path, samples.exchange(url=BASE + "a"), samples.exchange(url=BASE + "vi/a", fetched_at=later))
    ref = index.find(BASE + "a", RULES)
    assert ref is not None
    assert ref.url == BASE + "a"


def test_a_redirect_to_another_form_of_an_address_is_no_page_of_it(tmp_path: Path) -> None:
    moved = samples.exchange(b"", url=BASE + "vi/a", status=301, headers=(("Location", BASE + "a"),))
    assert index_of(tmp_path, moved).find(BASE + "a", RULES) is None


def test_a_304_is_found_only_where_there_is_nothing_else(tmp_path: Path) -> None:
    later = samples.FETCHED + timedelta(days=1)
    index = index_of(
        tmp_path,
        samples.exchange(),
        samples.exchange(b"", status=304, fetched_at=later),
        samples.exchange(b"", status=304, url=BASE + "only"),
    )
    found = index.find(samples.ADDRESS), index.find(BASE + "only")
    assert [ref and ref.status for ref in found] == [200, 304]


def test_a_redirect_to_https_is_not_answered_to_who_asks_for_https(tmp_path: Path) -> None:
    index = index_of(
        tmp_path,
        samples.exchange(b"", url="http://mau.example/a", status=301, headers=(("Location", BASE + "a"),)),
    )
    assert index.find("https://mau.example/a") is None
    assert index.find("http://mau.example/a") is not None


def test_the_scheme_asked_for_comes_before_the_newer_capture_of_the_other(tmp_path: Path) -> None:
    later = samples.FETCHED + timedelta(days=1)
    index = index_of(
        tmp_path,
        samples.exchange(url="https://mau.example/a"),
        samples.exchange(url="http://mau.example/a", fetched_at=later),
    )
    ref = index.find("https://mau.example/a")
    assert ref is not None
    assert ref.fetched_at == samples.FETCHED


def test_a_folder_of_files_is_indexed(tmp_path: Path) -> None:
    samples.written(tmp_path / "a", samples.exchange(url=BASE + "a"))
    samples.written(tmp_path / "b", samples.exchange(url=BASE + "b"))
    index = ReplayIndex.open([tmp_path])
    assert index.captures == 2
    assert index.find(BASE + "b") is not None


def test_a_torn_file_is_told_and_its_whole_records_are_replayed(tmp_path: Path) -> None:
    path = samples.written(tmp_path, samples.exchange(), samples.exchange(url=BASE + "b"))
    *_, last = read_archived(path)
    path.write_bytes(path.read_bytes()[: last.offset + 30])
    with pytest.raises(TornRecord):
        ReplayIndex.open([path])
    torn: list[TornRecord] = []
    index = ReplayIndex.open([path], on_torn=torn.append)
    assert (index.captures, [one.offset for one in torn]) == (1, [last.offset])
    with pytest.raises(WarcUnreadable):
        ReplayIndex.open([tmp_path / "none.warc.gz"])


def test_what_is_loaded_is_what_was_written(tmp_path: Path) -> None:
    exchange = samples.exchange(ip="192.0.2.7")
    index = index_of(tmp_path, exchange)
    ref = index.find(exchange.url)
    assert ref is not None
    length = ("Content-Length", str(len(samples.HTML)))
    assert index.load(ref) == replace(
        exchange, request_headers=(), response_headers=(*exchange.response_headers, length)
    )
