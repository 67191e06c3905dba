"""One page of an answer: the articles with their snippets, and the same for programs."""

from __future__ import annotations

import sqlite3
import threading
from dataclasses import dataclass
from typing import Any

from khotin.serve.searching.engine import Counted, Engine, Found
from khotin.serve.searching.selection import FACETS, MARKS, Selection
from khotin.serve.searching.similar import Model
from khotin.serve.wrong import Wrong
from pipelines.provinces import load_provinces
from pipelines.search import Highlighter, Piece
from pipelines.text import fold

SNIPPET = 260
"""Characters of a snippet, about three lines."""
_FACTS = (
    "key", "title", "site", "site_name", "kind", "province", "province_63", "section", "byline", "agency",
    "published_at", "published_precision", "date_estimate", "date_estimate_basis", "words", "revisions",
    "gone_since", "rights", "canonical_url",
)  # fmt: skip


_making = threading.Lock()


class NoSuchModel(Wrong):
    """Articles like one that is not there."""

    status = 404

    def __init__(self) -> None:
        super().__init__("not_found_like")


class NotIndexed(Wrong):
    """A public.db of an older khotin, without what a search needs."""

    status = 503

    def __init__(self) -> None:
        super().__init__("search_not_indexed")


@dataclass(frozen=True, slots=True)
class Hit:
    """An article of the answer."""

    facts: dict[str, Any]
    """Columns of `articles`."""
    title: list[Piece]
    snippet: list[Piece]
    """From lead and body as published; empty where nothing may be shown."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What one page of the search shows."""

    selection: Selection
    found: Found
    hits: tuple[Hit, ...]
    model: Model | None
    """The article that `selection.like` names; None if it names none."""
    articles: int
    """All there are."""

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.found.total // self.selection.size))


def engine_of(conn: Any, memory: dict[str, Any]) -> Engine:
    """The engine of a snapshot, made at the first search in it; the second reader waits for the first one's.

    Raises NotIndexed.
    """
    with _making:
        if "search" not in memory:
            try:
                memory["search"] = Engine(conn)
            except sqlite3.OperationalError as error:
                if "no such table: search_" in str(error):
                    raise NotIndexed from error
                raise
        engine: Engine = memory["search"]
    return engine


def find(conn: Any, memory: dict[str, Any], selection: Selection) -> tuple[Found, Model | None]:
    """All articles of a selection. Raises NoSuchModel: all there are would look like an answer."""
    engine = engine_of(conn, memory)
    model = engine.model(conn, selection.like) if selection.like else None
    if selection.like and model is None:
        raise NoSuchModel
    return engine.find(conn, selection, model), model


def answer(conn: Any, memory: dict[str, Any], selection: Selection) -> Answer:
    """One page of a selection; beyond the last page it has no hits. Raises NoSuchModel."""
    found, model = find(conn, memory, selection)
    first = (selection.page - 1) * selection.size
    numbers = [int(number) for number in found.ids[first : first + selection.size]]
    count = engine_of(conn, memory).columns.count
    return Answer(selection, found, tuple(_hits(conn, numbers, selection.query)), model, count)


def named(conn: Any, memory: dict[str, Any], query: str, sites: dict[str, str]) -> list[tuple[str, Counted]]:
    """The province and the sites whose name is the query, and all articles of each; `sites` are their names by id.

    Names of provinces and sites are no words of the articles: who types one alone most often means these.
    """
    engine, asked = engine_of(conn, memory), fold(query).strip()
    province = load_provinces().find(query) if asked else None
    found = [("province" if province.scheme == 34 else "province_63", province.short_name)] if province else []
    found += [("site", site) for site, name in sites.items() if asked in (fold(name), site)]
    return [(facet, Counted(label, count)) for facet, label in found if (count := engine.having(facet, label))]


def _hits(conn: Any, numbers: list[int], query: str) -> list[Hit]:
    rows = conn.execute(
        f"SELECT a.id, {', '.join('a.' + name for name in _FACTS)}, t.lead, t.body FROM articles a"  # noqa: S608
        f" LEFT JOIN article_text t ON t.article_id = a.id WHERE a.id IN ({', '.join('?' * len(numbers))})",
        numbers,
    ).fetchall()
    marker = Highlighter(query)
    made = {}
    for number, *facts, lead, body in rows:
        known = dict(zip(_FACTS, facts, strict=True))
        text = " ".join((f"{lead or ''}\n{body or ''}").split("\n")).strip()
        made[number] = Hit(known, marker.whole(known["title"]), marker.snippet(text, SNIPPET) if text else [])
    return [made[number] for number in numbers]


def record(told: Answer, facet_size: int) -> dict[str, Any]:
    """The answer as JSON has it; the views add the addresses."""
    found = told.found
    return {
        "total": found.total,
        "articles": told.articles,
        "order": told.selection.order,
        "ranked_whole": found.ranked,
        "page": told.selection.page,
        "pages": told.pages,
        "size": told.selection.size,
        "similar_to": {"key": told.model.key, "title": told.model.title} if told.model else None,
        "results": [
            {
                **hit.facts,
                "title_pieces": [{"text": piece.text, "hit": piece.hit} for piece in hit.title],
                "snippet": [{"text": piece.text, "hit": piece.hit} for piece in hit.snippet],
            }
            for hit in told.hits
        ],
        "facets": {
            name: [
                {"value": one.value, "count": one.count, "selected": one.value in told.selection.chosen.get(name, ())}
                for one in found.facets[name][:facet_size]
            ]
            for name in FACETS
        }
        | {mark: sum(one.count for one in found.facets[mark]) for mark in MARKS},
        "facet_values": {name: len(found.facets[name]) for name in FACETS},
        "months": [{"month": month, "count": count} for month, count in found.months],
    }
