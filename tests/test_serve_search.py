"""The search page over HTTP: what is found, counted, paged through and taken home. A real server on loopback."""

import csv
import io
import json
import re
import sqlite3
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from lxml import etree
from serving import NOW, RICH_TITLE, published, started

from khotin.serve.searching import results
from pipelines.export import COLUMNS
from pipelines.publish import publish

SHARED = {"ok", "query", "total", "articles", "order", "ranked_whole", "page", "pages", "size", "similar_to",
          "results", "facets", "facet_values", "months", "links"}  # fmt: skip
SHOWN = {"key", "title", "site", "site_name", "kind", "province", "province_63", "section", "byline", "agency",
         "published_at", "published_precision", "date_estimate", "date_estimate_basis", "words", "revisions",
         "gone_since", "rights", "canonical_url", "title_pieces", "snippet", "permalink"}  # fmt: skip
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture(scope="module")
def room(tmp_path_factory):
    data = published(tmp_path_factory.mktemp("search"))
    with started(data) as (address, _), httpx.Client(base_url=address, follow_redirects=True, timeout=30) as client:
        yield client


@pytest.fixture(scope="module")
def rows(room):
    """All articles as Datasette's own API has them, newest first."""
    return room.get("/public/articles.json?_shape=array&_size=max&_sort_desc=id").json()


def ask(room, **asked):
    answer = room.get("/search.json", params=asked)
    assert answer.status_code == 200, answer.text
    return answer.json()


def keys(answer):
    return [one["key"] for one in answer["results"]]


def test_without_a_query_all_articles_are_there_newest_first(room, rows):
    answer = ask(room, size=200)
    assert keys(answer) == [row["key"] for row in rows]
    assert (answer["total"], answer["articles"], answer["order"], answer["pages"]) == (62, 62, "new", 1)
    assert keys(ask(room, size=200, sort="old")) == [row["key"] for row in reversed(rows)]


def test_the_keys_of_the_answer_are_stable(room):
    answer = ask(room, q="hòa giải")
    assert set(answer) == SHARED
    assert {frozenset(one) for one in answer["results"]} == {frozenset(SHOWN)}
    assert answer["query"] == {"q": "hòa giải", "like": None, "month": [], "since": None, "until": None}


@pytest.mark.parametrize("query", ["hòa giải", "hoà giải", "ho\u0061\u0300 giải", "HOA GIAI", 'title:"hòa giải"'])
def test_a_query_finds_in_every_spelling_and_marks_the_words_in_the_original_text(room, query):
    answer = ask(room, q=query)
    assert [one["title"] for one in answer["results"]] == [RICH_TITLE]
    pieces = answer["results"][0]["title_pieces"]
    assert "".join(piece["text"] for piece in pieces) == RICH_TITLE
    assert [piece["text"] for piece in pieces if piece["hit"]] == ["hòa giải"]


def test_words_in_the_title_come_before_words_in_the_text(room):
    answer = ask(room, q="Đảng ủy", size=200)
    assert answer["results"][0]["title"] == RICH_TITLE
    assert answer["ranked_whole"] is True


def test_equally_good_articles_come_newest_first(room, rows):
    plain = [row["key"] for row in rows if row["title"].startswith("Bài số") and row["rights"] == "full"]
    found = [key for key in keys(ask(room, q="sinh hoạt chi bộ", size=200)) if key in plain]
    assert found == [key for key in plain if key in found]
    assert len(found) > 50


def test_facets_count_what_is_found_and_update_with_the_choice(room, rows):
    facets = ask(room)["facets"]
    for name in ("province", "province_63", "site", "kind", "section"):
        expected = Counter(row[name] or "-" for row in rows)
        assert {one["value"]: one["count"] for one in facets[name]} == dict(expected), name
    assert (facets["revised"], facets["gone"]) == (1, 1)
    chosen = ask(room, site="trang-trich")
    assert chosen["total"] == 1
    # Of the chosen facet itself the other values stay to choose from, of the others only what is left.
    assert {one["value"]: one["count"] for one in chosen["facets"]["site"]} == {
        "bao-mau": 60, "trang-trich": 1, "trang-kin": 1,
    }  # fmt: skip
    assert [one["value"] for one in chosen["facets"]["site"] if one["selected"]] == ["trang-trich"]
    assert {one["value"] for one in chosen["facets"]["province"]} == {"Phú Thọ"}


