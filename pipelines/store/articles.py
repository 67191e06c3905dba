"""Saving one article: new, revised or unchanged; and taking a capture away from one.

A revision is made only where two captures gave different texts *under the same extractor*. When a newer
extractor reads a page differently, its text takes the place of the old one. So after an upgrade
`khotin rebuild` restores any revision that fell between two versions: the pages are all in the WARC files.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pipelines.article import Article, Precision
from pipelines.identity import article_key
from pipelines.schema import iso
from pipelines.store import timeline
from pipelines.store.timeline import Seen, Text


class SavedStatus(StrEnum):
    """What saving an article did."""

    NEW = "new"
    REVISED = "revised"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Saved:
    """Outcome of `Store.save_article`."""

    status: SavedStatus
    article_id: int
    key: str
    """The permalink; it outlives rebuilds and better extractors."""
    replaced: bool = False
    """The text was replaced in place: the same page read by another version of the extractor."""


@dataclass(frozen=True, slots=True)
class _Present:
    """What is stored of an article now."""

    id: int
    key: str
    text_hash: str
    version: str
    capture_id: int


@dataclass(frozen=True, slots=True)
class _Taken:
    """The capture that is being saved, and what was known of it before."""

    id: int
    fetched_at: str
    article_id: int | None
    text_hash: str | None
    version: str | None


def save_article(
    conn: sqlite3.Connection,
    article: Article,
    *,
    capture_id: int,
    site: str,
    seen_at: datetime,
    seen_url: str,
    relation: str,
    extractor_version: str,
    known_as: int | None = None,
) -> Saved:
    """See `Store.save_article`; runs inside the caller's transaction."""
    row = conn.execute(
        "SELECT id, fetched_at, article_id, text_hash, extractor_version FROM captures WHERE id = ?",
        (capture_id,),
    ).fetchone()
    if row is None:
        msg = f"no capture {capture_id} in this archive: add_capture comes first"
        raise ValueError(msg)
    taken = _Taken(*row)
    seen = iso(seen_at)
    present = _find(conn, article.canonical_url, taken.article_id if taken.article_id is not None else known_as)
    if taken.article_id is not None and (present is None or present.id != taken.article_id):
        # A better rule for addresses: the capture is another article's.
        detach(conn, taken.article_id, taken.id)
    if present is None:
        saved = _insert(conn, article, taken, site, seen, extractor_version)
    else:
        saved = _update(conn, article, taken, present, extractor_version)
        note_seen(conn, present.id, seen)
    _add_addresses(conn, saved.article_id, article.canonical_url, seen_url, relation, seen)
    conn.execute("UPDATE captures SET verdict = 'article' WHERE id = ?", (taken.id,))
    conn.execute("DELETE FROM quarantine WHERE capture_id = ?", (taken.id,))
    return saved


def detach(conn: sqlite3.Connection, article_id: int, capture_id: int) -> None:
    """Take a capture away from an article. An article without any capture left is removed."""
    texts = _texts(conn, article_id)
    conn.execute(
        "UPDATE captures SET article_id = NULL, text_hash = NULL, extractor_version = NULL WHERE id = ?",
        (capture_id,),
    )
    if _seen(conn, article_id):
        _retell(conn, article_id, texts)
    else:
        conn.execute("DELETE FROM articles WHERE id = ?", (article_id,))


def merge(conn: sqlite3.Connection, into: int, other: int) -> None:
    """Give all that is known of one article to another, and remove it."""
    texts = {**_texts(conn, other), **_texts(conn, into)}
    for table in ("captures", "addresses", "visits"):
        conn.execute(f"UPDATE {table} SET article_id = ? WHERE article_id = ?", (into, other))  # noqa: S608
    conn.execute("UPDATE addresses SET relation = 'alias' WHERE relation = 'canonical' AND article_id = ?1"
                 " AND url <> (SELECT canonical_url FROM articles WHERE id = ?1)", (into,))  # fmt: skip
    for seen in conn.execute("SELECT first_seen, last_seen FROM articles WHERE id = ?", (other,)).fetchone():
        note_seen(conn, into, seen)
    conn.execute("DELETE FROM articles WHERE id = ?", (other,))
    _retell(conn, into, texts)


