"""Feeds and sitemaps, whole and broken: which links are found, and what is said of them."""

import gzip
from pathlib import Path

import pytest
from discovery_site import FEED, MAP, SITE

from pipelines.article import Hint
from scrapers.discovery import (
    Candidate,
    Listing,
    SitemapPage,
    Unreadable,
    inspect_feed,
    read_feed,
    read_sitemap,
)

# --- feeds

RSS = """<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>
<title>Báo</title><link>https://bao.example/</link>
<item><title><![CDATA[Chi bộ thôn họp <b>đầu tháng</b>]]></title><link>
  https://bao.example/chi-bo-hop-101.html?utm_source=rss </link>
  <pubDate>Sun, 22 Nov 2026 07:05:00 +0700</pubDate><category>Thời sự</category></item>
<item><title>H&agrave; N&amp;agrave;y &amp; kia</title>
  <guid isPermaLink="true">http://www.bao.example/ha-nay-102.html</guid><dc:date>2026-11-21</dc:date></item>
<item><title>Ngoài</title><link>https://khac.example/ngoai-103.html</link></item>
</channel></rss>"""


def test_rss_gives_links_dates_as_written_and_clean_titles() -> None:
    assert inspect_feed(RSS.encode(), FEED, SITE, None) == Listing(
        (
            Candidate(
                "https://bao.example/chi-bo-hop-101.html",
                Hint("feed", "Sun, 22 Nov 2026 07:05:00 +0700", "Chi bộ thôn họp đầu tháng", "Thời sự"),
                0,
            ),
            Candidate("https://bao.example/ha-nay-102.html", Hint("feed", "2026-11-21", "Hà Này & kia"), 1),
        ),
        problems=("1 of 3 entries link to no article address: https://bao.example/rss/dang",),
    )
    sections = [candidate.hint.section for candidate in read_feed(RSS.encode(), FEED, SITE, "Đảng")]
    assert sections == ["Đảng", "Đảng"]


def test_atom_takes_the_alternate_link_and_never_the_update_for_the_publication() -> None:
    atom = """<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://bao.example/tin/">
      <entry><title type="html">&lt;i&gt;Tin&lt;/i&gt; một</title>
        <link rel="self" href="https://bao.example/api-999.html"/><link href="../tin-mot-201.html"/>
        <published>2026-11-20T08:00:00+07:00</published></entry>
      <entry><title>Tin hai</title><link rel="alternate" href="/tin-hai-202.html"/>
        <updated>2026-11-21T00:00:00Z</updated></entry></feed>"""
    assert read_feed(atom.encode(), FEED, SITE, None) == (
        Candidate("https://bao.example/tin-mot-201.html", Hint("feed", "2026-11-20T08:00:00+07:00", "Tin một"), 0),
        Candidate("https://bao.example/tin-hai-202.html", Hint("feed", None, "Tin hai"), 1),
    )


def test_rdf_and_the_oldest_rss_are_read() -> None:
    rdf = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">
      <channel rdf:about="x"><title>t</title></channel>
      <item rdf:about="https://bao.example/a-301.html"><title>Bài</title>
        <link>https://bao.example/a-301.html</link></item>
      </rdf:RDF>"""
    old = "<rss version='0.91'><channel><item><title>Bài</title><link>/a-301.html</link></item></channel></rss>"
    expected = (Candidate("https://bao.example/a-301.html", Hint("feed", None, "Bài"), 0),)
    assert read_feed(rdf.encode(), FEED, SITE, None) == expected
    assert read_feed(old.encode(), FEED, SITE, None) == expected


DOCTYPE = "<!DOCTYPE rss [<!ENTITY agrave 'x'><!ENTITY b SYSTEM 'file:///etc/passwd'>]>"


@pytest.mark.parametrize(
    "body",
    [
        b"\n\n  " + RSS.encode(),
        b"\xef\xbb\xbf" + RSS.encode(),
        RSS.replace("&amp; kia", "& kia").encode(),
        RSS.replace("</channel></rss>", "").encode(),
        RSS.replace("Thời sự", "Thời\x0b sự").encode(),
        RSS.replace("?>", "?>" + DOCTYPE, 1).encode(),
        RSS.replace('xmlns:dc="http://purl.org/dc/elements/1.1/"', "").encode(),
        RSS.replace("utf-8", "utf-16", 1).encode("utf-16"),
    ],
    ids=["blanks", "bom", "ampersand", "cut off", "control character", "doctype", "no namespace", "utf-16"],
)
def test_a_broken_feed_is_read_all_the_same(body: bytes) -> None:
    urls = [candidate.url for candidate in read_feed(body, FEED, SITE, None)]
    assert urls == ["https://bao.example/chi-bo-hop-101.html", "https://bao.example/ha-nay-102.html"]


def test_entities_are_neither_expanded_nor_fetched(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("MATKHAU", encoding="utf-8")
    laughs = "".join(f"<!ENTITY l{i} '{f'&l{i - 1};' * 10}'>" for i in range(1, 10))
    doctype = f"""<!DOCTYPE rss [<!ENTITY l0 'ha'>{laughs}<!ENTITY x SYSTEM "{secret.as_uri()}">]>"""
    body = f"""<?xml version="1.0"?>{doctype}<rss><channel><item><title>A &x; &l9; B</title>
      <link a="&l9;">https://bao.example/a-301.html</link></item></channel></rss>"""
    (candidate,) = read_feed(body.encode(), FEED, SITE, None)
    assert candidate.url == "https://bao.example/a-301.html"
    assert len(candidate.hint.title or "") < 40
    assert "MATKHAU" not in (candidate.hint.title or "")


