"""The reading room, asked over HTTP: pages, search, JSON, headers, limits. A real server on loopback."""

import httpx
import pytest
from serving import EVIL, OLD_PARAGRAPHS, RICH_PARAGRAPHS, RICH_TITLE, published, started

from khotin.serve.security import OWN_PAGES, NonceExtension, safe_href
from pipelines.identity import article_key


@pytest.fixture(scope="module")
def room(tmp_path_factory):
    """A client of a running server."""
    data = published(tmp_path_factory.mktemp("room"))
    with started(data) as (address, _), httpx.Client(base_url=address, follow_redirects=True) as client:
        yield client


@pytest.fixture(scope="module")
def keys(room):
    rows = room.get("/public/articles.json?_shape=array&_size=max").json()
    return {row["canonical_url"].rsplit("-", 1)[1].removesuffix(".html"): row["key"] for row in rows}


def titles(room, query):
    rows = room.get("/public/articles.json", params={"_search": query, "_shape": "array"}).json()
    return {row["title"] for row in rows}


def test_the_article_page_shows_what_is_known(room, keys):
    response = room.get(f"/a/{keys['1']}")
    page = response.text
    assert response.status_code == 200
    for shown in (
        RICH_TITLE,
        RICH_PARAGRAPHS[0],
        "13:05 ngày 1/7/2020",
        "Bạn Đọc Thử",
        "Báo Mẫu",
        "Hà Nội",
        "BMO",
        "hòa giải",
        "Ghi rõ nguồn khi phát hành lại.",
        'href="https://anh.bao-mau.example/1.jpg" rel="external nofollow noopener">Quang cảnh hội nghị.',
        'href="https://bao-mau.example/nghi-quyet.pdf"',
        "https://bao-mau.example/in/bai-1.html",
        "bản in",
        "bao-mau/bao-mau-20261121000000-00001.warc.gz",
        "sha1:00000000000000000000000000000001",
        "json-ld datePublished",
        "<del>150</del><ins>152</ins>",
        f'href="{room.base_url}/a/{keys["1"]}"',
        f'href="/a/{keys["1"]}.json"',
    ):
        assert shown in page, shown


def test_the_json_twin_says_the_same(room, keys):
    record = room.get(f"/a/{keys['1']}.json").json()
    assert record["permalink"] == f"{room.base_url}/a/{keys['1']}"
    assert record["title"] == RICH_TITLE
    assert record["body"] == "\n".join(RICH_PARAGRAPHS)
    assert record["published_at"] == "2020-07-01T13:05:00+07:00"
    assert [(one["number"], one["body"]) for one in record["revisions"]] == [(1, "\n".join(OLD_PARAGRAPHS))]
    assert record["addresses"] == [
        {
            "url": "https://bao-mau.example/in/bai-1.html",
            "relation": "print",
            "first_seen": "2026-10-23T08:00:00+07:00",
        }
    ]
    assert set(record) == {
        "ok",
        "permalink",
        "key",
        "title",
        "lead",
        "body",
        "byline",
        "agency",
        "section",
        "site",
        "site_name",
        "kind",
        "province",
        "provinces_then",
        "published_at",
        "published_precision",
        "event_date",
        "date_estimate",
        "date_estimate_basis",
        "language",
        "words",
        "canonical_url",
        "first_seen",
        "last_seen",
        "gone_since",
        "rights",
        "shortened",
        "rights_note",
        "flags",
        "tags",
        "images",
        "attachments",
        "addresses",
        "evidence",
        "capture",
        "revisions",
        "elsewhere",
    }


def test_stored_text_is_text_and_script_links_are_no_links(room, keys):
    page = room.get(f"/a/{keys['1']}").text
    assert EVIL not in page
    assert "&lt;script&gt;" in page
    assert "<script" not in page
    assert "javascript:" not in page
    assert '<span class="noref">Ảnh lạ</span>' in page


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("https://bao.example/a?b=c#d", True),
        ("http://bao.example", True),
        ("javascript:alert(1)", False),
        ("java\nscript:alert(1)", False),
        (" javascript:alert(1)", False),
        ("JAVASCRIPT:alert(1)", False),
        ("data:text/html,x", False),
        ("//bao.example/x", False),
        ("/a/b", False),
        ("https:///x", False),
        ("http://[::1", False),
        ("", False),
        (None, False),
    ],
)
def test_only_addresses_of_the_web_become_links(url, allowed):
    assert safe_href(url) == (url if allowed else None)