def test_several_values_of_one_facet_mean_any_of_them_and_facets_narrow_each_other(room):
    assert ask(room, site=["trang-trich", "bao-mau"])["total"] == 61
    assert ask(room, site=["trang-trich", "bao-mau"], province="Phú Thọ")["total"] == 1
    assert ask(room, province="-")["total"] == 1
    assert ask(room, province_63="Vĩnh Phúc")["total"] == 1
    assert ask(room, q="site:trang-trich chi bộ")["total"] == 1
    assert ask(room, site="khong-co")["total"] == 0


def test_marks_tell_edited_and_removed_articles(room, rows):
    assert keys(ask(room, revised=1)) == [row["key"] for row in rows if row["revisions"]]
    assert keys(ask(room, gone=1)) == [row["key"] for row in rows if row["gone_since"]]
    assert ask(room, gone=1, revised=1)["total"] == 0


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ({"since": "2020-06-20"}, "2020-06-20", "9999"),
        ({"until": "2020-06-20"}, "0000", "2020-06-20"),
        ({"since": "2020-06-18", "until": "2020-06-20"}, "2020-06-18", "2020-06-20"),
        ({"since": "2020-06", "until": "2020-06"}, "2020-06-01", "2020-06-30"),
        ({"month": "2020-06"}, "2020-06-01", "2020-06-31"),
        ({"month": "2019"}, "2019-01-01", "2019-12-31"),
    ],
)
def test_days_and_months_narrow_by_the_best_known_day(room, rows, asked, first, last):
    expected = [row["key"] for row in rows if first <= row["date_estimate"] <= last]
    answer = ask(room, size=200, **asked)
    assert keys(answer) == expected
    # The histogram shows all months, so that another range can be chosen.
    assert sum(one["count"] for one in answer["months"]) == 62


def test_the_histogram_has_every_month_from_the_first_to_the_last(room, rows):
    months = ask(room)["months"]
    assert {one["month"]: one["count"] for one in months if one["count"]} == Counter(row["month"] for row in rows)
    assert [one["month"] for one in months] == sorted({one["month"] for one in months})
    assert (months[0]["month"], len(months)) == (min(row["month"] for row in rows), 88)


def test_two_first_readers_of_a_snapshot_share_one_engine(monkeypatch):
    made, second = [], threading.Event()

    def slowly(conn):
        made.append(conn)
        if len(made) > 1:
            second.set()
        second.wait(0.5)  # long enough for another reader to begin one too
        return object()

    monkeypatch.setattr(results, "Engine", slowly)
    memory = {}
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda conn: results.engine_of(conn, memory), range(4)))
    assert len(made) == 1
    assert found == [memory["search"]] * 4


def test_pages_lead_through_all_articles_without_a_gap_or_a_repeat(room, rows):
    seen, address = [], "/search.json?size=7"
    while address:
        answer = room.get(address).json()
        seen += keys(answer)
        address = answer["links"]["next"]
    assert seen == [row["key"] for row in rows]
    beyond = ask(room, page=100)
    assert (beyond["results"], beyond["total"], beyond["links"]["next"]) == ([], 62, None)
    assert beyond["links"]["previous"].endswith("page=4")
    assert "chỉ có 4 trang" in room.get("/search?page=100").text


def test_the_address_of_a_page_holds_its_whole_state(room):
    asked = "q=chi+b%E1%BB%99&province=H%C3%A0+N%E1%BB%99i&site=bao-mau&month=2020-06&since=2020-01-01&sort=new&page=2"
    page = room.get(f"/search?{asked}").text
    links = [link.replace("&amp;", "&") for link in re.findall(r'href="(/search[^"]*)"', page)]
    without_page = asked.removesuffix("&page=2")
    for link in (f"/search.csv?{without_page}", f"/search.jsonl?{without_page}", f"/search.atom?{without_page}",
                 f"/search.json?{asked}", f"/search?{without_page}"):  # fmt: skip
        assert link in links, link
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page))
    assert hidden == {"province": "Hà Nội", "site": "bao-mau", "month": "2020-06", "sort": "new"}
    assert 'value="chi bộ"' in page
    assert 'name="since" value="2020-01-01"' in page


def test_similar_articles_share_telling_words_and_leave_out_the_article_itself(room, rows):
    one = next(row for row in rows if row["title"].startswith("Bài số 10:"))
    answer = ask(room, like=one["key"], size=200)
    assert answer["similar_to"] == {"key": one["key"], "title": one["title"]}
    assert one["key"] not in keys(answer)
    assert answer["total"] > 50
    assert {row["title"].partition(" ")[0] for row in answer["results"][:50]} == {
        "Bài"
    }  # not the one on something else


