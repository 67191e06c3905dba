"""What an ingest leaves alone: when addresses are visited next. Old captures say nothing of tonight's plan."""

from __future__ import annotations

from datetime import datetime

from pipelines.schema import iso
from pipelines.store import Store
from scrapers.catalogue import Catalogue
from scrapers.outcome import next_visit

_PLAN = ("state", "due_at", "reason", "tries", "status", "fetched_at")


def remember(store: Store) -> int:
    """Note the frontier as it is, for this connection alone; gives its number of addresses."""
    with store.transaction() as cx:
        cx.execute("DROP TABLE IF EXISTS temp.plans_before")
        cx.execute(f"CREATE TEMP TABLE plans_before AS SELECT url, {', '.join(_PLAN)} FROM main.frontier")  # noqa: S608
        cx.execute("CREATE UNIQUE INDEX temp.plans_before_url ON plans_before (url)")
        return int(cx.execute("SELECT count(*) FROM temp.plans_before").fetchone()[0])


def put_back(store: Store, catalogue: Catalogue, remembered: int, now: datetime) -> None:
    """Let each address keep the plan that its newest look gave it, and spread the visits of what came in new.

    Articles that were not known before are visited again as their age has it, seen from `now`: a collection of
    2019 does not make all its pages due tonight.
    """
    columns = ", ".join(f"{name} = b.{name}" for name in _PLAN)
    with store.transaction() as cx:
        if remembered:
            cx.execute(
                f"UPDATE main.frontier AS f SET {columns} FROM temp.plans_before AS b"  # noqa: S608
                " WHERE b.url = f.url AND b.fetched_at IS NOT NULL AND b.fetched_at >= f.fetched_at"
            )
        rows = cx.execute(
            "SELECT f.url, a.first_seen, f.site FROM main.frontier f JOIN addresses d ON d.url = f.url"
            " JOIN articles a ON a.id = d.article_id"
            " WHERE f.state = 'kept' AND f.due_at <= ? AND NOT EXISTS"
            " (SELECT 1 FROM temp.plans_before b WHERE b.url = f.url AND b.fetched_at IS NOT NULL)",
            (iso(now),),
        ).fetchall()
        for url, first_seen, site in rows:
            again = next_visit(datetime.fromisoformat(first_seen), now, catalogue.site(site).revisits)
            cx.execute("UPDATE main.frontier SET due_at = ? WHERE url = ?", (iso(again), url))
        cx.execute("DROP TABLE temp.plans_before")
