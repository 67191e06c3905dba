"""The bundled sample through the whole chain, compared with what its maker says is true; then made anew."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from running import SAMPLE, khotin

from khotin.serve.words import Words

EXPECTED = json.loads((SAMPLE / "expected.json").read_text(encoding="utf-8"))["sites"]
SITES = sorted(EXPECTED)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sample") / "data"
    khotin("demo", "--no-serve", "--data", folder)
    return folder


@contextmanager
def rows(database: Path) -> Iterator[sqlite3.Connection]:
    db = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    db.row_factory = sqlite3.Row
    try:
        yield db
    finally:
        db.close()


def stored(database: Path, site: str) -> dict[str, dict[str, Any]]:
    with rows(database) as db:
        found = db.execute(
            "SELECT a.*, t.lead, t.body FROM articles a JOIN article_text t ON t.article_id = a.id WHERE site = ?",
            (site,),
        )
        return {row["canonical_url"]: dict(row) for row in found}


def text_of(row: dict[str, Any]) -> list[str]:
    return [line for line in (row["lead"], *row["body"].split("\n")) if line]


def wanted(article: dict[str, Any]) -> dict[str, Any]:
    """The article as it stands on the last night on which it was there."""
    return article | article["edited"] if article["second_night"] == "edited" else article


def same_text(row: dict[str, Any], article: dict[str, Any]) -> bool:
    optional = set(article["optional_lines"])
    found = [line for line in text_of(row) if not set(line.split(" | ")) <= optional]
    expected = [line for line in (article["lead"], *article["paragraphs"]) if line]
    damaged = {expected[i + bool(article["lead"])] for i in article["damaged_paragraphs"]}
    if damaged:
        return len(found) == len(expected) and all(
            a == b for a, b in zip(found, expected, strict=True) if b not in damaged
        )
    return found == expected


@pytest.mark.parametrize("site", SITES)
def test_every_article_of_the_sample_is_stored_with_its_own_title_and_text_only(data: Path, site: str) -> None:
    found = stored(data / "archive.db", site)
    # nothing on its page ties a twin to the other address: it is stored as an article of its own
    articles = {url: wanted(one) for one in EXPECTED[site]["articles"] for url in (one["url"], *one["twins"])}
    assert sorted(found) == sorted(articles)
    wrong = [
        (url, found[url]["title"], text_of(found[url]))
        for url, article in articles.items()
        if found[url]["title"] != article["title"] or not same_text(found[url], article)
    ]
    assert wrong == []


@pytest.mark.parametrize("site", SITES)
@pytest.mark.parametrize("field", ["published_at", "published_precision", "event_date", "byline", "section"])
def test_every_fact_of_the_sample_is_right(data: Path, site: str, field: str) -> None:
    found = stored(data / "archive.db", site)
    articles = {one["url"]: wanted(one) for one in EXPECTED[site]["articles"]}
    wrong = [
        (url, found[url][field], article[field])
        for url, article in articles.items()
        if found[url][field] != article[field]
    ]
    assert wrong == []


def test_the_evidence_of_every_value_is_told_in_vietnamese_but_for_codes(data: Path) -> None:
    with rows(data / "public.db") as db:
        found = {("rule", row["rule"]) for row in db.execute("SELECT rule FROM evidence")}
        found |= {("note", row["note"]) for row in db.execute("SELECT note FROM evidence WHERE note <> ''")}
    told = {text: Words("vi").told(kind, text) for kind, text in found}
    left = {text for text, vietnamese in told.items() if "<span" in vietnamese}
    assert {text for text in left if not text.startswith(("template:", "json-ld ", "meta "))} == set()
    assert len(told) > len(left) + 20


def test_edited_articles_have_one_revision_with_the_old_text_and_no_other_has_any(data: Path) -> None:
    edited = {
        one["url"]: one for site in SITES for one in EXPECTED[site]["articles"] if one["second_night"] == "edited"
    }
    with rows(data / "archive.db") as db:
        revisions = db.execute(
            "SELECT canonical_url, old_title, old_lead, old_body FROM revisions r"
            " JOIN articles a ON a.id = r.article_id"
        ).fetchall()
    assert sorted(row["canonical_url"] for row in revisions) == sorted(edited)
    for row in revisions:
        before = edited[row["canonical_url"]]
        assert row["old_title"] == before["title"]
        assert same_text({"lead": row["old_lead"], "body": row["old_body"]}, before)


def test_challenges_are_quarantined_and_removed_articles_keep_their_text(data: Path) -> None:
    challenges = {url for site in SITES for url in EXPECTED[site]["challenges"]}
    removed = [one["url"] for site in SITES for one in EXPECTED[site]["articles"] if one["second_night"] == "removed"]
    with rows(data / "archive.db") as db:
        quarantined = {row["url"] for row in db.execute("SELECT url FROM quarantine WHERE verdict = 'challenge'")}
        kept = {row["canonical_url"] for row in db.execute("SELECT canonical_url FROM articles")}
    assert quarantined == challenges
    assert set(removed) <= kept


def test_other_addresses_of_an_article_are_known(data: Path) -> None:
    with rows(data / "archive.db") as db:
        known = {
            row["url"]: row["canonical_url"]
            for row in db.execute(
                "SELECT ad.url, a.canonical_url FROM addresses ad JOIN articles a ON a.id = ad.article_id"
            )
        }
    others = {
        url.replace("http://", "https://"): one["url"]
        for site in SITES
        for one in EXPECTED[site]["articles"]
        for url in (*one["redirects"], *one["aliases"])
    }
    assert len(others) == 2
    assert {url: known.get(url) for url in others} == others


def test_a_second_crawl_of_the_same_night_changes_nothing(data: Path) -> None:
    before = [dict(row) for site in SITES for row in stored(data / "archive.db", site).values()]
    files = sorted((SAMPLE / "night-2").glob("*.warc.gz"))
    sizes = {file: file.stat().st_size for file in (data / "warc").rglob("*.warc.gz")}
    khotin("crawl", "--json", "--data", data, *SITES, "--replay", *files, code=(0, 4))
    assert [dict(row) for site in SITES for row in stored(data / "archive.db", site).values()] == before
    assert {file: file.stat().st_size for file in (data / "warc").rglob("*.warc.gz")} == sizes


def test_a_rebuild_from_the_warc_files_alone_gives_the_same_articles(data: Path, tmp_path: Path) -> None:
    compared = (
        (
            "SELECT key, site, canonical_url, title, byline, agency, section, published_at, published_precision,"
            " event_date, date_estimate, date_estimate_basis, language, template, words, text_hash, flags,"
            " first_seen, last_seen, lead, body"
            " FROM articles JOIN article_text ON article_id = id ORDER BY key"
        ),
        (
            "SELECT a.key, number, replaced_at, old_title, old_lead, old_body FROM revisions r"
            " JOIN articles a ON a.id = r.article_id ORDER BY a.key, number"
        ),
        "SELECT key, url, relation, ad.first_seen FROM addresses ad JOIN articles a ON a.id = article_id ORDER BY url",
        "SELECT url, verdict, reason, seen_at FROM quarantine ORDER BY url, seen_at",
        (
            "SELECT url, site, kind, status, fetched_at, digest, verdict, location, record_id, warc_file, warc_offset"
            " FROM captures ORDER BY site, warc_file, warc_offset"
        ),
        "SELECT a.key, c.record_id FROM captures c JOIN articles a ON a.id = c.article_id ORDER BY c.record_id",
        (
            "SELECT key, field, value, rule, raw, confidence, note FROM evidence JOIN articles a ON a.id = article_id"
            " ORDER BY key, position"
        ),
    )
    bare = tmp_path / "bare"
    bare.mkdir()
    (bare / "warc").symlink_to(data / "warc")
    khotin("rebuild", "--data", bare)
    with rows(data / "archive.db") as crawled, rows(bare / "archive.db") as rebuilt:
        for query in compared:
            assert [tuple(r) for r in rebuilt.execute(query)] == [tuple(r) for r in crawled.execute(query)]


def test_a_rebuild_beside_the_old_database_keeps_its_plans(data: Path) -> None:
    query = "SELECT url, state, due_at, hints FROM frontier ORDER BY url"
    with rows(data / "archive.db") as db:
        before = [tuple(row) for row in db.execute(query)]
        walks = db.execute("SELECT count(*) FROM walks").fetchone()[0]
    khotin("rebuild", "--data", data)
    with rows(data / "archive.db") as db:
        assert [tuple(row) for row in db.execute(query)] == before
        assert db.execute("SELECT count(*) FROM walks").fetchone()[0] == walks
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []
