"""What a reader of the open web can't do: run stored text, eat the machine, reach what is withheld or not theirs."""

# ruff: noqa: S608  # the SQL of these tests is the attack

import re
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from serving import EVIL, NOW, published, started

from khotin.serve.doors import Doors, is_local, refuse
from khotin.serve.limits import _printf
from pipelines.publish import publish
from pipelines.store import Store

SECRET = "Mậtkhẩuriêng"  # noqa: S105  # a word in withheld texts
EVERY_KIND = (
    "/", "/a/KEY", "/a/KEY.json", "/a/khong-co", "/a/khong-co.json", "/public", "/public/articles",
    "/public/articles.json",
    "/public/articles.csv", "/public/articles.csv?_stream=on", "/public/article_text/1", "/public/articles?_sort=x",
    "/public.json?sql=select+1", "/public.json?sql=select", "/-/khotin/khotin.css", "/-/static/app.css", "/khong-co",
    "/-/language/en", "/robots.txt", "/-/threads", "/public.db", "/public/articles?_fts_table=x", "/-/khotin/../app.py",
)  # fmt: skip


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """Two sites withhold; every text of theirs, old and new, holds a secret word past what may be shown."""
    folder = published(tmp_path_factory.mktemp("safety"), count=8)
    with Store.open(folder / "archive.db") as store, store.transaction() as conn:
        held = "(select id from articles where site in ('trang-trich', 'trang-kin'))"
        conn.execute("update article_text set body = body || ? where article_id in " + held, (f"\n{SECRET} cuối bài.",))
        conn.execute(
            "update evidence set raw = ?, value = ?, field = 'body' where article_id in " + held, (SECRET,) * 2
        )
        conn.execute(
            "insert into images select id, 9, 'https://x.example/1.jpg', ?, '' from articles where site = 'trang-kin'",
            (SECRET,),
        )
        conn.execute(
            "insert into attachments select id, 9, 'https://x.example/1.pdf', ? from articles where site = 'trang-kin'",
            (SECRET,),
        )
        conn.execute(
            "insert into revisions select null, a.id, 1, a.first_seen, a.title, ?, t.body, 'h', '1', a.capture_id,"
            " a.capture_id from articles a join article_text t on t.article_id = a.id where a.site = 'trang-kin'",
            (SECRET,),
        )
        conn.execute("update articles set title = ? where site = 'bao-mau' and id = 2", (EVIL,))
        conn.execute("update articles set section = ?, byline = ? where id in (2, 4)", (EVIL, EVIL))
        conn.execute("update articles set canonical_url = 'javascript:document.title=1//' where id = 2")
        conn.execute("update sites set name = ? where id = 'bao-mau'", (f"Báo {EVIL}",))
    publish(folder / "archive.db", folder / "public.db", now=NOW)
    return folder


def asking(address):
    with httpx.Client(base_url=address, follow_redirects=True) as client:
        yield client


@pytest.fixture(scope="module")
def public(data):
    with (
        started(data, profile="public") as (address, _),
        httpx.Client(base_url=address, follow_redirects=True) as client,
    ):
        yield client


@pytest.fixture(scope="module")
def researcher(data):
    with (
        started(data, profile="researcher") as (address, process),
        httpx.Client(base_url=address, follow_redirects=True) as client,
    ):
        client.pid = process.pid
        yield client


@pytest.fixture(scope="module")
def keys(researcher):
    return [row["key"] for row in researcher.get("/public/articles.json?_shape=array&_size=max").json()]


@pytest.mark.parametrize("path", EVERY_KIND)
@pytest.mark.parametrize("profile", ["public", "researcher"])
def test_every_kind_of_answer_has_the_safety_headers(request, keys, profile, path):
    response = request.getfixturevalue(profile).get(path.replace("KEY", keys[0]))
    headers = response.headers
    assert response.status_code < 500
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] in ("same-origin", "no-referrer")
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe-inline" not in policy.partition("script-src")[2].partition(";")[0]


@pytest.mark.parametrize(
    "path",
    [
        "/", "/a/KEY", "/public/articles", "/public/articles?_facet=section&_facet=byline&_facet=site_name",
        "/public/articles?_search=" + EVIL, "/public/articles/2", "/public/tags", "/public/images", "/public/sites",
        "/public/articles?section=" + EVIL, "/public/articles?_sort=" + EVIL, "/khong/" + EVIL, "/a/" + EVIL,
    ],
)  # fmt: skip
def test_stored_and_sent_text_is_never_markup(researcher, keys, path):
    for key in keys if "KEY" in path else keys[:1]:
        page = researcher.get(path.replace("KEY", key), headers={"accept": "text/html"}).text
        assert "<script>document" not in page
        assert "<img src=x" not in page
        assert not re.search(r"""(?:href|src|action)\s*=\s*["']?\s*javascript:""", page, re.IGNORECASE)