def _find(conn: sqlite3.Connection, canonical_url: str, known_as: int | None) -> _Present | None:
    columns = "a.id, a.key, a.text_hash, a.extractor_version, a.capture_id"
    row = conn.execute(
        f"SELECT {columns} FROM addresses JOIN articles a ON a.id = article_id WHERE url = ?",  # noqa: S608
        (canonical_url,),
    ).fetchone()
    if row is None and known_as is not None:
        # The page's canonical address is another or read differently now; the article keeps its identity.
        row = conn.execute(f"SELECT {columns} FROM articles a WHERE id = ?", (known_as,)).fetchone()  # noqa: S608
    return _Present(*row) if row else None


def _insert(conn: sqlite3.Connection, article: Article, taken: _Taken, site: str, seen: str, version: str) -> Saved:
    key, text_hash = article_key(site, article.canonical_url), article.text_hash
    text = _text_of(article, version)
    cursor = conn.execute(
        "INSERT INTO articles (key, site, canonical_url, title, published_precision, date_estimate,"
        " date_estimate_basis, template, extractor_version, words, text_hash, capture_id, first_seen,"
        " last_seen)"
        " VALUES (?1, ?2, ?3, ?4, 'none', substr(?7, 1, 10), 'first_seen', ?5, ?8, ?9, ?10, ?6, ?7, ?7)",
        (key, site, article.canonical_url, article.title, article.template, taken.id, seen, version,
         text.words, text_hash),
    )  # fmt: skip
    article_id = int(cursor.lastrowid or 0)
    conn.execute(
        "INSERT INTO article_text (article_id, lead, body) VALUES (?, ?, ?)", (article_id, text.lead, text.body)
    )
    _read(conn, taken.id, article_id, text_hash, version)
    _write_facts(conn, article_id, article, new=True)
    return Saved(SavedStatus.NEW, article_id, key)


def _update(conn: sqlite3.Connection, article: Article, taken: _Taken, present: _Present, version: str) -> Saved:
    text_hash = article.text_hash
    known = taken.article_id == present.id
    seen = _seen(conn, present.id)
    newest = not known and all((taken.fetched_at, taken.id) > (one.fetched_at, one.capture_id) for one in seen[-1:])
    if newest and text_hash == present.text_hash:  # by far the most frequent case
        _read(conn, taken.id, present.id, text_hash, version)
        return Saved(SavedStatus.UNCHANGED, present.id, present.key)
    texts = _texts(conn, present.id)
    before = len(timeline.runs(seen, texts))
    texts[text_hash] = _text_of(article, version)
    replaced = False
    if known:
        # Other captures of this text that the old extractor read are this text still.
        conn.execute(
            "UPDATE captures SET text_hash = ? WHERE article_id = ? AND text_hash = ?"
            " AND extractor_version = ? AND extractor_version <> ?",
            (text_hash, present.id, taken.text_hash, taken.version, version),
        )
        _read(conn, taken.id, present.id, text_hash, version)
        replaced = taken.text_hash != text_hash
    else:
        neighbour = _neighbour(seen, taken)
        if neighbour is None or neighbour.version == version or neighbour.text_hash == text_hash:
            _read(conn, taken.id, present.id, text_hash, version)
        elif newest:
            run = timeline.runs(seen, texts)[-1]
            conn.executemany(
                "UPDATE captures SET text_hash = ? WHERE id = ? AND extractor_version <> ?",
                [(text_hash, one, version) for one in run.captures],
            )
            _read(conn, taken.id, present.id, text_hash, version)
            replaced = True
        else:
            # An older page, which this extractor reads differently than its neighbour was read by another:
            # whether the text differed then can't be told, so it counts as the neighbour's until a rebuild.
            _read(conn, taken.id, present.id, neighbour.text_hash, neighbour.version)
    found = _retell(conn, present.id, texts)
    if found[-1].capture_id == taken.id and found[-1].text_hash == text_hash:
        _write(conn, present.id, article, taken.id, version)
    revised = not known and len(found) > before
    return Saved(SavedStatus.REVISED if revised else SavedStatus.UNCHANGED, present.id, present.key, replaced)


