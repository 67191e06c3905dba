"""Words and dates of the pages."""

import re
from pathlib import Path

import pytest

from khotin.serve.words import WORDS, Words

TEMPLATES = Path(__file__).resolve().parents[1] / "khotin" / "serve" / "templates"


@pytest.mark.parametrize(
    ("moment", "precision", "vietnamese", "english"),
    [
        ("2020-07-01T20:05:00+07:00", "minute", "20:05, ngày 1 tháng 7 năm 2020", "20:05, 1 July 2020"),
        ("2020-07-01T20:05:00+00:00", "minute", "03:05, ngày 2 tháng 7 năm 2020", "03:05, 2 July 2020"),
        ("2020-07-01T00:00:00+07:00", "day", "ngày 1 tháng 7 năm 2020", "1 July 2020"),
        ("2012-04-17", "day", "ngày 17 tháng 4 năm 2012", "17 April 2012"),
        ("2005-11-01T00:00:00+07:00", "month", "tháng 11 năm 2005", "November 2005"),
        (None, "none", "không rõ", "unknown"),
        ("hôm qua", "minute", "không rõ", "unknown"),
    ],
)
def test_dates_are_written_the_way_each_language_has_them(moment, precision, vietnamese, english):
    assert Words("vi").when(moment, precision) == vietnamese
    assert Words("en").when(moment, precision) == english


def test_numbers_have_the_separator_of_the_language():
    assert (Words("vi").number(1234567), Words("en").number(1234567)) == ("1.234.567", "1,234,567")


def test_every_word_a_template_uses_is_there_and_none_is_left_over():
    text = "\n".join(path.read_text(encoding="utf-8") for path in TEMPLATES.rglob("*.html"))
    text += (TEMPLATES.parent / "views.py").read_text(encoding="utf-8")
    calls = re.findall(r'(?:\bboth|\bt|\bt\.other|words\(request\))\(([^)]*)\)|"word": ("[a-z_]+")', text)
    used = {key for call in calls for key in re.findall(r"[\"']([a-z_]+)[\"']", " ".join(call))}
    # t("precision_" ~ …) makes the rest of the name itself
    used -= {"precision_", "relation_"}
    used |= {key for key in WORDS if key.startswith(("precision_", "relation_"))}
    assert used - set(WORDS) == set()
    assert set(WORDS) - used == set()


def test_both_languages_say_something_and_not_the_same():
    for key, (vietnamese, english) in WORDS.items():
        assert vietnamese.strip(), key
        assert english.strip(), key
        assert vietnamese != english, key
