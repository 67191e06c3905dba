"""Bitmaps of the frequent words give the same articles, in the same order, as the index alone would."""

import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from khotin.serve.searching import engine, matching
from khotin.serve.searching.engine import Engine
from khotin.serve.searching.kept import Kept
from khotin.serve.searching.matching import Matcher
from khotin.serve.searching.selection import Selection
from pipelines.search import WEIGHTS, build_bitmaps, build_columns, build_index, create_index, fts_query
from pipelines.search.bitmaps import ANYWHERE, TITLE, frequent_words, read_bits
from pipelines.search.query import parts

COUNT = 1_003  # no whole number of bytes
EVERYWHERE = ["Đảng", "bộ", "chi", "ủy", "xã"]
MANY = ["hội", "nghị", "đồng", "đang", "bàn", "bạn", "viên", "kỹ", "UBND"]
FEW = ["sông", "Đắk", "Lắk", "tờ", "khe", "hoà", "giải", "kiểm"]


@pytest.fixture(scope="module")
def db() -> Iterator[sqlite3.Connection]:
    """Articles whose words are as unevenly frequent as words are."""
    chance = random.Random(7)  # noqa: S311 - the same articles in every run
    with closing(sqlite3.connect(":memory:", check_same_thread=False)) as db:
        db.execute("CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT)")
        db.execute(
            "CREATE TABLE articles (id INTEGER PRIMARY KEY, title, byline, agency, site, kind, province, province_63,"
            " section, date_estimate, revisions, gone_since)"
        )
        db.execute("CREATE TABLE article_text (article_id INTEGER, lead, body)")
        for number in range(1, COUNT + 1):
            drawn = chance.choices(EVERYWHERE, k=18) + chance.choices(MANY, k=5) + chance.choices(FEW, k=1)
            chance.shuffle(drawn)
            title, body = " ".join(drawn[:3]), " ".join(drawn[3:])
            db.execute(
                "INSERT INTO articles (id, title, site, kind, date_estimate, revisions)"
                " VALUES (?, ?, 'a', 'b', '2020-07-01', 0)",
                (number, title),
            )
            db.execute("INSERT INTO article_text VALUES (?, '', ?)", (number, body))
        create_index(db)
        build_columns(db)
        build_index(db)
        build_bitmaps(db)
        yield db


def by_index(db: sqlite3.Connection, expression: str) -> list[int]:
    found = db.execute("SELECT rowid FROM articles_fts WHERE articles_fts MATCH ? ORDER BY rowid", (expression,))
    return [row[0] for row in found]


def test_each_frequent_word_has_the_articles_the_index_has_for_it(db: sqlite3.Connection) -> None:
    words = frequent_words(db)
    vocabulary = {word.lower() for word in (*EVERYWHERE, *MANY, *FEW)} | {"hòa"}
    for place, expression, least in ((ANYWHERE, '"{}"', 0.3), (TITLE, 'title : "{}"', 0.02)):
        for word in vocabulary | {f"_{one}" for one in ("dang", "ban", "hoa", "dak")}:
            found = by_index(db, expression.format(word))
            if len(found) >= COUNT * least:
                assert words[place, word] == len(found)
                bits = np.unpackbits(read_bits(db, place, word), bitorder="little")
                assert (np.flatnonzero(bits) + 1).tolist() == found
            else:
                assert (place, word) not in words
    assert {"đảng", "_dang", "hội", "_ban"} <= {word for place, word in words if place == ANYWHERE}
    assert "lắk" not in {word for place, word in words if place == ANYWHERE}
    with pytest.raises(KeyError):
        read_bits(db, ANYWHERE, "lắk")


WORDS = st.sampled_from([*EVERYWHERE, *MANY, *FEW, "dang", "ban", "chi bo", "uy", "ho*", "đả*", "khongco"])
PHRASES = st.lists(WORDS, min_size=2, max_size=3).map(lambda words: '"' + " ".join(words) + '"')
QUERIES = st.recursive(
    st.one_of(WORDS, WORDS, PHRASES),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(" ".join),
        st.tuples(inner, inner).map(" OR ".join),
        st.tuples(inner, inner).map(lambda pair: f"({pair[0]}) -({pair[1]})"),
        inner.map(lambda one: f"title:({one})"),
        inner.map(lambda one: f"{{title body}}:({one})"),
    ),
    max_leaves=6,
)