def _neighbour(seen: Sequence[Seen], taken: _Taken) -> Seen | None:
    """The capture next after this one in time, else the one before it."""
    later = [one for one in seen if (one.fetched_at, one.capture_id) > (taken.fetched_at, taken.id)]
    if later:
        return later[0]
    return seen[-1] if seen else None


def _seen(conn: sqlite3.Connection, article_id: int) -> list[Seen]:
    rows = conn.execute(
        "SELECT id, fetched_at, text_hash, extractor_version FROM captures WHERE article_id = ?"
        " ORDER BY fetched_at, id",
        (article_id,),
    )
    return [Seen(*row) for row in rows]


def _texts(conn: sqlite3.Connection, article_id: int) -> dict[str, Text]:
    """All texts the article is known to have had, by their hash."""
    rows = conn.execute(
        "SELECT old_hash, old_title, old_lead, old_body, old_extractor_version FROM revisions"
        " WHERE article_id = ? UNION ALL SELECT a.text_hash, a.title, t.lead, t.body, a.extractor_version"
        " FROM articles a JOIN article_text t ON t.article_id = a.id WHERE a.id = ?",
        (article_id, article_id),
    )
    return {text_hash: Text(*text) for text_hash, *text in rows}


def _read(conn: sqlite3.Connection, capture_id: int, article_id: int, text_hash: str, version: str) -> None:
    conn.execute(
        "UPDATE captures SET article_id = ?, text_hash = ?, extractor_version = ? WHERE id = ?",
        (article_id, text_hash, version, capture_id),
    )


def _retell(conn: sqlite3.Connection, article_id: int, texts: dict[str, Text]) -> list[timeline.Run]:
    """Write revisions and present text anew from the article's captures."""
    found = timeline.runs(_seen(conn, article_id), texts)
    conn.execute("DELETE FROM revisions WHERE article_id = ?", (article_id,))
    for one in timeline.revisions(found):
        old = texts[one.old.text_hash]
        conn.execute(
            "INSERT INTO revisions (article_id, number, replaced_at, old_title, old_lead, old_body, old_hash,"
            " old_extractor_version, old_capture_id, new_capture_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (article_id, one.number, one.new.since, old.title, old.lead, old.body, one.old.text_hash,
             old.version, one.old.capture_id, one.new.capture_id),
        )  # fmt: skip
    last, text = found[-1], texts[found[-1].text_hash]
    _write_text(conn, article_id, text, last.text_hash, last.capture_id)
    return found


def _write_text(conn: sqlite3.Connection, article_id: int, text: Text, text_hash: str, capture_id: int) -> None:
    conn.execute(
        "UPDATE articles SET title = ?, words = ?, text_hash = ?, extractor_version = ?, capture_id = ? WHERE id = ?",
        (text.title, text.words, text_hash, text.version, capture_id, article_id),
    )
    conn.execute("UPDATE article_text SET lead = ?, body = ? WHERE article_id = ?", (text.lead, text.body, article_id))


def _write(conn: sqlite3.Connection, article_id: int, article: Article, capture_id: int, version: str) -> None:
    """Replace text and facts of an article by those read from one capture."""
    _write_text(conn, article_id, _text_of(article, version), article.text_hash, capture_id)
    _write_facts(conn, article_id, article)


