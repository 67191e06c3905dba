"""Site cards and families: what is read from them, and what is said of a wrong one."""

import re
from datetime import date
from pathlib import Path

import pytest

from pipelines.article import PageRules, Template, UrlRules
from scrapers.catalogue import Catalogue, CatalogueError, ListingTemplate, UnknownSite, load

FAMILY = """\
id: cms
name: A system
evidence: made up for a test
article_urls: '-\\d+\\.html$'
urls:
  keep_params: [id]
  rewrite: [{find: '^/en(?=/)', replace: ''}]
agencies: [TTX]
boilerplate: [Chia sẻ]
templates:
  - name: new
    match: article.story
    title: [h1.title, h1]
    body: div.body
    body_pick: longest
    published: time[datetime]
    drop: [.related, .share]
    ends: [Tin khác]
    since: 2024-02-29
  - {name: old, body: "#content", until: 2024-02-28}
listings:
  - {name: stories, items: article.story, date: time, pages: .pager a, page_number: 'page=(\\d+)'}
"""
SITE = """\
id: bao-a
name: Báo A
name_en: Paper A
also_named: A online
kind: party_newspaper
province: {code: "26", scheme: 63}
family: cms
hosts: [bao-a.example, moi.bao-a.example]
former_hosts: [www.cu.example]
sections:
  - title: Xây dựng Đảng
    url: https://bao-a.example/xay-dung-dang
    feeds: [https://bao-a.example/rss/xay-dung-dang]
sitemaps: https://bao-a.example/sitemap.xml
urls: {rewrite: [{find: '^(.*)/amp$', replace: '\\1'}]}
agencies: BA
boilerplate: Theo dõi Báo A
examples: {articles: ["https://bao-a.example/en/a-1.html"], others: ["https://bao-a.example/"]}
expect: {articles_per_week: [3, 40], quiet_days: 10}
rights: {note: no note seen, publish: excerpt}
verified: {how: pages, pages: 12}
history:
  - 2026-11-22 first written
  - "2026-11-23 moved: the old host redirects"
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A catalogue of one family and one site, with the errors' paths shown from its folder."""
    (tmp_path / "sites").mkdir()
    (tmp_path / "families").mkdir()
    (tmp_path / "families" / "cms.yml").write_text(FAMILY, encoding="utf-8")
    (tmp_path / "sites" / "bao-a.yml").write_text(SITE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")


def problems(folder: Path) -> tuple[str, ...]:
    with pytest.raises(CatalogueError) as error:
        load(folder)
    assert str(error.value).splitlines() == list(error.value.problems)
    assert error.value.exit_code == 2
    return error.value.problems


def test_a_card_and_its_family_become_the_rules_of_a_site(folder: Path) -> None:
    site = load(folder).site("bao-a")
    assert site.rules == PageRules(
        site="bao-a",
        names=("Báo A", "Paper A", "A online"),
        templates=(
            Template(
                name="cms/new",
                match=("article.story",),
                title=("h1.title", "h1"),
                body=("div.body",),
                body_pick="longest",
                published=("time[datetime]",),
                drop=(".related", ".share"),
                ends=("Tin khác",),
                since=date(2024, 2, 29),
            ),
            Template(name="cms/old", body=("#content",), until=date(2024, 2, 28)),
        ),
        article_urls=(r"-\d+\.html$",),
        urls=UrlRules(
            keep_params=("id",),
            rewrite=(("^/en(?=/)", ""), ("^(.*)/amp$", "\\1")),
            hosts=("bao-a.example", "www.bao-a.example", "moi.bao-a.example", "www.moi.bao-a.example"),
        ),
        agencies=("BA", "TTX"),
        boilerplate=("Theo dõi Báo A", "Chia sẻ"),
    )
    assert site.listings == (
        ListingTemplate(
            "cms/stories", ("article.story",), date=("time",), pages=(".pager a",), page_number=r"page=(\d+)"
        ),
    )
    assert site.history == ("2026-11-22 first written", "2026-11-23 moved: the old host redirects")


def test_an_article_is_told_by_host_and_address(folder: Path) -> None:
    site = load(folder).site("bao-a")
    urls = {
        "https://bao-a.example/a-1.html": True,
        "http://www.moi.bao-a.example/en/a-1.html?utm_source=zalo": True,
        "https://cu.example/a-1.html/amp": True,
        "https://bao-a.example/xay-dung-dang": False,
        "https://stranger.example/a-1.html": False,
        "mailto:a-1.html": False,
    }
    assert {url: site.is_article(url) for url in urls} == urls


def test_a_site_is_found_by_its_hosts_and_a_stranger_gets_the_templates_of_all_families(folder: Path) -> None:
    (folder / "families" / "zzz.yml").write_text(
        "id: zzz\nname: Z\nevidence: none\ntemplates: [{name: z, body: p}]\n", encoding="utf-8"
    )
    catalogue = load(folder)
    hosts = ("bao-a.example", "www.bao-a.example", "cu.example", "www.cu.example")
    assert {catalogue.site_for(f"http://{host}/x") for host in hosts} == {catalogue.site("bao-a")}
    assert [catalogue.site_for(url) for url in ("https://stranger.example/", "javascript:x", "")] == [None] * 3
    assert catalogue.rules_for("https://cu.example/x") == catalogue.site("bao-a").rules
    stranger = catalogue.rules_for("https://stranger.example/")
    assert [template.name for template in stranger.templates] == ["cms/new", "cms/old", "zzz/z"]
    assert stranger.urls == UrlRules()


def test_a_former_host_keeps_its_own_addresses(folder: Path) -> None:
    assert "cu.example" not in load(folder).site("bao-a").rules.urls.hosts


def test_an_unknown_site_is_told_with_the_nearest_name(folder: Path) -> None:
    catalogue = load(folder)
    with pytest.raises(UnknownSite, match=r"^unknown site 'bao-b'; did you mean bao-a\?$") as error:
        catalogue.site("bao-b")
    assert error.value.exit_code == 2
    with pytest.raises(UnknownSite, match=r"^unknown site 'xyz'; there are: bao-a$"):
        catalogue.site("xyz")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("kind: party_newspaper", "kind: blog",
         ("5: found the text 'blog' for kind, expected one of party_journal, party_newspaper, party_portal, "
         "government_portal")),
        ("quiet_days: 10", "quiet_day: 10",
         ("19: found the unknown key 'quiet_day', "
         "expected perhaps 'quiet_days' (of: articles_per_week, quiet_days)")),
        ("quiet_days: 10", "quiet_days: ten",
         "19: found the text 'ten' for expect.quiet_days, expected a whole number"),
        ("[3, 40]", "[40, 3]",
         "19: found 40 to 3, expected [fewest, most] of an ordinary week"),
        ("[3, 40]", "[3]",
         "19: found a list of 1 for expect.articles_per_week, expected a list of 2 numbers"),
        ("name: Báo A\n", "name: Báo A\nname: Báo B\n",
         "3: found the key 'name' a second time, expected each key once"),
        ("name: Báo A\n", "name: 2026\n",
         "2: found the number '2026' for name, expected a text; put it in quotes: \"2026\""),
        ('code: "26"', "code: 26",
         "6: found the number '26' for province.code, expected a text; put it in quotes: \"26\""),
        ('{code: "26", scheme: 63}', '{code: "26", scheme: 34}',
         ("6: found no province has the code '26' in the scheme of 34, "
         "expected a code of data/provinces_*.csv in "
         "its scheme")),
        ("scheme: 63", "scheme: 64",
         "6: found the number '64' for province.scheme, expected one of 34, 63"),
        ("family: cms", "family: cmx", "7: found the unknown family 'cmx', expected one of cms"),
        ("hosts: [bao-a.example, moi", "hosts: [https://bao-a.example, moi",
         "8: found 'https://bao-a.example' for hosts.1, expected a host like example.org"),
        ("url: https://bao-a.example/xay", "url: https://bao-b.example/xay",
         "12: found the host bao-b.example, expected one of the card's: bao-a.example, moi.bao-a.example"),
        ("url: https://bao-a.example/xay", "url: /xay",
         "12: found '/xay-dung-dang' for sections.1.url, expected an address like https://example.org/page"),
        ("  - title: Xây dựng Đảng\n    url", "  - url",
         ""),
        ("how: pages, pages: 12", "how: family, pages: 12",
         "21: found 12 with how: family, expected 0: no page of this site was seen"),
        ("how: pages, pages: 12", "how: live, pages: 0",
         "21: found 0 with how: live, expected the number of pages seen, 1 or more"),
        ("  - 2026-11-22 first", "  - 2026-11-31 first",
         ("23: found '2026-11-31 first written' for history.1, "
         "expected a day and what happened: 2026-11-22 first "
         "written")),
        ("  - 2026-11-22 first", "  - 2027-11-22 first",
         "23: found days out of order, expected dated lines, the oldest first"),
        ('  - "2026-11-23 moved: the old host redirects"', "  - 2026-11-23 moved: the old host redirects",
         "24: found keys and values for history.2, expected a text (a text with ': ' wants quotes)"),
        ("a-1.html\"]", "a-x.html\"]",
         ("18: found 'https://bao-a.example/en/a-x.html', which no pattern of article_urls fits, expected an "
         "article's address that one fits")),
        ("replace: '\\1'", "replace: '\\2'",
         "15: found \\2, expected a group of find, which has 1"),
        ("find: '^(.*)/amp$'", "find: '^(.*/amp$'",
         ("15: found '^(.*/amp$' for urls.rewrite.1.find, "
         "expected a regular expression (missing ), unterminated "
         "subpattern at position 1)")),
        ("family: cms\n", "", "1: found no key 'family', expected family: a text"),
        ("id: bao-a", "id: bao-b", "1: found the id 'bao-b', expected 'bao-a', as the file is called"),
        ("kind: party_newspaper", "kind: [party_newspaper",
         "6: found ':', expected ',' or ']' (a text with ': ' or '#' wants quotes)"),
    ],
)  # fmt: skip
def test_a_wrong_site_card_is_told_with_file_and_line(folder: Path, old: str, new: str, told: str) -> None:
    change(folder / "sites" / "bao-a.yml", old, new)
    if not told:
        assert load(folder).site("bao-a").sections[0].title == ""
    else:
        assert problems(folder) == (f"sites/bao-a.yml:{told}",)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("title: [h1.title, h1]", "title: [h1.title, 'h1::text']",
         ("13: found 'h1::text' for templates.1.title.2, "
         "expected a CSS selector (Pseudo-elements are not supported.)")),
        ("body: div.body", "body: 'div['",
         ("14: found 'div[' for templates.1.body, "
         "expected a CSS selector (Expected ident or '*', got <EOF at 4>)")),
        ("body_pick: longest", "body_pick: last",
         "15: found 'last' for templates.1.body_pick, expected one of all, longest"),
        ("since: 2024-02-29", "since: 2023-02-29",
         "19: found the date '2023-02-29' for templates.1.since, expected a date like 2025-07-01"),
        ("until: 2024-02-28", "since: 2024-03-01, until: 2024-02-28",
         "20: found until 2024-02-28, expected a day not before since: 2024-03-01"),
        ("name: old", "name: new",
         "20: found the name 'new' a second time, expected another name in templates"),
        ("page=(\\d+)", "page=\\d+",
         ("22: found 'page=\\\\d+' for listings.1.page_number, "
         "expected a regular expression with exactly one group")),
        ("article_urls: '-\\d+\\.html$'\n", "",
         ""),
        ("evidence: made up for a test", "evidence:",
         "3: found nothing for evidence, expected a text"),
    ],
)  # fmt: skip
def test_a_wrong_family_is_told_once_with_file_and_line(folder: Path, old: str, new: str, told: str) -> None:
    change(folder / "families" / "cms.yml", old, new)
    expected = f"families/cms.yml:{told}" if told else (
        "sites/bao-a.yml:1: found no pattern here nor in the family, "
         "expected at least one for article addresses"
    )  # fmt: skip
    assert problems(folder)[:1] == (expected,)