@settings(max_examples=400, deadline=None)
@given(query=QUERIES, first=st.integers(1, COUNT), last=st.integers(1, COUNT))
@example("đảng bộ", 1, COUNT)
@example("-sông đảng", 1, COUNT)
@example("đảng -sông -hội", 9, 500)
@example("sông -đảng", 1, COUNT)
@example("(đảng OR sông) hội", 1, COUNT)
@example("(đảng OR UBND) -(hội nghị)", 1, COUNT)
@example("title:đảng", 1, COUNT)
@example("title:(đảng -bộ) title:lắk", 1, COUNT)
@example("body:đảng", 1, COUNT)
@example("", 1, COUNT)
def test_a_query_finds_what_the_index_finds(db: sqlite3.Connection, query: str, first: int, last: int) -> None:
    matcher = Matcher(db, COUNT, Kept())
    expected = [number for number in by_index(db, fts_query(query)) if first <= number <= last]
    assert matcher.find(db, parts(query), first, last).tolist() == expected
    of_titles = set(by_index(db, f"title : ({fts_query(query)})"))
    assert set(matcher.titled(db, parts(query), COUNT).tolist()) == of_titles


@pytest.mark.parametrize(
    "query",
    ["đảng", "dang", "Đảng bộ xã", "chi bo -ban", "đảng (hội OR nghị)", "title:đảng", "title:(chi -bộ) ủy", "hội -bạn"],
)
def test_frequent_words_alone_need_no_look_into_the_index(
    db: sqlite3.Connection, query: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = by_index(db, fts_query(query))
    assert expected
    monkeypatch.setattr(matching, "matching", lambda *_: pytest.fail("the index was asked"))
    assert Matcher(db, COUNT, Kept()).find(db, parts(query), 1, COUNT).tolist() == expected


def test_with_a_rare_word_only_that_one_is_asked_of_the_index(
    db: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    read = matching.matching
    monkeypatch.setattr(matching, "matching", lambda *args: asked.append(args[1]) or read(*args))
    found = Matcher(db, COUNT, Kept()).find(db, parts("đảng hội lắk -bạn"), 1, COUNT).tolist()
    assert asked == ['("lắk")']
    assert found == by_index(db, fts_query("đảng hội lắk -bạn")) != []


def test_titles_are_read_from_the_newest_on_until_there_are_enough(
    db: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(matching, "_STRIDE", 50)
    every = by_index(db, 'title : "đảng bộ"')
    assert len(every) > 40
    asked = []
    read = matching.matching
    monkeypatch.setattr(matching, "matching", lambda *args: asked.append(args) or read(*args))
    found = Matcher(db, COUNT, Kept()).titled(db, parts('"đảng bộ"'), 10).tolist()
    assert 10 <= len(found) < len(every)
    assert found == every[-len(found) :]
    assert len(asked) < 10


@pytest.mark.parametrize(
    "query", ["đảng sông", "xã bộ lắk -khe", "sông OR tờ", '"chi bộ" đảng', "đảng", "chi -sông -bạn"]
)
def test_the_order_is_that_of_bm25_over_the_whole_query(
    db: sqlite3.Connection, query: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Words of more than half of the articles weigh nothing in it, and are left out when scores are counted."""
    found = Engine(db).find(db, Selection(query=query))
    assert found.ranked
    scores = dict(
        db.execute(
            "SELECT rowid, CAST(rank * -1e12 AS INTEGER) FROM articles_fts WHERE articles_fts MATCH ? AND rank MATCH ?",
            (fts_query(query), f"bm25({', '.join(map(str, WEIGHTS))})"),
        ).fetchall()
    )
    assert sorted(found.ids.tolist()) == sorted(scores)
    best = max(scores.values())
    in_order = [scores[number] for number in found.ids.tolist()]
    # Within a fortieth of the best score the newer comes first: no article is more than that behind a worse one.
    assert all(max(in_order[place:]) - score <= best / 40 * 1.001 for place, score in enumerate(in_order))
    assert found.ids.tolist() != sorted(scores, reverse=True) or len(set(in_order)) == 1


def test_of_very_many_articles_those_with_the_words_in_their_titles_come_first(
    db: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "RANKED_WHOLE", 100)
    for query in ("đảng bộ", "hội sông OR đảng", '"đảng bộ"', "hội -bạn"):
        every, titled = by_index(db, fts_query(query)), by_index(db, f"title : ({fts_query(query)})")
        first = sorted(set(titled) & set(every), reverse=True)
        assert len(every) > 100
        assert 0 < len(first) < len(every)
        found = Engine(db).find(db, Selection(query=query))
        assert not found.ranked
        assert found.ids.tolist() == [*first, *(number for number in reversed(every) if number not in set(first))]
    monkeypatch.setattr(engine, "RANKED_TITLES", 7)
    found = Engine(db).find(db, Selection(query="đảng bộ"))
    titled = by_index(db, 'title : ("đảng" AND "bộ")')
    assert found.ids.tolist()[:7] == titled[:-8:-1]
    assert found.ids.tolist()[7:] == sorted(set(by_index(db, fts_query("đảng bộ"))) - set(titled[-7:]), reverse=True)
