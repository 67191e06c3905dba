"""Fills an archive.db with made articles, and a stock.db with the same rows for Datasette without khotin."""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import closing
from datetime import datetime, timedelta
from itertools import accumulate
from pathlib import Path
from typing import Any

from bench.search.vocabulary import Vocabulary
from pipelines import schema
from pipelines.article import VIETNAM
from pipelines.provinces import load_provinces
from pipelines.store import Store

SITES = 90
SECTIONS = ("Xây dựng Đảng", "Thời sự - Chính trị", "Đảng viên", "Tin trong tỉnh", "Tin sở, ngành", "Tổ chức",
            "Kiểm tra, giám sát", "Dân vận", "Tuyên giáo", "Học tập Bác", "Đại hội Đảng", "Văn hóa")  # fmt: skip
KINDS = ("party_newspaper", "party_portal", "government_portal", "party_journal")
_FIRST_DAY = datetime(2004, 1, 1, tzinfo=VIETNAM)
_DAYS = 8_300
_BATCH = 2_000


def sites() -> list[dict[str, Any]]:
    """Invented sites in all provinces of both schemes."""
    provinces = [row for row in load_provinces() if row.scheme == 63]
    made = []
    for number in range(SITES):
        home = provinces[number % len(provinces)] if number % 9 else None
        made.append(
            {
                "id": f"trang-{number:02d}",
                "name": f"Trang số {number} {home.short_name if home else 'toàn quốc'}",
                "kind": KINDS[number % 4],
                "province": {"scheme": 63, "code": home.code} if home else None,
                "hosts": [f"trang-{number:02d}.example"],
                "rights": {"publish": "full", "note": "Bài đặt ra để đo."},
            }
        )
    return made


def fill(path: Path, count: int) -> None:
    """A new archive.db of `count` articles, written in bulk: the crawl's own way is not what is measured."""
    words = Vocabulary()
    chance = words.chance
    with Store.open(path) as store, store.transaction():
        store.put_provinces(load_provinces())
        store.put_sites(sites())
    weights = list(accumulate(1 / (rank + 2) for rank in range(SITES)))
    with closing(schema.connect(path)) as db:
        db.execute("PRAGMA synchronous = OFF")
        db.execute("PRAGMA foreign_keys = OFF")  # captures and articles name each other
        db.execute("PRAGMA ignore_check_constraints = ON")
        db.execute("BEGIN")
        for first in range(1, count + 1, _BATCH):
            batch = [
                _article(words, number, chance.choices(range(SITES), cum_weights=weights)[0])
                for number in range(first, min(first + _BATCH, count + 1))
            ]
            for table, columns in _COLUMNS.items():
                rows = [row for article in batch for row in article[table]]
                marks = ", ".join("?" * len(columns.split(",")))
                db.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", rows)  # noqa: S608
        db.execute("COMMIT")


_COLUMNS = {
    "captures": "id, record_id, url, site, kind, fetched_at, status, content_type, digest, warc_file, warc_offset,"
    " warc_length, article_id, text_hash, extractor_version",
    "articles": "id, key, site, canonical_url, title, byline, section, published_at, published_precision,"
    " date_estimate, date_estimate_basis, language, template, extractor_version, words, text_hash, capture_id,"
    " first_seen, last_seen, gone_since",
    "article_text": "article_id, lead, body",
    "revisions": "article_id, number, replaced_at, old_title, old_lead, old_body, old_hash, old_extractor_version,"
    " old_capture_id, new_capture_id",
    "evidence": "article_id, position, field, value, rule, raw, confidence",
    "addresses": "url, article_id, relation, first_seen",
}


def _article(words: Vocabulary, number: int, site: int) -> dict[str, list[tuple[Any, ...]]]:
    chance = words.chance
    title, lead, body = words.article()
    name = f"trang-{site:02d}"
    # The younger the more: an archive that begins to watch a site finds its last years whole.
    when = _FIRST_DAY + timedelta(days=int(_DAYS * chance.random() ** 0.5), minutes=chance.randrange(1440))
    published, seen = schema.iso(when), schema.iso(when + timedelta(hours=6))
    later = schema.iso(when + timedelta(days=9))
    mark = hashlib.sha256(f"{number}".encode()).hexdigest()
    url = f"https://{name}.example/bai-{number}.html"
    gone = later if chance.random() < 0.02 else None
    revised = chance.random() < 0.05
    return {
        "captures": [
            (number, f"urn:uuid:{mark[:32]}", url, name, "article", seen, 200, "text/html; charset=utf-8",
             f"sha1:{mark[:32]}", f"{name}/{name}-{when:%Y%m}.warc.gz", number, 9000, number, mark, "1"),
        ],
        "articles": [
            (number, f"{name}-{mark[:10]}", name, url, title, "Bạn Đọc Thử", chance.choice(SECTIONS), published,
             "minute", published[:10], "published", "vi", "mau/bai", "1", body.count(" ") + 40,
             mark, number, seen, later, gone),
        ],
        "article_text": [(number, lead, body)],
        "revisions": [(number, 1, later, title, lead, body[:1500], mark[::-1], "1", number, number)] * revised,
        "evidence": [
            (number, 0, "title", title, "template:mau/bai title", title, 1.0),
            (number, 1, "published_at", published, "json-ld datePublished", published, 0.9),
        ],
        "addresses": [(url, number, "canonical", seen)],
    }  # fmt: skip


def stock(public: Path, path: Path) -> None:
    """The rows of a public.db in one table, as one would load them with sqlite-utils; without an index yet."""
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA journal_mode = OFF")
        db.execute("PRAGMA synchronous = OFF")
        db.execute("ATTACH ? AS public", (str(public),))
        db.execute(
            "CREATE TABLE articles (id INTEGER PRIMARY KEY, key TEXT, title TEXT, lead TEXT, body TEXT,"
            " published_at TEXT, year INTEGER, month TEXT, site TEXT, kind TEXT, province TEXT, section TEXT, url TEXT)"
        )
        db.execute(
            "INSERT INTO articles SELECT a.id, a.key, a.title, t.lead, t.body, a.published_at, a.year, a.month, a.site,"
            " a.kind, a.province, a.section, a.canonical_url FROM public.articles a"
            " JOIN public.article_text t ON t.article_id = a.id ORDER BY a.id"
        )
        for column in ("year", "site", "province", "section", "published_at"):
            db.execute(f"CREATE INDEX articles_{column} ON articles ({column})")
        db.commit()
