"""Crawls of servers that mean harm, or do harm by accident: private addresses, bombs, drips, circles, nonsense."""

from __future__ import annotations

import gzip
import time
import zlib
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO

import brotli
import pytest
import zstandard
from loopback.running import begin, crawl, expected, rows, stored
from loopback.site import Answer, NewsSite

from pipelines.warc import read_captures
from pipelines.warc.records import sha1
from scrapers.private import is_private

pytestmark = pytest.mark.nights

MB = 1 << 20


@pytest.fixture
def site() -> Iterator[NewsSite]:
    with NewsSite() as running:
        yield running


def article(site: NewsSite, number: int) -> str:
    return f"/xay-dung-dang/bai-so-{number}"


def all_but(site: NewsSite, *numbers: int) -> dict[str, str]:
    return {url: title for url, title in expected(site).items() if int(url.rpartition("-")[2]) not in numbers}


def quarantined(data: Path) -> list[tuple[str, str]]:
    return [
        (url.partition("//")[2].partition("/")[2], v) for url, v in rows(data, "SELECT url, verdict FROM quarantine")
    ]


@pytest.mark.parametrize(
    ("host", "private"),
    [
        ("localhost", True),
        ("may-chu.local", True),
        ("127.0.0.1", True),
        ("10.1.2.3", True),
        ("172.16.0.1", True),
        ("192.168.1.1", True),
        ("169.254.169.254", True),
        ("100.64.0.1", True),
        ("0.0.0.0", True),  # noqa: S104
        ("224.0.0.1", True),
        ("255.255.255.255", True),
        ("[::1]", True),
        ("::", True),
        ("fe80::1%eth0", True),
        ("fd00::1", True),
        ("fec0::1", True),
        ("ff02::1", True),
        ("::ffff:10.0.0.1", True),
        ("::10.0.0.1", True),
        ("64:ff9b::a00:1", True),
        ("2002:a00:1::", True),
        ("8.8.8.8", False),
        ("::ffff:8.8.8.8", False),
        ("64:ff9b::808:808", False),
        ("2001:4860:4860::8888", False),
        ("hanoimoi.vn", False),
    ],
)
def test_addresses_off_the_public_internet_are_known(host: str, private: bool) -> None:
    assert is_private(host) is private


@pytest.mark.parametrize(
    "answer", [["127.0.0.2"], ["::1"], ["::ffff:127.0.0.2"], ["10.0.0.1"], ["169.254.169.254"], ["127.0.0.2", "::1"]]
)
def test_a_public_name_that_leads_to_a_private_address_is_never_connected_to(answer: list[str], tmp_path: Path) -> None:
    with NewsSite(host="127.0.0.2") as four, NewsSite(host="::1") as six:
        card = four.card(tmp_path / "cards", hosts=("bao-mau.vn",), base=f"http://bao-mau.vn:{four.port}")
        report = crawl(card, tmp_path / "data", NAMES={"bao-mau.vn": answer, "www.bao-mau.vn": answer})
        assert (four.connections, six.connections) == (0, 0)
    assert "is not on the public internet" in " ".join(report["problems"])


def test_redirects_to_private_addresses_and_other_schemes_are_not_followed(site: NewsSite, tmp_path: Path) -> None:
    site.publish(6)
    with ExitStack() as stack:
        secret = stack.enter_context(NewsSite(host="127.0.0.2"))
        port = secret.port
        targets = [
            f"http://127.0.0.2:{port}{article(site, 1)}",  # a host of the card, yet private
            f"http://bao-mau.vn:{port}{article(site, 2)}",  # resolves to it
            f"http://stranger.vn:{port}/",  # no host of the card
            "file:///etc/passwd",
            "data:text/html,<h1>x</h1>",
        ]
        for number, target in enumerate(targets, 1):
            site.answers[article(site, number)] = Answer(b"", 302, headers={"Location": target})
        card = site.card(tmp_path / "cards", hosts=("127.0.0.1", "127.0.0.2", "bao-mau.vn"))
        crawl(card, tmp_path / "data", NAMES={"bao-mau.vn": ["127.0.0.2"], "stranger.vn": ["127.0.0.2"]})
        assert secret.connections == 0
    assert list(stored(tmp_path / "data").values()) == [site.title(6)]


