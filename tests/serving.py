"""A small published archive and the real server in a process of its own, for tests of the reading room."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from pipelines.article import (
    VIETNAM,
    Article,
    Attachment,
    Capture,
    Evidence,
    Image,
    Precision,
    PublishedDate,
    Refusal,
    Verdict,
)
from pipelines.provinces import load_provinces
from pipelines.publish import publish
from pipelines.store import Store

ROOT = Path(__file__).resolve().parents[1]
NOW = datetime(2026, 11, 22, 8, 0, tzinfo=VIETNAM)
EVIL = "<script>document.title='hacked'</script><img src=x onerror=\"document.title='hacked'\">"
SITES = (
    {
        "id": "bao-mau",
        "name": "Báo Mẫu",
        "kind": "party_newspaper",
        "province": {"scheme": 34, "code": "01"},
        "hosts": ["bao-mau.example"],
        "sections": [{"title": "Xây dựng Đảng", "url": "https://bao-mau.example/xay-dung-dang"}],
        "rights": {"publish": "full", "note": "Ghi rõ nguồn khi phát hành lại."},
    },
    {
        "id": "trang-trich",
        "name": "Trang Trích",
        "kind": "party_portal",
        "province": {"scheme": 63, "code": "26"},
        "hosts": ["trang-trich.example"],
        "rights": {"publish": "excerpt", "note": "Chỉ được trích dẫn."},
    },
    {
        "id": "trang-kin",
        "name": "Trang Kín",
        "kind": "government_portal",
        "hosts": ["trang-kin.example"],
        "rights": {"publish": "none", "note": "Không đăng lại."},
    },
)
RICH_TITLE = "Đảng ủy xã Thử Nghiệm bàn việc hòa giải ở cơ sở"
RICH_PARAGRAPHS = (
    "Chiều 1/7, Đảng ủy xã Thử Nghiệm họp bàn công tác hòa giải. Hội nghị có 152 đại biểu dự.",
    f"Một đoạn có dấu lạ: {EVIL}",
    "Xã đang tiếp tục thực hiện các nhiệm vụ của năm.",
)
OLD_PARAGRAPHS = (RICH_PARAGRAPHS[0].replace("152", "150"), *RICH_PARAGRAPHS[1:])


def capture(site: str, number: int, when: datetime) -> Capture:
    host = next(site_["hosts"][0] for site_ in SITES if site_["id"] == site)
    return Capture(
        url=f"https://{host}/bai-{number}.html",
        fetched_at=when,
        status=200,
        content_type="text/html; charset=utf-8",
        body=b"",
        site=site,
        digest=f"sha1:{number:032d}",
        record_id=f"urn:uuid:00000000-0000-4000-8000-{number:06d}{when:%d%H%M}",
        warc_file=f"{site}/{site}-{when:%Y%m%d}000000-00001.warc.gz",
        warc_offset=1000 * number,
        warc_length=900,
    )


_SENTENCE = (
    "Chi bộ bàn việc xây dựng Đảng và nhiệm vụ chính trị của địa phương, phân công từng đảng viên phụ trách "
    "từng việc, có kiểm tra hằng tháng"
)


def _shuffled(number: int) -> str:
    # The same words in an order of their own: else each article would be the same story as all others.
    words = _SENTENCE.split()
    random.Random(number).shuffle(words)  # noqa: S311
    return " ".join(words)


def plain(site: str, number: int, **changes: object) -> Article:
    when = datetime(2020, 7, 1, 20, 5, tzinfo=VIETNAM) - timedelta(hours=7 * number)
    facts: dict[str, object] = {
        "url": capture(site, number, NOW).url,
        "canonical_url": capture(site, number, NOW).url,
        "title": f"Bài số {number}: tổ chức cơ sở đảng đổi mới sinh hoạt chi bộ",
        "lead": "Sapo ngắn của bài.",
        "paragraphs": tuple(f"Đoạn {part} của bài {number}. {_shuffled(8 * number + part)}." for part in range(8)),
        "byline": "Bạn Đọc Thử",
        "section": "Xây dựng Đảng",
        "language": "vi",
        "date": PublishedDate(when.isoformat(), Precision.MINUTE, None, when.date().isoformat(), "published"),
        "evidence": (Evidence("title", f"Bài số {number}", "template:mau/bai title"),),
    }
    return Article(**(facts | changes))  # type: ignore[arg-type]


def rich(paragraphs: tuple[str, ...]) -> Article:
    return plain(
        "bao-mau", 1, title=RICH_TITLE, paragraphs=paragraphs, lead="Xã bàn việc hòa giải.",
        agency="BMO", tags=("hòa giải", EVIL),
        images=(
            Image("https://anh.bao-mau.example/1.jpg", "Quang cảnh hội nghị.", "Tổ Ảnh"),
            Image("javascript:document.title='hacked'", "Ảnh lạ"),
        ),
        attachments=(Attachment("https://bao-mau.example/nghi-quyet.pdf", "Nghị quyết (PDF)"),),
        flags=("suspect_text",),
        evidence=(
            Evidence("title", RICH_TITLE, "template:mau/bai title", RICH_TITLE, 1.0),
            Evidence("published_at", "2020-07-01T13:05:00+07:00", "json-ld datePublished", EVIL, 0.9, "lạ"),
        ),
    )  # fmt: skip


def fill(store: Store, count: int) -> None:
    """Number 1 is rich and was edited, 2 is gone, 3 has no date; then plain ones; one of each other site: 9001 tells

    the story of 4.
    """
    first, later = NOW - timedelta(days=30), NOW - timedelta(days=1)
    provinces = load_provinces()
    with store.transaction() as conn:
        store.put_provinces(provinces)
        store.put_sites(SITES)

        def save(article: Article, site: str, number: int, when: datetime) -> int:
            page = capture(site, number, when)
            number_ = store.add_capture(page, "article", None, "article")
            saved = store.save_article(
                article,
                capture_id=number_,
                site=site,
                seen_at=when,
                seen_url=article.url,
                extractor_version="1",
            )
            return saved.article_id

        save(rich(OLD_PARAGRAPHS), "bao-mau", 1, first)
        number = save(rich(RICH_PARAGRAPHS), "bao-mau", 1, later)
        conn.execute(
            "insert into addresses values ('https://bao-mau.example/in/bai-1.html', ?, 'print', ?)",
            (number, first.isoformat()),
        )
        number = save(plain("bao-mau", 2), "bao-mau", 2, first)
        conn.execute("update articles set gone_since = ? where id = ?", (later.isoformat(), number))
        dateless = PublishedDate(date_estimate="2019-05-04", date_estimate_basis="neighbours", event_date="2019-05-02")
        save(plain("bao-mau", 3, date=dateless), "bao-mau", 3, first)
        for index in range(4, count + 1):
            save(plain("bao-mau", index), "bao-mau", index, first)
        same_story = plain("bao-mau", 4).paragraphs
        save(plain("trang-trich", 9001, paragraphs=same_story), "trang-trich", 9001, first)
        save(plain("trang-kin", 9002), "trang-kin", 9002, first)
        refused = store.add_capture(capture("bao-mau", 9003, first), "article", None, "challenge")
        store.quarantine(
            Refusal(Verdict.CHALLENGE, "a script that sets a cookie"),
            capture_id=refused, site="bao-mau", url="https://bao-mau.example/bai-9003.html", seen_at=first,
        )  # fmt: skip


def published(data: Path, count: int = 60, *, empty: bool = False) -> Path:
    """`data` with an archive.db and a public.db of `count` + 2 articles, or of none."""
    data.mkdir(parents=True, exist_ok=True)
    with Store.open(data / "archive.db") as store:
        if not empty:
            fill(store, count)
    publish(data / "archive.db", data / "public.db", now=NOW)
    return data


PROGRAM = (
    "import sys; from pathlib import Path; from khotin.serve import serve; "
    "sql = {'None': None, 'True': True, 'False': False}[sys.argv[3]]; "
    "serve(Path(sys.argv[1]), '127.0.0.1', int(sys.argv[2]), sql=sql, "
    "profile=''.join(sys.argv[4:5]) or None, address=''.join(sys.argv[5:]))"
)


@contextmanager
def started(
    data: Path,
    port: int = 0,
    *,
    sql: bool | None = None,
    python: str = sys.executable,
    profile: str = "",
    address: str = "",
) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """The address (without the last slash) and the process; ended by SIGTERM."""
    process = subprocess.Popen(
        [python, "-c", PROGRAM, str(data), str(port), str(sql), profile, address],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            _, errors = process.communicate()
            raise AssertionError(errors)
        yield line.split()[3].rstrip("/"), process
    finally:
        if process.poll() is None:
            process.terminate()
        process.communicate(timeout=20)
