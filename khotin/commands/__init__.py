"""What `khotin` can do. Each command parses, calls one function of the library, and prints."""

from __future__ import annotations

from khotin.commands.archive import ingest, rebuild, verify
from khotin.commands.collecting import crawl, health
from khotin.commands.extracting import extract
from khotin.commands.publishing import demo, dump, export, publish, serve
from khotin.commands.sites import check, new_site, sites

COMMANDS = (crawl, health, sites, new_site, check, extract, rebuild, ingest, verify, publish, serve, export, dump, demo)

__all__ = ["COMMANDS"]