@pytest.mark.parametrize("form", ["", ".json", ".csv", ".jsonl", ".atom"])
@pytest.mark.parametrize(("language", "told"), [("vi", "mã bài trong địa chỉ này không đúng"), ("en", "with this key")])
def test_articles_like_one_that_is_not_there_are_not_all_there_are(room, form, language, told):
    answer = room.get(f"/search{form}", params={"like": "khong-co"}, headers={"accept-language": language})
    assert answer.status_code == 404
    assert (told if form != ".json" else "there is no article with this key") in answer.text


def test_two_identical_articles_find_each_other_and_not_themselves(tmp_path):
    published(tmp_path, 12)
    db = sqlite3.connect(tmp_path / "archive.db")
    twins = [
        db.execute("SELECT id, key FROM articles WHERE title LIKE ?", (f"Bài số {number}:%",)).fetchone()
        for number in (6, 7)
    ]
    (one, first), (other, second) = twins
    db.execute("UPDATE articles SET title = (SELECT title FROM articles WHERE id = ?) WHERE id = ?", (one, other))
    db.execute(
        "UPDATE article_text SET body = (SELECT body FROM article_text WHERE article_id = ?) WHERE article_id = ?",
        (one, other),
    )
    db.commit()
    db.close()
    (tmp_path / "public.db").unlink()
    publish(tmp_path / "archive.db", tmp_path / "public.db", now=NOW)
    with started(tmp_path) as (address, _), httpx.Client(base_url=address, timeout=30) as room:
        for asked, twin in ((first, second), (second, first)):
            for order in ("rank", "new"):
                found = keys(ask(room, like=asked, size=200, sort=order))
                assert asked not in found
                assert twin in found
                assert len(found) == len(set(found))
            assert keys(ask(room, like=asked, size=200))[0] == twin


def test_a_selection_is_taken_home_as_csv_that_opens_right_in_a_spreadsheet(room, rows):
    response = room.get("/search.csv", params={"q": "chi bộ", "site": ["bao-mau", "trang-trich"], "sort": "new"})
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    assert response.headers["content-disposition"] == 'attachment; filename="khotin-chi-bo.csv"'
    assert response.content.startswith(b"\xef\xbb\xbf")
    assert response.content.count(b"\xef\xbb\xbf") == 1
    taken = list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"), newline="")))
    assert list(taken[0]) == [column.name for column in COLUMNS]
    found = ask(room, q="chi bộ", site=["bao-mau", "trang-trich"], sort="new", size=200)
    assert [row["key"] for row in taken] == keys(found)
    assert int(response.headers["x-total-count"]) == len(taken) == found["total"]
    excerpt = next(row for row in taken if row["site"] == "trang-trich")
    assert excerpt["shortened"] == "1"
    assert "Đoạn 7" not in excerpt["body"]


def test_a_selection_is_taken_home_as_json_lines(room):
    response = room.get("/search.jsonl", params={"revised": 1})
    (line,) = response.text.splitlines()
    assert json.loads(line)["title"] == RICH_TITLE
    assert response.headers["content-disposition"] == 'attachment; filename="khotin-articles.jsonl"'
    assert room.get("/search.jsonl", params={"q": "khongcochunao"}).text == ""
    assert room.get("/search.csv", params={"q": "khongcochunao"}).text.count("\r\n") == 1


def test_a_query_can_be_followed_as_a_feed(room, rows):
    response = room.get("/search.atom", params={"q": "chi bộ", "site": "bao-mau"})
    assert response.headers["content-type"].startswith("application/atom+xml")
    feed = etree.fromstring(response.content)
    titles = [entry.findtext(f"{ATOM}title") for entry in feed.iter(f"{ATOM}entry")]
    newest = keys(ask(room, q="chi bộ", site="bao-mau", sort="new", size=40))
    by_key = {row["key"]: row["title"] for row in rows}
    assert titles == [by_key[key] for key in newest]
    assert feed.findtext(f"{ATOM}title") == "khotin: chi bộ"
    assert room.get("/search.atom", params={"q": "khongcochunao"}).status_code == 200


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("since=hom+qua", "write 2020-07-01"),
        ("until=2020-02-31", "write 2020-07-01"),
        ("month=13/2020", "write 2020-07"),
        ("since=2026-12-01&until=2020-01-01", "since (2026-12-01) is after until (2020-01-01): exchange them"),
        ("since=2020-08&until=2020-07", "since (2020-08-01) is after until (2020-07-31): exchange them"),
        ("page=0", "give a number from 1"),
        ("page=x", "give a number from 1"),
        ("size=100000", "give a number from 1 to 200"),
        ("sort=up", "sort=up is not known: choose one of rank, new, old"),
        ("scheme=35", "scheme=35 is not known: choose one of 34, 63"),
    ],
)
def test_an_address_that_makes_no_sense_is_told_in_one_line(room, query, told):
    page = room.get(f"/search?{query}", headers={"accept-language": "en"})
    answer = room.get(f"/search.json?{query}")
    assert (page.status_code, answer.status_code) == (400, 400)
    assert told in page.text
    assert told in answer.json()["error"]


