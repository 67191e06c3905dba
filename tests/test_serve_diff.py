"""The comparison of two versions of a text."""

from hypothesis import given
from hypothesis import strategies as st

from khotin.serve.diff import Piece, compare

paragraphs = st.lists(st.text(alphabet="ab ầĐ.,", min_size=1, max_size=12), max_size=6)


def text_of(lines, kinds):
    return ["".join(piece.text for piece in line if piece.kind in kinds) for line in lines]


def test_a_changed_word_is_shown_between_the_words_that_stayed():
    old = ["Mở đầu.", "Hội nghị có 150 đại biểu dự.", "Hết."]
    new = ["Mở đầu.", "Hội nghị có 152 đại biểu dự.", "Hết."]
    assert compare(old, new) == (
        (Piece("skip", ""),),
        (
            Piece("equal", "Hội nghị có "),
            Piece("delete", "150"),
            Piece("insert", "152"),
            Piece("equal", " đại biểu dự."),
        ),
        (Piece("skip", ""),),
    )


def test_equal_texts_have_no_lines():
    assert compare(["Một."], ["Một."]) == ()


def test_a_paragraph_that_came_and_one_that_went_are_shown_whole():
    assert compare(["Một.", "Hai."], ["Không.", "Một."]) == (
        (Piece("insert", "Không."),),
        (Piece("skip", ""),),
        (Piece("delete", "Hai."),),
    )


def test_a_rewritten_paragraph_finds_its_partner_among_added_ones():
    old = ["Ban Tổ chức đã họp sáng nay."]
    lines = compare(old, ["Tin thêm hoàn toàn khác.", "Ban Tổ chức đã họp chiều nay."])
    assert lines == (
        (Piece("insert", "Tin thêm hoàn toàn khác."),),
        (
            Piece("equal", "Ban Tổ chức đã họp "),
            Piece("delete", "sáng"),
            Piece("insert", "chiều"),
            Piece("equal", " nay."),
        ),
    )


def test_a_long_unchanged_stretch_is_shortened_but_not_lost():
    words = " ".join(f"chữ{number}" for number in range(200))
    (line,) = compare([words + " cũ"], [words + " mới"])
    assert [piece.kind for piece in line] == ["equal", "skip", "equal", "delete", "insert"]
    assert "".join(piece.text for piece in line if piece.kind != "insert") == words + " cũ"


@given(paragraphs, paragraphs)
def test_nothing_is_lost_and_nothing_invented(old, new):
    lines = compare(old, new)
    shown_old = [text for text in text_of(lines, {"equal", "delete", "skip"}) if text]
    shown_new = [text for text in text_of(lines, {"equal", "insert", "skip"}) if text]
    unchanged = iter(old), iter(new)
    assert all(any(text == other for other in unchanged[0]) for text in shown_old)
    assert all(any(text == other for other in unchanged[1]) for text in shown_new)
    assert bool(lines) == (old != new)


def test_texts_that_are_too_long_are_refused():
    assert compare(["a " * 50_000], ["b " * 50_000]) is None
