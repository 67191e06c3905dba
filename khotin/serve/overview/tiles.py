"""The map of the provinces: a tile for each, where it lies among its neighbours (data/province_tiles.csv).

A scheme, not a map of borders: each province is as large as any other, and none is hidden behind a larger one.
"""

from __future__ import annotations

import csv
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from pipelines.provinces import load_provinces, table_path

TILE_WIDTH, TILE_HEIGHT, SPACE = 84, 54, 4
ISLANDS = (("Hoàng Sa", "48", 1.5, 0.0), ("Trường Sa", "56", 1.0, 1.0))
"""Islands far out at sea that Vietnam administers as part of a province: name, the province's code, and how many
tiles east and south of its tile theirs stands. They have no number of their own: sites are of provinces."""
STEPS = 5
"""Shades for one article and more; none at all has its own look."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a province's tile stands, in tiles from the north-west corner; halves are allowed."""

    code: str
    name: str
    column: float
    row: float


@dataclass(frozen=True, slots=True)
class Tile:
    """A tile as drawn: left upper corner in units of the canvas, its lines of text, its number and shade."""

    name: str
    lines: tuple[str, ...]
    x: float
    y: float
    count: int
    shade: int
    """0: no article; 1 to 5: the more, the higher."""


@dataclass(frozen=True, slots=True)
class Island:
    """Islands as drawn beside their province, in its shade."""

    name: str
    of: str
    x: float
    y: float
    shade: int


@dataclass(frozen=True, slots=True)
class TileMap:
    """All tiles, and the shades with the least number that each begins with."""

    tiles: tuple[Tile, ...]
    islands: tuple[Island, ...]
    legend: tuple[tuple[int, int, int], ...]
    """Shade, least and highest number of articles."""
    width: float
    height: float
    tile_width: int = TILE_WIDTH
    tile_height: int = TILE_HEIGHT


@cache
def places(scheme: int) -> tuple[Place, ...]:
    """The tiles of a scheme (34 or 63), from north to south."""
    names = load_provinces()
    with table_path("province_tiles.csv").open(encoding="utf-8", newline="") as file:
        found = [
            Place(line["code"], names.name(line["code"], scheme), float(line["column"]), float(line["row"]))
            for line in csv.DictReader(file)
            if line["scheme"] == str(scheme)
        ]
    return tuple(sorted(found, key=lambda place: (place.row, place.column)))


def _two_lines(name: str) -> tuple[str, ...]:
    """A name in lines that fit a tile: "Hà Nội"; "Bà Rịa -", "Vũng Tàu"."""
    if len(name) <= 10:
        return (name,)
    words = name.split(" ")
    cut = min(range(1, len(words)), key=lambda place: abs(len(" ".join(words[:place])) - len(name) / 2))
    return " ".join(words[:cut]), " ".join(words[cut:])


def bounds(counts: list[int]) -> list[int]:
    """Highest number of each shade: as many provinces in each as can be, equal numbers in the same."""
    known = sorted(count for count in counts if count)
    if not known:
        return []
    cuts = {known[max(0, -(-len(known) * step // STEPS) - 1)] for step in range(1, STEPS + 1)}
    return sorted(cuts)


def tile_map(scheme: int, counts: Mapping[str, int]) -> TileMap:
    """The map of a scheme; `counts`: short name of a province -> articles."""
    shown = [counts.get(place.name, 0) for place in places(scheme)]
    highest = bounds(shown)
    legend = []
    least = 1
    for shade, top in enumerate(highest, start=1):
        inside = [count for count in shown if least <= count <= top]
        legend.append((STEPS - len(highest) + shade, min(inside), top))
        least = top + 1
    tiles = {}
    for place, count in zip(places(scheme), shown, strict=True):
        shade = STEPS - len(highest) + bisect_left(highest, count) + 1 if count else 0
        x, y = place.column * (TILE_WIDTH + SPACE), place.row * (TILE_HEIGHT + SPACE)
        tiles[place.code] = Tile(place.name, _two_lines(place.name), x, y, count, shade)
    islands = [
        Island(name, at.name, at.x + east * (TILE_WIDTH + SPACE), at.y + south * (TILE_HEIGHT + SPACE), at.shade)
        for name, code, east, south in ISLANDS
        for at in (tiles[code],)
    ]
    return TileMap(
        tuple(tiles.values()),
        tuple(islands),
        tuple(legend),
        max(*(tile.x for tile in tiles.values()), *(one.x for one in islands)) + TILE_WIDTH,
        max(*(tile.y for tile in tiles.values()), *(one.y for one in islands)) + TILE_HEIGHT,
    )
