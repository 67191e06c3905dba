"""The article page: how to cite it, the same story elsewhere, edits, and what stands in both languages."""

import json
import re
import sqlite3
from contextlib import closing

import httpx
import pytest
from serving import RICH_TITLE, published, started

from khotin.serve import reading
from khotin.serve.citing import as_bibtex, as_csl, as_ris, as_text
from khotin.serve.reading import ArticlePage
from khotin.serve.words import Words

PERMALINK = "https://kho.example/a/bao-mau-abc"
FACTS = {
    "key": "bao-mau-abc", "title": "Chi bộ & “thôn” 100% {mới}\nở #1", "lead": "Sapo ngắn.",
    "paragraphs": ("Một đoạn.",),
    "byline": "Bạn Đọc, Thử_Nghiệm", "agency": None, "section": None, "site": "bao-mau", "site_name": "Báo Mẫu",
    "kind": "party_newspaper", "province": None, "provinces_then": (), "published_at": "2020-07-01T13:05:00+07:00",
    "published_precision": "minute", "event_date": None, "date_estimate": "2020-07-01",
    "date_estimate_basis": "published", "language": "vi", "words": 2,
    "canonical_url": "https://bao-mau.example/chi-bo-1.html", "first_seen": "2026-10-23T08:00:00+07:00",
    "last_seen": "2026-11-21T08:00:00+07:00", "gone_since": None, "rights": "full", "shortened": False,
    "rights_note": "", "flags": (), "tags": ("chi bộ", "thôn"), "images": (), "attachments": (), "addresses": (),
    "evidence": (), "capture": {"fetched_at": "2026-11-20T08:00:00+07:00"}, "revisions": (), "elsewhere": (),
}  # fmt: skip


def page(**changes):
    return ArticlePage(**(FACTS | changes))


@pytest.fixture(scope="module")
def room(tmp_path_factory):
    with started(published(tmp_path_factory.mktemp("room"))) as (address, _), httpx.Client(base_url=address) as client:
        yield client


@pytest.fixture(scope="module")
def keys(room):
    rows = room.get("/public/articles.json?_shape=array&_size=max").json()
    return {row["canonical_url"].rsplit("-", 1)[1].removesuffix(".html"): row["key"] for row in rows}


def test_earlier_texts_are_compared_for_the_page_alone_and_share_one_budget(tmp_path, monkeypatch):
    published(tmp_path, 4)
    spent = []
    monkeypatch.setattr(reading, "compare", lambda old, new, budget: spent.append(budget) or ())
    with closing(sqlite3.connect(tmp_path / "public.db")) as db, db:
        (number, key) = db.execute("select id, key from articles where revisions > 0").fetchone()
        names = [row[1] for row in db.execute("pragma table_info(revisions)") if row[1] not in ("id", "number")]
        copied = ", ".join(names)
        db.execute(f"insert into revisions (number, {copied}) select 2, {copied} from revisions where article_id = ?",  # noqa: S608
                   (number,))  # fmt: skip
        found = reading.read_article(db, key, diffs=False)
        assert [(one.number, one.lines) for one in found.revisions] == [(2, None), (1, None)]
        assert spent == []
        assert len(reading.read_article(db, key).revisions) == len(spent) == 2
        assert spent[0] is spent[1]


def test_a_footnote_in_each_language():
    title = "Chi bộ & “thôn” 100% {mới} ở #1"
    assert as_text(page(), PERMALINK, Words("vi")) == (
        f"Bạn Đọc, Thử_Nghiệm, “{title}”, Báo Mẫu, ngày 1/7/2020, https://bao-mau.example/chi-bo-1.html. "
        f"Bản lưu tại khotin ngày 20/11/2026: {PERMALINK}"
    )
    bare = page(byline=None, published_at=None, published_precision="none", date_estimate=None)
    assert as_text(bare, PERMALINK, Words("en")) == (
        f"“{title},” Báo Mẫu, n.d., https://bao-mau.example/chi-bo-1.html. "
        f"Archived by khotin on 20 November 2026: {PERMALINK}"
    )