@pytest.mark.parametrize(
    "query", ['"', "'", "(", "*", "AND", "NEAR(", "title:", "a OR", "-", "{", "\x00", "^", "%", "<script>", "a" * 3000]
)
def test_no_query_is_an_error_on_the_search_page(room, query):
    for path in ("/search", "/search.json", "/search.atom"):
        assert room.get(path, params={"q": query}).status_code == 200


def test_a_query_is_text_on_the_page(room):
    page = room.get("/search", params={"q": '"><script>x</script>', "site": "<b>x"}).text
    assert "<script>x" not in page
    assert "<b>x" not in page


@pytest.mark.parametrize(("language", "told"), [("vi", "Tìm thấy 1 bài viết"), ("en", "1 article found")])
def test_the_page_is_in_the_readers_language(room, language, told):
    page = room.get("/search", params={"q": "hòa giải"}, headers={"accept-language": language}).text
    assert told in page
    assert "<mark>hòa giải</mark>" in page


@pytest.mark.parametrize(
    ("query", "facet", "value"),
    [("phu tho", "province", "Phú Thọ"), ("Tỉnh Phú Thọ", "province", "Phú Thọ"), ("Trang tĩnh", "site", None)],
)
def test_the_name_of_a_province_or_a_site_leads_to_its_articles(room, rows, query, facet, value):
    if facet == "site":
        query, value = next((row["site_name"], row["site"]) for row in rows)
    html = room.get("/search", params={"q": query}, headers={"accept-language": "en"}).text
    (link,) = re.findall(r'<p class="named"><a href="([^"]+)"[^>]*>[^<]*</a> <span class="soft">\((\d+)\)', html)
    shown = room.get(link[0].replace("&amp;", "&").replace("/search?", "/search.json?")).json()
    expected = [row for row in rows if row[facet] == value]
    assert shown["total"] == int(link[1]) == len(expected) > 0
    assert 'class="named"' not in room.get("/search", params={"q": "hoa giai"}).text


def test_nothing_found_leads_on(room):
    page = room.get("/search", params={"q": "đâng xửng", "site": "bao-mau"}).text
    assert "Không tìm thấy bài nào" in page
    assert 'href="/search?q=dang+xung&amp;site=bao-mau"' in page
    assert 'href="/search?q=%C4%91%C3%A2ng+x%E1%BB%ADng"' in page


@pytest.mark.parametrize(("query", "told"), [("-đảng", True), ("NOT dang", True), ("-(a b) -c", True), ('"', True),
                                             ("chi -chi", False), ("khongcotunay", False)])  # fmt: skip
def test_a_query_without_a_word_to_look_for_is_told_so_in_both_languages(room, query, told):
    for language, words in (("vi", "Hãy thêm ít nhất một từ cần tìm"), ("en", "Add at least one word to look for")):
        page = room.get("/search", params={"q": query}, headers={"accept-language": language}).text
        assert (words in page) is told
        assert ("Tìm không dấu" in page or "without diacritics:" in page) is False


def test_the_help_lists_the_abbreviations_and_its_examples_work(room):
    page = room.get("/search/help").text
    assert "Ủy ban nhân dân = UBND" in page
    examples = re.findall(r'href="(/search\?q=[^"]+)"', page)
    assert len(examples) > 10
    assert {room.get(example).status_code for example in examples} == {200}


def test_search_boxes_lead_to_the_search_page(room):
    for path in ("/", "/a/khong-co"):
        assert re.search(r'<form class="search[^"]*" role="search" action="/search"', room.get(path).text)
