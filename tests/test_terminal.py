"""What commands print for people."""

from khotin.terminal import counted


def test_one_article_is_told_as_one() -> None:
    assert [counted(number, "article") for number in (0, 1, 1204)] == ["0 articles", "1 article", "1,204 articles"]
