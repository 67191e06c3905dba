"""What a person types finds what they mean: with and without marks, in every spelling, whatever they type."""

import sqlite3
import unicodedata
from collections.abc import Iterator
from contextlib import closing

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.search import (
    SEARCH_VERSION,
    Piece,
    build_index,
    create_index,
    equivalents,
    fts_query,
    hits,
    index,
    index_text,
    index_version,
    snippet,
)
from pipelines.search.words import column_texts, words

TEXTS = [
    "Đảng ủy họp",
    "đang họp",
    "dáng người",
    "dang tay",
    "Uỷ ban hoà bình",
    "Ủy ban hòa bình",
    unicodedata.normalize("NFD", "Ủy ban hòa bình"),
    "Ủy ban hoa bình",
    "uỷ bản",
    "Quảng Trị",
    "quăng lưới",
    "Hồ Chí Minh",
    "ho chi minh city",
    "Thừa Thiên-Huế",
    "TP.HCM",
    "Nghị quyết 19-NQ/TW",
    "Đắk Lắk",
    "lúc 20:05 ngày 1/7/2020",
    "xây dựng Đảng",
    "xây nhà",
    "ĐẢNG BỘ",
    "UBND xã",
    "Uỷ ban nhân dân xã",
    "Nghị quyết 21-NQ/T.Ư",
    "Ban Chấp hành Trung ương",
    "kĩ thuật, kỹ năng",
    "quí I, quý II",
    "kiểm tra",
    "hoàn toàn",
]


def _index(*articles: tuple[str | None, ...]) -> sqlite3.Connection:
    db = sqlite3.connect(":memory:")
    db.execute("CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT)")
    create_index(db)
    for number, article in enumerate(articles, 1):
        db.execute(
            "INSERT INTO articles_fts (rowid, title, lead, body, author) VALUES (?, ?, ?, ?, ?)",
            (number, *index_text(*article)),  # type: ignore[arg-type]
        )
    return db


@pytest.fixture(scope="module")
def db() -> Iterator[sqlite3.Connection]:
    with closing(_index(*((text, None, None) for text in TEXTS))) as db:
        yield db


