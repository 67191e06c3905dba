"""The pages of the overviews and their CSV twins."""

from __future__ import annotations

import json
from typing import Any, cast
from urllib.parse import urlencode

from khotin.serve.app import DATABASE
from khotin.serve.diff import Budget, Line, compare
from khotin.serve.language import words
from khotin.serve.overview import charts
from khotin.serve.overview.csvs import csv_response
from khotin.serve.overview.figures import (
    GROUPINGS,
    Before,
    Comparison,
    Grouping,
    Series,
    Stack,
    compare_searches,
    read_edits,
    read_provinces,
    read_removals,
    read_sites,
    read_stack,
    read_years,
)
from khotin.serve.overview.periods import UNITS, Unit, is_month, named
from khotin.serve.overview.tiles import tile_map
from khotin.serve.page import articles_url, page
from khotin.serve.searching.results import engine_of
from khotin.serve.words import Words
from khotin.serve.wrong import TooLong, Wrong, one_of

CHANGES = 20
"""Edits, and removals, on a page."""
DIFF_WORK = 400_000
"""A tenth of what an article's own page may take: there are twenty edits here."""


def _series_name(one: Series, stack: Stack, by: Grouping, t: Words) -> str:
    if one.key is None:
        return t("others")
    if not one.key:
        return t("central" if by == "province" else "unknown")
    if by == "site":
        return stack.names.get(one.key, one.key)
    return t.value("kind", one.key) if by == "kind" else one.key


def _wants_csv(request: Any) -> bool:
    return bool(request.url_vars.get("csv"))


async def _read(datasette: Any, read: Any) -> Any:
    return await datasette.get_database(DATABASE).execute_fn(read)


def _twin(datasette: Any, request: Any, path: str) -> str:
    """Address of the CSV with the same choices as this page."""
    query = f"?{request.query_string}" if request.query_string else ""
    return f"{datasette.urls.path(path)}{query}"


def _months(request: Any) -> tuple[str | None, str | None]:
    found = []
    for name in ("since", "until"):
        given = (request.args.get(name) or "").strip()
        if given and not is_month(given):
            raise Wrong(key="wrong_month", given=given[:20], name=name)
        found.append(given or None)
    since, until = found
    if since and until and since > until:
        raise Wrong(key="wrong_order", since=since, until=until)
    return since, until


async def overview(datasette: Any, request: Any) -> Any:
    """`/overview`: articles over time, stacked by site, kind or province; `.csv` its table."""
    t = words(request)
    by = cast("Grouping", one_of(request.args, "by", GROUPINGS) or "site")
    since, until = _months(request)
    unit = cast("Unit | None", one_of(request.args, "unit", UNITS) or None)
    sites = tuple(request.args.getlist("site"))[:100]
    stack: Stack = await _read(
        datasette, lambda conn: read_stack(conn, by, since=since, until=until, sites=sites, unit=unit)
    )
    names = [_series_name(one, stack, by, t) for one in stack.series]
    if _wants_csv(request):
        table = [
            (step, one.key if one.key is not None else "*", name, value)
            for one, name in zip(stack.series, names, strict=True)
            for step, value in zip(stack.period.buckets, one.values, strict=True)
        ]
        return csv_response("overview", (stack.period.unit, by, "name", "articles"), table)
    steps = stack.period.buckets
    context = {
        "chart": charts.stacked([one.values for one in stack.series]),
        "names": names,
        "series": stack.series,
        "steps": [named(step, t) for step in steps],
        "sums": [sum(values) for values in zip(*(one.values for one in stack.series), strict=True)],
        "step_urls": [
            articles_url(datasette, month=step) if stack.period.unit != "quarter" else None for step in steps
        ],
        "total": sum(one.total for one in stack.series),
        "by": by,
        "groupings": GROUPINGS,
        "unit": unit,
        "units": UNITS,
        "since": since,
        "until": until,
        "sites": stack.names,
        "chosen": sites,
        "csv_url": _twin(datasette, request, "/overview.csv"),
    }
    return await page(datasette, request, "overview.html", context)


async def province_map(datasette: Any, request: Any) -> Any:
    """`/map`: articles by province, the 34 or the 63, in a year or in all; `.csv` its table."""
    scheme = int(one_of(request.args, "scheme", ("34", "63")) or 34)

    def read(conn: Any) -> Any:
        years = read_years(conn)
        year = one_of(request.args, "year", years) or None
        return years, year, *read_provinces(conn, scheme, year)

    years, year, counts, outside = await _read(datasette, read)
    tiles = tile_map(scheme, counts)
    ranked = sorted(tiles.tiles, key=lambda tile: (-tile.count, tile.name))
    if _wants_csv(request):
        column = "province" if scheme == 34 else "province_63"
        rest = [(f"({name})", number) for name, number in outside.items()]
        return csv_response("map", (column, "articles"), [*((tile.name, tile.count) for tile in ranked), *rest])
    column = "province" if scheme == 34 else "province_63"
    context = {
        "map": tiles,
        "ranked": ranked,
        "outside": outside,
        "scheme": scheme,
        "year": year,
        "years": years,
        "urls_of": {tile.name: articles_url(datasette, **{column: tile.name}, month=year or "") for tile in ranked},
        "csv_url": _twin(datasette, request, "/map.csv"),
    }
    return await page(datasette, request, "map.html", context)


