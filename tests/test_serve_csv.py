"""CSV from the pages of tables: what a spreadsheet and a program get, whole or not at all."""

import csv
import io
import sqlite3
from contextlib import closing

import httpx
import pytest
from serving import NOW, published, started

from pipelines.publish import publish
from pipelines.store import Store

FORMULA = '=HYPERLINK("https://x.example","bấm")'


@pytest.fixture(scope="module")
def room(tmp_path_factory):
    data = published(tmp_path_factory.mktemp("csv"), count=1300)
    with Store.open(data / "archive.db") as store, store.transaction() as conn:
        conn.execute("update articles set byline = ? where id = 5", (FORMULA,))
        conn.execute("update articles set byline = '- Thưa các đồng chí' where id = 6")
    publish(data / "archive.db", data / "public.db", now=NOW)
    with started(data) as (address, _), httpx.Client(base_url=address, timeout=60) as client:
        client.data = data
        yield client


def rows(response):
    assert response.status_code == 200
    assert response.content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize("query", ["", "?_size=max", "?_stream=on", "?_stream=1&_dl=on"])
def test_a_table_comes_whole(room, query):
    response = room.get(f"/public/articles.csv{query}")
    got = rows(response)
    with closing(sqlite3.connect(room.data / "public.db")) as db:
        cursor = db.execute("select * from articles order by id desc")
        names = [column[0] for column in cursor.description]
        kept = [["" if cell is None else str(cell) for cell in row] for row in cursor]
    assert got[0] == names
    plain = [[cell[1:] if cell.startswith(("'=", "'-")) else cell for cell in row] for row in got[1:]]
    assert plain == kept
    assert len(kept) == 1302
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    assert response.headers["content-disposition"] == 'attachment; filename="articles.csv"'


def test_a_formula_as_name_of_a_column_is_text_unless_a_program_asks_otherwise(room):
    asked = {"sql": 'select 1 as [=HYPERLINK("http://e")]'}
    assert rows(room.get("/public.csv", params=asked, follow_redirects=True))[0] == ['\'=HYPERLINK("http://e")']
    raw = room.get("/public.csv", params=asked | {"_guard": "off"}, follow_redirects=True)
    assert rows(raw)[0] == ['=HYPERLINK("http://e")']


def test_formulas_are_text_unless_a_program_asks_otherwise(room):
    got = [row[0] for row in rows(room.get("/public/articles.csv?_col=byline&_nl=on&_col=byline"))]
    whole = room.get("/public/articles.csv?_stream=on").content.decode("utf-8-sig")
    assert "'=HYPERLINK" in whole
    assert "'- Thưa" in whole
    raw = room.get("/public/articles.csv?_stream=on&_guard=off").content.decode("utf-8-sig")
    assert "'=HYPERLINK" not in raw
    assert "=HYPERLINK" in raw
    assert got


@pytest.mark.parametrize(
    ("query", "count"),
    [("?site=trang-kin", 2), ("?_size=7", 8), ("?_search=chi+bo&_size=max", 1302), ("?_size=3&_header=off", 3),
     ("?site=khong-co", 1)],
)  # fmt: skip
def test_filters_and_pages_are_those_of_the_table(room, query, count):
    assert abs(len(rows(room.get(f"/public/articles.csv{query}"))) - count) <= (1 if "_search" in query else 0)


def test_labels_stand_beside_their_keys(room):
    got = rows(room.get("/public/sections.csv?_labels=on"))
    assert got[0] == ["id", "site", "site_label", "title", "url"]
    assert got[1][1:3] == ["bao-mau", "Báo Mẫu"]


def test_a_query_comes_as_csv_and_one_with_too_many_rows_is_an_error(room):
    got = rows(room.get("/public.csv", params={"sql": "select 1 as a, '=x' as b"}, follow_redirects=True))
    assert got == [["a", "b"], ["1", "'=x"]]
    long = room.get("/public.csv", params={"sql": "select id from articles"}, follow_redirects=True)
    assert long.status_code == 400
    assert "limit" in long.text


@pytest.mark.parametrize(
    "path",
    ["/public/khong_co.csv", "/public/articles.csv?_sort=x", "/public/articles_fts.csv"],
)
def test_an_error_has_its_status(room, path):
    response = room.get(path, follow_redirects=True)
    assert response.status_code in (400, 403, 404)
    assert not response.headers["content-type"].startswith("text/csv")


def test_a_download_that_fails_in_the_middle_breaks_off(tmp_path):
    """A later page is over the limit of one result: the reader sees a broken transfer, not a short file."""
    data = published(tmp_path, count=1100)
    with Store.open(data / "archive.db") as store, store.transaction() as conn:
        conn.execute("update article_text set body = ? where article_id > 1085", ("x" * 3_000_000,))
        conn.execute("update articles set date_estimate = '2021-01-01' where id > 1085")
    publish(data / "archive.db", data / "public.db", now=NOW)
    with started(data) as (address, process):
        with pytest.raises(httpx.RemoteProtocolError):
            httpx.get(f"{address}/public/article_text.csv?_stream=on", timeout=60)
        assert httpx.get(f"{address}/public/sites.csv").status_code == 200
        process.terminate()
        _, errors = process.communicate(timeout=20)
        assert "in the middle of a download" in errors


def test_head_answers_without_a_body(room):
    response = room.head("/public/articles.csv")
    assert (response.status_code, response.content) == (200, b"")