def _find(db: sqlite3.Connection, query: str) -> list[int]:
    return [
        row[0] for row in db.execute("SELECT rowid FROM articles_fts WHERE articles_fts MATCH ?", (fts_query(query),))
    ]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("đảng", ["Đảng ủy họp", "xây dựng Đảng", "ĐẢNG BỘ"]),
        ("ĐẢNG", ["Đảng ủy họp", "xây dựng Đảng", "ĐẢNG BỘ"]),
        ("\u00d0ảng", ["Đảng ủy họp", "xây dựng Đảng", "ĐẢNG BỘ"]),  # an Icelandic letter that looks like Đ
        ("đang", ["đang họp"]),
        ("dang", ["Đảng ủy họp", "đang họp", "dáng người", "dang tay", "xây dựng Đảng", "ĐẢNG BỘ"]),
        ("dang bo", ["ĐẢNG BỘ"]),
        ("dak lak", ["Đắk Lắk"]),
        ("DAK LAK", ["Đắk Lắk"]),
        ("uỷ", [*TEXTS[0:1], *TEXTS[4:9], "Uỷ ban nhân dân xã"]),
        ("ủy", [*TEXTS[0:1], *TEXTS[4:9], "Uỷ ban nhân dân xã"]),
        (unicodedata.normalize("NFD", "ủy"), [*TEXTS[0:1], *TEXTS[4:9], "Uỷ ban nhân dân xã"]),
        ("UBND", ["UBND xã", "Uỷ ban nhân dân xã"]),
        ("ubnd xã", ["UBND xã", "Uỷ ban nhân dân xã"]),
        ("ủy ban nhân dân", ["UBND xã", "Uỷ ban nhân dân xã"]),
        ('"uy ban nhan dan xa"', ["UBND xã", "Uỷ ban nhân dân xã"]),
        ("xã -UBND", []),
        ("nhân dân -UBND", []),
        ("tw", ["Nghị quyết 19-NQ/TW", "Nghị quyết 21-NQ/T.Ư", "Ban Chấp hành Trung ương"]),
        ("T.Ư", ["Nghị quyết 19-NQ/TW", "Nghị quyết 21-NQ/T.Ư", "Ban Chấp hành Trung ương"]),
        ("trung uong", ["Nghị quyết 19-NQ/TW", "Nghị quyết 21-NQ/T.Ư", "Ban Chấp hành Trung ương"]),
        ("21-NQ/TW", ["Nghị quyết 21-NQ/T.Ư"]),
        ("bch tw", ["Ban Chấp hành Trung ương"]),
        ("hồ chí minh OR ubnd", ["Hồ Chí Minh", "UBND xã", "Uỷ ban nhân dân xã"]),
        ("kỹ thuật", ["kĩ thuật, kỹ năng"]),
        ("kĩ năng", ["kĩ thuật, kỹ năng"]),
        ('"quý I" "quí II"', ["quí I, quý II"]),
        ("ki*", ["kĩ thuật, kỹ năng", "kiểm tra"]),
        ("hoà*", [*TEXTS[4:7], "hoàn toàn"]),
        ("hoà", TEXTS[4:7]),
        ("hòa", TEXTS[4:7]),
        ("hoa binh", TEXTS[4:8]),
        ("ủy ban", [*TEXTS[4:8], "Uỷ ban nhân dân xã"]),  # "ban" is literal, not "bản"
        ("uy ban", [*TEXTS[4:9], "Uỷ ban nhân dân xã"]),
        ('"ho chi minh"', ["Hồ Chí Minh", "ho chi minh city"]),
        ("hồ chí minh", ["Hồ Chí Minh"]),
        ('"minh chi ho"', []),
        ("“ho chi minh”", ["Hồ Chí Minh", "ho chi minh city"]),  # as word processors and phones write them
        ("„minh chi ho“ OR «xây nhà»", ["xây nhà"]),
        ("title:“chi minh”", ["Hồ Chí Minh", "ho chi minh city"]),
        ("minh chi ho", ["Hồ Chí Minh", "ho chi minh city"]),
        ("thừa thiên huế", ["Thừa Thiên-Huế"]),
        ("tp.hcm", ["TP.HCM"]),
        ("19-nq/tw", ["Nghị quyết 19-NQ/TW"]),
        ("20:05", ["lúc 20:05 ngày 1/7/2020"]),
        ("quang OR xay", ["Quảng Trị", "quăng lưới", "xây dựng Đảng", "xây nhà"]),
        ("xay dung OR nha", ["xây dựng Đảng", "xây nhà"]),
        ("xay (dung OR nha)", ["xây dựng Đảng", "xây nhà"]),
        ("xay AND nha", ["xây nhà"]),
        ("xay NOT nha", ["xây dựng Đảng"]),
        ("xay AND NOT nha", ["xây dựng Đảng"]),
        ("xay -nha", ["xây dựng Đảng"]),
        ('hop -"dang uy"', ["đang họp"]),
        ("hop -(dang uy)", ["đang họp"]),
        ("qua*", ["Quảng Trị", "quăng lưới"]),
        ("quả*", ["Quảng Trị"]),
        ('"xay du"*', ["xây dựng Đảng"]),
        ("NEAR(xay dang, 1)", ["xây dựng Đảng"]),
        ("NEAR(xay dang, 0)", []),
        ("title:xay", ["xây dựng Đảng", "xây nhà"]),
        ("body:xay", []),
        ("{title lead}: (xay OR quang)", ["Quảng Trị", "quăng lưới", "xây dựng Đảng", "xây nhà"]),
        ("xay agency:nha", []),  # no such column: the words "agency nha" in a row
        ("and or not", []),  # words in small letters
    ],
)
def test_query_finds_exactly(db: sqlite3.Connection, query: str, found: list[str]) -> None:
    assert [TEXTS[number - 1] for number in _find(db, query)] == found


def test_every_abbreviation_finds_its_name_and_the_name_its_abbreviation() -> None:
    for group in equivalents():
        with closing(_index(*((form, None, None) for form in group))) as db:
            for form in group:
                assert len(_find(db, form)) == len(group), form
                assert len(_find(db, f'"{form}"')) == len(group), form