LARGE = "with recursive x(v) as (select '{}' union all select v || v from x limit 18) "
BOMBS = [
    LARGE.format("0123456789") + "select replace(a.v, b.v || '1', a.v || b.v) || a.v || b.v || a.v from x a, x b",
    "select printf('%.450000000c', 'x')",
    "select format('%450000000d', 1)",
    "select printf('%*d', 450000000, 1)",
    "select zeroblob(450000000)",
    "select hex(randomblob(3000000)) from articles a, articles b",
    "select load_extension('/tmp/x.so')",
    "select fts3_tokenizer('simple')",
    "select json_patch('{}', '{}')",
    "select * from pragma_database_list",
    "select * from dbstat",
    "with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) from n",
    "with recursive x(v) as (select '0123456789' union all select v || v from x) select v from x",
    LARGE.format("0123456789") + "select a.v, b.v from x a, x b, x c, x d order by length(a.v) desc",
    LARGE.format("a OR ") + "select count(*) from articles_fts where articles_fts match (select max(v) from x) || 'a'",
    LARGE.format("(((") + "select count(*) from articles_fts where articles_fts match (select max(v) from x)",
    LARGE.format("0123456789") + "select json_group_array(a.v) from x a, x b, x c, x d",
    "attach ':memory:' as x",
    "pragma query_only = 0",
    "delete from articles",
    "select 1; select 2",
]


@pytest.mark.parametrize("sql", BOMBS)
def test_no_query_eats_the_machine_and_the_server_answers_on(researcher, sql):
    response = researcher.get("/public.json", params={"sql": sql, "_shape": "arrays"}, timeout=60)
    assert response.status_code == 400, response.text[:300]
    assert researcher.get("/public/articles.json?_size=1").status_code == 200


def test_all_the_bombs_together_leave_the_server_small(researcher):
    status = Path(f"/proc/{researcher.pid}/status")
    if not status.exists():
        pytest.skip("no /proc here")
    peak = int(re.search(r"VmHWM:\s+(\d+)", status.read_text())[1])
    assert peak * 1024 < 1_000_000_000


def test_ordinary_sql_of_a_researcher_runs(researcher):
    sql = (
        "select printf('%05.1f', 2.5), "
        "replace('a-b', '-', '+'), instr('chi bộ', 'bộ'), trim('  x '), trim('xxax', 'x'),"
        " upper('x'), json_extract('[1,2]', '$[1]'), (select count(*) from articles_fts where articles_fts match"
        " escape_fts('chi bo')) > 0, strftime('%Y', '2020-07-01'), printf('%s', null), instr(null, 'x')"
    )
    rows = researcher.get("/public.json", params={"sql": sql, "_shape": "arrays"}).json()["rows"]
    assert [list(row) for row in rows] == [["002.5", "a+b", 5, "x", "a", "X", 2, 1, "2020", "", None]]


def test_printf_says_what_sqlite_says():
    with closing(sqlite3.connect(":memory:")) as db:
        every = ("%05d|%-6s|%.2f|%,d|%x|%%|%s", 7, "ab", 1.5, 1234567, 255, None)
        for values in (every, ("%d", "12"), ("%+d", 3), ("a",)):
            asked = "select printf(" + ",".join("?" * len(values)) + ")"
            assert _printf(*values) == db.execute(asked, values).fetchone()[0]


FORBIDDEN = ("/public/articles{}?_where=1", "/public{}?sql=select+1")


@pytest.mark.parametrize("path", FORBIDDEN)
@pytest.mark.parametrize(("ending", "accept"), [(".json", "*/*"), (".json", "text/html"), ("", "application/json")])
def test_a_program_that_asks_for_what_is_forbidden_gets_json(public, path, ending, accept):
    response = public.get(path.format(ending), headers={"accept": accept})
    assert (response.status_code, response.headers["content-type"].partition(";")[0]) == (403, "application/json")
    answer = response.json()
    assert (answer["ok"], answer["status"], bool(answer["error"])) == (False, 403, True)


