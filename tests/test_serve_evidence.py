"""Evidence is stored in English and read in the reader's language: no sentence is left out, none is lost."""

import ast
import json
import re
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from html import unescape
from pathlib import Path

import httpx
import pytest
from serving import NOW as BUILT
from serving import published, started
from test_health_judging import CARD, FINE, GOOD, GUESSED, NOW, PAST, A, B, C

from khotin.serve.words import Words
from khotin.serve.words.evidence import TABLES
from pipelines.article import VIETNAM, Verdict
from pipelines.extract import challenges
from pipelines.health import Answers, Outcome, Past, judge
from pipelines.health.record import record
from pipelines.publish import publish
from scrapers.blocking import DENIED

ROOT = Path(__file__).resolve().parents[1]
ENGLISH = '<span lang="en">'
VI, EN = Words("vi"), Words("en")
SILENT = replace(FINE, articles=(), found=0, pages=Answers())
BROKEN = Answers({Outcome.OK: 1, Outcome.TIMEOUT: 3}, {Outcome.TIMEOUT: "https://a.example/x;y"})
KEPT_OUT = {Outcome.ROBOTS: 2, Outcome.FORBIDDEN: 2}
NIGHTS = {
    "never run": (None, Past()),
    "fine": (FINE, PAST),
    "first": (replace(FINE, links={A: 1200}), Past(weeks=())),
    "first, without news": (SILENT, Past()),
    "first, without links": (replace(SILENT, links={A: 0, B: 0}), Past()),
    "odd answers": (replace(FINE, lists=Answers({Outcome.OK: 5, Outcome.NOT_FOUND: 1})), PAST),
    "moved": (
        replace(FINE, lists=Answers({Outcome.MOVED: 2}, {Outcome.MOVED: f"HTTP 301 at {A}"}), moved_to="b.example"),
        PAST,
    ),
    "dead": (replace(FINE, lists=Answers({Outcome.DNS: 1, Outcome.SERVER_ERROR: 2}), pages=BROKEN), PAST),
    "blocked": (replace(FINE, pages=Answers(KEPT_OUT, {Outcome.FORBIDDEN: f"HTTP 403 at {A}"})), PAST),
    "cut short": (replace(FINE, cut_short="asked to slow down (HTTP 503, for 120)"), PAST),
    "quiet": (SILENT, replace(PAST, last_new=datetime(2026, 5, 28, 2, 0, tzinfo=VIETNAM))),
    "thin": (FINE, replace(PAST, weeks=(2, *[14] * 6, *[15] * 6))),
    "missing": (replace(FINE, missing=(1300, 700)), PAST),
    "a listing empty": (replace(FINE, links={A: 0, B: 10, C: 30}), PAST),
    "templates lost": (replace(FINE, articles=(GUESSED,) * 3), PAST),
    "templates never met": (replace(FINE, articles=(GUESSED,) * 3), replace(PAST, articles=(), recent=())),
    "no dates": (replace(FINE, articles=(replace(GOOD, dated=False),) * 5), PAST),
    "no titles": (replace(FINE, articles=(replace(GOOD, titled=False),) * 5), PAST),
    "no bodies": (replace(FINE, articles=(replace(GOOD, words=2),) * 5), PAST),
    "no bylines": (replace(FINE, articles=(replace(GOOD, bylined=False),) * 5), PAST),
    "no articles": (replace(FINE, articles=(GOOD,), refused={"listing": 3, "soft_404": 2}), PAST),
}


def evidence(night):
    seen, past = NIGHTS[night]
    return judge(CARD, seen, past).evidence


def texts():
    return {text for night in NIGHTS for line in evidence(night) for text in (line.expected, line.came) if text}


def shown(night):
    return [
        (unescape(VI.told("health", one.expected)), unescape(VI.told("health", one.came))) for one in evidence(night)
    ]


def sentences(module):
    """Patterns of all strings with a blank in a module's code, docstrings apart."""
    tree = ast.parse((ROOT / "pipelines" / "health" / module).read_text(encoding="utf-8"))
    within = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in ast.walk(node)}
    apart = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            parts = [re.escape(one.value) if isinstance(one, ast.Constant) else ".*" for one in node.values]
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in within | apart:
            parts = [re.escape(node.value)]
        else:
            continue
        if r"\ " in (pattern := "".join(parts)):
            yield pattern