def test_each_citation_of_an_invented_article_says_that_it_is_one():
    invented = page(sample=True)
    vi, en = "Dữ liệu mẫu, bài bịa để dùng thử", "Sample data, an invented article"
    for words, told in ((Words("vi"), vi), (Words("en"), en)):
        assert as_text(invented, PERMALINK, words) == f"[{told}] {as_text(page(), PERMALINK, words)}"
    assert f"  note = {{{vi} / {en}. khotin: \\url{{{PERMALINK}}}}}" in as_bibtex(invented, PERMALINK, Words())
    assert f"N1  - {vi} / {en}" in as_ris(invented, PERMALINK, Words()).split("\r\n")
    (item,) = json.loads(as_csl(invented, PERMALINK, Words()))
    assert item["note"] == f"{vi} / {en}"
    for make in (as_text, as_bibtex, as_ris, as_csl):
        assert en not in make(page(), PERMALINK, Words("en"))


def test_bibtex_says_what_is_known_and_escapes_what_tex_would_read():
    assert as_bibtex(page(), PERMALINK, Words()) == (
        "@misc{bao-mau-abc,\n"
        "  author = {{Bạn Đọc, Thử\\_Nghiệm}},\n"
        "  title = {{Chi bộ \\& “thôn” 100\\% \\{mới\\} ở \\#1}},\n"
        "  howpublished = {Báo Mẫu},\n"
        "  year = {2020},\n"
        "  month = {7},\n"
        "  day = {1},\n"
        "  date = {2020-07-01},\n"
        "  url = {https://bao-mau.example/chi-bo-1.html},\n"
        "  urldate = {2026-11-20},\n"
        "  note = {khotin: \\url{https://kho.example/a/bao-mau-abc}},\n"
        "  langid = {vietnamese}\n"
        "}\n"
    )
    month = page(published_at="2020-07-01T00:00:00+07:00", published_precision="month")
    assert "  month = {7},\n  date = {2020-07},\n  url" in as_bibtex(month, PERMALINK, Words())
    assert "year" not in as_bibtex(page(published_at=None, published_precision="none"), PERMALINK, Words())


def test_ris_has_one_field_a_line():
    assert as_ris(page(), PERMALINK, Words()).split("\r\n") == [
        "TY  - NEWS",
        "ID  - bao-mau-abc",
        "TI  - Chi bộ & “thôn” 100% {mới} ở #1",
        "AU  - Bạn Đọc - Thử_Nghiệm",
        "T2  - Báo Mẫu",
        "PY  - 2020",
        "DA  - 2020/07/01/",
        "AB  - Sapo ngắn.",
        "KW  - chi bộ",
        "KW  - thôn",
        "LA  - vi",
        "UR  - https://bao-mau.example/chi-bo-1.html",
        f"UR  - {PERMALINK}",
        "Y2  - 2026/11/20/",
        "DB  - khotin",
        "ER  - ",
        "",
    ]


@pytest.mark.parametrize(
    ("byline", "authors"),
    [
        ("Nguyễn Văn Mẫu, Phó Bí thư Huyện ủy", ["Nguyễn Văn Mẫu - Phó Bí thư Huyện ủy"]),
        ("Thu Hà, Trường Chính trị tỉnh", ["Thu Hà - Trường Chính trị tỉnh"]),
        ("Thu Hà, Hải Yến", ["Thu Hà", "Hải Yến"]),
        ("Nguyễn Văn Mẫu", ["Nguyễn Văn Mẫu"]),
        ("Mẫu Văn Ba - Ban Tổ chức Huyện ủy", ["Mẫu Văn Ba - Ban Tổ chức Huyện ủy"]),
    ],
)
def test_ris_has_a_name_with_its_office_as_one_author(byline, authors):
    lines = as_ris(page(byline=byline), PERMALINK, Words()).split("\r\n")
    assert [line.removeprefix("AU  - ") for line in lines if line.startswith("AU")] == authors


def test_a_citation_says_of_an_estimated_day_what_the_page_says():
    dateless = page(published_at=None, published_precision="none", date_estimate="2019-05-04")
    assert ", Báo Mẫu, khoảng ngày 4/5/2019, https://" in as_text(dateless, PERMALINK, Words("vi"))
    assert " Báo Mẫu, about 4 May 2019, https://" in as_text(dateless, PERMALINK, Words("en"))