@pytest.mark.parametrize("path", FORBIDDEN)
@pytest.mark.parametrize(("language", "heading"), [("vi", "Không được mở"), ("en", "Forbidden")])
def test_a_reader_who_asks_for_what_is_forbidden_gets_a_page(public, path, language, heading):
    asked = {"accept-language": language, "accept": "text/html,*/*"}
    response = httpx.get(public.base_url.join(path.format("")), headers=asked, follow_redirects=True)
    assert response.status_code == 403
    assert f"<h1>{heading}</h1>" in response.text
    assert 'role="search"' in response.text


@pytest.mark.parametrize("path", ["/public.json?sql=select+1", "/public?sql=select+1", "/public.csv?sql=select+1",
                                  "/public/articles.json?_where=1", "/public/-/query.json?sql=select+1"])  # fmt: skip
def test_the_public_profile_runs_no_sql_of_readers(public, path):
    response = public.get(path, follow_redirects=True)
    assert response.status_code in (400, 403, 404)


@pytest.mark.parametrize("query", ["_fts_table=articles_fts", "_fts_pk=id", "_searchmode=raw&_search=a*"])
@pytest.mark.parametrize("table", ["sites", "articles"])
def test_nobody_chooses_the_search_index(researcher, table, query):
    assert researcher.get(f"/public/{table}.json?{query}").status_code == 400


@pytest.mark.parametrize("part", ["", "_data", "_idx", "_docsize", "_config", "_content"])
@pytest.mark.parametrize("form", ["", ".json", ".csv", "/1", "/1.json"])
def test_the_tables_of_the_index_are_closed(researcher, part, form):
    response = researcher.get(f"/public/articles_fts{part}{form}", follow_redirects=True)
    assert response.status_code in (403, 404)


HIDDEN = "threads databases settings plugins versions.json permissions auth-token logout metadata config allow-debug"


@pytest.mark.parametrize("name", ["", "actor.json", *HIDDEN.split()])
def test_a_public_server_tells_nothing_of_the_machine(public, data, name):
    response = public.get(f"/-/{name}", follow_redirects=True)
    assert response.status_code == 404
    assert str(data) not in response.text


@pytest.mark.parametrize("path", ["/public.db", "/archive.db", "/_internal", "/_memory", "/warc/", "/../archive.db",
                                  "/-/khotin/..%2f..%2fapp.py", "/-/khotin/../app.py", "/dumps/../archive.db",
                                  "/dumps/..%2farchive.db"])  # fmt: skip
def test_no_file_but_the_static_ones_is_served(researcher, path):
    assert researcher.get(path).status_code in (302, 403, 404)


def test_withheld_text_is_in_no_byte_of_the_snapshot_and_no_answer(data, researcher, keys):
    raw = (data / "public.db").read_bytes()
    assert SECRET.encode() not in raw
    assert b"_matkhaurieng" not in raw
    archive = b"".join(path.read_bytes() for path in data.glob("archive.db*"))
    assert SECRET.encode() in archive
    tables = [table["name"] for table in researcher.get("/public.json").json()["tables"] if not table["hidden"]]
    assert "revisions" in tables
    paths = ["/", f"/public/articles.json?_search={SECRET.lower()}x"]
    paths += [f"/public/{table}.{form}?_size=max" for table in tables for form in ("json", "csv")]
    paths += [f"/a/{key}{form}" for key in keys for form in ("", ".json")]
    for path in paths:
        response = researcher.get(path)
        assert response.status_code == 200, path
        assert SECRET not in response.text, path


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE"])
def test_methods_that_change_are_refused(public, method):
    assert public.request(method, "/public/articles").status_code == 405


@pytest.mark.parametrize("path", ["/", "/public", "/public/articles", "/public/articles.json", "/-/language/en"])
def test_strangers_have_no_form_to_send(public, researcher, path):
    answer = public.post(path)
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")
    assert (researcher.post(path, follow_redirects=False).status_code == 405) is not path.startswith("/-/")


HUGE = "9" * 25
SENSELESS = (
    f"?id__gt={HUGE}", f"?id__in=[{HUGE}]", "?a%00b=1", "?site__in=[{}]", "?_through={",
    '?_through={"table":"x"}', "?_facet=nope", "?_facet=nope&_facet=site", "?_facet_array=title",
)  # fmt: skip


@pytest.mark.parametrize(
    ("form", "query"),
    [(form, query) for form in ("", ".json", ".csv") for query in SENSELESS if form != ".csv" or "facet" not in query],
)
@pytest.mark.parametrize("profile", ["public", "researcher"])
def test_senseless_filters_are_the_readers_fault(request, profile, form, query):
    answer = request.getfixturevalue(profile).get(f"/public/articles{form}{query}")
    assert answer.status_code == 400
    assert "internal error" not in answer.text