def test_an_author_is_found_by_name() -> None:
    with closing(_index(("Bài", None, "của Thu Hà"), ("Bài", None, "khác", "Thu Hà TTXVN"))) as db:
        assert [_find(db, asked) for asked in ("author:thu", "tacgia:(thu ha)", "author:bai", "thu hà")] == [
            [2], [2], [], [1, 2],
        ]  # fmt: skip


def test_columns_are_told_apart() -> None:
    asked = [
        "title:chi",
        "lead:chi",
        "sapo:chi",
        "body:chi",
        "{title lead}:chi",
        "chi",
        "title:(chi bo) lead:sapo",
    ]
    with closing(_index(("chi bộ", "sapo", "nội dung"), ("nội dung", "chi bộ", "sapo"))) as db:
        found = [_find(db, query) for query in asked]
    assert found == [[1], [2], [2], [], [1, 2], [1, 2], [1]]


@pytest.mark.parametrize(
    "query",
    [
        '"',
        '""',
        "*",
        "**",
        ":",
        "(",
        ")",
        ")(",
        "()",
        "-",
        "--",
        "^",
        "+",
        "AND",
        "OR",
        "NOT",
        "NEAR",
        "NEAR(",
        "NEAR()",
        "OR OR",
        "AND NOT",
        "NOT đảng",
        "-đảng",
        "title:",
        "title:(",
        "{title}:",
        "{}:",
        "title:NOT",
        "",
        " ",
        "\x00",
        "'; DROP TABLE articles_fts",
        "\ud800",
        "_",
        "{",
        "}",
        "{title",
        "\\",
        "NEAR(a",
        "((((",
        "%00",
        "\u0301",
        "😀",
    ],
)
def test_hostile_input_is_never_an_error(db: sqlite3.Connection, query: str) -> None:
    assert isinstance(_find(db, query), list)
    assert isinstance(_find(db, f'đảng {query} "ủy'), list)


@pytest.mark.parametrize(
    "query",
    [
        "(" * 5000 + "a",
        "a " * 5000,
        "-" * 5000,
        '"a" ' * 5000,
        "title:" * 2000 + "a",
        "a OR " * 3000,
        "(a OR " * 900,
        "NOT " * 3000,
        "a" * 100_000,
    ],
)
def test_endless_input_is_cut_and_little_work(db: sqlite3.Connection, query: str) -> None:
    db.set_progress_handler(lambda: 1, 100_000)  # SQLite gives up after so many steps: an error here
    _find(db, query)
    db.set_progress_handler(None, 0)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                '"',
                "(",
                ")",
                "*",
                ":",
                "-",
                "AND",
                "OR",
                "NOT",
                "NEAR(",
                ", 3)",
                "title:",
                "{lead}:",
                " ",
                "đảng",
                "uy",
                "UBND",
                "trung ương",
                "\n",
                "^",
                "a",
            ]
        )
        | st.text(max_size=3),
        max_size=25,
    )
)
def test_any_input_gives_a_valid_expression(parts: list[str]) -> None:
    query = "".join(parts)
    with closing(_index(("đảng ủy", None, None))) as db:
        _find(db, query)
    hits("đảng ủy", query)


def test_version_of_the_words_is_noted() -> None:
    with closing(_index()) as db:
        assert index_version(db) == SEARCH_VERSION
    with closing(sqlite3.connect(":memory:")) as db:
        assert index_version(db) is None


def test_index_holds_words_as_written_and_folded() -> None:
    assert index_text("Đảng uỷ xã, 19-NQ/TW", None, "") == (
        "đảng ủy xã 19 nq tw _dang _uy _xa _19 _nq _tw",
        "",
        "",
        "",
    )


def _one_by_one(text: str) -> list[str]:
    found = list(words(unicodedata.normalize("NFC", text)))
    return [exact for _, _, exact, _ in found] + [f"_{folded}" for _, _, _, folded in found]


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.none() | st.text() | st.text("aAăÂđĐủỷÀợ1 -_/.,“\n\u0301\u0323\u0331\u200b\xa0", max_size=40), max_size=8
    )
)
def test_texts_read_together_give_the_words_of_each(texts: list[str | None]) -> None:
    assert [text.decode().split() for text in column_texts(texts)] == [_one_by_one(text or "") for text in texts]


