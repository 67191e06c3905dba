"""Charts and the tile map: numbers in, places on the canvas out."""

import re
from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from khotin.serve.overview.charts import HEIGHT, LEFT, RIGHT, TOP, WIDTH, lines, sparkline, stacked, ticks
from khotin.serve.overview.periods import MOST_BUCKETS, Period, bucket, is_month, named
from khotin.serve.overview.tiles import bounds, places, tile_map
from khotin.serve.words import Words
from pipelines.provinces import load_provinces

BAR = re.compile(r"M([\d.]+) ([\d.]+)h([\d.]+)v([\d.]+)h-([\d.]+)z")


def bars(path):
    """x, y, width, height of each bar of a path."""
    return [tuple(map(float, found[:4])) for found in BAR.findall(path)]


@given(st.floats(0, 1e9))
def test_the_scale_begins_at_zero_and_holds_the_highest_value(highest):
    marks = ticks(highest)
    assert marks[0] == 0
    assert marks[-1] >= highest
    assert 2 <= len(marks) <= 6
    assert sorted(set(marks)) == marks


def test_the_scale_has_round_values():
    assert ticks(71) == [0, 20, 40, 60, 80]
    assert ticks(5) == [0, 1, 2, 3, 4, 5]
    assert ticks(0) == [0, 1]
    assert ticks(0.07) == [0, 0.02, 0.04, 0.06, 0.08]


def test_bars_stand_upon_each_other_in_proportion():
    chart = stacked([[10, 0, 5], [30, 20, 0]])
    first, second = bars(chart.paths[0]), bars(chart.paths[1])
    assert (len(first), len(second)) == (2, 2)
    assert second[0][3] == pytest.approx(3 * first[0][3], abs=0.2)
    assert second[0][1] + second[0][3] == pytest.approx(first[0][1], abs=0.2)
    assert first[0][1] + first[0][3] == pytest.approx(chart.base, abs=0.2)
    assert second[0][1] == pytest.approx(TOP, abs=0.2)  # 40 is the top of the scale
    assert [place for _, place in chart.labels] == [0, 1, 2]


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=400))
def test_nothing_is_drawn_outside_of_the_canvas(values):
    for chart in (stacked([values, values]), lines([values])):
        for path in chart.paths:
            for x, y in re.findall(r"([\d.]+) ([\d.]+)", path):
                assert LEFT - 1 <= float(x) <= WIDTH - RIGHT + 1
                assert TOP - 1 <= float(y) <= HEIGHT
        spots = [x for x, _ in chart.labels]
        assert all(after - before >= 60 for before, after in pairwise(spots))


def test_a_line_breaks_where_nothing_can_be_said():
    chart = lines([[1, 2, None, 2, None]])
    assert chart.paths[0].count("M") == 2
    assert chart.paths[0].endswith("h4")
    assert lines([[], []]).paths == ("", "")


def test_a_sparkline_has_a_bar_for_each_value_that_is_not_zero():
    assert sparkline([0, 0]) == ""
    assert [round(height, 1) for _, _, _, height in bars(sparkline([2, 0, 4, 1]))] == [12, 24, 6]


@pytest.mark.parametrize(
    ("month", "unit", "step", "vietnamese", "english"),
    [
        ("2026-11", "month", "2026-11", "11/2026", "Nov 2026"),
        ("2026-11", "quarter", "2026-Q4", "quý 4/2026", "Q4 2026"),
        ("2026-03", "quarter", "2026-Q1", "quý 1/2026", "Q1 2026"),
        ("2026-11", "year", "2026", "2026", "2026"),
    ],
)
def test_a_month_belongs_to_a_step_with_a_name(month, unit, step, vietnamese, english):
    assert bucket(month, unit) == step
    assert (named(step, Words("vi")), named(step, Words("en"))) == (vietnamese, english)


def test_the_steps_are_as_fine_as_fits_and_none_is_left_out():
    assert Period.over(["2025-11", "2026-02"]) == Period("month", ("2025-11", "2025-12", "2026-01", "2026-02"))
    assert Period.over(["2010-01", "2026-11"]).unit == "quarter"
    assert Period.over(["1950-01", "2026-11"]).unit == "year"
    assert Period.over(["2010-01", "2026-11"], "month").unit == "month"
    assert Period.over(["2010-01", "2026-11"], "year").buckets[0] == "2010"
    assert Period.over(["1950-01", "2026-11"], "month").unit == "year"  # 900 bars are no chart
    assert Period.over([]) == Period("month", ())


