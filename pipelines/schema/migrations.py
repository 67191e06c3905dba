"""How archive.db came to its tables, step by step.

Migrations are numbered functions in `MIGRATIONS` (sqlite-utils notes name and time of each in
`_sqlite_migrations`); the number of the last one applied stands in `PRAGMA user_version`, so that an older
program can tell from the first 100 bytes of the file that it must keep its hands off.
"""

from __future__ import annotations

import sqlite3

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from pipelines.schema.tables import TABLES_1, TABLES_2, TABLES_3, TABLES_4

APPLICATION_ID = 0x6B686F74  # "khot": tells archive.db from any other SQLite file


def run_script(conn: sqlite3.Connection, script: str) -> None:
    """Run several statements inside the open transaction (`executescript` would commit it first)."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            conn.execute(statement)
            statement = ""


MIGRATIONS = Migrations("khotin")


@MIGRATIONS(name="0001_first_tables")
def _first_tables(db: Database) -> None:
    run_script(db.conn, TABLES_1)
    db.conn.execute(f"PRAGMA application_id = {APPLICATION_ID}")


@MIGRATIONS(name="0002_health")
def _health(db: Database) -> None:
    run_script(db.conn, TABLES_2)


@MIGRATIONS(name="0003_rests")
def _rests(db: Database) -> None:
    run_script(db.conn, TABLES_3)


@MIGRATIONS(name="0004_visits")
def _visits(db: Database) -> None:
    run_script(db.conn, TABLES_4)


MIGRATION_NAMES = [migration.name for migration in MIGRATIONS._migrations]
SCHEMA_VERSION = len(MIGRATION_NAMES)
