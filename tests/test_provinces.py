"""Provinces in two schemes: codes, names, aliases, and where the old ones went."""

from collections import Counter
from datetime import date

import pytest

from pipelines.provinces import ProvinceRow, UnknownProvince, load_provinces


def test_both_schemes_are_whole_and_every_old_province_has_a_successor() -> None:
    provinces = load_provinces()
    assert Counter(row.scheme for row in provinces) == {34: 34, 63: 63}
    successors = {row.successor for row in provinces if row.scheme == 63}
    assert successors == {row.code for row in provinces if row.scheme == 34}


def test_what_a_province_was_formed_from_agrees_with_where_the_old_ones_went() -> None:
    provinces = load_provinces()
    went: dict[str, set[str]] = {}
    for row in provinces:
        if row.scheme == 63:
            went.setdefault(row.successor, set()).add(row.code)
    assert went == {row.code: set(row.formed_from) for row in provinces if row.scheme == 34}


def test_a_code_means_different_provinces_in_the_two_schemes() -> None:
    provinces = load_provinces()
    assert (provinces.name("80", 34), provinces.name("80", 63)) == ("Tây Ninh", "Long An")


def test_vinh_phuc_is_part_of_phu_tho_today() -> None:
    today = load_provinces().today("26", 63)
    assert today == ProvinceRow("25", 34, "Tỉnh Phú Thọ", "Phú Thọ", date(2025, 7, 1), None, "25", ("17", "25", "26"))
    assert load_provinces().today("25", 34) == today


@pytest.mark.parametrize(
    ("text", "scheme", "expected"),
    [
        ("Hà Tĩnh", None, ("42", 34)),
        ("Hanoi", None, ("01", 34)),
        ("Daklak", 63, ("66", 63)),
        ("HA TINH", 63, ("42", 63)),
        ("tỉnh Hà Tĩnh", None, ("42", 34)),
        ("Vĩnh Phúc", None, ("26", 63)),
        ("Vĩnh Phúc", 34, None),
        ("TP. Hồ Chí Minh", None, ("79", 34)),
        ("tphcm", 63, ("79", 63)),
        ("Thành phố Huế", 34, ("46", 34)),
        ("Thừa Thiên - Huế", None, ("46", 63)),
        ("Bà Rịa – Vũng Tàu", None, ("77", 63)),
        ("Khánh Hoà", 34, ("56", 34)),
        ("Đăk Lăk", 34, ("66", 34)),
        ("Hà Tây", None, None),
        ("Tỉnh ủy", None, None),
        ("", None, None),
    ],
)
def test_a_province_is_found_by_its_names(text: str, scheme: int | None, expected: tuple[str, int] | None) -> None:
    row = load_provinces().find(text, scheme)
    assert (row and (row.code, row.scheme)) == expected


def test_every_short_name_is_found_without_marks() -> None:
    provinces = load_provinces()
    assert [row for row in provinces if provinces.find(row.short_name, row.scheme) != row] == []


def test_an_unknown_code_is_told_with_its_scheme() -> None:
    with pytest.raises(UnknownProvince, match="no province has the code '26' in the scheme of 34"):
        load_provinces().get("26", 34)