def test_everything_wrong_in_all_cards_is_told_at_once(folder: Path) -> None:
    change(folder / "sites" / "bao-a.yml", "kind: party_newspaper", "kind: blog\nlogo: x.png")
    change(folder / "sites" / "bao-a.yml", "hosts: [bao-a.example", "hosts: [BAO-A.example")
    change(folder / "families" / "cms.yml", "title: [h1.title", "tittle: [h1.title")
    assert [re.sub(r", expected .*", "", line) for line in problems(folder)] == [
        "families/cms.yml:13: found the unknown key 'tittle'",
        "sites/bao-a.yml:5: found the text 'blog' for kind",
        "sites/bao-a.yml:6: found the unknown key 'logo'",
        "sites/bao-a.yml:9: found 'BAO-A.example' for hosts.1",
    ]


def test_two_sites_on_one_host_are_refused(folder: Path) -> None:
    twin = SITE.replace("id: bao-a", "id: bao-b").replace("moi.bao-a.example", "b.example")
    (folder / "sites" / "bao-b.yml").write_text(twin.replace("www.cu.example", "d.example"), encoding="utf-8")
    assert problems(folder) == (
        (
            "sites/bao-b.yml:8: found the host bao-a.example, which sites/bao-a.yml has too, "
            "expected hosts of this "
            "site alone"
        ),
        (
            "sites/bao-b.yml:8: found the host www.bao-a.example, which sites/bao-a.yml has too, "
            "expected hosts of "
            "this site alone"
        ),
    )


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "1: found an empty file, expected keys and values"),
        (b"id: x\nname: \xff\n", "2: found the byte 0xFF, expected text in UTF-8"),
        (b"id: x\nname: a\x01b\n", "2: found the character U+0001, expected printable text"),
        (b"- a\n- b\n", "1: found a list of 2 for the card, expected keys and values (id, name, "),
        (b"just text", "1: found the text 'just text' for the card, expected keys and values (id, name, "),
        (b"id: x\n---\nid: y\n", "2: found a second document, expected one card a file, without a line ---"),
        (b"id: x\nname: [unclosed\n", "3: found the end of the file, expected ',' or ']' (a text with "),
        (b"id: x\nname: [\n", "3: found the end of the file, expected a value (a text with "),
        (b"id: x\nname: a: b\n", "2: found ': ' where no key stands, expected quotes around a text with ': ' in it"),
        (b"id: x\nname\nkind: y\n", "3: found a line without ': ', expected key: value"),
        (b"id: x\n  name: y\n", "2: found ': ' where no key stands, expected quotes around"),
        (b"hosts:\n  - a\n b: c\n", "3: found "),
        (b"id: *nobody\n", "1: found undefined alias 'nobody', expected YAML (a text with ': ' or '#' wants quotes)"),
        (b"id: !!python/object:os.system x\n", "1: found the text 'x' for id, expected a text"),
        (b"\xef\xbb\xbfid: 'a b'\n", "1: found 'a b' for id, expected small letters, digits, single hyphens"),
    ],
)
def test_what_is_no_card_at_all_is_told(folder: Path, content: bytes, told: str) -> None:
    (folder / "sites" / "junk.yml").write_bytes(content)
    assert f"sites/junk.yml:{told}" in "\n".join(problems(folder))