def _text_of(article: Article, version: str) -> Text:
    return Text(article.title, article.lead, "\n".join(article.paragraphs), version)


def _write_facts(conn: sqlite3.Connection, article_id: int, article: Article, *, new: bool = False) -> None:
    """Replace what is known of an article but for its text; of a `new` one nothing stands in the lists."""
    date = article.date
    flags = tuple(dict.fromkeys((*article.flags, *date.flags)))
    basis = date.date_estimate_basis if date.date_estimate else "first_seen"
    conn.execute(
        "UPDATE articles SET byline = ?, agency = ?, section = ?, published_at = ?, published_precision = ?,"
        " event_date = ?, date_estimate = coalesce(?, substr(first_seen, 1, 10)), date_estimate_basis = ?,"
        " language = ?, template = ?, flags = ? WHERE id = ?",
        (
            article.byline,
            article.agency,
            article.section,
            date.published_at,
            date.precision if date.published_at else Precision.NONE,
            date.event_date,
            date.date_estimate,
            basis,
            article.language,
            article.template,
            json.dumps(flags, ensure_ascii=False),
            article_id,
        ),
    )
    evidence = dict.fromkeys((*article.evidence, *date.evidence))
    lists: dict[str, list[tuple[object, ...]]] = {
        "evidence (field, value, rule, raw, confidence, note)": [
            (one.field, one.value, one.rule, one.raw, one.confidence, one.note) for one in evidence
        ],
        "images (url, caption, credit)": [(one.url, one.caption, one.credit) for one in dict.fromkeys(article.images)],
        "attachments (url, title)": [(one.url, one.title) for one in dict.fromkeys(article.attachments)],
        "tags (tag)": [(tag,) for tag in dict.fromkeys(article.tags)],
    }
    for into, rows in lists.items():
        if not new:
            conn.execute(f"DELETE FROM {into.partition(' ')[0]} WHERE article_id = ?", (article_id,))  # noqa: S608
        if rows:
            _put(conn, article_id, into, rows)


def _put(conn: sqlite3.Connection, article_id: int, into: str, rows: Sequence[tuple[object, ...]]) -> None:
    """Put rows of an article into a list table that has none of it. `into`: "table (column, …)"."""
    table, columns = into.removesuffix(")").split(" (")
    marks = ", ".join("?" * (columns.count(",") + 3))
    conn.executemany(
        f"INSERT INTO {table} (article_id, position, {columns}) VALUES ({marks})",  # noqa: S608
        [(article_id, position, *row) for position, row in enumerate(rows)],
    )


def note_seen(conn: sqlite3.Connection, article_id: int, seen: str) -> None:
    """Stretch first_seen and last_seen to a time; an article seen after it was gone is back."""
    conn.execute(
        "UPDATE articles SET first_seen = min(first_seen, ?1), last_seen = max(last_seen, ?1),"
        " gone_since = CASE WHEN gone_since > ?1 THEN gone_since END WHERE id = ?2",
        (seen, article_id),
    )
    conn.execute(
        "UPDATE articles SET date_estimate = substr(first_seen, 1, 10)"
        " WHERE id = ? AND date_estimate_basis = 'first_seen' AND date_estimate <> substr(first_seen, 1, 10)",
        (article_id,),
    )


def _add_addresses(
    conn: sqlite3.Connection, article_id: int, canonical_url: str, seen_url: str, relation: str, seen: str
) -> None:
    first = conn.execute("SELECT canonical_url FROM articles WHERE id = ?", (article_id,)).fetchone()[0]
    known = [(first, "canonical"), (canonical_url, "alias"), (seen_url, relation)]
    for url, how in known:
        conn.execute(
            "INSERT INTO addresses (url, article_id, relation, first_seen) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (url) DO UPDATE SET first_seen = min(first_seen, excluded.first_seen)"
            " WHERE article_id = excluded.article_id",
            (url, article_id, how, seen),
        )
