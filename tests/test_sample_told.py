"""Invented articles under real papers' names are never shown without saying so."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from running import khotin, serving
from serving import published, started

from khotin.demo import demo
from pipelines.article import KhotinError

TOLD = {
    "vi": "Dữ liệu mẫu: các bài ở đây là bịa để dùng thử.",
    "en": "Sample data: the articles here are invented.",
}
PAGES = ("/", "/search?q=dang", "/overview", "/map", "/sites", "/changes", "/compare?q=dang", "/data", "/api",
         "/public", "/public/articles", "/a/none", "/no-such-page")  # fmt: skip


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sample") / "data"
    khotin("demo", "--no-serve", "--data", folder)
    return folder


@pytest.fixture(scope="module")
def key(data: Path) -> str:
    with closing(sqlite3.connect(data / "public.db")) as db:
        return str(db.execute("SELECT key FROM articles WHERE byline IS NOT NULL ORDER BY id").fetchone()[0])


@pytest.fixture(scope="module")
def room(data: Path) -> Iterator[httpx.Client]:
    with serving(data) as address, httpx.Client(base_url=address) as client:
        yield client


def banners(page: str) -> list[str]:
    return re.findall(r'<aside class="sample" aria-label="[^"]+"><p>([^<]+)</p></aside>', page)


@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_page_of_the_demonstration_says_that_its_articles_are_invented(
    room: httpx.Client, key: str, language: str
) -> None:
    for path in (*PAGES, f"/a/{key}", f"/public/articles?key={key}"):
        page = room.get(path, headers={"Accept-Language": language}).text
        assert banners(page) == [TOLD[language]], path


@pytest.mark.parametrize("ending", ["txt", "bib", "ris", "csl.json"])
def test_citations_and_json_of_the_demonstration_say_that_the_article_is_invented(
    room: httpx.Client, key: str, ending: str
) -> None:
    told = room.get(f"/a/{key}.{ending}", headers={"Accept-Language": "en"}).text
    assert "Sample data, an invented article" in told
    assert room.get(f"/a/{key}.json").json()["sample"] is True


def test_the_papers_of_the_demonstrations_dump_say_so_and_of_another_do_not(data: Path, tmp_path: Path) -> None:
    other = published(tmp_path, 4)
    khotin("dump", "--data", other)
    for name in ("CITATION.cff", "codebook.md", "datapackage.json"):
        assert "Sample data: the articles here are invented" in (data / "dumps" / name).read_text(encoding="utf-8")
        assert "invented" not in (other / "dumps" / name).read_text(encoding="utf-8")


def test_what_is_published_anew_from_the_sample_says_so_still(data: Path, tmp_path: Path) -> None:
    anew = tmp_path / "data"
    anew.mkdir()
    (anew / "warc").symlink_to(data / "warc")
    (anew / "SAMPLE.txt").write_bytes((data / "SAMPLE.txt").read_bytes())
    khotin("rebuild", "--data", anew)
    khotin("publish", "--data", anew)
    with closing(sqlite3.connect(anew / "public.db")) as db:
        assert db.execute("SELECT value FROM about WHERE name = 'sample'").fetchall() == [("1",)]


def test_no_page_of_another_archive_says_so(tmp_path: Path) -> None:
    with started(published(tmp_path, 4)) as (address, _), httpx.Client(base_url=address) as client:
        for path in PAGES:
            assert "sample" not in client.get(path).text, path
        with closing(sqlite3.connect(tmp_path / "public.db")) as db:
            key = db.execute("SELECT key FROM articles").fetchone()[0]
        for ending in ("txt", "bib", "ris", "csl.json", "json"):
            assert "sample" not in client.get(f"/a/{key}.{ending}").text.lower(), ending


def test_the_demonstration_does_not_go_into_an_archive_of_real_articles(tmp_path: Path) -> None:
    before = (published(tmp_path, 4) / "archive.db").read_bytes()
    with pytest.raises(KhotinError, match="has an archive that is not the sample's: name another folder with --data"):
        demo(tmp_path, "127.0.0.1", 0, serving=False)
    assert (tmp_path / "archive.db").read_bytes() == before
    assert not (tmp_path / "SAMPLE.txt").exists()
