"""The open archive: transactions, sites, runs, captures, articles, quarantine."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

from sqlite_utils import Database

from pipelines import schema
from pipelines.article import OF_THE_MACHINE, Article, Capture, Refusal
from pipelines.provinces import ProvinceRow
from pipelines.schema import iso
from pipelines.store import articles
from pipelines.store.articles import Saved

Mode = Literal["live", "replay", "rebuild", "ingest"]


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


class Store:
    """archive.db, open for writing. All times given must be aware; they are stored with +07:00.

    Every method that writes is a transaction of its own, or a part of the `transaction()` around it.
    Threads may share a store: a transaction of one makes the others wait. Errors of the disk, the rights and
    the lock come as the named errors of `pipelines.schema`.
    """

    def __init__(self, conn: sqlite3.Connection, path: Path) -> None:
        self.path = path
        self._conn = conn
        self._lock = threading.RLock()
        self._open = False  # inside a transaction

    @classmethod
    def open(cls, path: Path, *, create: bool = True, busy_seconds: float = schema.BUSY_SECONDS) -> Self:
        """Open, and if need be make or migrate, the archive at `path`.

        Raises NewerSchema, ReadOnly, Locked, DiskFull, NotADatabase, NoArchive (`create=False`).
        """
        return cls(schema.connect(path, create=create, busy_seconds=busy_seconds), path)

    def close(self) -> None:
        """Close; the -wal file is folded into the database."""
        with self._lock:
            self._conn.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All or nothing: commits at the end, rolls back on any exception. Nested uses join the outer one."""
        with self._lock, schema.told(self.path):
            if self._open:
                yield self._conn
                return
            self._conn.execute("BEGIN IMMEDIATE")
            self._open = True
            try:
                yield self._conn
                self._conn.execute("COMMIT")
            except BaseException:
                if self._conn.in_transaction:  # a full disk has rolled back already
                    self._conn.execute("ROLLBACK")
                raise
            finally:
                self._open = False

    # --- sites and provinces

    def put_provinces(self, rows: Iterable[ProvinceRow]) -> None:
        """Insert or update provinces: `put_provinces(load_provinces())`."""
        with self.transaction() as conn:
            plain = [
                {
                    "scheme": row.scheme,
                    "code": row.code,
                    "name": row.name,
                    "short_name": row.short_name,
                    "successor": row.successor,
                    "valid_from": row.valid_from.isoformat() if row.valid_from else None,
                    "valid_to": row.valid_to.isoformat() if row.valid_to else None,
                    "formed_from": _json(row.formed_from),
                    "history": row.history,
                }
                for row in rows
            ]
            Database(conn, execute_plugins=False).table("provinces").upsert_all(plain, pk=("scheme", "code"))

    def put_sites(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert or update sites and their sections from mappings with the keys of a site card.

        Used: id, name, name_en, kind, province {code, scheme}, family, hosts, former_hosts, sections
        [{title, url}], rights {note, publish}, verified {how, pages}, expect {articles_per_week, quiet_days},
        history. Raises StoreError for a province that is not in the table.
        """
        with self.transaction() as conn:
            for row in rows:
                province = row.get("province") or {}
                place = (province.get("scheme"), province.get("code"))
                if (
                    province
                    and not conn.execute("SELECT 1 FROM provinces WHERE scheme = ? AND code = ?", place).fetchone()
                ):
                    msg = f"site {row['id']}: no province {place[1]} among the {place[0]}: correct its card"
                    raise schema.StoreError(msg)
                rights, verified, expect = (row.get(name) or {} for name in ("rights", "verified", "expect"))
                weekly = expect.get("articles_per_week") or (None, None)
                Database(conn, execute_plugins=False).table("sites").upsert(
                    {
                        "id": row["id"],
                        "name": row["name"],
                        "name_en": row.get("name_en") or None,
                        "kind": row.get("kind"),
                        "province_scheme": place[0],
                        "province_code": place[1],
                        "family": row.get("family"),
                        "hosts": _json(row.get("hosts", ())),
                        "former_hosts": _json(row.get("former_hosts", ())),
                        "publish": rights.get("publish", "excerpt"),
                        "rights_note": rights.get("note", ""),
                        "verified_how": verified.get("how", "none"),
                        "verified_pages": verified.get("pages", 0),
                        "weekly_min": weekly[0],
                        "weekly_max": weekly[1],
                        "quiet_days": expect.get("quiet_days"),
                        "history": _json(row.get("history", ())),
                    },
                    pk="id",
                )
                self._put_sections(conn, row["id"], row.get("sections") or ())

    def _put_sections(self, conn: sqlite3.Connection, site: str, sections: Sequence[Mapping[str, Any]]) -> None:
        for section in sections:
            conn.execute(
                "INSERT INTO sections (site, title, url) VALUES (?, ?, ?)"
                " ON CONFLICT (site, url) DO UPDATE SET title = excluded.title",
                (site, section["title"], section["url"]),
            )
        urls = _json([section["url"] for section in sections])
        conn.execute(
            "DELETE FROM sections WHERE site = ? AND url NOT IN (SELECT value FROM json_each(?))",
            (site, urls),
        )

    def _ensure_site(self, conn: sqlite3.Connection, site: str) -> None:
        # A WARC file of others may hold sites without a card. Nothing is known of their rights: excerpt.
        conn.execute("INSERT INTO sites (id, name) VALUES (?1, ?1) ON CONFLICT (id) DO NOTHING", (site,))

    # --- runs

    def start_run(self, command: str, mode: Mode, sites: Sequence[str], started_at: datetime, software: str) -> int:
        """Note that a run began; gives its number."""
        with self.transaction() as conn:
            cursor = conn.execute(
                "INSERT INTO runs (command, mode, sites, started_at, software) VALUES (?, ?, ?, ?, ?)",
                (command, mode, _json(list(sites)), iso(started_at), software),
            )
            return int(cursor.lastrowid or 0)

    def finish_run(self, run_id: int, finished_at: datetime, outcome: str, counts: Mapping[str, int]) -> None:
        """Note how a run ended. A run without an end was killed."""
        with self.transaction() as conn:
            conn.execute(
                "UPDATE runs SET finished_at = ?, outcome = ?, counts = ? WHERE id = ?",
                (iso(finished_at), outcome, _json(dict(counts)), run_id),
            )

    # --- captures and what they gave

    def add_capture(self, capture: Capture, kind: str, run_id: int | None, verdict: str | None) -> int:
        """Note an archived response (`kind`: article, listing, feed, sitemap, robots …); gives its number.

        The same WARC record given twice is one row; its place in the files and its verdict are brought up to
        date.
        """
        with self.transaction() as conn:
            if capture.record_id:
                row = conn.execute("SELECT id FROM captures WHERE record_id = ?", (capture.record_id,)).fetchone()
            else:
                row = conn.execute(
                    "SELECT id FROM captures WHERE record_id IS NULL AND warc_file = ? AND warc_offset = ?",
                    (capture.warc_file, capture.warc_offset),
                ).fetchone()
            if row:
                conn.execute(
                    "UPDATE captures SET kind = ?, warc_file = ?, warc_offset = ?, warc_length = ?,"
                    " verdict = coalesce(?, verdict) WHERE id = ?",
                    (kind, capture.warc_file, capture.warc_offset, capture.warc_length, verdict, row[0]),
                )
                return int(row[0])
            if capture.site:
                self._ensure_site(conn, capture.site)
            cursor = conn.execute(
                "INSERT INTO captures (record_id, url, site, kind, fetched_at, status, content_type, digest,"
                " warc_file, warc_offset, warc_length, location, run_id, verdict)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    capture.record_id or None,
                    capture.url,
                    capture.site or None,
                    kind,
                    iso(capture.fetched_at),
                    capture.status,
                    capture.content_type,
                    capture.digest,
                    capture.warc_file,
                    capture.warc_offset,
                    capture.warc_length,
                    capture.location,
                    run_id,
                    verdict,
                ),
            )
            return int(cursor.lastrowid or 0)

    def save_article(
        self,
        article: Article,
        *,
        capture_id: int,
        site: str,
        seen_at: datetime,
        seen_url: str,
        relation: Literal["alias", "redirect", "print"] = "alias",
        extractor_version: str = "",
        known_as: int | None = None,
    ) -> Saved:
        """Store what a capture gave: a new article, a revision of one, or only that it was seen again.

        The article is the one that has `article.canonical_url` among its addresses. Captures may come in any
        order: the newest text is the present one, older texts become earlier revisions. The same capture
        given again replaces its text in place. `seen_url` (canonical form) becomes a further address, of kind
        `relation`, where it differs. `known_as`: the article that the page was asked for as, and which it is even
        if its canonical address is a new one. `site` must not be empty. Raises ValueError for an unknown capture.
        """
        with self.transaction() as conn:
            self._ensure_site(conn, site)
            return articles.save_article(
                conn,
                article,
                capture_id=capture_id,
                site=site,
                seen_at=seen_at,
                seen_url=seen_url,
                relation=relation,
                extractor_version=extractor_version,
                known_as=known_as,
            )

    def quarantine(self, refusal: Refusal, *, capture_id: int | None, site: str, url: str, seen_at: datetime) -> None:
        """Note why a page is no article. If an earlier extractor had taken it for one, that is undone."""
        with self.transaction() as conn:
            if site:
                self._ensure_site(conn, site)
            if capture_id is not None:
                row = conn.execute("SELECT article_id FROM captures WHERE id = ?", (capture_id,)).fetchone()
                if row and row[0] is not None:
                    if refusal.verdict in OF_THE_MACHINE:  # it takes nothing away
                        return
                    articles.detach(conn, row[0], capture_id)
                conn.execute("UPDATE captures SET verdict = ? WHERE id = ?", (refusal.verdict, capture_id))
                conn.execute("DELETE FROM quarantine WHERE capture_id = ?", (capture_id,))
            evidence = [
                {"field": one.field, "value": one.value, "rule": one.rule, "raw": one.raw, "note": one.note}
                for one in refusal.evidence
            ]
            conn.execute(
                "INSERT INTO quarantine (url, site, capture_id, verdict, reason, flags, evidence, seen_at)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    url,
                    site or None,
                    capture_id,
                    refusal.verdict,
                    refusal.reason,
                    _json(refusal.flags),
                    _json(evidence),
                    iso(seen_at),
                ),
            )

    def find_capture(self, url: str, fetched_at: datetime, digest: str) -> tuple[str, int, int, str] | None:
        """Where a response is archived already: WARC file, offset, length, record id; None if it is not."""
        with self._lock, schema.told(self.path):
            row = self._conn.execute(
                "SELECT warc_file, warc_offset, warc_length, coalesce(record_id, '') FROM captures"
                " WHERE url = ? AND fetched_at = ? AND digest = ?",
                (url, iso(fetched_at), digest),
            ).fetchone()
        return tuple(row) if row else None

    def add_address(self, url: str, article_id: int, relation: str, seen_at: datetime) -> None:
        """Note a further address (canonical form) of an article; one that is known stays as it is."""
        with self.transaction() as conn:
            conn.execute(
                "INSERT INTO addresses (url, article_id, relation, first_seen) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (url) DO NOTHING",
                (url, article_id, relation, iso(seen_at)),
            )

    def first_seen(self, article_id: int) -> datetime:
        """When an article was first seen. Raises LookupError for an unknown number."""
        with self._lock, schema.told(self.path):
            row = self._conn.execute("SELECT first_seen FROM articles WHERE id = ?", (article_id,)).fetchone()
        if row is None:
            msg = f"no article {article_id}"
            raise LookupError(msg)
        return datetime.fromisoformat(row[0])

    @contextmanager
    def attached(self, other: Path) -> Iterator[sqlite3.Connection]:
        """A transaction in which another archive of the same schema can be read as `old.…`."""
        with self._lock, schema.told(other):
            self._conn.execute("ATTACH ? AS old", (str(other),))
        try:
            with self.transaction() as conn:
                conn.execute("PRAGMA defer_foreign_keys = ON")
                yield conn
        finally:
            self._conn.execute("DETACH old")

    def note_seen(self, article_id: int, seen_at: datetime) -> None:
        """An article was there, unchanged, without a new capture (304 Not Modified)."""
        with self.transaction() as conn:
            articles.note_seen(conn, article_id, iso(seen_at))

    def article_id_for(self, canonical_url: str) -> int | None:
        """Number of the article that has this address, as its own or a further one; else None."""
        with self._lock, schema.told(self.path):
            row = self._conn.execute("SELECT article_id FROM addresses WHERE url = ?", (canonical_url,)).fetchone()
        return int(row[0]) if row else None