def test_the_cases_here_have_every_sentence_of_the_judge():
    came = texts()
    wanted = [*sentences("judging.py"), *sentences("layout.py")]
    assert len(wanted) > 30
    assert [one for one in wanted if not any(re.search(one, text) for text in came)] == []


def test_every_sentence_of_the_judge_is_there_in_vietnamese():
    assert [text for text in sorted(texts()) if ENGLISH in VI.told("health", text)] == []
    assert [text for text in sorted(texts()) if unescape(EN.told("health", text)) != text] == []


def test_what_a_vietnamese_reader_reads():
    assert shown("quiet")[0] == (
        "có bài mới trong vòng 10 ngày, không kể ngày nghỉ lễ",
        "không có bài nào suốt 18 ngày, từ 28/5/2026",
    )
    assert shown("thin")[0] == ("ít nhất 5 bài mỗi tuần; trước đây thường có 14,5 bài", "2 bài trong 7 ngày qua")
    assert shown("first")[0] == ("có liên kết đến bài viết", "1.200 liên kết trong 1 trang danh mục hoặc kênh RSS")
    assert shown("dead") == [
        (
            "máy chủ trả lời",
            "1 trong 3 trang danh mục và kênh RSS: không tìm thấy tên miền; 2 trong 3: máy chủ báo lỗi",
        ),
        ("máy chủ trả lời", "3 trong 4 bài viết: không trả lời kịp (https://a.example/x;y)"),
    ]
    assert shown("cut short") == [
        ("được phép đọc các trang", "sau 7 trang: máy chủ yêu cầu chậm lại (HTTP 503, trong 120 giây)")
    ]
    assert ("100% số bài khớp mẫu trang", "0 trong 3 bài khớp, số còn lại phải đoán") in shown("templates lost")
    assert shown("no articles")[-1] == (
        "các liên kết dẫn đến bài viết",
        "5 trong 6 trang không phải bài viết (3 trang danh mục, 2 trang báo không tìm thấy)",
    )
    assert shown("missing")[-1] == (
        "vắng nhiều nhất một phần tư số bài đã biết",
        "vắng 1.300 trong 2.000 bài được xem lại; không bài nào trong đó bị coi là đã gỡ",
    )


WHY = [
    *(what for marks in (challenges._SCRIPTS, challenges._SAID) for _, what in marks),
    *DENIED.values(),
    "says that the site is under maintenance",
    "answered with status 500",
]


LONGER = "to wait for so long, set KHOTIN_MAX_CRAWL_DELAY"


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        *(("outcome", one.value) for one in Outcome),
        *(("kinds", f"3 {one.value}") for one in Verdict if one is not Verdict.ARTICLE),
        *(("reason", one) for one in WHY),
        *(("reason", f"blocked: {one}") for one in WHY),
        ("reason", "asked to slow down (HTTP 429)"),
        ("reason", "asked to slow down (HTTP 503, for Wed, 21 Oct 2026 07:28:00 GMT)"),
        ("reason", "left alone until 2026-06-15 02:00: it asked to slow down (HTTP 429, for 90000)"),
        ("reason", "the last pages of the run were blocked"),
        *(("example", f"{one}, https://a.example/robots.txt") for one in WHY),
        ("example", "https://a.example/x(1),y;z"),
        ("example", "HTTP 403 at https://a.example/"),
        ("example", "told with HTTP 200"),
        ("example", "https://b.example/x is not on a host of this site (a.example, www.a.example)"),
        ("example", "https://a.example/x is on a private network"),
        ("example", "robots.txt answered 503: keeping out of https://a.example/x"),
        ("example", "robots.txt is a page that blocks (a captcha): keeping out of https://a.example/x"),
        ("robots", f"asks for 90 s between two requests, more than 60 ({LONGER})"),
        ("note", "month first, as other places of the page prove; no zone given: +07:00 assumed"),
        ("note", "the day is also told by line near title (td) (20/11/2026), the minute only here"),
        ("note", "1 broken place; http says iso-8859-1; meta says windows-1252"),
        ("rule", "line near title (td); year from the address"),
        ("rule", "time[datetime] near title (time); year from hint of a feed"),
        ("rule", "generic: above the box of the text"),
        ("rule", "below the last sentence, labelled"),
    ],
)  # fmt: skip
def test_no_part_of_a_sentence_is_left_in_english(kind, text):
    told = VI.told(kind, text)
    assert ENGLISH not in told
    assert unescape(told) != text or text.startswith("https://")
    assert re.findall(r"https://\S+", unescape(told)) == re.findall(r"https://\S+", text)


