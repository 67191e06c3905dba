"""Bitmaps of the frequent words give the same articles, in the same order, as the index alone would."""

import random
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from khotin.serve.searching import engine, matching, ranking, results
from khotin.serve.searching.engine import Engine
from khotin.serve.searching.kept import Kept
from khotin.serve.searching.matching import Matcher
from khotin.serve.searching.selection import Selection
from pipelines.search import WEIGHTS, bitmaps, build_bitmaps, build_columns, build_index, create_index, fts_query
from pipelines.search.bitmaps import ANYWHERE, TITLE, frequent_words, read_bits
from pipelines.search.query import parts

COUNT = 1_003  # no whole number of bytes
EVERYWHERE = ["Đảng", "bộ", "chi", "ủy", "xã"]
MANY = ["hội", "nghị", "đồng", "đang", "bàn", "bạn", "viên", "kỹ", "UBND"]
QUOTE = '"'
SOME = {"thường": 0.62, "vụ": 0.4}
FEW = ["sông", "Đắk", "Lắk", "tờ", "khe", "hoà", "giải", "kiểm"]


def archive(articles: Sequence[tuple[str, str]]) -> sqlite3.Connection:
    """A database as publishing makes it, with these titles and bodies; the last is the newest."""
    db = sqlite3.connect(":memory:", check_same_thread=False)
    db.execute("CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT)")
    db.execute(
        "CREATE TABLE articles (id INTEGER PRIMARY KEY, key, title, byline, agency, site, kind, province, province_63,"
        " section, date_estimate, revisions, gone_since)"
    )
    db.execute("CREATE TABLE article_text (article_id INTEGER PRIMARY KEY, lead, body)")
    for number, (title, body) in enumerate(articles, 1):
        db.execute(
            "INSERT INTO articles (id, key, title, site, kind, date_estimate, revisions)"
            " VALUES (?, ?, ?, 'a', 'b', '2020-07-01', 0)",
            (number, f"key-{number}", title),
        )
        db.execute("INSERT INTO article_text VALUES (?, '', ?)", (number, body))
    create_index(db)
    build_columns(db)
    build_index(db)
    build_bitmaps(db)
    return db


@pytest.fixture(scope="module")
def db() -> Iterator[sqlite3.Connection]:
    """Articles whose words are as unevenly frequent as words are."""
    chance = random.Random(7)  # noqa: S311 - the same articles in every run
    articles = []
    for _ in range(COUNT):
        drawn = chance.choices(EVERYWHERE, k=18) + chance.choices(MANY, k=5) + chance.choices(FEW, k=1)
        drawn += [word for word, share in SOME.items() if chance.random() < share]
        chance.shuffle(drawn)
        articles.append((" ".join(drawn[:3]), " ".join(drawn[3:])))
    with closing(archive(articles)) as made:
        yield made


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


WORDS = st.sampled_from([*EVERYWHERE, *MANY, *FEW, "dang", "ban", "chi bo", "uy", "ho*", "hội*", "đả*", "khongco"])
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
@example("hội*", 1, COUNT)
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
    assert len(every) > 30
    asked = []
    read = matching.matching
    monkeypatch.setattr(matching, "matching", lambda *args: asked.append(args) or read(*args))
    found = Matcher(db, COUNT, Kept()).titled(db, parts('"đảng bộ"'), 10).tolist()
    assert 10 <= len(found) < len(every)
    assert found == every[-len(found) :]
    assert len(asked) < COUNT // 50


def bm25(db: sqlite3.Connection, query: str) -> dict[int, int]:
    found = db.execute(
        "SELECT rowid, CAST(rank * -1e12 AS INTEGER) FROM articles_fts WHERE articles_fts MATCH ? AND rank MATCH ?",
        (fts_query(query), f"bm25({', '.join(map(str, WEIGHTS))})"),
    )
    return dict(found.fetchall())


