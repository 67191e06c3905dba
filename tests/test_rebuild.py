"""Rebuilds that meet trouble: a damaged database, a page that cannot be read, files that are no WARC."""

from __future__ import annotations

import gzip
import json
import shutil
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from loopback.site import NewsSite
from running import SAMPLE, khotin
from warc_samples import FETCHED, exchange, writer

from pipelines.article import Article, Capture, Hint, PageRules, Refusal
from pipelines.extract import extract
from pipelines.schema import NewerSchema
from pipelines.warc import RefersTo
from scrapers.catalogue import load
from scrapers.rebuild import RebuildReport, rebuild

SITE = "xaydungdang"
NIGHTS = [SAMPLE / night / f"{SITE}.warc.gz" for night in ("night-1", "night-2")]


EXPECTED = json.loads((SAMPLE / "expected.json").read_text(encoding="utf-8"))["sites"][SITE]
BROKEN = min(one["url"] for one in EXPECTED["articles"])


def extract_but_one(capture: Capture, rules: PageRules, hints: Sequence[Hint]) -> Article | Refusal:
    if capture.url == BROKEN:
        message = "no such node"
        raise LookupError(message)
    return extract(capture, rules, hints)


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two nights of one site."""
    data = tmp_path_factory.mktemp("crawled") / "data"
    for night in NIGHTS:
        khotin("crawl", SITE, "--replay", night, "--data", data, code=(0, 4))
    return data


@pytest.fixture
def data(crawled: Path, tmp_path: Path) -> Path:
    """A copy to be spoiled."""
    return Path(shutil.copytree(crawled, tmp_path / "data"))


def ask(data: Path, query: str, *values: str) -> list[Any]:
    with closing(sqlite3.connect(data / "archive.db")) as db:
        return db.execute(query, values).fetchall()


def again(data: Path, **options: Any) -> RebuildReport:
    return rebuild(data, workers=1, **options)


ARTICLES = "SELECT key, title, text_hash, first_seen, last_seen FROM articles ORDER BY key"


def truncated(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:70_000])


def foreign(file: Path) -> None:
    file.unlink()
    with closing(sqlite3.connect(file)) as db:
        db.execute("CREATE TABLE notes (line)")


def without_frontier(file: Path) -> None:
    with closing(sqlite3.connect(file)) as db:
        db.execute("DROP TABLE frontier")


@pytest.mark.parametrize(
    "spoil", [truncated, foreign, without_frontier, lambda file: file.write_text("no database at all" * 9)]
)
def test_a_database_that_cannot_be_read_is_kept_aside_and_told(
    data: Path, crawled: Path, spoil: Callable[[Path], object]
) -> None:
    spoil(data / "archive.db")
    spoiled = (data / "archive.db").read_bytes()
    report = again(data)
    (aside,) = data.glob("archive.db.damaged-*")
    assert report.problems == (
        f"{data / 'archive.db'} could not be read: kept as {aside.name}; its plans, walks and runs are lost",
    )
    assert aside.read_bytes() == spoiled
    assert ask(data, ARTICLES) == ask(crawled, ARTICLES)
    assert ask(data, "SELECT command FROM runs") == [("rebuild",)]


def test_a_database_of_a_newer_khotin_ends_a_rebuild_before_anything_is_read(data: Path) -> None:
    with closing(sqlite3.connect(data / "archive.db")) as db:
        db.execute("PRAGMA user_version = 999")
    before = (data / "archive.db").read_bytes()
    read: list[int] = []
    with pytest.raises(NewerSchema):
        again(data, advance=read.append)
    assert read == []
    assert (data / "archive.db").read_bytes() == before
    assert sorted(file.name for file in data.iterdir()) == ["archive.db", "warc", "writer.lock"]


def test_a_page_on_which_the_extractor_fails_is_told_and_the_rebuild_goes_on(data: Path, crawled: Path) -> None:
    query = "SELECT record_id, status FROM captures WHERE url = ? ORDER BY record_id"
    captures = ask(data, query, BROKEN)
    assert [status for _, status in captures] == [200] * len(captures) != []
    report = again(data, extract=extract_but_one)
    told = f"{SITE}: a fault in khotin at {BROKEN}: LookupError: no such node"
    assert report.problems == (told,) * len(captures)
    assert report.counts["faults"] == len(captures)
    assert ask(data, query, BROKEN) == captures
    others = ARTICLES.replace("ORDER", "WHERE canonical_url <> ? ORDER")
    assert ask(data, others, BROKEN) == ask(crawled, others, BROKEN)
    assert len(ask(data, ARTICLES)) == len(ask(crawled, ARTICLES)) - 1
    again(data)
    assert ask(data, ARTICLES) == ask(crawled, ARTICLES)


def test_plain_warc_files_are_read_and_files_that_are_passed_over_are_told(data: Path, crawled: Path) -> None:
    folder = data / "warc" / SITE
    (file,) = folder.iterdir()
    (folder / file.stem).write_bytes(gzip.decompress(file.read_bytes()))
    file.unlink()
    (folder / f"{file.name}.torn").write_bytes(b"a tail that was cut")
    (folder / "notes.txt").write_text("when the disk was full")
    (folder / "foreign.warc.gz").write_bytes(b"no WARC file")
    (data / "warc" / "astray.warc.gz").write_bytes(file.name.encode())
    (data / "warc" / "no-site").mkdir()
    (data / "warc" / "no-site" / "a.warc").write_bytes(b"WARC/1.1")
    report = again(data)
    assert [(line.split(":")[0].removeprefix(f"{data}/"), line.split(": ")[1]) for line in report.problems] == [
        ("warc/astray.warc.gz", "no .warc or .warc.gz file in the folder of a site, left out"),
        (f"warc/{SITE}/notes.txt", "no .warc or .warc.gz file in the folder of a site, left out"),
        ("warc/no-site/a.warc", "no site card 'no-site', left out"),
        (f"warc/{SITE}/foreign.warc.gz", "not a WARC file (it starts with b'no WARC '). Give .warc or .warc.gz files."),
    ]
    assert ask(data, ARTICLES) == ask(crawled, ARTICLES)


def test_an_article_that_an_older_extractor_refused_is_visited_again_after_a_rebuild(data: Path) -> None:
    states = "SELECT url, state FROM frontier ORDER BY url"
    before = ask(data, states)
    with closing(sqlite3.connect(data / "archive.db")) as db:
        db.execute("UPDATE frontier SET state = 'refused', due_at = NULL, reason = 'listing' WHERE url = ?", (BROKEN,))
        db.commit()
    again(data)
    assert ask(data, states) == before
    ((state, due_at, fetched_at),) = ask(data, "SELECT state, due_at, fetched_at FROM frontier WHERE url = ?", BROKEN)
    assert (state, due_at) == ("kept", fetched_at)


def test_a_304_between_a_redirect_and_the_page_it_led_to_is_not_taken_for_that_page(tmp_path: Path) -> None:
    with NewsSite() as site:  # for its pages; it is asked for nothing
        site.publish(6)
        card = load(site.card(tmp_path / "cards"))
        listing, page = (f"{site.base}/xay-dung-dang{part}" for part in ("", "/bai-so-5"))
        bodies = {url: site.answer(url.removeprefix(site.base)).body for url in (listing, page)}
    night = FETCHED + timedelta(days=2)
    with writer(tmp_path / "data" / "warc") as warc:
        first = warc.write(exchange(bodies[listing], url=listing))
        warc.write(exchange(bodies[page], url=page))
        to = exchange(b"", url=page, status=301, headers=(("Location", "/xay-dung-dang"),), fetched_at=night)
        warc.write(to)
        same = RefersTo(first.record_id, listing, first.fetched_at, first.digest)
        warc.write(exchange(b"", url=listing, status=304, headers=(), fetched_at=night, unmodified_since=same))
        warc.write(exchange(bodies[listing], url=listing, fetched_at=night + timedelta(seconds=5)))
    again(tmp_path / "data", catalogue=card)
    assert ask(tmp_path / "data", "SELECT outcome, reason FROM visits") == [("missing", "leads to a listing")]
