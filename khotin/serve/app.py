"""A Datasette for public.db: settings with their reasons, metadata, plugin, templates, static files."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from khotin.serve.doors import Doors, Profile
from pipelines.article import KhotinError
from pipelines.schema import other_folder
from pipelines.search import FTS_TABLE

DATABASE = "public"
"""Name of the database in addresses: /public/articles."""
HERE = Path(__file__).resolve().parent

SETTINGS: dict[str, int | bool] = {
    "default_page_size": 50,  # a table page stays under 100 kB on a phone
    "max_returned_rows": 1000,  # a page of the JSON API; `next` leads on, streams take all
    "num_sql_threads": 4,  # readers at once; each has a connection and its page cache
    "sql_time_limit_ms": 2000,  # a rare phrase on a cold disk; beyond that a query is a mistake
    "default_facet_size": 30,
    "facet_time_limit_ms": 500,  # five facets over a large selection; 200 gives up too early
    "suggest_facets": False,  # a query a column on each table page, to suggest what metadata.yml says
    "default_cache_ttl": 5,  # a new snapshot is seen within seconds
    "cache_size_kb": 16_000,  # a connection; four of them 64 MB
    "max_csv_mb": 0,  # a stream over the limit would end in an error line with status 200
    "truncate_cells_html": 300,  # table pages are for finding, the article page is for reading
    "allow_download": False,  # the file is replaced while it is served; dumps are the way to take it home
    "template_debug": False,  # ?_context=1 would show paths of this machine
    "trace_debug": False,
}


_INDEX_TABLES = [f"{FTS_TABLE}_{part}" for part in ("config", "content", "data", "docsize", "idx")]


def _closed(metadata: dict[str, Any]) -> dict[str, Any]:
    # The tables inside the search index are no reading; what is found in it is found by ?_search=. The index itself
    # is closed by doors.refuse: Datasette 1.0 lets nobody search who may not view its table.
    tables = metadata["databases"][DATABASE]["tables"]
    for name in _INDEX_TABLES:
        tables[name] = {**tables.get(name, {}), "allow": False}
    return metadata


_ADDRESS = re.compile(r"https?://(?:[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?", re.IGNORECASE)
# https://khotin.example.org and http://[::1]:8001 match; khotin.example.org and https://x.example/khotin don't.


class BadAddress(KhotinError):
    """The server's own address is none."""

    exit_code = 2


class Refused(KhotinError):
    """There is nothing to serve."""

    exit_code = 66  # EX_NOINPUT


class Damaged(Refused):
    """There is a public.db, and it can't be read."""

    exit_code = 65  # EX_DATAERR


def own_address(text: str) -> str:
    """The address at which readers reach the server, without a last slash; empty if there is none.

    `https://khotin.example.org`, `http://localhost:8001/`. Raises BadAddress for what is no such address.
    """
    text = text.strip().rstrip("/")
    if text and not _ADDRESS.fullmatch(text):
        msg = f"{text!r} is no address of a server: write https://khotin.example.org, without a path"
        raise BadAddress(msg)
    return text.lower()


def build(data: Path, *, profile: Profile | None = None, sql: bool | None = None, address: str = "") -> Any:
    """The Datasette object that serves `data`/public.db under a profile; see `doors.Doors` for None.

    `sql`: readers may run SQL of their own; None: as the profile has it, the public one does not.
    `address`: where readers reach it, for feeds, sitemaps and citations; empty: as each of them came.
    Raises BadAddress, Refused if public.db is missing, Damaged if it is unreadable.
    """
    from datasette.app import Datasette
    from datasette.plugins import pm

    from khotin.serve import plugin
    from khotin.serve.metadata import load_metadata
    from khotin.serve.snapshot import NotReadable, SnapshotDatabase

    own = own_address(address)
    public = data / "public.db"
    if not public.is_file():
        msg = f"there is no {public}: run khotin publish first, {other_folder(public)}"
        raise Refused(msg)
    if not pm.is_registered(plugin):
        pm.register(plugin, name="khotin")
    datasette = Datasette(
        [],
        metadata=_closed(load_metadata()),
        template_dir=str(HERE / "templates"),
        static_mounts=[("-/khotin", str(HERE / "static"))],
        settings={**SETTINGS, "default_allow_sql": profile != "public" if sql is None else sql},
    )
    datasette.khotin_doors = Doors(profile)
    datasette.khotin_address = own
    # Without files Datasette adds an empty `_memory` database that lists beside ours.
    datasette.remove_database("_memory")
    database = SnapshotDatabase(datasette, public)
    datasette.add_database(database, name=DATABASE)
    try:
        database.release(database.acquire())
    except NotReadable as error:
        msg = f"{error}: run khotin publish, which makes it anew"
        raise Damaged(msg) from error
    return datasette
