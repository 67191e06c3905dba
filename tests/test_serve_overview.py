"""The overviews, asked over HTTP: numbers, choices, tables, CSV, in both languages."""

import asyncio
import csv
import html
import io
import re
import sqlite3
from contextlib import closing

import httpx
import pytest
from serving import NOW, RICH_TITLE, published, started

from khotin.serve import build
from khotin.serve.overview import figures
from khotin.serve.overview.figures import compare_searches
from khotin.serve.searching.engine import Engine
from khotin.serve.wrong import TooLong
from pipelines.publish import publish
from pipelines.search import fts_query

PAGES = (
    "/overview",
    "/map",
    "/map?scheme=63",
    "/sites",
    "/changes",
    "/compare",
    "/compare?q=chi+bo&with=hoa+giai",
)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return published(tmp_path_factory.mktemp("room"))


@pytest.fixture(scope="module")
def room(data):
    with started(data) as (address, _), httpx.Client(base_url=address) as client:
        yield client


def table(room, path):
    """Rows of a CSV as dictionaries."""
    answer = room.get(path)
    assert answer.status_code == 200, path
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"].startswith('attachment; filename="khotin-')
    assert answer.content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


def test_the_sums_over_time_are_the_articles(room, data):
    db = sqlite3.connect(data / "public.db")
    for by in ("site", "kind", "province"):
        column = {"site": "site", "kind": "kind", "province": "coalesce(province, '')"}[by]
        known = dict(db.execute(f"select {column}, count(*) from articles group by 1"))  # noqa: S608
        sums: dict[str, int] = {}
        for row in table(room, f"/overview.csv?by={by}&unit=month"):
            sums[row[by]] = sums.get(row[by], 0) + int(row["articles"])
        assert sums == known
    db.close()


def test_sites_and_months_can_be_chosen(room):
    rows = table(room, "/overview.csv?site=trang-kin&site=trang-trich&unit=year")
    assert {row["site"] for row in rows} == {"trang-kin", "trang-trich"}
    rows = table(room, "/overview.csv?since=2020-06&until=2020-06")
    assert {row["month"] for row in rows} == {"2020-06"}
    page = room.get("/overview?site=trang-kin&by=kind").text
    assert 'value="trang-kin" checked' in page
    assert '<option value="kind" selected>' in page


def test_the_map_counts_by_both_schemes_and_says_what_it_cannot_place(room):
    rows = {row["province"]: int(row["articles"]) for row in table(room, "/map.csv")}
    assert len(rows) == 36
    assert {name: count for name, count in rows.items() if count} == {"Hà Nội": 60, "Phú Thọ": 1, "(central)": 1}
    rows = {row["province_63"]: int(row["articles"]) for row in table(room, "/map.csv?scheme=63")}
    assert len(rows) == 65
    assert {name: count for name, count in rows.items() if count} == {"Hà Nội": 60, "Vĩnh Phúc": 1, "(central)": 1}
    assert sum(int(row["articles"]) for row in table(room, "/map.csv?year=2019")) == 1
    page = room.get("/map").text
    assert 'aria-label="Hà Nội: 60 bài viết"' in page
    assert page.count("<rect x=") == 34 + 2
    assert room.get("/map?scheme=63").text.count("<rect x=") == 63 + 2


def test_the_sites_tell_their_state_and_their_gaps(room, data):
    rows = table(room, "/sites.csv")
    assert [(row["id"], row["articles"]) for row in rows] == [
        ("bao-mau", "60"),
        ("trang-kin", "1"),
        ("trang-trich", "1"),
    ]
    page = room.get("/sites").text
    assert "chưa thu thập" in page
    db = sqlite3.connect(data / "public.db")
    gaps = db.execute("select count(*) from gaps").fetchone()[0]
    db.close()
    assert gaps == int(rows[0]["gaps"]) > 0
    assert f"{gaps} khoảng trống" in page


def test_the_changes_show_what_was_changed_and_what_is_gone(room):
    page = room.get("/changes").text
    assert "<del>150</del><ins>152</ins>" in page
    assert RICH_TITLE in page
    rows = table(room, "/changes.csv")
    assert [(row["change"], row["when"]) for row in rows] == [
        ("edit", "2026-11-21T08:00:00+07:00"),
        ("removal", "2026-11-21T08:00:00+07:00"),
    ]
    assert table(room, "/changes.csv?before=2026-11-21T08:00:00%2B07:00&removed_before=2020") == []


