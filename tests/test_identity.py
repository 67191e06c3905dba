"""Addresses: one form for one page, and the dates they carry."""

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.article import Precision, UrlRules
from pipelines.identity import UnusableAddress, article_key, canonical_url, host_of, url_date

PLAIN = UrlRules()
LIFERAY = UrlRules(
    keep_params=("_101_cur",),
    rewrite=((r"^/(?:vi|en)(?=/)", ""), (r"/pop_up(?=\?|$)", "")),
    hosts=("so.example.gov.vn",),
)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("HTTP://Bao.Example:80/a", "https://bao.example/a"),
        ("https://bao.example:443", "https://bao.example/"),
        ("http://bao.example:8080/a", "http://bao.example:8080/a"),
        ("https://bao.example./a#phan-hoi", "https://bao.example/a"),
        (" https://bao.example/a\n-b ", "https://bao.example/a-b"),
        ("https://u:p@bao.example/a", "https://bao.example/a"),
        ("https://bao.example/a/./b/../c", "https://bao.example/a/c"),
        ("https://bao.example/a/%2e%2e", "https://bao.example/"),
        ("https://bao.example/x;jsessionid=0A1B.n1/y", "https://bao.example/x/y"),
        ("https://bao.example/a?utm_source=zalo&b=2&a=1&fbclid=x", "https://bao.example/a?a=1&b=2"),
        ("https://bao.example/a?&&", "https://bao.example/a"),
        ("https://bao.example/%7euser%2fa%2c", "https://bao.example/~user%2Fa%2C"),
        ("https://bao.example/100%", "https://bao.example/100%25"),
        ("https://bao.example/%ff%C4", "https://bao.example/%FF%C4"),
        ("https://bao.example/đảng", "https://bao.example/%C4%91%E1%BA%A3ng"),
        ("https://bao.example/đa\N{COMBINING HOOK ABOVE}ng", "https://bao.example/%C4%91%E1%BA%A3ng"),
        ("https://bao.example/%C4%91a%CC%89ng", "https://bao.example/%C4%91%E1%BA%A3ng"),
        ("https://báo.example/", "https://xn--bo-mia.example/"),
        ("https://[::1]/a", "https://[::1]/a"),
    ],
)
def test_one_form_for_all_spellings_of_an_address(url: str, expected: str) -> None:
    assert canonical_url(url, PLAIN) == expected


def test_hosts_of_one_site_become_the_present_one_and_others_stay() -> None:
    rules = UrlRules(hosts=("bao.example", "cu.example"))
    hosts = ("bao.example", "www.bao.example", "www.cu.example", "x.example")
    urls = [f"http://{host}/a-1.html" for host in hosts]
    assert [canonical_url(url, rules) for url in urls] == [
        "https://bao.example/a-1.html",
        "https://bao.example/a-1.html",
        "https://bao.example/a-1.html",
        "https://x.example/a-1.html",
    ]


@pytest.mark.parametrize(
    "url",
    [
        "https://so.example.gov.vn/tin/-/view_content/12-a.html",
        "https://so.example.gov.vn/vi/tin/-/view_content/12-a.html",
        "http://www.so.example.gov.vn/en/tin/-/view_content/12-a.html/pop_up?p_p_state=pop_up",
        "https://so.example.gov.vn/vi/en/tin/-/view_content/12-a.html?_101_returnToFullPageURL=%2F",
    ],
)
def test_language_frames_and_print_versions_are_the_same_page(url: str) -> None:
    assert canonical_url(url, LIFERAY) == "https://so.example.gov.vn/tin/-/view_content/12-a.html"


def test_only_the_parameters_that_tell_pages_apart_stay_in_the_sites_own_spelling() -> None:
    rules = UrlRules(keep_params=("NewsId",))
    url = "https://x.example/Detail?newsid=0f-1&page=2&utm_source=a"
    assert canonical_url(url, rules) == "https://x.example/Detail?NewsId=0f-1"
    page = "https://so.example.gov.vn/tin?p_p_id=101&_101_delta=10&_101_cur=17"
    assert canonical_url(page, LIFERAY) == "https://so.example.gov.vn/tin?_101_cur=17"


