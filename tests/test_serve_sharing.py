"""Dumps over HTTP, feeds, sitemaps, robots.txt, llms.txt, the page of the API."""

import json
import re
import sqlite3
import subprocess
import urllib.robotparser
from contextlib import closing

import httpx
import pytest
from lxml import etree
from running import khotin
from serving import RICH_TITLE, published, started

from khotin.serve.app import own_address
from khotin.serve.metadata import load_metadata
from khotin.serve.sharing import feeds, maps
from khotin.serve.sharing.files import wanted
from khotin.serve.sharing.views import KEYS
from khotin.serve.words import Words
from pipelines.dump import dump

NS = {"a": "http://www.w3.org/2005/Atom", "s": "http://www.sitemaps.org/schemas/sitemap/0.9"}


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = published(tmp_path_factory.mktemp("sharing"), count=60)
    dump(folder / "public.db", folder / "dumps", load_metadata())
    return folder


@pytest.fixture(scope="module")
def room(data):
    with started(data, profile="public") as (address, _), httpx.Client(base_url=address) as client:
        yield client


def test_the_page_of_the_data_lists_every_file_and_each_can_be_had(room, data):
    page = room.get("/data", headers={"accept-language": "en"}).text
    names = [path.name for path in (data / "dumps").iterdir() if path.name not in ("manifest.json", ".lock")]
    assert len(names) > 15
    for name in names:
        assert f'href="/dumps/{name}"' in page
        response = room.get(f"/dumps/{name}")
        assert (response.status_code, response.content) == (200, (data / "dumps" / name).read_bytes())


def test_the_page_of_the_data_speaks_to_people(room):
    page = room.get("/data", headers={"accept-language": "vi"}).text
    assert "<summary>Tháng 6/2020</summary>" in page
    assert re.search(r"<td>\d+(,\d)? (kB|MB)</td>", page)
    assert '<a href="/public">' in page
    assert 'href="/data" aria-current="page"' in page
    assert 'href="/data"' in room.get("/").text


@pytest.mark.parametrize(
    ("count", "vi", "en"),
    [(0, "0 B", "0 B"), (999, "999 B", "999 B"), (1234, "1,2 kB", "1.2 kB"), (34_500_000, "34 MB", "34 MB"),
     (999_999, "1 MB", "1 MB"), (5_200_000_000_000, "5.200 GB", "5,200 GB")],
)  # fmt: skip
def test_sizes_are_readable(count, vi, en):
    assert (Words("vi").size(count), Words("en").size(count)) == (vi, en)


def test_a_part_of_a_file_and_a_file_that_did_not_change(room, data):
    whole = (data / "dumps" / "khotin-all.csv").read_bytes()
    path = "/dumps/khotin-all.csv"
    part = room.get(path, headers={"range": "bytes=100-199"})
    assert (part.status_code, part.content) == (206, whole[100:200])
    assert part.headers["content-range"] == f"bytes 100-199/{len(whole)}"
    assert room.get(path, headers={"range": f"bytes={len(whole)}-"}).status_code == 416
    tag = part.headers["etag"]
    assert room.get(path, headers={"if-none-match": tag}).status_code == 304
    assert room.get(path, headers={"range": "bytes=5-", "if-range": tag}).content == whole[5:]
    assert room.get(path, headers={"range": "bytes=5-", "if-range": '"other"'}).content == whole
    head = room.head(path)
    assert (head.content, head.headers["content-length"]) == (b"", str(len(whole)))


@pytest.mark.parametrize(
    ("header", "part"),
    [("bytes=0-0", (0, 0)), ("bytes=-3", (7, 9)), ("bytes=-30", (0, 9)), ("bytes=4-", (4, 9)), ("bytes=4-400", (4, 9)),
     (None, None), ("bytes=-", None), ("bytes=0-1,3-4", None), ("lines=1-2", None)],
)  # fmt: skip
def test_which_bytes_a_range_means(header, part):
    assert wanted(header, 10) == part


@pytest.mark.parametrize("header", ["bytes=10-", "bytes=-0", "bytes=5-4"])
def test_ranges_that_are_nowhere(header):
    with pytest.raises(ValueError, match="bytes"):
        wanted(header, 10)