def test_articles_removed_in_one_moment_are_paged_through_without_loss(tmp_path):
    data = published(tmp_path, 60)
    with closing(sqlite3.connect(data / "archive.db")) as db, db:
        db.execute("update articles set gone_since = '2026-11-20T08:00:00+07:00' where gone_since is null and id < 48")
    (data / "public.db").unlink()
    publish(data / "archive.db", data / "public.db", now=NOW)
    with closing(sqlite3.connect(data / "public.db")) as db:
        gone = [row[0] for row in db.execute("select key from articles where gone_since is not null order by key")]
    assert len(gone) > 41
    found = []
    with started(data) as (address, _), httpx.Client(base_url=address) as room:
        path = "/changes"
        while path:
            page = room.get(path).text
            part = page.partition('id="removals"')[2]
            found += re.findall(r'href="/a/([^"#]+)"', part)
            more = re.search(r'href="(/changes\?[^"]*removed_before=[^"#]*)#removals"', part)
            path = html.unescape(more[1]) if more else None
    assert sorted(found) == gone


def test_two_searches_are_counted_month_by_month(room):
    rows = table(room, "/compare.csv?q=chi+bo&with=%22h%C3%B2a+gi%E1%BA%A3i%22")
    assert list(rows[0]) == ["step", "articles", "chi bo", '"hòa giải"']
    assert sum(int(row["articles"]) for row in rows) == 62
    assert sum(int(row["chi bo"]) for row in rows) == 61
    assert [(row["step"], row['"hòa giải"']) for row in rows if row['"hòa giải"'] != "0"] == [("2020-Q3", "1")]
    rows = table(room, "/compare.csv?q=chi+bo&since=2020-07&until=2020-07")
    assert [(row["step"], row["articles"]) for row in rows] == [("2020-07", "2")]
    assert room.get("/compare?q=chi+bo&per=count").text.count("<path class=") == 1


@pytest.mark.parametrize("within", [(None, None), ("2020-02", "2020-08"), ("2020-07", "2020-07"), ("2031-01", None)])
def test_a_month_of_two_searches_has_what_the_index_finds_in_it(data, within):
    queries = ['"chi bộ"', "chi bo", "hoa giai OR dang", "khongcotu", "title:bai -chi"]
    with closing(sqlite3.connect(data / "public.db")) as db:
        compared = compare_searches(db, Engine(db), queries, since=within[0], until=within[1])
        counted = (
            "select m.month, (select count(*) from articles_fts where articles_fts match ? and rowid in"
            " (select id from articles a where a.month = m.month)) from months m where m.month between ? and ?"
        )
        asked = (within[0] or "", within[1] or "9999")
        known = [dict(db.execute(counted, (fts_query(query), *asked))) for query in queries]
        articles = dict(db.execute("select month, articles from months where month between ? and ?", asked))
    assert compared.found == tuple(compared.period.sums(one) for one in known)
    assert compared.articles == compared.period.sums(articles)
    assert len(articles) > 0 or within[0] == "2031-01"


def test_a_search_within_a_site_is_compared_as_it_is_found(data):
    with closing(sqlite3.connect(data / "public.db")) as db:
        (site, most), *_ = db.execute("select site, count(*) from articles group by 1 order by 2").fetchall()
        (some,) = db.execute(
            "select count(*) from articles where site = ? and id in"
            " (select rowid from articles_fts where articles_fts match 'chi')",
            (site,),
        ).fetchone()
        queries = [f"site:{site}", f"site:{site} chi", "site:khong-co chi"]
        compared = compare_searches(db, Engine(db), queries)
    assert [sum(one) for one in compared.found] == [most, some, 0]
    assert 0 < most < sum(compared.articles)
    assert some > 0


def test_a_comparison_that_takes_too_long_is_stopped(data, monkeypatch):
    with closing(sqlite3.connect(data / "public.db")) as db:
        engine = Engine(db)
        compare_searches(db, engine, ["hoa giai"])  # the first use of the index reads its layout
        monkeypatch.setattr(figures, "SEARCH_MS", -1)
        with pytest.raises(TooLong):
            compare_searches(db, engine, ["chi bo"])


