"""The comparison of two versions of a text."""

from hypothesis import given
from hypothesis import strategies as st

from khotin.serve.diff import PAIR, Budget, Piece, compare

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


def rewritten(count, mark):
    return [f"{mark}{number} {mark}{number + 1} {mark}{number + 2}" for number in range(count)]


def test_texts_of_too_many_rewritten_paragraphs_are_refused():
    assert compare(rewritten(600, "a"), rewritten(650, "b")) is None
    assert compare(rewritten(60, "a"), rewritten(65, "b")) is not None


def test_each_two_paragraphs_held_against_each_other_are_counted_as_work():
    budget = Budget(1_000_000)
    compare(rewritten(60, "a"), rewritten(65, "b"), budget)
    assert 1_000_000 - budget.left > 60 * 65 * PAIR


def test_paragraphs_that_only_came_are_counted_as_work():
    assert compare([], ["a b c d"] * 1000, Budget(1000)) is None


def test_a_line_repeated_over_and_over_is_refused():
    assert compare(["*"] * 3000, ["*"] * 2999) is None


def test_comparisons_share_a_budget_and_what_is_refused_leaves_it_to_others():
    budget = Budget(5_300)
    assert compare(["a " * 500], ["b " * 500], budget) is None
    assert compare(["a " * 20], ["b " * 20], budget)
    assert compare(["a " * 30], ["b " * 30], budget)
    assert compare(["a " * 20], ["b " * 20], budget) is None