@pytest.mark.parametrize("name", ["manifest.json", "public.db", "..%2fpublic.db", ".part-1", "x.csv", "khotin-all"])
def test_nothing_but_what_was_dumped_is_given(room, name):
    assert room.get(f"/dumps/{name}", follow_redirects=True).status_code == 404


def test_without_dumps_the_page_says_so(tmp_path):
    with started(published(tmp_path, count=4)) as (address, _):
        assert "khotin dump" in httpx.get(f"{address}/data").text
        assert httpx.get(f"{address}/dumps/khotin-all.csv").status_code == 404


def test_feeds_begin_with_the_newest_change_and_are_of_their_site(room):
    def entries(path):
        response = room.get(path)
        assert response.headers["content-type"] == "application/atom+xml; charset=utf-8"
        root = etree.fromstring(response.content)
        for name in ("id", "title", "updated"):
            assert len(root.findall(f"a:{name}", NS)) == 1
            assert len(root.findall(f"a:entry/a:{name}", NS)) == len(root.findall("a:entry", NS))
        return [
            (one.findtext("a:title", None, NS), one.findtext("a:updated", None, NS), one.find("a:link", NS).get("href"))
            for one in root.findall("a:entry", NS)
        ]

    every = entries("/feeds/all.atom")
    assert every[0][0] == RICH_TITLE  # edited last
    assert len(every) == 50
    assert [updated for _, updated, _ in every] == sorted((updated for _, updated, _ in every), reverse=True)
    assert room.get(every[0][2]).status_code == 200
    assert [title for title, _, _ in entries("/feeds/site/trang-kin.atom")] == [
        "Bài số 9002: tổ chức cơ sở đảng đổi mới sinh hoạt chi bộ"
    ]
    assert len(entries("/feeds/province/25.atom")) == 1
    assert room.get("/feeds/site/khong-co.atom").status_code == 404


FEEDPARSER = """
import json, sys, feedparser
read = feedparser.parse(sys.stdin.buffer.read())
entries = [{name: one.get(name) for name in ("id", "title", "link", "updated", "author")} for one in read.entries]
print(json.dumps([bool(read.bozo), read.version, read.feed.title, read.feed.language, entries]))
"""


@pytest.mark.environments
@pytest.mark.parametrize("path", ["/feeds/all.atom", "/feeds/site/trang-trich.atom", "/feeds/province/01.atom",
                                  "/search.atom?q=chi+bộ"])  # fmt: skip
def test_a_reader_of_feeds_understands_them(room, analyst, path):
    sent = room.get(path, headers={"accept-language": "vi"}).content
    done = subprocess.run([analyst / "python", "-c", FEEDPARSER], input=sent, capture_output=True, check=True)
    faulty, version, title, language, entries = json.loads(done.stdout)
    root = etree.fromstring(sent)
    assert (faulty, version, language) == (False, "atom10", "vi")
    assert title == root.findtext("a:title", None, NS)
    assert entries == [
        {
            "link": one.find("a:link[@rel='alternate']", NS).get("href"),
            "author": one.findtext("a:author/a:name", None, NS),
        }
        | {name: one.findtext(f"a:{name}", None, NS) for name in ("id", "title", "updated")}
        for one in root.findall("a:entry", NS)
    ]
    assert entries


@pytest.mark.parametrize(("kind", "value"), [("all", ""), ("site", "bao-mau"), ("province", "Hà Nội")])
def test_a_feed_reads_an_index_and_not_all_articles(data, kind, value):
    with closing(sqlite3.connect(data / "public.db")) as db:
        plan = [row[3] for row in db.execute(f"EXPLAIN QUERY PLAN {feeds.changed_sql(kind)}", (value, value))]
    new = [step for step in plan if "first_seen" in step]
    assert len(new) == 1
    assert "INDEX articles_" in new[0]
    assert not [step for step in plan if re.fullmatch(r"SCAN (a|articles)", step)], plan