def test_what_has_no_translation_is_shown_as_it_is_and_marked_as_english():
    assert VI.told("health", "a thing <nobody> foresaw") == f"{ENGLISH}a thing &lt;nobody&gt; foresaw</span>"
    assert EN.told("health", "a thing <nobody> foresaw") == "a thing &lt;nobody&gt; foresaw"
    assert VI.told("health", "of the articles 3 of 4: a new end (https://a.example/)") == (
        f"3 trong 4 bài viết: {ENGLISH}a new end</span> (https://a.example/)"
    )
    assert VI.told("note", "no zone given: +07:00 assumed; a new note") == (
        f"không ghi múi giờ: coi là +07:00; {ENGLISH}a new note</span>"
    )
    assert VI.told("rule", "template:mau/bai title h1") == f"{ENGLISH}template:mau/bai title h1</span>"
    assert VI.told("health", "none for 3 days, since 2026-99-99") == "không có bài nào suốt 3 ngày, từ 2026-99-99"
    assert VI.told("health", f"about {'9' * 5000}").startswith(ENGLISH)


def test_what_stood_on_a_page_stays_text():
    told = VI.told("note", "the day is also told by json-ld <b> (<script>{x}), the minute only here")
    assert "<script" not in told
    assert "(&lt;script&gt;{x})" in told
    assert "<b>" not in VI.told("health", "of the articles 1 of 2: not found (HTTP 404 at https://a.example/<b>)")


def strings_of_the_code():
    for part in ("pipelines", "scrapers"):
        for path in (ROOT / part).rglob("*.py"):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
            for node in ast.walk(tree):
                if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
                    yield node.value


def test_each_pair_has_the_same_places_and_its_english_is_what_the_code_says():
    code = "\n".join(strings_of_the_code())
    for table, pairs in TABLES.items():
        assert len({english for english, _ in pairs}) == len(pairs), table
        for english, vietnamese in pairs:
            places = [sorted(re.findall(r"{(\w+)}", text)) for text in (english, vietnamese)]
            assert places[0] == places[1], english
            pieces = [piece.strip("% ") for piece in re.split(r"{\w+}", english)]  # {share:.0%}
            assert [piece for piece in pieces if piece not in code] == [], english


@pytest.fixture(scope="module")
def room(tmp_path_factory):
    data = published(tmp_path_factory.mktemp("room"))
    with closing(sqlite3.connect(data / "archive.db")) as db, db:
        for run, (site, night) in enumerate((("bao-mau", "dead"), ("trang-trich", "quiet"), ("trang-kin", "fine")), 1):
            told = (run, "crawl", "live", "[]", "khotin", NOW.isoformat())
            db.execute(
                "insert into runs (id, command, mode, sites, software, started_at) values (?, ?, ?, ?, ?, ?)", told
            )
            record(db, site, run, NOW, judge(CARD, *NIGHTS[night]))
        found = json.dumps([{"expected": "", "came": "a thing nobody foresaw"}])
        db.execute("update health set evidence = ? where site = 'trang-kin'", (found,))
    (data / "public.db").unlink()
    publish(data / "archive.db", data / "public.db", now=BUILT)
    with started(data) as (address, _), httpx.Client(base_url=address) as client:
        yield client


def test_the_sites_page_tells_what_came_in_the_readers_language(room):
    page = room.get("/sites", headers={"accept-language": "vi"}).text
    assert (
        '<li><span class="soft">mong đợi</span> máy chủ trả lời; <span class="soft">thực tế</span> 3 trong 4 bài viết:'
        " không trả lời kịp (https://a.example/x;y)</li>"
    ) in page
    assert "không có bài nào suốt 18 ngày, từ 28/5/2026" in page
    assert re.findall(r'<span lang="en">.*?</span>', page) == ['<span lang="en">a thing nobody foresaw</span>']

    page = room.get("/sites", headers={"accept-language": "en"}).text
    assert (
        '<li><span class="soft">expected</span> answers; <span class="soft">came</span> of the articles 3 of 4:'
        " no answer in time (https://a.example/x;y)</li>"
    ) in page
    assert "none for 18 days, since 2026-05-28" in page
    assert "<li>a thing nobody foresaw</li>" in page
    assert '<span lang="en">' not in page


def test_what_is_stored_stays_english(room):
    rows = room.get("/public/health.json?_shape=array&site=trang-trich").json()
    assert "none for 18 days, since 2026-05-28" in rows[0]["evidence"]