async def sites(datasette: Any, request: Any) -> Any:
    """`/sites`: every site, how it is doing, what is missing; `.csv` its table."""
    found = await _read(datasette, read_sites)
    if _wants_csv(request):
        columns = ("id", "name", "kind", "province", "url", "articles", "first_date", "last_date", "verdict", "since")
        table = [(*(site[column] for column in columns), len(site["gaps"])) for site in found]
        return csv_response("sites", (*columns, "gaps"), table)
    for site in found:
        site["spark"] = charts.sparkline(site["months"])
        site["came"] = json.loads(site.pop("evidence") or "[]")
        site["articles_url"] = articles_url(datasette, site=site["id"])
    context = {"sites": found, "csv_url": datasette.urls.path("/sites.csv")}
    return await page(datasette, request, "sites.html", context)


def _changed(edit: dict[str, Any]) -> tuple[Line, ...] | None:
    """The first changed paragraphs of an edit, without the unchanged ones; None if too much changed."""
    texts = []
    for when in ("old", "new"):
        head = [edit[f"{when}_title"], *([edit[f"{when}_lead"]] if edit[f"{when}_lead"] else [])]
        texts.append([*head, *(line for line in (edit[f"{when}_body"] or "").split("\n") if line)])
    old, new = texts
    lines = compare(old, new, Budget(DIFF_WORK))
    return None if lines is None else tuple(line for line in lines if line[0].kind != "skip" or len(line) > 1)[:2]


async def changes(datasette: Any, request: Any) -> Any:
    """`/changes`: the latest edits and removals, the newest first; `.csv` the removals and edits of this page."""
    before, removed_before = request.args.get("before"), request.args.get("removed_before")

    def read(conn: Any) -> Any:
        edits = read_edits(conn, before, CHANGES + 1)
        if not _wants_csv(request):
            for edit in edits[:CHANGES]:  # in this thread: the server's own has others to answer
                edit["lines"] = _changed(edit)
        return edits, read_removals(conn, removed_before, CHANGES + 1)

    edits, removals = await _read(datasette, read)
    if _wants_csv(request):
        table = [
            (change, one[when], one["key"], one["site_name"], one["title"])
            for change, when, found in (("edit", "replaced_at", edits), ("removal", "gone_since", removals))
            for one in found[:CHANGES]
        ]
        return csv_response("changes", ("change", "when", "key", "site_name", "title"), table)

    def older(found: list[dict[str, Any]], name: str, column: str) -> str | None:
        if len(found) <= CHANGES:
            return None
        last = found[CHANGES - 1]
        kept = {"before": before, "removed_before": removed_before, name: str(Before(last[column], last["id"]))}
        query = urlencode({key: value for key, value in kept.items() if value})
        return f"{datasette.urls.path('/changes')}?{query}"

    context = {
        "edits": edits[:CHANGES],
        "removals": removals[:CHANGES],
        "older_edits": older(edits, "before", "replaced_at"),
        "older_removals": older(removals, "removed_before", "gone_since"),
        "csv_url": _twin(datasette, request, "/changes.csv"),
    }
    return await page(datasette, request, "changes.html", context)


async def compare_two(datasette: Any, request: Any) -> Any:
    """`/compare?q=…&with=…`: how often two searches find something, over time; `.csv` its table."""
    t = words(request)
    asked = [(request.args.get(name) or "")[:500].strip() for name in ("q", "with")]
    queries = [query for query in asked if query]
    share = one_of(request.args, "per", ("share", "count")) != "count"
    since, until = _months(request)
    found: Comparison | None = None
    too_long = False
    if queries:
        try:
            found = await datasette.get_database(DATABASE).execute_with_memory(
                lambda conn, memory: compare_searches(conn, engine_of(conn, memory), queries, since=since, until=until)
            )
        except TooLong:
            if _wants_csv(request):  # an empty file would look like an answer
                raise
            too_long = True
    if _wants_csv(request):
        table: list[tuple[Any, ...]] = []
        if found:
            table = list(zip(found.period.buckets, found.articles, *found.found, strict=True))
        return csv_response("compare", ("step", "articles", *queries), table)
    context: dict[str, Any] = {
        "asked": asked,
        "queries": queries,
        "share": share,
        "since": since,
        "until": until,
        "too_long": too_long,
        "found": found,
    }
    if found:
        shown = [
            # Of a step without articles no share can be told.
            [(1000 * value / every if every else None) if share else value for value, every in pairs]
            for pairs in (zip(one, found.articles, strict=True) for one in found.found)
        ]
        context |= {
            "chart": charts.lines(shown),
            "steps": [named(step, t) for step in found.period.buckets],
            "csv_url": _twin(datasette, request, "/compare.csv"),
        }
    return await page(datasette, request, "compare.html", context)


ROUTES = [
    (r"^/overview(?P<csv>\.csv)?$", overview),
    (r"^/map(?P<csv>\.csv)?$", province_map),
    (r"^/sites(?P<csv>\.csv)?$", sites),
    (r"^/changes(?P<csv>\.csv)?$", changes),
    (r"^/compare(?P<csv>\.csv)?$", compare_two),
]