def test_links_to_files_data_and_ftp_are_not_links(site: NewsSite, tmp_path: Path) -> None:
    site.publish(2)
    links = "".join(
        f"<li class='item'><a href='{href}'>Bài</a></li>"
        for href in (
            "file:///etc/passwd/bai-so-7",
            "data:text/html,/bai-so-8",
            "ftp://127.0.0.1/bai-so-9",
            "javascript:go('/bai-so-1')",
            "http://[::1/bai-so-3",
            f"{site.base}/xay-dung-dang/bai-so-2",
        )
    )
    site.answers["/xay-dung-dang"] = Answer(f"<html><body><ul>{links}</ul></body></html>".encode())
    crawl(site.card(tmp_path / "cards"), tmp_path / "data")
    assert site.log == ["/robots.txt", "/xay-dung-dang", "/xay-dung-dang/bai-so-2"]
    assert rows(tmp_path / "data", "SELECT url, state FROM frontier") == [(f"{site.base}{article(site, 2)}", "kept")]


def bomb(coding: str, size: int) -> bytes:
    zeros = b"<p>" + b" " * MB
    if coding == "gzip":
        packer = zlib.compressobj(9, wbits=31)
    elif coding == "deflate":
        packer = zlib.compressobj(9)
    elif coding == "br":
        compressor = brotli.Compressor(quality=5)
        return b"".join([*(compressor.process(zeros) for _ in range(size // MB)), compressor.finish()])
    else:
        packer = zstandard.ZstdCompressor(level=3).compressobj()
    return b"".join([*(packer.compress(zeros) for _ in range(size // MB)), packer.flush()])


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
def test_a_page_that_unpacks_without_end_is_quarantined_and_archived_as_sent(
    site: NewsSite, tmp_path: Path, coding: str
) -> None:
    site.publish(3)
    body = bomb(coding, 700 * MB)
    assert len(body) < 2 * MB
    site.answers[article(site, 2)] = Answer(body, headers={"Content-Encoding": coding})
    report = crawl(site.card(tmp_path / "cards"), tmp_path / "data")
    assert stored(tmp_path / "data") == all_but(site, 2)
    assert quarantined(tmp_path / "data") == [("xay-dung-dang/bai-so-2", "too_large")]
    assert rows(tmp_path / "data", "SELECT digest FROM captures WHERE url LIKE '%bai-so-2'") == [(sha1(body),)]
    assert report["peak_mb"] < 420


def test_bombs_in_feeds_and_sitemaps_are_refused_under_their_name(site: NewsSite, tmp_path: Path) -> None:
    site.publish(3)
    packed = bomb("gzip", 300 * MB)
    site.answers["/rss"] = Answer(packed, content_type="application/rss+xml", headers={"Content-Encoding": "gzip"})
    site.answers["/s.xml.gz"] = Answer(packed, content_type="application/gzip")
    site.answers["/t.xml.gz"] = Answer(gzip.compress(packed), content_type="application/gzip")
    card = site.card(tmp_path / "cards", feeds=["/rss"], sitemaps=["/s.xml.gz", "/t.xml.gz"])
    report = crawl(card, tmp_path / "data")
    assert stored(tmp_path / "data") == expected(site)
    assert ("rss", "too_large") in quarantined(tmp_path / "data")
    assert ("s.xml.gz", "too_large") in quarantined(tmp_path / "data")
    assert {path for path, _ in quarantined(tmp_path / "data")} == {"rss", "s.xml.gz", "t.xml.gz"}
    assert len(report["problems"]) == 3
    assert report["peak_mb"] < 420


def head(status: bytes = b"HTTP/1.1 200 OK", *lines: bytes) -> bytes:
    return b"\r\n".join([status, b"Content-Type: text/html; charset=utf-8", *lines, b"", b""])


def test_a_body_without_end_is_cut_archived_and_quarantined(site: NewsSite, tmp_path: Path) -> None:
    def flood(out: BinaryIO) -> None:
        out.write(head())
        while True:
            out.write(b"<p>" + b"x" * 65_536)

    site.publish(3)
    site.answers[article(site, 2)] = Answer(b"", raw=flood)
    report = crawl(site.card(tmp_path / "cards"), tmp_path / "data", DOWNLOAD_MAXSIZE=4 * MB)
    assert stored(tmp_path / "data") == all_but(site, 2)
    assert quarantined(tmp_path / "data") == [("xay-dung-dang/bai-so-2", "too_large")]
    files = list((tmp_path / "data" / "warc").rglob("*.warc.gz"))
    (cut,) = [c for file in files for c in read_captures(file) if c.url.endswith("bai-so-2")]
    assert (cut.truncated, 4 * MB < len(cut.body) < 6 * MB) == ("length", True)
    assert report["counts"]["refused_too_large"] == 1


def test_a_body_that_drips_ends_by_the_clock_and_is_asked_for_again_later(site: NewsSite, tmp_path: Path) -> None:
    def drip(out: BinaryIO) -> None:
        out.write(head(b"HTTP/1.1 200 OK", b"Content-Length: 100000"))
        while True:
            out.write(b"x")
            out.flush()
            time.sleep(0.1)

    def drip_head(out: BinaryIO) -> None:
        out.write(b"HTTP/1.1 200 OK\r\n")
        while True:
            out.write(b"X-Y: z\r\n")
            out.flush()
            time.sleep(0.1)

    site.publish(4)
    site.answers[article(site, 2)] = Answer(b"", raw=drip)
    site.answers[article(site, 3)] = Answer(b"", raw=drip_head)
    crawl(site.card(tmp_path / "cards"), tmp_path / "data", KHOTIN_BODY_SECONDS=1, DOWNLOAD_TIMEOUT=2)  # it ends
    assert stored(tmp_path / "data") == all_but(site, 2, 3)
    assert rows(tmp_path / "data", "SELECT url, state, tries FROM frontier WHERE state <> 'kept' ORDER BY url") == [
        (f"{site.base}{article(site, n)}", "due", 1) for n in (2, 3)
    ]
    files = list((tmp_path / "data" / "warc").rglob("*.warc.gz"))
    assert {c.truncated for file in files for c in read_captures(file) if c.url.endswith("bai-so-2")} == {"time"}


def test_redirects_in_circles_and_long_chains_end(site: NewsSite, tmp_path: Path) -> None:
    site.publish(4)
    site.answers[article(site, 1)] = Answer(b"", 302, headers={"Location": article(site, 1)})
    site.answers[article(site, 2)] = Answer(b"", 301, headers={"Location": "/a"})
    site.answers["/a"] = Answer(b"", 302, headers={"Location": article(site, 2)})
    for hop in range(40):
        site.answers[f"/kette-{hop}"] = Answer(b"", 302, headers={"Location": f"/kette-{hop + 1}"})
    site.answers[article(site, 3)] = Answer(b"", 302, headers={"Location": "/kette-0"})
    crawl(site.card(tmp_path / "cards"), tmp_path / "data")
    assert stored(tmp_path / "data") == all_but(site, 1, 2, 3)
    assert len(site.fetched("kette")) <= 6
    assert len(site.log) <= 30


def test_a_listing_whose_pages_never_end_is_left_when_it_brings_nothing_new(site: NewsSite, tmp_path: Path) -> None:
    site.publish(3)
    items = "".join(
        f"<li class='item'><a href='{article(site, n)}'>Bài</a> <span>01/03/2024</span></li>" for n in (1, 2, 3)
    )

    def page(path: str) -> Answer:
        number = int(path.partition("page=")[2].partition("&")[0] or 1)
        more = f"<a class='next' href='/xay-dung-dang?page={number + 1}&sid={number:x}'>Trang sau</a>"
        calendar = "".join(f"<a href='/lich/{number}/{day}'>{day}</a>" for day in range(1, 31))
        return Answer(f"<html><body><ul>{items}</ul>{more}{calendar}</body></html>".encode())

    site.answer_to["/xay-dung-dang?"] = page
    site.answers["/xay-dung-dang"] = page("")
    crawl(site.card(tmp_path / "cards"), tmp_path / "data")
    assert stored(tmp_path / "data") == expected(site)
    assert len(site.log) <= 9


def test_a_listing_that_invents_articles_without_end_ends_with_the_budget(site: NewsSite, tmp_path: Path) -> None:
    def page(path: str) -> Answer:
        number = int(path.partition("page=")[2] or 1)
        items = "".join(f"<li class='item'><a href='/xay-dung-dang/bai-so-{number}{n}'>Bài</a></li>" for n in range(10))
        more = f"<a class='next' href='/xay-dung-dang?page={number + 1}'>Trang sau</a>"
        return Answer(f"<html><body><ul>{items}</ul>{more}</body></html>".encode())

    site.answer_to["/xay-dung-dang?"] = page
    site.answers["/xay-dung-dang"] = page("")
    report = crawl(site.card(tmp_path / "cards"), tmp_path / "data", KHOTIN_BUDGET=40)
    assert len(site.log) <= 40
    assert (report["blocked"], report["counts"]["walks_paused"]) == (None, 1)


def test_the_budget_of_a_run_can_be_set_in_the_environment(site: NewsSite, tmp_path: Path) -> None:
    site.publish(60)
    process = begin(site.card(tmp_path / "cards"), tmp_path / "data", env={"KHOTIN_BUDGET": "15"})
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    assert 1 < len(site.log) <= 15


def nonsense() -> dict[str, bytes]:
    body = "<html><body><p>Xin chào</p></body></html>".encode()
    length = b"Content-Length: %d" % len(body)
    return {
        "one header line of 1 MB": head(b"HTTP/1.1 200 OK", b"X-Long: " + b"a" * MB, length) + body,
        "1 MB of header lines": head(b"HTTP/1.1 200 OK", *([b"X-Many: " + b"a" * 1000] * 1000), length) + body,
        "bytes that are no text": head(b"HTTP/1.1 200 OK", b"X-\xff\xfe: \x80\x81", length) + body,
        "NUL": head(b"HTTP/1.1 200 OK", b"X-Nul: a\x00b", length) + body,
        "two lengths": head(b"HTTP/1.1 200 OK", length, b"Content-Length: 7") + body,
        "a length of letters": head(b"HTTP/1.1 200 OK", b"Content-Length: many") + body,
        "no status text": head(b"HTTP/1.1 200", length) + body,
        "HTTP/0.9": body,
        "a status of letters": head(b"HTTP/1.1 OK 200", length) + body,
        "a line without colon": head(b"HTTP/1.1 200 OK", b"nonsense", length) + body,
        "cookies": head(b"HTTP/1.1 200 OK", b"Set-Cookie: \xff=;;;\x01; Domain=.vn; Max-Age=x" + b"y" * 9000, length)
        + body,
        "nothing": b"",
        "chunks that lie": head(b"HTTP/1.1 200 OK", b"Transfer-Encoding: chunked") + b"FFFFFFFFFFFF\r\nabc",
    }


def test_nonsense_in_headers_is_survived_and_costs_no_other_page(site: NewsSite, tmp_path: Path) -> None:
    cases = nonsense()
    site.publish(len(cases) + 2)
    for number, sent in enumerate(cases.values(), 1):
        site.answers[article(site, number)] = Answer(b"", raw=lambda out, sent=sent: out.write(sent))
    report = crawl(site.card(tmp_path / "cards"), tmp_path / "data", DOWNLOAD_TIMEOUT=5)
    assert report["failure"] is None
    assert report["counts"].get("faults", 0) == 0
    good = {site.title(n) for n in (len(cases) + 1, len(cases) + 2)}
    assert good <= set(stored(tmp_path / "data").values())
    assert rows(tmp_path / "data", "SELECT count(*) FROM frontier") == [(len(cases) + 2,)]


def test_header_lines_without_end_do_not_fill_the_memory(site: NewsSite, tmp_path: Path) -> None:
    def flood(out: BinaryIO) -> None:
        out.write(b"HTTP/1.1 200 OK\r\n")
        while True:
            out.write(b"X-Many: %s\r\n" % (b"a" * 1000) * 100)

    site.publish(2)
    site.answers[article(site, 1)] = Answer(b"", raw=flood)
    report = crawl(site.card(tmp_path / "cards"), tmp_path / "data", DOWNLOAD_TIMEOUT=20)
    assert stored(tmp_path / "data") == all_but(site, 1)
    assert report["peak_mb"] < 300


def test_entities_of_feeds_and_sitemaps_are_neither_unfolded_nor_fetched(site: NewsSite, tmp_path: Path) -> None:
    site.publish(2)
    lol = "".join(f"<!ENTITY l{n} '{f'&l{n - 1};' * 10}'>" for n in range(1, 12))
    doctype = (
        f"<!DOCTYPE x [<!ENTITY l0 'lol'>{lol}<!ENTITY file SYSTEM 'file:///etc/hostname'>"
        f"<!ENTITY net SYSTEM '{site.base}/entity'><!ENTITY % ext SYSTEM '{site.base}/dtd'> %ext;]>"
    )
    link = f"<link>{site.base}{article(site, 1)}</link>"
    site.answers["/rss"] = Answer(
        f"<?xml version='1.0'?>{doctype}<rss><channel><item><title>&l11;&file;&net;</title>{link}</item>"
        "</channel></rss>".encode(),
        content_type="application/rss+xml",
    )
    site.answers["/s.xml"] = Answer(
        f"<?xml version='1.0'?>{doctype}<urlset><url><loc>{site.base}{article(site, 2)}</loc>"
        "<lastmod>&l11;&file;</lastmod></url></urlset>".encode(),
        content_type="text/xml",
    )
    report = crawl(site.card(tmp_path / "cards", feeds=["/rss"], sitemaps=["/s.xml"]), tmp_path / "data")
    assert stored(tmp_path / "data") == expected(site)
    assert [path for path in site.log if path in ("/entity", "/dtd")] == []
    hostname = Path("/etc/hostname").read_text().strip() if Path("/etc/hostname").exists() else "lollol"
    hints = " ".join(hint for (hint,) in rows(tmp_path / "data", "SELECT hints FROM frontier"))
    assert "lollol" not in hints
    assert hostname not in hints
    assert report["peak_mb"] < 300