@pytest.mark.parametrize(
    ("language", "told"), [("vi", "Trong địa chỉ này có một số quá lớn."), ("en", "that is too large")]
)
def test_a_number_that_is_too_large_is_told_in_the_readers_language(public, language, told):
    # Without the cookie that the switch of languages leaves in the client.
    answer = httpx.get(f"{public.base_url}/public/articles?id__gt={HUGE}", headers={"accept-language": language})
    assert told in answer.text


def test_wrong_requests_leave_nothing_in_the_log_and_a_fault_does(data, tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    shutil.copy(data / "public.db", folder)
    with started(folder, profile="public") as (address, process):
        for query in SENSELESS * 2:
            assert httpx.get(f"{address}/public/articles.json{query}").status_code == 400
        for path in ("/public/-/query?sql=select+1", "/public/khong-co", "/a/khong-co", "/search?since=x"):
            assert httpx.get(address + path).status_code in (400, 403, 404)
        assert httpx.post(f"{address}/public/articles").status_code == 405
        process.terminate()
        told = process.communicate(timeout=20)[1]
        # At its very end Python 3.13 tells of coroutines of Datasette that the last wrong requests left unasked.
        left = r"Exception ignored in: <coroutine .*\nTraceback .*\n.*\nKeyError: '__import__'\n"
        assert re.sub(left, "", told) == ""
    with closing(sqlite3.connect(folder / "public.db")) as db:
        db.execute("drop table sites")
        db.commit()
    with started(folder, profile="public") as (address, process):
        assert httpx.get(f"{address}/sites").status_code == 500
        process.terminate()
        assert "no such table: sites" in process.communicate(timeout=20)[1]


def test_large_and_endless_bodies_are_refused(public):
    assert public.post("/", content=b"x" * 70_000).status_code == 413
    assert public.post("/", content=iter([b"x"] * 3)).status_code == 413


@pytest.mark.parametrize("query", ["&".join(["_facet=site"] * 9), "&".join(f"a{i}=1" for i in range(70))])
def test_a_request_may_not_ask_for_everything_at_once(public, query):
    assert public.get(f"/public/articles.json?{query}").status_code == 400


@pytest.mark.parametrize("headers", [{"host": "kho.example"}, {"x-forwarded-for": "203.0.113.5"}, {"via": "1.1 nginx"}])
def test_without_a_profile_only_this_machine_is_answered(data, headers):
    with started(data) as (address, _):
        assert httpx.get(address + "/").status_code == 200
        refused = httpx.get(address + "/", headers=headers)
        assert refused.status_code == 421
        assert "--profile public" in refused.text
        assert refused.headers["x-content-type-options"] == "nosniff"


def test_with_a_profile_any_name_is_answered(public, researcher):
    for client in (public, researcher):
        assert client.get("/", headers={"host": "kho.example", "x-forwarded-for": "203.0.113.5"}).status_code == 200


@pytest.mark.parametrize(
    ("host", "local"),
    [("localhost:8001", True), ("127.0.0.1", True), ("127.0.0.2:80", True), ("[::1]:8001", True), ("::1", True),
     ("kho.localhost", True), ("kho.example", False), ("127.0.0.1.kho.example", False), ("192.0.2.1", False),
     ("10.0.0.1:8001", False), ("", False), ("[::", False)],
)  # fmt: skip
def test_which_names_are_this_machine(host, local):
    assert is_local(host) is local


def test_a_request_without_a_host_is_of_http_1_0_and_local():
    assert refuse({"method": "GET", "path": "/", "headers": []}, Doors()) is None


def test_a_table_page_is_bounded_by_its_bytes_too(tmp_path):
    folder = published(tmp_path, count=8)
    with Store.open(folder / "archive.db") as store, store.transaction() as conn:
        conn.execute("update article_text set body = ?", ("x" * 3_500_000,))
    publish(folder / "archive.db", folder / "public.db", now=NOW)
    with started(folder, profile="public") as (address, _):
        response = httpx.get(f"{address}/public/article_text.json?_size=max&_shape=array", timeout=60)
        assert response.status_code == 400
        assert "16,000,000" in response.text
        assert httpx.get(f"{address}/public/article_text.json?_size=1&_shape=array", timeout=60).status_code == 200


@pytest.mark.parametrize("path", ["/search", "/search.json", "/a/x", "/changes", "/data", "/feeds/all.atom"])
@pytest.mark.parametrize("method", ["POST", "OPTIONS", "PUT", "DELETE"])
def test_our_pages_are_read_and_nothing_else(public, method, path):
    answer = public.request(method, path)
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")
