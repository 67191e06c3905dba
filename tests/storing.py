"""Pages, texts and stores made for the tests of storing, publishing and exporting."""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pipelines.article import (
    VIETNAM,
    Article,
    Attachment,
    Capture,
    Evidence,
    Image,
    Precision,
    PublishedDate,
)
from pipelines.provinces import load_provinces
from pipelines.store import Saved, Store

T0 = datetime(2026, 3, 2, 8, 0, tzinfo=VIETNAM)
NOW = datetime(2026, 11, 22, 9, 30, tzinfo=VIETNAM)
DAY = timedelta(days=1)

SITES: list[dict[str, Any]] = [
    {
        "id": "thu-do",
        "name": "Trang thử Thủ đô",
        "kind": "party_portal",
        "province": {"code": "01", "scheme": 34},
        "hosts": ["thudo.example"],
        "sections": [{"title": "Xây dựng Đảng", "url": "https://thudo.example/xdd"}],
        "rights": {"note": "", "publish": "full"},
        "verified": {"how": "pages", "pages": 2},
        "expect": {"articles_per_week": [1, 9], "quiet_days": 7},
        "history": ["2026-03-02 viết lần đầu"],
    },
    {
        "id": "ha-giang",
        "name": "Trang thử Hà Giang",
        "kind": "party_newspaper",
        "province": {"code": "02", "scheme": 63},
        "hosts": ["hagiang.example"],
        "rights": {"note": "trích dẫn", "publish": "excerpt"},
    },
    {
        "id": "trung-uong",
        "name": "Tạp chí thử",
        "kind": "party_journal",
        "province": None,
        "hosts": ["tapchi.example"],
        "rights": {"note": "không đăng lại", "publish": "none"},
    },
]
HOSTS = {site["id"]: site["hosts"][0] for site in SITES}


def new_store(path: Path) -> Store:
    """An archive with the provinces and three sites whose texts may be shown whole, in part, not at all."""
    store = Store.open(path)
    store.put_provinces(load_provinces())
    store.put_sites(SITES)
    return store


def page(name: str, text: str, *, site: str = "thu-do", **facts: Any) -> Article:
    """An article at /<name>; `text` is its paragraphs, one a line."""
    url = f"https://{HOSTS.get(site, site)}/{name}"
    defaults: dict[str, Any] = {
        "title": f"Bài thử {name}",
        "lead": None,
        "paragraphs": tuple(text.split("\n")),
    }
    return Article(**({"url": url, "canonical_url": url} | defaults | facts))


def full_page(name: str, text: str, *, site: str = "thu-do", day: str = "2026-02-28", **facts: Any) -> Article:
    """The same with every field filled."""
    date = PublishedDate(
        f"{day}T07:45:00+07:00",
        Precision.MINUTE,
        "2026-02-27",
        day,
        "published",
        (Evidence("published_at", f"{day}T07:45:00+07:00", "meta article:published_time", day, 0.9),),
        ("late",),
    )
    defaults: dict[str, Any] = {
        "lead": "Sapo của bài thử.",
        "byline": "Nhóm phóng viên",
        "agency": "XDĐ",
        "date": date,
        "section": "Xây dựng Đảng",
        "tags": ("chi bộ", "đảng viên"),
        "language": "vi",
        "template": "thu/bai",
        "images": (Image("https://thudo.example/a.jpg", "Quang cảnh buổi họp", "Ảnh: Thử"),),
        "attachments": (Attachment("https://thudo.example/a.pdf", "Toàn văn"),),
        "flags": ("short",),
        "evidence": (
            Evidence("title", "Bài thử", "template:thu/bai title", "Bài thử"),
            Evidence("body", text, "template:thu/bai body", text[:300]),
        ),
    }
    return page(name, text, site=site, **(defaults | facts))


def save(
    store: Store, article: Article, when: datetime, *, site: str = "thu-do", version: str = "1", **more: Any
) -> Saved:
    """Archive and save what a page gave at a time; the same page and time is the same capture."""
    mark = hashlib.sha256(f"{article.url} {when.isoformat()}".encode()).hexdigest()
    capture = Capture(
        article.url,
        when,
        200,
        "text/html",
        b"",
        site=site,
        record_id=f"urn:uuid:{mark[:32]}",
        digest=f"sha1:{mark[:32]}",
        warc_file=f"{site}/{site}.warc.gz",
        warc_offset=int(mark[:6], 16),
        warc_length=900,
    )
    with store.transaction():
        capture_id = store.add_capture(capture, "article", None, None)
        return store.save_article(
            article,
            capture_id=capture_id,
            site=site,
            seen_at=when,
            extractor_version=version,
            **({"seen_url": article.canonical_url} | more),
        )


def rows(source: Store | Path, sql: str, *values: Any) -> list[dict[str, Any]]:
    """What a query gives, as a reader of the file sees it."""
    conn = sqlite3.connect(source if isinstance(source, Path) else source.path)
    try:
        conn.row_factory = sqlite3.Row
        return [dict(row) for row in conn.execute(sql, values)]
    finally:
        conn.close()


def column(source: Store | Path, sql: str, *values: Any) -> list[Any]:
    """The first column of a query."""
    return [next(iter(row.values())) for row in rows(source, sql, *values)]


def texts(store: Store) -> dict[str, Any]:
    """The text history of the only article: old bodies in order, when replaced, and the present body."""
    return {
        "old": column(store, "SELECT old_body FROM revisions ORDER BY number"),
        "replaced": column(store, "SELECT substr(replaced_at, 1, 10) FROM revisions ORDER BY number"),
        "now": column(store, "SELECT body FROM article_text")[0],
        "first": column(store, "SELECT substr(first_seen, 1, 10) FROM articles")[0],
        "last": column(store, "SELECT substr(last_seen, 1, 10) FROM articles")[0],
    }


def is_sound(path: Path) -> bool:
    """Whether SQLite finds nothing wrong with a file."""
    return column(path, "PRAGMA integrity_check") == ["ok"] and rows(path, "PRAGMA foreign_key_check") == []


@contextmanager
def mounted(folder: Path, options: str) -> Iterator[Path]:
    """A small disk of its own; skips where this user may not mount."""
    folder.mkdir()
    mount = shutil.which("mount")
    command = [str(mount), "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    if mount is None or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("mounting is not permitted here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)