def test_a_removed_article_says_since_when(room, keys):
    assert "Trang gốc không còn bài này từ" in room.get(f"/a/{keys['2']}").text


def test_an_article_without_a_date_says_so_and_gives_the_estimate(room, keys):
    page = room.get(f"/a/{keys['3']}").text
    assert "không rõ ngày đăng" in page
    assert "ngày 4/5/2019" in page
    assert "ngày 2/5/2019" in page


def test_text_that_the_rights_note_withholds_is_not_shown_and_said_to_be(room, keys):
    excerpt, none = room.get(f"/a/{keys['9001']}").text, room.get(f"/a/{keys['9002']}").text
    assert "Chỉ đăng phần trích" in excerpt
    assert "Chỉ được trích dẫn." in excerpt
    assert "Đoạn 0 của bài" in excerpt
    assert "Đoạn 7 của bài" not in excerpt
    assert "Toàn văn không đăng lại" in none
    assert "Đoạn 0 của bài" not in none
    assert "Sapo ngắn" not in none
    assert "Chỉ đăng phần trích" not in room.get(f"/a/{keys['4']}").text


def test_the_province_is_named_then_and_now(room, keys):
    page = room.get(f"/a/{keys['9001']}").text
    assert "Phú Thọ" in page
    assert "Trước ngày 1/7/2025: Vĩnh Phúc" in page


@pytest.mark.parametrize("path", ["/a/khong-co", "/a/", "/a/x/y", "/khong-co/bang", "/public/khong_co"])
def test_an_unknown_address_gets_a_page_with_a_search_box(room, path):
    response = room.get(path)
    assert response.status_code == 404
    assert 'action="/search"' in response.text
    assert response.headers["content-security-policy"] == OWN_PAGES


def test_an_unknown_address_of_the_api_gets_json(room):
    answer = {"ok": False, "error": "no such article", "status": 404}
    response = room.get("/a/khong-co.json")
    assert (response.status_code, response.json()) == (404, answer)
    response = room.get("/public/khong_co.json")
    assert (response.status_code, response.json()["ok"]) == (404, False)


def test_home_tells_how_much_there_is_and_what_is_new(room, keys):
    page = room.get("/").text
    assert "<b>62</b> bài viết" in page
    assert "<b>3</b> trang nguồn" in page
    assert "<b>2</b> tỉnh, thành phố" in page
    newest = [page.index(f'/a/{keys[number]}"') for number in ("1", "2", "4", "5")]
    assert newest == sorted(newest)
    for table in ("articles", "sites", "provinces", "revisions", "evidence", "quarantine"):
        assert f'href="/public/{table}"' in page
    assert "articles_fts" not in page


@pytest.mark.parametrize(
    ("query", "finds"),
    [
        ("hòa giải", True),
        ("hoà giải", True),
        ("ho\N{LATIN SMALL LETTER A}\N{COMBINING GRAVE ACCENT} giải", True),
        ("HÒA GIẢI", True),
        ("hoa giai", True),
        ("dang uy xa", True),
        ("đảng ủy", True),
        ("Đảng uỷ", True),
        ('"đang ủy"', False),
        ("đang ốm", False),
        ('"họp bàn công tác"', True),
        ('"công tác họp bàn"', False),
    ],
)
def test_search_finds_with_and_without_marks(room, query, finds):
    assert (RICH_TITLE in titles(room, query)) is finds


@pytest.mark.parametrize("query", ['"', "'", "(", "*", "AND", "NEAR(", "title:", "a OR", "-", "{", "\x00", "^", ""])
def test_no_query_is_an_error(room, query):
    for path in ("/public/articles.json", "/public/articles"):
        assert room.get(path, params={"_search": query}).status_code == 200


def test_a_table_page_leads_to_the_articles_newest_first(room, keys):
    page = room.get("/public/articles").text
    assert f'<a href="/a/{keys["1"]}">{RICH_TITLE}</a>' in page
    places = [page.index(f"/a/{keys[number]}") for number in ("1", "2", "4", "5")]
    assert places == sorted(places)
    assert 'href="/public/articles_fts"' not in room.get("/public").text
    assert room.get("/public/articles?_col=title").status_code == 200


