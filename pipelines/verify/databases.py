"""The two databases: as files, as tables, and as texts."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from pipelines.article import Article
from pipelines.schema import SCHEMA_VERSION, connect_read_only, newer, told
from pipelines.search import COLUMNS, FTS_TABLE, INDEXED, SEARCH_VERSION, index_text, index_version
from pipelines.verify.report import MOST_LINES, Findings

REBUILD = "move it away and run `khotin rebuild`, which makes it anew from the WARC files"
PUBLISH = "run `khotin publish`"
COMPARED = 500
"""Published articles whose words are looked for in the index; all of them where there are no more."""
PHRASE = 12
"""Words in a row that are looked for at the beginning, in the middle and at the end of a text."""


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """A database for reading only, with nothing left beside it. Raises as `connect_read_only`."""
    wal = path.with_name(path.name + "-wal")
    undisturbed = not wal.exists()
    if undisturbed and not os.access(path.parent, os.W_OK):
        # On a read-only disk SQLite can't make the two files through which readers and writers talk.
        with told(path), closing(sqlite3.connect(f"{path.resolve().as_uri()}?immutable=1", uri=True)) as db:
            yield db
        return
    with told(path), closing(connect_read_only(path)) as db:
        yield db
    if undisturbed and wal.exists() and not wal.stat().st_size:
        # A reader leaves those files behind; one that may write clears the empty ones away when it is the last.
        with suppress(sqlite3.Error), closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=rw", uri=True)) as db:
            db.execute("PRAGMA user_version").fetchone()


def check_archive(db: sqlite3.Connection, path: Path, findings: Findings) -> bool:
    """Check archive.db; False if it is damaged so that nothing more can be asked of it. Raises NewerSchema."""
    version = int(db.execute("PRAGMA user_version").fetchone()[0])
    if version > SCHEMA_VERSION:
        raise newer(path, version, SCHEMA_VERSION)
    if not _sound_file(db, path.name, findings, REBUILD):
        return False
    findings.counts["articles"] = db.execute("SELECT count(*) FROM articles").fetchone()[0]
    findings.some(
        (
            f"{path.name}: article {key} names a capture that the database does not know; {REBUILD}"
            for (key,) in db.execute(
                "SELECT key FROM articles WHERE capture_id NOT IN (SELECT id FROM captures) ORDER BY key"
            )
        ),
        "such articles",
    )
    findings.some(
        (
            f"{path.name}: article {key} has no text; {REBUILD}"
            for (key,) in db.execute(
                "SELECT key FROM articles WHERE id NOT IN (SELECT article_id FROM article_text) ORDER BY key"
            )
        ),
        "such articles",
    )
    findings.some(_changed_texts(db, path.name), "such texts")
    return True


def _changed_texts(db: sqlite3.Connection, name: str) -> Iterator[str]:
    """Texts that are not those whose hash was stored with them: bytes that changed on the disk."""
    rows = db.execute(
        "SELECT a.key, 0, a.title, t.lead, t.body, a.text_hash FROM articles a"
        " JOIN article_text t ON t.article_id = a.id"
        " UNION ALL SELECT a.key, r.number, r.old_title, r.old_lead, r.old_body, r.old_hash"
        " FROM revisions r JOIN articles a ON a.id = r.article_id"
    )
    for key, number, title, lead, body, stored in rows:
        text = Article("", "", title, lead, tuple(body.split("\n")) if body else ())
        if text.text_hash != stored:
            which = f"revision {number} of article" if number else "the text of article"
            yield f"{name}: {which} {key} is not the one that was stored (its hash differs); {REBUILD}"


def check_public(db: sqlite3.Connection, path: Path, findings: Findings) -> None:
    """Check public.db, the index against all articles by number and against some by their words."""
    if not _sound_file(db, path.name, findings, PUBLISH):
        return
    count = {
        table: db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608
        for table in ("articles", "article_text", f"{FTS_TABLE}_docsize")
    }
    articles = findings.counts["published"] = count["articles"]
    missing = db.execute(
        f"SELECT count(*) FROM articles WHERE id NOT IN (SELECT id FROM {FTS_TABLE}_docsize)"  # noqa: S608
    ).fetchone()[0]
    if count["article_text"] != articles:
        findings.damage.append(f"{path.name}: {articles:,} articles but {count['article_text']:,} texts; {PUBLISH}")
    if missing or count[f"{FTS_TABLE}_docsize"] != articles:
        findings.damage.append(
            f"{path.name}: the search index has {count[f'{FTS_TABLE}_docsize']:,} rows for {articles:,} articles, "
            f"{missing:,} articles are not in it; {PUBLISH}"
        )
    if index_version(db) != SEARCH_VERSION:
        findings.notes.append(f"{path.name}: its search index was made by another version of khotin; {PUBLISH}")
    else:
        _compare_words(db, path.name, articles, findings)


def _compare_words(db: sqlite3.Connection, name: str, articles: int, findings: Findings) -> None:
    step = max(1, -(-articles // COMPARED))
    numbers = [number for (number,) in db.execute("SELECT id FROM articles ORDER BY id")][::step]
    findings.counts["compared"] = len(numbers)
    wrong = []
    for number in numbers:
        key, *text = db.execute(
            f"SELECT a.key, {INDEXED} WHERE a.id = ?",
            (number,),
        ).fetchone()
        if not _found(db, number, index_text(*text)):
            wrong.append(f"{name}: the search does not find article {key} by its own words; {PUBLISH}")
    findings.some(wrong, "such articles")


def _found(db: sqlite3.Connection, number: int, columns: tuple[str, ...]) -> bool:
    """Whether the index has these words of each column, in this order, for this article."""
    for column, text in zip(COLUMNS, columns, strict=True):
        words = text.split()
        starts = {0, max(0, len(words) // 2 - PHRASE // 2), max(0, len(words) - PHRASE)} if words else set()
        for start in sorted(starts):
            phrase = " ".join(words[start : start + PHRASE])
            row = db.execute(
                f"SELECT 1 FROM {FTS_TABLE} WHERE {FTS_TABLE} MATCH ? AND rowid = ?",  # noqa: S608
                (f'{column} : "{phrase}"', number),
            ).fetchone()
            if row is None:
                return False
    return True


def _sound_file(db: sqlite3.Connection, name: str, findings: Findings, advice: str) -> bool:
    problems = [str(row[0]) for row in db.execute(f"PRAGMA integrity_check({MOST_LINES})") if row[0] != "ok"]
    findings.damage += [f"{name} is damaged ({problem}); {advice}" for problem in problems]
    missing: dict[tuple[str, str], int] = {}
    for table, _, parent, _ in db.execute("PRAGMA foreign_key_check"):
        missing[table, parent] = missing.get((table, parent), 0) + 1
    findings.damage += [
        f"{name}: {rows:,} rows of {table} refer to rows of {parent} that are not there; {advice}"
        for (table, parent), rows in missing.items()
    ]
    return not problems
