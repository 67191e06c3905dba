"""`khotin health`: the newest verdicts, and those that were never given."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from khotin.telling import Channel, Message, NotTold
from khotin.telling.news import send
from pipelines import schema
from pipelines.health import Health, Line, SiteHealth, latest
from scrapers.catalogue import Catalogue


def healths(data: Path, catalogue: Catalogue, sites: Sequence[str]) -> tuple[SiteHealth, ...]:
    """The newest verdict on each of `sites`, in their order; without any on all sites of the catalogue.

    The archive is only read, so anybody who may read it can ask.

    Raises `UnknownSite` for a site that has neither card nor verdict, and the errors of opening the archive
    but for a missing one in a folder that is there: then no site was run.
    """
    archive = data / "archive.db"
    try:
        with closing(schema.connect_to_look(archive)) as cx, schema.told(archive):
            newest = latest(cx)
    except schema.NoArchive:
        if not data.is_dir() or schema.orphaned(archive):  # a name mistyped, a database lost: no first night to come
            raise
        newest = {}
    names = list(dict.fromkeys(sites)) or sorted({*catalogue.sites, *newest})
    for name in names:
        if name not in newest:
            catalogue.site(name)
    return tuple(newest.get(name) or _never_run(name) for name in names)


def _never_run(site: str) -> SiteHealth:
    line = Line("a crawl of the site", "none so far")
    return SiteHealth(site, Health.NEVER_RUN, None, None, None, (line,), {})


def send_test(channels: Sequence[Channel]) -> tuple[NotTold, ...]:
    """Send a test message by all channels. Returns those that failed."""
    text = f"This is a test of {datetime.now(UTC):%Y-%m-%d %H:%M} UTC. Trouble with a site would be told here.\n"
    return send(channels, Message("khotin: test message (tin thử)", text, {"test": True}))