def test_sitemaps_name_every_article_with_its_last_change(room):
    index = etree.fromstring(room.get("/sitemap.xml").content)
    (address,) = index.xpath("//s:loc/text()", namespaces=NS)
    listed = etree.fromstring(room.get(address).content)
    addresses = listed.xpath("//s:loc/text()", namespaces=NS)
    assert len(set(addresses)) == 62
    assert room.get(addresses[-1]).status_code == 200
    assert RICH_TITLE in room.get(addresses[-1]).text
    assert listed.xpath("//s:lastmod/text()", namespaces=NS)[-1] == "2026-11-21T08:00:00+07:00"
    assert room.get("/sitemaps/articles-2.xml").status_code == 404
    assert maps.PER_MAP == 50_000


def test_robots_keeps_programs_from_what_is_dear(room):
    rules = urllib.robotparser.RobotFileParser()
    rules.parse(room.get("/robots.txt").text.splitlines())
    for path in ("/", "/a/bao-mau-1", "/feeds/all.atom", "/sitemap.xml", "/llms.txt", "/data"):
        assert rules.can_fetch("bot", path), path
    for path in ("/public/articles", "/public/articles.csv", "/search?q=x", "/dumps/khotin-all.csv", "/public.json"):
        assert not rules.can_fetch("bot", path), path


@pytest.mark.parametrize(
    "path", ["/robots.txt", "/sitemap.xml", "/sitemaps/articles-1.xml", "/feeds/all.atom", "/search.atom", "/llms.txt",
             "/search.json", "/data"],
)  # fmt: skip
def test_a_server_with_an_address_of_its_own_repeats_no_host_of_a_request(data, path):
    with started(data, profile="public", address="https://Kho.example/") as (address, _):
        got = httpx.get(f"{address}{path}", headers={"host": "evil.example"}).text
    assert "https://kho.example/" in got
    assert "evil.example" not in got
    assert address not in got


@pytest.mark.parametrize("text", ["kho.example", "https://kho.example/a", "ftp://kho.example", "https://kho.example\n"])
def test_an_address_that_is_none_is_refused(data, text):
    if text.endswith("\n"):
        assert own_address(text) == "https://kho.example"
    else:
        done = khotin("serve", "--data", data, "--address", text, "--port", "1", code=2)
        assert "write https://khotin.example.org, without a path" in done.stderr


def test_every_link_of_llms_txt_and_of_the_api_page_leads_somewhere(room):
    links = re.findall(r"\]\((\S+)\)", room.get("/llms.txt").text)
    links += [link for link in re.findall(r'href="(/[^"]+)"', room.get("/api").text) if not link.startswith("/-/")]
    assert len(links) > 10
    for link in set(links):
        assert room.get(link.replace("&amp;", "&"), follow_redirects=True).status_code == 200, link


def test_the_keys_that_the_api_promises_are_there(room):
    key = room.get("/public/articles.json?_shape=array&_size=1").json()[0]["key"]
    assert set(KEYS) <= set(room.get(f"/a/{key}.json").json())
    page = room.get("/api").text
    assert all(f"<code>{name}</code>" in page for name in KEYS)


def test_the_searches_that_the_api_promises_are_there(room):
    page = room.get("/api").text
    row = page[page.index("/search.json") : page.index("/search.csv")]
    told, promised = (re.findall(r"<code>(\w+)</code>", part) for part in row.split("→"))
    values = ["chi", "", "-", "-", "-", "-", "-", "2020", "2020-01-01", "2026-01-01", "1", "1", "new", "5", "1"]
    every = "&".join(f"{name}={value}" for name, value in zip(told, values, strict=True))
    answer = room.get(f"/search.json?{every}")
    assert answer.status_code == 200
    assert set(promised) <= set(answer.json())
    for form in ("csv", "jsonl", "atom"):
        assert room.get(f"/search.{form}?q=chi").status_code == 200


@pytest.mark.environments
def test_the_python_on_the_page_of_the_data_loads_a_selection(room, analyst):
    code = re.search(r'<code id="python">(.*?)</code>', room.get("/data").text, re.DOTALL)[1]
    code = code.replace("&#34;", '"').replace("&amp;", "&") + "assert list(articles.columns)[:2] == ['id', 'key']\n"
    done = subprocess.run([analyst / "python", "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert re.search(r"bao-mau\s+59", done.stdout)