def test_an_unknown_family_is_told_together_with_missing_keys(folder: Path) -> None:
    change(folder / "sites" / "bao-a.yml", "family: cms", "family: cmx")
    change(folder / "sites" / "bao-a.yml", "name_en: Paper A\n", "")
    assert problems(folder) == (
        "sites/bao-a.yml:1: found no key 'name_en', expected name_en: a text",
        "sites/bao-a.yml:6: found the unknown family 'cmx', expected one of cms",
    )


def test_a_folder_without_cards_is_told(tmp_path: Path) -> None:
    assert problems(tmp_path) == (f"{tmp_path / 'sites'}: found no card, expected at least one <id>.yml",)


def test_the_catalogue_of_this_project_is_sound() -> None:
    catalogue = load()
    assert {"xaydungdang", "hanoi-hnp", "hatinh-dcs", "hanoimoi", "vinhphuc-btctu", "sotttt-hanoi"} <= set(
        catalogue.sites
    )
    assert all(site.examples.articles and site.examples.others for site in catalogue.sites.values())


def test_site_cards_stay_short(request: pytest.FixtureRequest) -> None:
    cards = sorted((request.config.rootpath / "scrapers" / "sites").glob("*.yml"))
    assert [card.name for card in cards if len(card.read_text(encoding="utf-8").splitlines()) >= 40] == []


def test_a_catalogue_can_be_put_together_by_hand(folder: Path) -> None:
    loaded = load(folder)
    assert Catalogue(loaded.sites, loaded.families) == loaded
