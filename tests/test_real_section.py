"""A real section as it stood in 2022, replayed from its WARC file."""

from __future__ import annotations

import json
import sqlite3
import unicodedata
from contextlib import closing
from pathlib import Path

import pytest
from running import khotin


@pytest.fixture(scope="module")
def crawled(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, int], dict[str, int]]:
    data = tmp_path_factory.mktemp("section") / "data"
    warc = shared / "pages" / "sotttt-hoat-dong-dang.warc.gz"
    first = json.loads(khotin("crawl", "sotttt-hanoi", "--replay", warc, "--data", data, "--json").stdout)
    second = json.loads(khotin("crawl", "sotttt-hanoi", "--replay", warc, "--data", data, "--json").stdout)
    return data, first["totals"], second["totals"]


@pytest.mark.shared
def test_all_articles_are_stored_with_title_and_shown_date(
    shared: Path, crawled: tuple[Path, dict[str, int], dict[str, int]]
) -> None:
    data, first, _ = crawled
    lines = (shared / "pages" / "sotttt-index.jsonl").read_text(encoding="utf-8").splitlines()
    index = [json.loads(line) for line in lines]
    # The index was read by selector: two of its titles are in decomposed form.
    expected = {
        row["url"]: (unicodedata.normalize("NFC", row["title"]), row["date_as_shown"])
        for row in index
        if row["kind"] == "article"
    }
    with closing(sqlite3.connect(data / "archive.db")) as db:
        found = {
            url: (title, " ".join(raw.split()))
            for url, title, raw in db.execute(
                "SELECT canonical_url, title, raw FROM articles"
                " JOIN evidence ON article_id = id AND field = 'published_at'"
            )
        }
    assert len(found) == 211
    wrong = {url: (found.get(url), want) for url, want in expected.items() if found.get(url) != want}
    assert wrong == {}
    assert first["new"] == 211
    assert first["listings"] == 28
    assert first["dead_links"] > 0
    assert first.get("refused", 0) == 0


@pytest.mark.shared
def test_the_second_visit_stores_nothing(crawled: tuple[Path, dict[str, int], dict[str, int]]) -> None:
    data, _, second = crawled
    assert {name: second.get(name, 0) for name in ("new", "revised", "listings")} == {
        "new": 0,
        "revised": 0,
        "listings": 1,
    }
    with closing(sqlite3.connect(data / "archive.db")) as db:
        assert db.execute("SELECT count(*) FROM revisions").fetchone() == (0,)