def test_csl_keeps_the_author_as_printed():
    (item,) = json.loads(as_csl(page(), PERMALINK, Words()))
    assert item == {
        "id": "bao-mau-abc",
        "type": "article-newspaper",
        "title": "Chi bộ & “thôn” 100% {mới} ở #1",
        "author": [{"literal": "Bạn Đọc, Thử_Nghiệm"}],
        "container-title": "Báo Mẫu",
        "issued": {"date-parts": [[2020, 7, 1]]},
        "accessed": {"date-parts": [[2026, 11, 20]]},
        "URL": "https://bao-mau.example/chi-bo-1.html",
        "archive": "khotin",
        "archive_location": PERMALINK,
        "language": "vi",
        "abstract": "Sapo ngắn.",
    }


@pytest.mark.parametrize(
    ("ending", "content_type", "opening"),
    [
        ("txt", "text/plain", "Bạn Đọc Thử, “Đảng ủy xã"),
        ("bib", "application/x-bibtex", "@misc{bao-mau-"),
        ("ris", "application/x-research-info-systems", "TY  - NEWS\r\n"),
        ("csl.json", "application/vnd.citationstyles.csl+json", "[\n  {\n"),
    ],
)
def test_each_citation_is_a_file_and_stands_on_the_page(room, keys, ending, content_type, opening):
    answer = room.get(f"/a/{keys['1']}.{ending}")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == f"{content_type}; charset=utf-8"
    assert answer.headers["content-disposition"] == f'attachment; filename="{keys["1"]}.{ending}"'
    assert answer.text.startswith(opening)
    assert f"{room.base_url}/a/{keys['1']}" in answer.text
    shown = room.get(f"/a/{keys['1']}").text
    assert f'href="/a/{keys["1"]}.{ending}"' in shown
    assert room.get(f"/a/khong-co.{ending}").status_code == 404


def test_the_same_story_at_another_site_is_told_on_both_pages_and_in_the_twin(room, keys):
    for own, other in (("4", "9001"), ("9001", "4")):
        text = room.get(f"/a/{keys[own]}").text
        section = text[text.index('id="elsewhere"') :]
        assert f'href="/a/{keys[other]}"' in section[: section.index("</section>")]
        twin = room.get(f"/a/{keys[own]}.json").json()
        assert [item["key"] for item in twin["elsewhere"]] == [keys[other]]
    assert 'id="elsewhere"' not in room.get(f"/a/{keys['5']}").text


def test_the_parts_of_the_page_are_listed_and_each_is_there(room, keys):
    text = room.get(f"/a/{keys['1']}").text
    named = re.findall(r'href="#([a-z]+)"', text)
    assert named == ["content", "revisions", "cite", "source", "evidence"]
    assert all(f'id="{name}"' in text for name in named)


def test_pictures_are_links_with_captions_and_never_loaded(room, keys):
    text = room.get(f"/a/{keys['1']}").text
    assert "<img" not in text
    assert ">Quang cảnh hội nghị.</a> <small>(Nguồn ảnh: Tổ Ảnh)</small>" in text


def test_the_article_page_is_whole_in_english_and_the_text_stays_as_it_is(room, keys):
    text = room.get(f"/a/{keys['1']}", headers={"accept-language": "en"}).text
    for shown in (
        "Cite this",
        "Edits after publication",
        "1 July 2020, 13:05",
        "exact to the minute",
        "Party newspaper",
        "print version",
        "suspect text",
        "Archived by khotin on",
        RICH_TITLE,
        '<article lang="vi">',
    ):
        assert shown in text, shown


def test_the_page_of_an_article_without_a_day_cites_the_day_that_it_shows(room, keys):
    shown = room.get(f"/a/{keys['3']}", headers={"accept-language": "vi"}).text
    (dateline,) = re.findall(r'<p class="dateline".*?</p>', shown, re.DOTALL)
    assert "khoảng <time" in dateline
    assert "ngày 4/5/2019" in dateline
    assert "khoảng ngày 4/5/2019" in room.get(f"/a/{keys['3']}.txt", headers={"accept-language": "vi"}).text


def test_confidence_has_the_decimal_mark_of_the_language(room, keys):
    assert "<td>0,9</td>" in room.get(f"/a/{keys['1']}", headers={"accept-language": "vi"}).text
    assert "<td>0.9</td>" in room.get(f"/a/{keys['1']}", headers={"accept-language": "en"}).text