def test_a_file_of_a_comparison_that_took_too_long_is_no_file(data, monkeypatch):
    async def ask():
        client = build(data).client
        await client.get("/search?q=hoa+giai")  # the first use of the index reads its layout
        monkeypatch.setattr(figures, "SEARCH_MS", -1)
        english = {"accept-language": "en"}
        return [await client.get(f"/compare{kind}?q=chi+bo", headers=english) for kind in ("", ".csv")]

    page, file = asyncio.run(ask())
    assert page.status_code == 200
    assert "took too long" in page.text
    assert file.status_code == 400
    assert "took too long" in file.text
    assert "text/csv" not in file.headers["content-type"]


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/overview?by=editor", "by=editor is not known: choose one of site, kind, province"),
        ("/overview?unit=day", "unit=day is not known: choose one of month, quarter, year"),
        ("/overview?since=zzz", "'zzz' is no month for since: write 2020-07"),
        ("/compare?q=chi+bo&until=2020-13", "'2020-13' is no month for until: write 2020-07"),
        ("/compare?q=chi+bo&per=head", "per=head is not known: choose one of share, count"),
        ("/overview?since=2026-12&until=2020-01", "since (2026-12) is after until (2020-01): exchange them"),
        ("/compare?q=chi+bo&since=2020-07&until=2020-06", "since (2020-07) is after until (2020-06): exchange them"),
        ("/map?scheme=12", "scheme=12 is not known: choose one of 34, 63"),
        ("/map?year=1812", "year=1812 is not known: choose one of 20"),
    ],
)
def test_a_choice_that_is_not_known_is_told_and_gives_no_file_of_something_else(room, path, told):
    for address in (path, path.replace("?", ".csv?", 1)):
        answer = room.get(address, headers={"accept-language": "en"})
        assert answer.status_code == 400
        assert told in answer.text.replace("&#39;", "'")


@pytest.mark.parametrize("path", ["/overview?by=&unit=&since=&until=", "/map?scheme=&year=", "/compare?q=chi+bo&per="])
def test_an_empty_field_of_a_form_chooses_nothing(room, path):
    assert room.get(path).status_code == 200


@pytest.mark.parametrize("path", ["/", *PAGES])
def test_every_chart_has_its_table_and_its_csv(room, path):
    text = room.get(path).text
    if path != "/compare":
        assert re.search(r'href="/[a-z]+\.csv[^"]*"', text), path
    if '<svg class="chart' in text or '<svg class="tiles' in text:
        assert "<table" in text


@pytest.mark.parametrize(
    "path",
    [
        "/overview?by=x&unit=y&since='&until=9999-99&site=%00",
        "/map?scheme=x&year=%27",
        "/changes?before=%27&removed_before=%00",
        "/compare?q=%22&with=%28&per=x",
        "/compare?q=" + "a*+" * 400,
        "/overview?" + "site=x&" * 40,
    ],
)
def test_senseless_choices_are_no_fault_of_the_server(room, path):
    assert room.get(path).status_code in (200, 400)


def test_cells_of_a_csv_are_no_formulas(room):
    (head, *_) = room.get("/compare.csv", params={"q": "=1+1"}).text.lstrip("\ufeff").splitlines()
    assert head == "step,articles,'=1+1"


def test_an_empty_archive_has_overviews_too(tmp_path):
    with started(published(tmp_path, empty=True)) as (address, _):
        for path in ("/", *PAGES):
            assert httpx.get(f"{address}{path}").status_code == 200, path


@pytest.mark.parametrize("path", PAGES)
def test_pages_are_in_both_languages_without_bare_codes(room, path):
    titles = set()
    for language in ("vi", "en"):
        text = room.get(path, headers={"accept-language": language}).text
        assert f'<html lang="{language}">' in text
        titles.add(re.search(r"<h1>(.*?)</h1>", text)[1])
        shown = re.sub(r"<[^>]*>", " ", text)
        assert re.findall(r"\b[a-z]+_[a-z_]+\b", shown) == []
    assert len(titles) == 2
