"""The gate for extraction: how it scores, and that floors hold where the real pages are."""

from pathlib import Path

import pytest

from bench.evaluate import below, shingle_f1, table


def test_the_same_text_scores_one_and_another_text_nothing() -> None:
    assert shingle_f1("một hai ba bốn năm", "một hai ba bốn năm") == 1.0
    assert shingle_f1("một hai ba bốn", "năm sáu bảy tám") == 0.0
    assert shingle_f1("một hai ba bốn năm", "một hai ba bốn sáu") == pytest.approx(0.5)


def test_a_value_below_its_floor_and_a_value_gone_are_told() -> None:
    floors = {"known": {"title": 1.0, "lead": 0.9}, "gone": {"title": 1.0}}
    assert below({"known": {"title": 0.98, "lead": 0.9}}, floors) == [
        "known: title is 0.98, its floor 1.0",
        "gone: title is None, its floor 1.0",
    ]


def test_the_table_has_a_row_for_each_group() -> None:
    assert table({"a": {"title": 1.0}, "b": {"lead": 0.5}}).split("\n") == [
        "   lead   title",
        "a         1.000",
        "b  0.500",
    ]


@pytest.mark.shared
def test_all_floors_hold(shared: Path) -> None:
    import json

    from bench.evaluate import FLOORS, measure

    assert below(measure(shared).means(), json.loads(FLOORS.read_text())["floors"]) == []