@given(st.dictionaries(st.from_regex(r"20[0-2][0-9]-(0[1-9]|1[0-2])", fullmatch=True), st.integers(0, 9), min_size=1))
def test_no_article_is_lost_in_the_steps(counts):
    period = Period.over(counts)
    assert sum(period.sums(counts)) == sum(counts.values())
    assert len(period.buckets) <= MOST_BUCKETS or period.unit == "year"


def test_what_is_no_month_is_none():
    assert [is_month(text) for text in ("2026-11", "2026-13", "2026-11-01", "", None, "x' or 1")] == [True] + [
        False
    ] * 5


@pytest.mark.parametrize("scheme", [34, 63])
def test_each_province_has_one_tile_and_no_two_overlap(scheme):
    codes = {row.code for row in load_provinces() if row.scheme == scheme}
    found = places(scheme)
    assert Counter(place.code for place in found) == Counter(codes)
    spots = [(place.column, place.row) for place in found]
    assert min(x for x, _ in spots) == min(y for _, y in spots) == 0
    for place, (x, y) in enumerate(spots):
        assert all(row != y or abs(column - x) >= 1 for column, row in spots[place + 1 :])


@pytest.mark.parametrize("scheme", [34, 63])
def test_the_map_lies_as_the_country_does(scheme):
    place = {one.name: one for one in places(scheme)}
    south = ["Cao Bằng", "Hà Nội", "Thanh Hóa", "Nghệ An", "Hà Tĩnh", "Quảng Trị", "Huế", "Đà Nẵng", "Quảng Ngãi",
             "Gia Lai", "Đắk Lắk", "Khánh Hòa", "Hồ Chí Minh", "Vĩnh Long", "Cà Mau"]  # fmt: skip
    assert [place[name].row for name in south] == sorted(place[name].row for name in south)
    for west, east in (
        ("Lai Châu", "Cao Bằng"),
        ("Hà Nội", "Quảng Ninh"),
        ("Tây Ninh", "Đồng Nai"),
        ("An Giang", "Vĩnh Long"),
        ("Lâm Đồng", "Khánh Hòa"),
        ("Nghệ An", "Đà Nẵng"),
        ("Hồ Chí Minh", "Khánh Hòa"),
    ):
        assert place[west].column < place[east].column, (west, east)


def test_shades_rise_with_the_numbers_and_none_has_its_own():
    counts = {"Hà Nội": 900, "Huế": 30, "Cà Mau": 30, "Lào Cai": 1}
    found = tile_map(34, counts)
    shades = {tile.name: tile.shade for tile in found.tiles if tile.shade}
    assert shades["Lào Cai"] < shades["Huế"] == shades["Cà Mau"] < shades["Hà Nội"] == 5
    assert set(shades) == set(counts)
    assert [(least, most) for _, least, most in found.legend] == [(1, 1), (30, 30), (900, 900)]
    assert tile_map(34, {}).legend == ()


@pytest.mark.parametrize("scheme", [34, 63])
def test_islands_stand_off_the_coast_in_the_shade_of_their_province(scheme):
    found = tile_map(scheme, {"Khánh Hòa": 7})
    tiles = {tile.name: tile for tile in found.tiles}
    assert [(one.name, one.of, one.shade) for one in found.islands] == [
        ("Hoàng Sa", "Đà Nẵng", 0),
        ("Trường Sa", "Khánh Hòa", tiles["Khánh Hòa"].shade),
    ]
    for one in found.islands:
        assert one.x > tiles[one.of].x
        assert one.x + found.tile_width <= found.width
        assert not any(
            abs(one.x - tile.x) < found.tile_width and abs(one.y - tile.y) < found.tile_height for tile in found.tiles
        )


@given(st.lists(st.integers(0, 10**6), max_size=63))
def test_every_number_has_a_shade(counts):
    highest = bounds(counts)
    assert len(highest) <= 5
    assert not any(counts) or highest[-1] == max(counts)


def test_long_names_stand_in_two_lines():
    lines_of = {tile.name: tile.lines for tile in tile_map(63, {}).tiles}
    assert lines_of["Bà Rịa - Vũng Tàu"] == ("Bà Rịa -", "Vũng Tàu")
    assert lines_of["Hà Nội"] == ("Hà Nội",)
    assert max(len(line) for found in lines_of.values() for line in found) <= 10