def test_pages_of_a_table_lead_on_to_the_last_row(room):
    path, seen = "/public/articles.json?_shape=objects&_size=25", []
    while path:
        page = room.get(path).json()
        seen += [row["key"] for row in page["rows"]]
        path = page.get("next_url")
    assert len(seen) == len(set(seen)) == 62


def test_facets_are_counted(room):
    path = "/public/articles.json?_size=0&_facet=province&_facet=site&_facet=year"
    facets = room.get(path).json()["facet_results"]
    facets = facets.get("results", facets)  # 1.0 has them one level down
    counted = {name: {row["value"]: row["count"] for row in facets[name]["results"]} for name in ("province", "site")}
    assert counted == {
        "province": {"Hà Nội": 60, "Phú Thọ": 1},
        "site": {"bao-mau": 60, "trang-trich": 1, "trang-kin": 1},
    }


@pytest.mark.parametrize("path", ["/", "/a/KEY", "/public", "/public/articles", "/public/articles.json", "/a/none"])
def test_every_response_has_the_safety_headers(room, keys, path):
    headers = room.get(path.replace("KEY", keys["1"])).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert "referrer-policy" in headers
    policy = headers["content-security-policy"]
    assert "frame-ancestors 'none'" in policy
    assert "'unsafe-inline'" not in policy.partition("script-src")[2].partition(";")[0]


def test_each_response_has_a_nonce_of_its_own_on_all_its_scripts(room):
    seen = set()
    for _ in range(2):
        response = room.get("/public/articles")
        nonce = response.headers["content-security-policy"].partition("'nonce-")[2].partition("'")[0]
        seen.add(nonce)
        assert response.text.count("<script") == response.text.count(f'<script nonce="{nonce}"') > 0
    assert len(seen) == 2


def test_a_nonce_is_written_into_templates_only():
    add = NonceExtension.preprocess
    assert add(None, "<script>x</script><script src=y>", None) == (
        '<script nonce="{{ csp_nonce }}">x</script><script nonce="{{ csp_nonce }}" src=y>'
    )
    other = '<scripts> {{ "script" }} <script nonce="a">'
    assert add(None, other, None) == other


@pytest.mark.parametrize(
    "sql",
    [
        "select length(hex(zeroblob(450000000)))",
        "select printf('%.450000000c', 'x')",  # NULL: SQLite gives up without an error
        "select length(replace(hex(zeroblob(3000000)), '0', 'aaaaaaaaaaaaaaaaaaaa'))",
        "with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) from n",
    ],
)
def test_sql_that_eats_time_or_memory_is_stopped(room, sql):
    response = room.get("/public.json", params={"sql": sql, "_shape": "arrays"})
    assert response.status_code == 400 or [list(row) for row in response.json()["rows"]] == [[None]]


def test_sql_is_off_where_the_server_says_so(tmp_path):
    with started(published(tmp_path, count=4), sql=False) as (address, _):
        assert httpx.get(f"{address}/public.json?sql=select+1", follow_redirects=True).status_code == 403
        assert httpx.get(f"{address}/public/articles").status_code == 200


def test_nothing_can_be_written(room):
    for sql in ("delete from articles", "attach ':memory:' as x", "pragma query_only = 0"):
        assert room.get("/public.json", params={"sql": sql}).status_code in (400, 403)


def test_a_wrong_request_is_told_without_a_fault(room):
    response = room.get("/public/articles?_sort=khong_co")
    assert response.status_code == 400
    assert "Cannot sort table by khong_co" in response.text


def test_the_permalink_of_a_page_that_turned_out_to_be_another_leads_to_it(room, keys):
    former = article_key("bao-mau", "https://bao-mau.example/in/bai-1.html")
    assert former != keys["1"]
    for form in ("", ".json", ".bib", ".csl.json"):
        answer = room.get(f"/a/{former}{form}", follow_redirects=False)
        assert (answer.status_code, answer.headers["location"]) == (301, f"/a/{keys['1']}{form}")
    assert room.get(f"/a/{former[:-1]}0").status_code == 404
    assert room.get(f"/a/{former[:-1]}0.bib").status_code == 404