def test_every_letter_gives_the_same_words_read_together_or_alone() -> None:
    # Without what has no small letters: Chinese, Korean, empty planes.
    letters = list(
        map(chr, (*range(0x3400), *range(0xA000, 0xAC00), *range(0xF900, 0x12000), *range(0x1D000, 0x1F900)))
    )
    texts = [between.join(letters[n : n + 64]) for between in ("", " ", "a", "X-") for n in range(0, len(letters), 64)]
    texts += [unicodedata.normalize("NFD", text) for text in TEXTS] + [text.upper() for text in TEXTS]
    assert [text.decode().split() for text in column_texts(texts)] == [_one_by_one(text) for text in texts]


def test_building_an_index_keeps_every_article_in_its_row(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "BATCH", 300)  # several batches, the last one not full
    with closing(sqlite3.connect(":memory:")) as db:
        db.execute("CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT)")
        db.execute("CREATE TABLE articles (id INTEGER PRIMARY KEY, title TEXT, byline TEXT, agency TEXT)")
        db.execute("CREATE TABLE article_text (article_id INTEGER, lead TEXT, body TEXT)")
        told: list[int] = []
        for number in range(1, 2002):
            db.execute("INSERT INTO articles VALUES (?, ?, ?, NULL)", (number, f"Bài {number}", f"Bạn {-number}"))
            if number % 3:
                body = None if number % 5 == 0 else f"thân {number}b"
                db.execute("INSERT INTO article_text VALUES (?, ?, ?)", (number, f"tóm {number}l", body))
        create_index(db)
        assert build_index(db, told.append) == 2001
        assert told == [1000, 2000]
        for number in (1, 2, 3, 999, 1000, 2000, 2001):
            asked = (f"title:{number}", f"lead:{number}l", f"body:{number}b", f"author:{number}")
            texts = number % 3 > 0
            there = [True, texts, texts and number % 5 > 0, True]
            assert [_find(db, one) for one in asked] == [[number] if one else [] for one in there]


@pytest.mark.parametrize(
    ("text", "query", "marked"),
    [
        ("Đảng uỷ xã đang họp", "đảng", ["Đảng"]),
        ("Đảng uỷ xã đang họp", "dang", ["Đảng", "đang"]),
        ("Đảng uỷ xã đang họp", "ủy", ["uỷ"]),
        ("Hồ Chí Minh, chí công", '"chi minh"', ["Chí", "Minh"]),
        ("xây dựng, xây nhà", "xay -dung", ["xây", "xây"]),
        ("Quảng Trị, Quảng Nam", "quả*", ["Quảng", "Quảng"]),
        ("xây dựng Đảng", 'title:xay OR "du"', ["xây"]),
        ("không có gì", "", []),
        ("Uỷ ban nhân dân và UBND", "UBND", ["Uỷ", "ban", "nhân", "dân", "UBND"]),
        ("kĩ thuật", "kỹ", ["kĩ"]),
        ("hoàn toàn hoà", "hoà*", ["hoàn", "hoà"]),
    ],
)
def test_hits_are_places_in_the_original_text(text: str, query: str, marked: list[str]) -> None:
    assert [text[start:end] for start, end in hits(text, query)] == marked


def test_snippet_is_cut_from_the_original_text_around_the_hits() -> None:
    text = "mở đầu " * 60 + "Đảng uỷ họp bàn xây dựng Đảng. " + "kết thúc " * 60
    pieces = snippet(text, "xay dung dang", 120)
    shown = "".join(piece.text for piece in pieces)
    assert shown.startswith("…")
    assert shown.endswith("…")
    assert shown.strip("…") in text
    assert len(shown) <= 122
    assert [piece.text for piece in pieces if piece.hit] == ["Đảng", "xây dựng Đảng"]


def test_snippet_without_a_hit_is_the_beginning() -> None:
    assert snippet("một hai ba", "bốn") == [Piece("một hai ba")]
    assert snippet("", "bốn") == []
