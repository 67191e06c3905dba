"""Words, dates and numbers of the pages."""

import ast
import re
from pathlib import Path

import pytest
from jinja2 import Environment, nodes

from khotin.serve.words import PARTS, VALUES, WORDS, Words
from khotin.serve.words.columns import COLUMNS

SERVE = Path(__file__).resolve().parents[1] / "khotin" / "serve"


@pytest.mark.parametrize(
    ("moment", "precision", "vietnamese", "english", "short", "short_english"),
    [
        ("2026-11-22T14:05:00+07:00", "minute",
         "14:05 ngày 22/11/2026", "22 November 2026, 14:05", "22/11/2026, 14:05", "22 Nov 2026, 14:05"),
        ("2020-07-01T20:05:00+00:00", "minute",
         "03:05 ngày 2/7/2020", "2 July 2020, 03:05", "2/7/2020, 03:05", "2 Jul 2020, 03:05"),
        ("2020-07-01T00:00:00+07:00", "day", "ngày 1/7/2020", "1 July 2020", "1/7/2020", "1 Jul 2020"),
        ("2012-04-17", "day", "ngày 17/4/2012", "17 April 2012", "17/4/2012", "17 Apr 2012"),
        ("2005-11-01T00:00:00+07:00", "month", "tháng 11/2005", "November 2005", "11/2005", "Nov 2005"),
        (None, "none", "không rõ", "unknown", "không rõ", "unknown"),
        ("hôm qua", "minute", "không rõ", "unknown", "không rõ", "unknown"),
    ],
)  # fmt: skip
def test_dates_are_written_the_way_each_language_has_them(moment, precision, vietnamese, english, short, short_english):
    assert Words("vi").when(moment, precision) == vietnamese
    assert Words("en").when(moment, precision) == english
    assert Words("vi").stamp(moment, precision) == short
    assert Words("en").stamp(moment, precision) == short_english


def test_wordings_that_were_misread_stay_mended():
    vietnamese = Words("vi")
    # "Trên 1.000 bài viết" is read as "more than 1,000 articles".
    assert vietnamese("per_thousand") == "Số bài trên mỗi 1.000 bài"
    assert vietnamese("api_title") == "API cho lập trình viên"
    moment = vietnamese.when("2026-11-21T20:58:33+07:00")
    assert f"{vietnamese('seen_edited')} {moment}" == "thấy bản sửa lúc 20:58 ngày 21/11/2026"


def test_numbers_have_the_separator_of_the_language():
    assert (Words("vi").number(1234567), Words("en").number(1234567)) == ("1.234.567", "1,234,567")


def test_codes_are_said_in_words_and_unknown_codes_as_they_are():
    assert Words("vi").value("kind", "party_portal") == "trang của cấp ủy"
    assert Words("en").value("kind", "party_portal") == "Party portal"
    assert Words("en").value("kind", "a_new_kind") == "a_new_kind"
    assert Words("en").value("kind", None) == ""


def templates():
    return {path: path.read_text(encoding="utf-8") for path in (SERVE / "templates").rglob("*.html")}


def strings(node):
    return {one.value for one in node.find_all(nodes.Const) if isinstance(one.value, str)}


def asked_in_templates():
    """Strings given to `t(…)` and `t.count(…)`, and all strings of the templates."""
    asked, all_of_them = set(), set()
    for text in templates().values():
        tree = Environment(autoescape=True).parse(text)
        all_of_them |= strings(tree)
        for call in tree.find_all(nodes.Call):
            target = call.node
            word = isinstance(target, nodes.Name) and target.name == "t"
            counted = isinstance(target, nodes.Getattr) and target.attr == "count"
            if (word or counted) and call.args:
                first = call.args[0]
                # t("error" if broken else "not_found"): of the condition only the two branches are keys
                branches = [first.expr1, first.expr2] if isinstance(first, nodes.CondExpr) else [first]
                asked |= {one.value for one in branches if isinstance(one, nodes.Const)}
    return asked, all_of_them


def strings_of_modules():
    found = set()
    for path in SERVE.rglob("*.py"):
        if path.parent.name != "words" or path.name == "__init__.py":
            tree = ast.parse(path.read_text(encoding="utf-8"))
            found |= {
                one.value for one in ast.walk(tree) if isinstance(one, ast.Constant) and isinstance(one.value, str)
            }
    return found


def test_every_word_a_template_asks_for_is_there_and_none_is_left_over():
    asked, all_of_them = asked_in_templates()
    assert asked - set(WORDS) == set()
    used = all_of_them | strings_of_modules()
    # f"facet_{name}" and "facet_" ~ name: all that begin so
    openings = tuple(one for one in used if one.endswith("_") and len(one) > 4)
    assert {key for key in set(WORDS) - used if not key.startswith(openings)} == set()


def test_no_key_is_given_twice():
    assert sum(len(part) for part in PARTS) == len(WORDS)


def test_both_languages_say_something_and_not_the_same():
    texts = WORDS | {f"column {name}": pair for name, pair in COLUMNS.items()}
    texts |= {f"{column} {code}": pair for column, codes in VALUES.items() for code, pair in codes.items()}
    for key, (vietnamese, english) in texts.items():
        assert vietnamese.strip() == vietnamese != "", key
        assert english.strip() == english != "", key
        assert vietnamese != english, key
        assert english.replace("…", "").isascii(), key  # else the two are in the wrong order
        blanks = [set(re.findall(r"{(\w*)}", text)) for text in (vietnamese, english)]
        assert blanks[0] == blanks[1], key