def in_order_of(scores: dict[int, int], ids: list[int], best: int) -> bool:
    """By score, and of scores that are less than a fortieth of the best apart the newer articles first."""
    return ids == sorted(ids, key=lambda number: ((scores[number] * 40 + best - 1) // best, number), reverse=True)


@pytest.mark.parametrize("query", ["sông", "sông OR tờ", '"chi bộ"', "đảng", "vụ -(đảng bộ)", "title:hội OR lắk"])
def test_the_best_by_bm25_come_first(db: sqlite3.Connection, query: str) -> None:
    found = Engine(db).find(db, Selection(query=query))
    scores = bm25(db, query)
    assert found.ranked
    assert sorted(found.ids.tolist()) == sorted(scores)
    assert in_order_of(scores, found.ids.tolist(), max(scores.values()))


@pytest.mark.parametrize(
    "query", ["đảng sông", "xã bộ lắk -khe", "thường sông", "thường vụ", "chi bộ", "hoi nghi", "hội nghị -đảng"]
)
def test_articles_with_the_words_in_a_row_come_first(db: sqlite3.Connection, query: str) -> None:
    """A Vietnamese word is most often two syllables. Words of more than half of the articles weigh nothing in bm25."""
    found = Engine(db).find(db, Selection(query=query)).ids.tolist()
    scores = bm25(db, query)
    wanted = query.partition(" -")[0]
    row, in_titles = set(by_index(db, fts_query(f'"{wanted}"'))), set(by_index(db, f"title : ({fts_query(query)})"))
    row_in_titles = set(by_index(db, f"title : ({fts_query(f'{QUOTE}{wanted}{QUOTE}')})"))
    tiers = [
        [number for number in found if number in row_in_titles],
        [number for number in found if number in row | in_titles and number not in row_in_titles],
        [number for number in found if number not in row | in_titles],
    ]
    assert found == tiers[0] + tiers[1] + tiers[2]
    assert sorted(found) == sorted(scores)
    assert tiers[0] or tiers[1]
    assert tiers[2]
    for tier in tiers:  # within each by score; what is left out moves none by more than a step
        best = max(scores.values())
        assert all(
            max(scores[number] for number in tier[place:]) - scores[one] <= best / 40 * 1.01
            for place, one in enumerate(tier)
        )


def test_a_pasted_paragraph_is_scored_by_its_rarest_words(
    db: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ranking, "TELLING", 2)
    asked = []
    db.set_trace_callback(lambda sql: asked.append(sql) if "bm25" in sql else None)
    query = "hội nghị xã bộ đảng lắk"
    found = Engine(db).find(db, Selection(query=query)).ids.tolist()
    db.set_trace_callback(None)
    assert sorted(found) == by_index(db, fts_query(query)) != []
    assert len(asked) == 1
    assert '"lắk"' in asked[0]
    assert sum(f'"{word}"' in asked[0] for word in query.split()) == 2


def test_of_very_many_articles_those_with_the_words_in_their_titles_come_first(
    db: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ranking, "RANKED_WHOLE", 100)
    rows = {"đảng bộ": '"đảng bộ"', "bo dang -ban": '"bo dang"'}
    for query in ("hội sông OR đảng", '"đảng bộ"', "hội -bạn", "đảng bộ", "bo dang -ban"):
        every, titled = by_index(db, fts_query(query)), by_index(db, f"title : ({fts_query(query)})")
        newest = sorted(set(titled) & set(every), reverse=True)[: ranking.RANKED_TITLES]
        assert len(every) > 100
        assert 0 < len(newest) < len(every)
        row = set(by_index(db, f"title : ({fts_query(rows[query])})")) if query in rows else set()
        first = [number for number in newest if number in row] + [number for number in newest if number not in row]
        found = Engine(db).find(db, Selection(query=query))
        assert query not in rows or first != newest
        assert not found.ranked
        assert found.ids.tolist() == [*first, *(number for number in reversed(every) if number not in set(first))]
    monkeypatch.setattr(ranking, "RANKED_TITLES", 7)
    found = Engine(db).find(db, Selection(query="đảng OR sông"))
    titled = by_index(db, 'title : ("đảng" OR "sông")')
    assert found.ids.tolist()[:7] == titled[:-8:-1]
    assert found.ids.tolist()[7:] == sorted(
        set(by_index(db, fts_query("đảng OR sông"))) - set(titled[-7:]), reverse=True
    )


def test_similar_articles_come_closest_first() -> None:
    chance = random.Random(3)  # noqa: S311 - the same articles in every run

    def others(words: int) -> str:
        return " ".join(f"x{chance.randrange(10**6)}" for _ in range(words))

    theme = "cải cách thủ tục qua dịch vụ công trực tuyến"
    model = ("Đổi mới bộ phận một cửa", f"{theme} {others(30)} hội nghị tổng kết {others(10)}")
    about_it = ("Một cửa liên thông", f"{others(10)} {theme} {others(20)}")
    long = (others(6), f"{others(900)} {theme} {others(900)}")
    touches_it = (others(6), f"{others(30)} dịch vụ công {others(30)}")
    everyday = [(others(6), f"hội nghị tổng kết {others(30)}") for _ in range(30)]
    articles = [about_it, long, touches_it, *everyday, model, *((others(6), others(40)) for _ in range(20))]
    with closing(archive(articles)) as db:
        found = results.find(db, {}, Selection(like="key-34"))[0].ids.tolist()
        assert found[:3] == [1, 2, 3]  # though they are the oldest
        assert 34 not in found
        in_time = results.find(db, {}, Selection(like="key-34", sort="old"))[0].ids.tolist()
        assert in_time == sorted(found)


def test_of_many_similar_articles_the_closest_are_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "SIMILAR", 3)
    monkeypatch.setattr(engine, "CANDIDATES", 4)
    words = ["nhà", "văn", "hóa", "thôn", "đường", "hoa", "sáng", "xanh", "sạch", "đẹp"]
    articles = [(f"Tin {number}", " ".join(words[: 2 + number % 9])) for number in range(40)]
    with closing(archive([*articles, ("Tin cuối", " ".join(words))])) as db:
        found = results.find(db, {}, Selection(like="key-41"))[0].ids.tolist()
    assert [len(articles[number - 1][1].split()) for number in found] == [10, 10, 10]


def test_results_are_kept_up_to_a_number_of_bytes_the_last_used_longest() -> None:
    kept = Kept(10_000)
    made: list[int] = []

    def get(key: int) -> int:
        return int(kept.get(key, lambda: made.append(key) or key, lambda _: 2_500))  # 3,000 with its own weight

    for key in (1, 2, 3, 1, 4, 1, 2):
        assert get(key) == key
    assert made == [1, 2, 3, 4, 2]  # 4 put 2 out, since 1 had been asked again
    assert kept.get("large", lambda: "too large to keep", lambda _: 20_000) == "too large to keep"
    assert get(1) == 1
    assert made == [1, 2, 3, 4, 2]


@pytest.mark.parametrize("stride", [7, 100])
def test_stretches_of_the_index_meet_without_a_gap_or_a_repeat(
    db: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch, stride: int
) -> None:
    monkeypatch.setattr(bitmaps, "STRIDE", stride)
    monkeypatch.setattr(matching, "_STRIDE", stride)
    matcher = Matcher(db, COUNT, Kept())
    assert matcher.find(db, parts('"đảng" "đảng bộ" OR xã*'), 3, COUNT - 1).tolist() == [
        number for number in by_index(db, fts_query('"đảng" "đảng bộ" OR xã*')) if 3 <= number < COUNT
    ]
    for query in ("xã* -sông -lắk", '"đảng bộ" OR "chi bộ" OR "bộ chi"'):
        assert matcher.titled(db, parts(query), COUNT).tolist() == by_index(db, f"title : ({fts_query(query)})")