@pytest.mark.parametrize(
    "url",
    ["", "/a/b", "//bao.example/a", "ftp://bao.example/a", "javascript:void(0)", "mailto:a@b.example", "https://",
     "https://bao.example:99999/", "https://bao.example:x/", "https://[::1", "https://a b/",
     "data:text/html,x",
     "https://" + "a" * 64 + "á.example/", "https://bao.example/" + "a" * 9000],
)  # fmt: skip
def test_what_is_no_page_is_refused_by_name(url: str) -> None:
    with pytest.raises(UnusableAddress) as error:
        canonical_url(url, PLAIN)
    assert len(str(error.value)) < 350
    assert "\n" not in str(error.value)


_TRICKY = st.text(alphabet="aàa\u0300%25cC3/.;=&?#+ \ud800")


@given(
    st.one_of(
        st.text(),
        st.builds("{}://{}/{}?{}#{}".format, st.sampled_from(["http", "HTTPS"]), *[st.text()] * 4),
        st.builds("https://bao.example/{}?{}".format, _TRICKY, st.text()),
    ),
    st.sampled_from([PLAIN, LIFERAY, UrlRules(hosts=("bao.example",), keep_params=("a", "B"))]),
)  # fmt: skip
def test_canonical_twice_is_canonical_once_and_junk_has_a_named_error(url: str, rules: UrlRules) -> None:
    try:
        once = canonical_url(url, rules)
    except UnusableAddress:
        return
    assert canonical_url(once, rules) == once
    assert once.isascii()
    assert host_of(once)


def test_every_known_article_address_is_stable_under_other_spellings(shared: Path) -> None:
    with (shared / "facts" / "article_urls.tsv").open(encoding="utf-8", newline="") as file:
        urls = [row["url"] for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)]
    forms = [canonical_url(url, PLAIN) for url in urls]
    assert len(set(forms)) == len(set(urls)) == 228
    assert [canonical_url(form + "#top", PLAIN) for form in forms] == forms
    assert [form for form in forms if not form.startswith("https://")] == []


def test_the_key_depends_on_site_and_address_alone() -> None:
    assert article_key("hanoimoi", "https://hanoimoi.vn/a-1.html") == "hanoimoi-qlh3adjepz"
    assert article_key("hanoimoi", "https://hanoimoi.vn/a-2.html") != "hanoimoi-qlh3adjepz"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://x.example/bai-4250808215021297.htm", ("2025-08-08T21:50:00+07:00", "minute")),
        ("https://x.example/bai-102260228093004191.htm", ("2026-02-28T09:30:00+07:00", "minute")),
        ("https://x.example/bai-10226030416274747.htm", ("2026-03-04T16:27:00+07:00", "minute")),
        ("https://x.example/bai-20260307075519174.htm", ("2026-03-07T07:55:00+07:00", "minute")),
        ("https://x.example/bai-2022082307555367.chn", ("2022-08-23T07:55:00+07:00", "minute")),
        ("https://x.example/tet/d20230112091014465.htm", ("2023-01-12T09:10:00+07:00", "minute")),
        ("https://x.example/suc-khoe/202311/bai-e670e31/", ("2023-11-01T00:00:00+07:00", "month")),
        ("https://x.example/2005/11/bai.html", ("2005-11-01T00:00:00+07:00", "month")),
        ("https://x.example/2005/11/23/bai.html", ("2005-11-23T00:00:00+07:00", "day")),
        ("https://x.example/2005/02/31/bai.html", None),
        ("https://x.example/-/2018/825458/bai.aspx", None),
        ("https://x.example/bai-703441.html", None),
        ("https://x.example/bai-cua-nam-2026-20306.html", None),
        ("https://x.example/tin/-hi-hoa-1491879789", None),
        ("https://x.example/bai-999999999999999.htm", None),
        ("https://[", None),
    ],
)
def test_the_date_in_an_address(url: str, expected: tuple[str, str] | None) -> None:
    found = url_date(url)
    assert found == (expected and (expected[0], Precision(expected[1])))


@given(st.text(alphabet="0123456789/-.dhtm"))
def test_no_digits_break_the_reading_of_dates(path: str) -> None:
    url_date("https://x.example/" + path)
