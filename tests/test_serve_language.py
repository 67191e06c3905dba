"""Two languages: which one a reader gets, the switch, and what caches are told."""

import re
from html.parser import HTMLParser

import httpx
import pytest
from serving import published, started

from khotin.serve.language import preferred
from khotin.serve.words import WORDS

CODE = re.compile(r"\b[a-z]+_[a-z_]+\b")


@pytest.fixture(scope="module")
def room(tmp_path_factory):
    with started(published(tmp_path_factory.mktemp("room"))) as (address, _), httpx.Client(base_url=address) as client:
        yield client


@pytest.fixture(scope="module")
def keys(room):
    rows = room.get("/public/articles.json?_shape=array&_size=max").json()
    return [row["key"] for row in rows if re.search(r"bai-(1|2|3|9001|9002)\.html", row["canonical_url"])]


@pytest.mark.parametrize(
    ("accept", "language"),
    [
        (None, "vi"),
        ("", "vi"),
        ("*", "vi"),
        ("vi-VN,vi;q=0.9,en-US;q=0.6", "vi"),
        ("en-GB,en;q=0.9,vi;q=0.3", "en"),
        ("vi;q=0.2, en;q=0.8", "en"),
        ("en;q=0, vi;q=0.1", "vi"),
        ("fr-FR,fr;q=0.9", "en"),
        ("fr, vi;q=0.1", "vi"),
        ("x" * 5000, "vi"),
        ("en;q=abc", "vi"),
    ],
)
def test_the_browser_is_asked(accept, language):
    assert preferred(accept) == language


def test_pages_are_in_the_readers_language_and_say_so(room, keys):
    for path in ("/", f"/a/{keys[0]}", "/a/khong-co", "/khong-co", "/public", "/public/articles"):
        for asked, name in (("vi", "Tiếng Việt"), ("en-US,en", "English")):
            response = room.get(path, headers={"accept-language": asked})
            language = asked[:2]
            assert f'<html lang="{language}">' in response.text, path
            assert response.headers["content-language"] == language

            other = {"Tiếng Việt": "English", "English": "Tiếng Việt"}[name]
            assert response.text.count(f'rel="nofollow">{other}</a>') == 1
            assert f'rel="nofollow">{name}</a>' not in response.text


def test_the_choice_is_kept_in_a_cookie_and_leads_back_to_the_page(room, keys):
    with httpx.Client(base_url=room.base_url, headers={"accept-language": "vi"}) as reader:
        page = reader.get(f"/a/{keys[0]}?x=1&y=h%C3%B2a").text
        link = re.search(r'href="(/-/language/en[^"]+)"', page)[1].replace("&amp;", "&")
        answer = reader.get(link)
        assert (answer.status_code, answer.headers["location"]) == (303, f"/a/{keys[0]}?x=1&y=h%C3%B2a")
        assert "no-store" in answer.headers["cache-control"]
        cookie = answer.headers["set-cookie"]
        assert "khotin_language=en" in cookie
        assert "Max-Age=31536000" in cookie
        assert "SameSite=lax" in cookie
        for path in ("/", "/public/articles"):
            assert '<html lang="en">' in reader.get(path).text
        assert reader.get("/-/language/vi?to=/").headers["location"] == "/"
        assert '<html lang="vi">' in reader.get("/").text


def test_a_strange_cookie_is_no_language(room):
    page = room.get("/", headers={"accept-language": "en", "cookie": 'khotin_language="><script>'})
    assert '<html lang="en">' in page.text


@pytest.mark.parametrize(
    "to",
    ["//evil.example", "/\\evil.example", "https://evil.example", "javascript:alert(1)", "/a\r\nSet-Cookie:x=1", ""],
)
def test_the_switch_leads_to_no_other_server(room, to):
    answer = httpx.get(f"{room.base_url}/-/language/en", params={"to": to})  # not with `room`: it keeps cookies
    assert (answer.status_code, answer.headers["location"]) == (303, "/")


def test_there_are_two_languages_and_no_other(room):
    assert room.get("/-/language/fr").status_code == 404


class Shown(HTMLParser):
    """Text that a reader sees, without code, addresses and what stood on a publisher's page."""

    def __init__(self):
        super().__init__()
        self.text, self.hidden = [], 0

    def handle_starttag(self, tag, attrs):
        if tag in ("code", "pre", "style", "script") or self.hidden:
            self.hidden += tag not in ("br", "img", "link", "meta", "input", "hr", "wbr")

    def handle_endtag(self, _tag):
        self.hidden = max(0, self.hidden - 1)

    def handle_data(self, data):
        if not self.hidden and "://" not in data:
            self.text.append(data)


@pytest.mark.parametrize("language", ["vi", "en"])
def test_no_page_shows_a_bare_code(room, keys, language):
    for path in ("/", *(f"/a/{key}" for key in keys), "/a/khong-co"):
        shown = Shown()
        shown.feed(room.get(path, headers={"accept-language": language}).text)
        assert set(CODE.findall(" ".join(shown.text))) <= {"article_text"}, path  # a table, named where it is described


def test_pages_speak_one_language_only(room, keys):
    # Words that are no part of the other language's page: names of things, not of data.
    telling = [pair for key, pair in WORDS.items() if key in ("skip", "evidence", "newest", "source", "archive_of")]
    for path in ("/", f"/a/{keys[0]}"):
        vietnamese = room.get(path, headers={"accept-language": "vi"}).text
        english = room.get(path, headers={"accept-language": "en"}).text
        assert [pair[1] for pair in telling if pair[1] in vietnamese] == []
        assert [pair[0] for pair in telling if pair[0] in english] == []


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("month=2020-13", "“2020-13” không phải là tháng"),
        ("since=hôm+qua", "“hôm qua” không phải là ngày (since)"),
        ("sort=x", "“x” không dùng được cho sort: hãy chọn một trong rank, new, old"),
        ("scheme=35", "“35” không dùng được cho scheme: hãy chọn một trong 34, 63"),
        ("since=2026-12-01&until=2020-01-01", "Thời điểm đầu (2026-12-01) ở sau thời điểm cuối (2020-01-01)"),
        ("page=0", "“0” không dùng được cho page: hãy cho một số từ 1 đến 10000000"),
    ],
)
def test_what_is_wrong_with_a_search_is_told_in_the_readers_language(room, query, told):
    page = room.get(f"/search?{query}", headers={"accept-language": "vi"})
    assert page.status_code == 400
    assert told in page.text
    answer = room.get(f"/search.json?{query}", headers={"accept-language": "vi"})
    assert answer.status_code == 400
    assert answer.json()["error"] in room.get(f"/search?{query}", headers={"accept-language": "en"}).text.replace(
        "&#39;", "'"
    )
