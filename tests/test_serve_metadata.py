"""metadata.yml against a really published database."""

import asyncio
import re
import sqlite3

import pytest
from serving import published

from khotin.serve import build
from khotin.serve.metadata import SEPARATOR, in_language, load_metadata
from khotin.serve.words.columns import COLUMNS

HIDDEN = ("articles_fts_", "sqlite_")


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return published(tmp_path_factory.mktemp("metadata"), count=4)


@pytest.fixture(scope="module")
def schema(data):
    db = sqlite3.connect(data / "public.db")
    tables = [row[0] for row in db.execute("select name from sqlite_master where type in ('table', 'view')")]
    found = {
        table: [row[1] for row in db.execute(f"pragma table_info({table})")]
        for table in tables
        if not table.startswith(HIDDEN)
    }
    db.close()
    return found


@pytest.fixture(scope="module")
def told():
    return load_metadata()["databases"]["public"]["tables"]


def test_every_table_and_column_is_described_and_nothing_that_is_not_there(schema, told):
    assert {table: list(facts["columns"]) for table, facts in told.items()} == {
        table: schema.get(table) for table in told
    }
    assert set(told) == set(schema)


def test_every_text_is_in_vietnamese_and_english(told):
    metadata = load_metadata()
    texts = [metadata[name] for name in ("title", "description", "source", "license")]
    texts += [metadata["databases"]["public"][name] for name in ("title", "description")]
    for facts in told.values():
        texts += [facts[name] for name in ("title", "description", "source", "license")]
        texts += facts["columns"].values()
    for text in texts:
        vietnamese, english = in_language(text, "vi"), in_language(text, "en")
        assert text == f"{vietnamese}{SEPARATOR}{english}"
        assert vietnamese.strip() == vietnamese
        assert english.strip() == english
        assert english
        assert english.replace("…", "").isascii()  # else the two halves are in the wrong order


def test_every_column_has_a_name_for_a_person_and_no_other_has(told):
    names = {column for facts in told.values() for column in facts["columns"]}
    assert set(COLUMNS) == names


@pytest.mark.parametrize(
    ("language", "shown"),
    [
        ("vi", ("Mỗi dòng là một bài viết", ">Tiêu đề</span>", '<strong title="kind">Loại', ">báo của Đảng</a>",
                "Thời điểm đăng, ISO 8601 +07:00; trống nếu không rõ</dd>")),
        ("en", ("One row an article", ">Title</span>", '<strong title="kind">Kind', ">Party newspaper</a>",
                "When published, ISO 8601 +07:00; empty if unknown</dd>")),
    ],
)  # fmt: skip
def test_pages_of_tables_are_in_the_readers_language(data, language, shown):
    async def ask():
        client = build(data).client
        return [
            (await client.get(path, headers={"accept-language": language})).text
            for path in ("/public/articles", "/public", "/public/articles/1")
        ]

    table, database, row = asyncio.run(ask())
    assert [text for text in shown if text not in table] == []
    other = {"vi": "One row an article", "en": "Mỗi dòng là một bài viết"}[language]
    assert other not in table
    assert SEPARATOR not in re.sub(r"<(script|style|pre)[^>]*>.*?</\1>", "", table + database, flags=re.DOTALL)
    assert {"vi": "Cơ sở dữ liệu đã công bố</h1>", "en": "The published database</h1>"}[language] in database
    assert {"vi": ">Tiêu đề</span>", "en": ">Title</span>"}[language] in row


def test_columns_of_times_and_sizes_name_their_zone_or_unit(told):
    for table, facts in told.items():
        for column, text in facts["columns"].items():
            if column.endswith(("_at", "_seen", "_since")):
                assert "+07:00" in text, (table, column)
            if column.endswith(("_offset", "_length")):
                assert "bytes" in text, (table, column)
            if column.endswith("_date") or column in ("date_estimate", "valid_from", "valid_to"):
                assert "YYYY-MM-DD" in text, (table, column)


def test_facets_labels_and_sort_orders_are_columns(told):
    for table, facts in told.items():
        named = [*facts.get("facets", [])]
        named += [facts[key] for key in ("label_column", "sort_desc", "fts_pk") if key in facts]
        assert set(named) <= set(facts["columns"]), table
    assert told["articles"]["facets"] == ["province", "site", "year", "section", "kind"]


def test_every_table_names_its_source_and_where_to_look_it_up(schema, told):
    assert {facts.get("source_url", "").removeprefix("/public/") for facts in told.values()} <= set(schema)
    assert all(facts.get("source") for facts in told.values())


def test_pages_of_tables_show_their_source_and_hide_the_tables_of_the_search_index(data, schema):
    async def ask():
        datasette = build(data)
        tables = (await datasette.client.get("/public.json")).json()["tables"]
        page = (await datasette.client.get("/public/captures")).text
        return {table["name"] for table in tables if not table["hidden"]}, page

    shown, page = asyncio.run(ask())
    assert shown == set(schema) - {"articles_fts", "search_bitmaps", "search_columns"}
    assert "Máy chủ của các trang trong bảng sites: cột url" in page