@pytest.mark.parametrize(
    "body", [b"", b"   ", b"not xml", b"<html><body>blocked</body></html>", b"\xff\xfe\x00", b"{}"]
)
def test_what_is_no_feed_is_unreadable(body: bytes) -> None:
    with pytest.raises(Unreadable, match=r"^https://bao\.example/rss/dang is no (feed|XML): "):
        read_feed(body, FEED, SITE, None)


def test_a_feed_without_entries_is_told() -> None:
    empty = inspect_feed(b"<rss><channel/></rss>", FEED, SITE, None)
    assert empty == Listing((), problems=("feed without entries: https://bao.example/rss/dang",))


# --- sitemaps

URLSET = """<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:n="http://www.google.com/schemas/sitemap-news/0.9"
  xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
<url><image:image><image:loc>https://bao.example/anh-999.html</image:loc></image:image>
  <loc>https://bao.example/a-301.html</loc><lastmod>2026-11-20T09:00:00+07:00</lastmod>
  <n:news><n:publication_date>2026-11-19T08:30:00+07:00</n:publication_date><n:title>Bài A</n:title></n:news>
</url>
<url><loc> http://www.bao.example/b-302.html </loc><lastmod>2026-11-18</lastmod></url>
<url><loc>https://bao.example/dang</loc></url></urlset>"""
URLSET_READ = SitemapPage(
    (
        Candidate(
            "https://bao.example/a-301.html",
            Hint("sitemap", "2026-11-19T08:30:00+07:00", "Bài A"),
            0,
            "2026-11-20T09:00:00+07:00",
        ),
        Candidate("https://bao.example/b-302.html", Hint("sitemap"), 1, "2026-11-18"),
    ),
    (),
)


def test_a_news_sitemap_gives_dates_and_a_plain_one_only_the_last_change() -> None:
    assert read_sitemap(URLSET.encode(), MAP, SITE) == URLSET_READ
    assert read_sitemap(gzip.compress(URLSET.encode()), MAP + ".gz", SITE) == URLSET_READ


def test_an_index_gives_the_sitemaps_of_this_site_with_their_last_change() -> None:
    index = """<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
      <sitemap><loc>https://bao.example/sitemaps/news-2026-11.xml?type=a</loc><lastmod>2026-11-22</lastmod></sitemap>
      <sitemap><loc>/sitemaps/news-2026-10.xml.gz</loc></sitemap>
      <sitemap><loc>http://127.0.0.1/sitemap.xml</loc></sitemap><sitemap/></sitemapindex>"""
    assert read_sitemap(index.encode(), MAP, SITE) == SitemapPage(
        (),
        (
            ("https://bao.example/sitemaps/news-2026-11.xml?type=a", "2026-11-22"),
            ("https://bao.example/sitemaps/news-2026-10.xml.gz", None),
        ),
        ("2 sitemaps on no host of this site: https://bao.example/sitemap.xml",),
    )


def test_a_text_sitemap_has_one_address_a_line() -> None:
    page = read_sitemap(b"\xef\xbb\xbfhttps://bao.example/a-301.html\r\nhttps://bao.example/dang\r\n", MAP, SITE)
    assert page == SitemapPage((Candidate("https://bao.example/a-301.html", Hint("sitemap"), 0),), ())


def test_what_is_left_of_a_text_sitemap_that_is_too_long_is_told() -> None:
    lines = "".join(f"https://bao.example/bai-{number}.html\n" for number in range(100_000, 150_001))
    page = read_sitemap(lines.encode(), MAP, SITE)
    assert len(page.candidates) == 50_000
    assert page.problems == (f"more than 50000 entries, the rest is left: {MAP}",)


def test_a_sitemap_cut_off_in_the_middle_gives_what_there_is_and_says_so() -> None:
    many = "".join(f"<url><loc>https://bao.example/a-{i}.html</loc></url>" for i in range(1000, 3000))
    packed = gzip.compress(f"<urlset>{many}</urlset>".encode())
    page = read_sitemap(packed[: len(packed) // 2], MAP, SITE)
    assert 100 < len(page.candidates) < 2000
    assert page.problems == ("sitemap cut off in the middle: https://bao.example/sitemap.xml",)


def test_several_gzip_members_are_one_sitemap() -> None:
    head, tail = URLSET[:300].encode(), URLSET[300:].encode()
    assert read_sitemap(gzip.compress(head) + gzip.compress(tail), MAP, SITE) == URLSET_READ


def test_a_gzip_bomb_is_refused_without_unpacking_it() -> None:
    bomb = gzip.compress(b"<urlset>" + b" " * (60 << 20))
    assert len(bomb) < 1 << 17
    with pytest.raises(Unreadable, match="has more than 52428800 bytes when unpacked"):
        read_sitemap(bomb, MAP, SITE)
    members = gzip.compress(b"") * 5000 + gzip.compress(b"https://bao.example/a-301.html")
    with pytest.raises(Unreadable, match="is no sitemap"):
        read_sitemap(members, MAP, SITE)


@pytest.mark.parametrize("body", [b"", b"hello", b"<html><p>x</p></html>", b"\x1f\x8bjunk", RSS.encode()])
def test_what_is_no_sitemap_is_unreadable(body: bytes) -> None:
    with pytest.raises(Unreadable, match=r"^https://bao\.example/sitemap\.xml is (no|broken) "):
        read_sitemap(body, MAP, SITE)
