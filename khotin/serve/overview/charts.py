"""Charts as SVG paths: numbers in, places on a canvas out. Pure; the templates write the elements.

Lengths are units of the viewBox. No style attributes: the Content-Security-Policy refuses them, and colours
belong to the style sheet, which has two sets of them, for light and dark.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 680, 250
LEFT, RIGHT, TOP, BOTTOM = 52, 14, 10, 26
"""Room for the numbers at the left and the steps below."""
WIDEST = 56
"""Of a bar: four months are no four walls."""
LABEL = 88
"""Width that the name of a step needs."""


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart's geometry."""

    paths: tuple[str, ...]
    """One path a series: bars, or a line."""
    ticks: tuple[tuple[float, float], ...]
    """Height on the canvas and value of each line of the grid."""
    labels: tuple[tuple[float, int], ...]
    """Middle of a step and its number, for the steps that are named below."""
    hits: tuple[tuple[float, float], ...]
    """Left edge and width of each step."""
    width: int = WIDTH
    height: int = HEIGHT
    top: int = TOP
    base: float = HEIGHT - BOTTOM
    left: int = LEFT
    right: int = WIDTH - RIGHT


def ticks(highest: float) -> list[float]:
    """Zero and up to five round values, the last of them no less than `highest`."""
    if highest <= 0:
        return [0, 1]
    step = 10.0**-3
    while True:
        for factor in (1, 2, 5):
            if step * factor * 5 >= highest:
                count = int(-(-highest // (step * factor)))
                return [round(number * step * factor, 6) for number in range(count + 1)]
        step *= 10


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _frame(steps: int, highest: float) -> tuple[list[float], list[tuple[float, float]], float]:
    marks = ticks(highest)
    width = (WIDTH - LEFT - RIGHT) / max(steps, 1)
    hits = [(round(LEFT + number * width, 2), round(width, 2)) for number in range(steps)]
    return marks, hits, (HEIGHT - TOP - BOTTOM) / marks[-1]


def _labels(hits: Sequence[tuple[float, float]]) -> tuple[tuple[float, int], ...]:
    if not hits:
        return ()
    every = max(1, int(-(-LABEL // hits[0][1])))
    middles = [(round(x + width / 2, 1), place) for place, (x, width) in enumerate(hits) if place % every == 0]
    return tuple(one for one in middles if one[0] <= WIDTH - 0.38 * LABEL)  # a name at the edge would be cut


def _chart(paths: Sequence[str], marks: Sequence[float], hits: Sequence[tuple[float, float]], scale: float) -> Chart:
    grid = tuple((round(HEIGHT - BOTTOM - mark * scale, 1), mark) for mark in marks)
    return Chart(tuple(paths), grid, _labels(hits), tuple(hits))


def _bar(x: float, y: float, width: float, height: float) -> str:
    return f"M{_number(x)} {_number(y)}h{_number(width)}v{_number(height)}h-{_number(width)}z"


def stacked(series: Sequence[Sequence[float]]) -> Chart:
    """Bars, one a step, the series one upon the other, the first at the bottom. All have the same length."""
    steps = len(series[0]) if series else 0
    sums = [sum(values) for values in zip(*series, strict=True)]
    marks, hits, scale = _frame(steps, max(sums, default=0))
    reached = [0.0] * steps
    paths = []
    for values in series:
        parts = []
        for place, value in enumerate(values):
            x, width = hits[place]
            gap = max(min(2.0, width * 0.18), width - WIDEST)
            if value:
                top = HEIGHT - BOTTOM - (reached[place] + value) * scale
                parts.append(_bar(x + gap / 2, top, width - gap, value * scale))
            reached[place] += value
        paths.append("".join(parts))
    return _chart(paths, marks, hits, scale)


def lines(series: Sequence[Sequence[float | None]]) -> Chart:
    """A line a series, through the middle of each step; None, where nothing can be said, breaks it."""
    steps = len(series[0]) if series else 0
    highest = max((value for values in series for value in values if value is not None), default=0)
    marks, hits, scale = _frame(steps, highest)
    paths = []
    for values in series:
        runs: list[list[str]] = [[]]
        for value, (x, width) in zip(values, hits, strict=True):
            if value is None:
                runs.append([])
            else:
                runs[-1].append(f"{_number(x + width / 2)} {_number(HEIGHT - BOTTOM - value * scale)}")
        # A step with no neighbours would be a line of no length: a short one is seen.
        paths.append("".join("M" + "L".join(run) + ("h4" if len(run) == 1 else "") for run in runs if run))
    return _chart(paths, marks, hits, scale)


def sparkline(values: Sequence[int], width: int = 108, height: int = 24) -> str:
    """Small bars without axes, for a cell of a table."""
    highest = max(values, default=0)
    if not highest:
        return ""
    step = width / len(values)
    parts = []
    for place, value in enumerate(values):
        if value:
            tall = max(1.0, value / highest * height)
            parts.append(_bar(place * step, height - tall, step * 0.8, tall))
    return "".join(parts)
