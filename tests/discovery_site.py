"""A small site for the tests of discovery."""

from pipelines.article import Hint
from scrapers.catalogue import Expect, Family, ListingTemplate, Rights, Section, Site, Verified
from scrapers.discovery import Candidate, Listing, read_listing

SITE = Site(
    id="bao",
    name="Báo",
    name_en="Paper",
    kind="party_newspaper",
    family="cms",
    hosts=("bao.example",),
    sections=(Section("https://bao.example/dang"),),
    expect=Expect((0, 9), 9),
    rights=Rights("", "full"),
    verified=Verified("none", 0),
    history=("2026-11-22 test",),
    article_urls=(r"^/[a-z0-9-]+-\d{3,}\.html$",),
)
CMS = Family(
    id="cms",
    name="CMS",
    evidence="test",
    listings=(
        ListingTemplate("cms/gone", ("li.gone",)),
        ListingTemplate(
            "cms/story",
            ("article.story",),
            link=("h2 a",),
            title=("h2",),
            date=("time", ".date"),
            pages=(".pager",),
            page_number=r"/trang-(\d+)",
        ),
    ),
)
FEED = "https://bao.example/rss/dang"
MAP = "https://bao.example/sitemap.xml"
DANG = "https://bao.example/dang"


def listing(body: str, url: str = DANG, site: Site = SITE) -> Listing:
    return read_listing(body.encode(), "text/html; charset=utf-8", url, site, "Đảng")


def found(*entries: tuple[str, str | None, str | None]) -> tuple[Candidate, ...]:
    return tuple(
        Candidate(f"https://bao.example/{path}", Hint("listing", published, title, "Đảng"), i)
        for i, (path, published, title) in enumerate(entries)
    )
