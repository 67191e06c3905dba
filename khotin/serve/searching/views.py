"""The addresses: /search and its twins: .json for programs, .csv and .jsonl to take home, .atom for feed readers."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from datasette import Response
from datasette.utils.asgi import AsgiStream
from datasette.utils.sqlite import sqlite3

from khotin.serve.app import DATABASE
from khotin.serve.atom import CONTENT_TYPE, Feed, atom
from khotin.serve.language import words
from khotin.serve.page import absolute, page
from khotin.serve.searching.engine import Counted
from khotin.serve.searching.results import Answer, answer, find, named, record
from khotin.serve.searching.selection import MOST, Selection, WrongSelection, read_selection
from khotin.serve.searching.shown import Shown, marked, names_of_sites
from khotin.serve.searching.taking import BATCH, entries, read_rows, written
from khotin.serve.wrong import TooLong
from pipelines.search import NOTHING, SPELLED_BOTH_WAYS, equivalents, fts_query
from pipelines.text import fold

PATH = "/search"
FEED = 40
"""Articles in a feed."""
FACET_SIZE, MOST_FACETS = 60, 5_000
"""Values of each facet in the JSON answer unless `facet_size` says otherwise, and at most."""
_TYPES = {"csv": "text/csv; charset=utf-8", "jsonl": "application/x-ndjson; charset=utf-8"}


async def _ask(datasette: Any, fn: Callable[[Any, dict[str, Any]], Any]) -> Any:
    """Run a search in a thread, on the snapshot of this request. Raises TooLong, NotIndexed."""
    try:
        return await datasette.get_database(DATABASE).execute_with_memory(fn)
    except sqlite3.OperationalError as error:
        if "interrupted" in str(error):
            raise TooLong from error
        raise


def _addresses(datasette: Any, request: Any, told: Answer) -> dict[str, str | None]:
    selection = told.selection
    here = absolute(datasette, request, PATH)

    def to(suffix: str, one: Selection, *, paging: bool = False) -> str:
        return here + suffix + one.address(paging=paging)

    after = selection.with_(page=selection.page + 1) if selection.page < told.pages else None
    before = selection.with_(page=min(selection.page - 1, told.pages)) if selection.page > 1 else None
    return {
        "html": to("", selection, paging=True),
        "next": to(".json", after, paging=True) if after else None,
        "previous": to(".json", before, paging=True) if before else None,
        "csv": to(".csv", selection),
        "jsonl": to(".jsonl", selection),
        "atom": to(".atom", selection),
    }


async def search(datasette: Any, request: Any) -> Any:
    """`/search`: the page for a reader."""
    t = words(request)
    selection = read_selection(request.args)

    def ask(conn: Any, memory: dict[str, Any]) -> tuple[Answer, dict[str, str], list[tuple[str, Counted]]]:
        sites = names_of_sites(conn)
        return answer(conn, memory, selection), sites, named(conn, memory, selection.query, sites)

    told, sites, meant = await _ask(datasette, ask)
    path = str(datasette.urls.path(PATH))
    nothing_asked = bool(selection.query) and fts_query(selection.query) == NOTHING
    plain = fold(selection.query)
    context = {
        "answer": told,
        "marked": marked,
        "shown": Shown(told, t, path, sites, meant),
        "selection": selection,
        "path": path,
        "nothing_asked": nothing_asked,
        "plain": plain if plain != selection.query.lower() and not nothing_asked else "",
    }
    return await page(datasette, request, "search.html", context)


async def search_json(datasette: Any, request: Any) -> Any:
    """`/search.json`: the same for a program; its keys are stable."""
    selection = read_selection(request.args)
    try:
        size = min(int(request.args.get("facet_size") or FACET_SIZE), MOST_FACETS)
    except ValueError as error:
        given = str(request.args.get("facet_size"))[:20]
        raise WrongSelection(key="wrong_number", given=given, name="facet_size", least=0, most=MOST_FACETS) from error
    told = await _ask(datasette, lambda conn, memory: answer(conn, memory, selection))
    made = record(told, max(0, size))
    for one in made["results"]:
        one["permalink"] = absolute(datasette, request, f"/a/{one['key']}")
    asked = {
        "q": selection.query,
        "like": selection.like or None,
        **{name: list(labels) for name, labels in selection.chosen.items()},
        "month": list(selection.months),
        "since": selection.since.isoformat() if selection.since else None,
        "until": selection.until.isoformat() if selection.until else None,
        **dict.fromkeys(selection.marks, True),
    }
    body = {"ok": True, "query": asked, **made, "links": _addresses(datasette, request, told)}
    return Response(json.dumps(body, ensure_ascii=False), content_type="application/json; charset=utf-8")


async def search_atom(datasette: Any, request: Any) -> Any:
    """`/search.atom`: the newest articles of a selection, for a feed reader."""
    t = words(request)
    selection = read_selection(request.args).with_(sort="new", size=FEED)
    told, built_at = await _ask(
        datasette,
        lambda conn, memory: (
            answer(conn, memory, selection),
            conn.execute("SELECT value FROM about WHERE name = 'built_at'").fetchone()[0],
        ),
    )
    asked = read_selection(request.args)
    url = absolute(datasette, request, PATH + ".atom") + asked.address(paging=False)
    made = entries(told.hits, lambda key: absolute(datasette, request, f"/a/{key}"))
    feed = Feed(
        id=url,
        title=f"khotin: {selection.query or (told.model.title if told.model else t('all_articles'))}",
        url=url,
        page=absolute(datasette, request, PATH) + asked.address(paging=False),
        updated=made[0].updated if made else built_at,
        subtitle=t("archive_of"),
        language=t.language,
    )
    return Response(atom(feed, made).decode(), content_type=CONTENT_TYPE)


async def search_file(datasette: Any, request: Any) -> Any:
    """`/search.csv` and `/search.jsonl`: all articles of a selection, whole, in its order."""
    kind = request.url_vars["kind"]
    selection = read_selection(request.args)
    found, _ = await _ask(datasette, lambda conn, memory: find(conn, memory, selection))
    database = datasette.get_database(DATABASE)

    async def stream(writer: Any) -> None:
        # Each batch is read in a thread from the request's own snapshot. A fault breaks the connection off: the
        # reader's program sees an incomplete answer, never a complete-looking part.
        for first in range(0, max(1, found.total), BATCH):
            numbers = found.ids[first : first + BATCH]

            def batch(conn: Any, numbers: Any = numbers, first: int = first) -> bytes:
                return written(kind, read_rows(conn, numbers), first=first == 0)

            await writer.write((await database.execute_fn(batch)).decode())

    name = f"khotin-{fold(selection.query)[:40] or 'articles'}"
    safe = "".join(char if char.isascii() and char.isalnum() else "-" for char in name).strip("-")
    headers = {"content-disposition": f'attachment; filename="{safe}.{kind}"', "x-total-count": str(found.total)}
    if request.method == "HEAD":
        return Response("", headers=headers, content_type=_TYPES[kind])
    return AsgiStream(stream, headers=headers, content_type=_TYPES[kind])


async def search_help(datasette: Any, request: Any) -> Any:
    """`/search/help`: how to ask, with the list of abbreviations."""
    context = {
        "equivalents": equivalents(),
        "onsets": SPELLED_BOTH_WAYS,
        "path": str(datasette.urls.path(PATH)),
        "most": MOST,
    }
    return await page(datasette, request, "search_help.html", context)


ROUTES = [
    (r"^/search$", search),
    (r"^/search\.json$", search_json),
    (r"^/search\.atom$", search_atom),
    (r"^/search\.(?P<kind>csv|jsonl)$", search_file),
    (r"^/search/help$", search_help),
]
