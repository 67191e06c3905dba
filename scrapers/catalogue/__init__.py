"""The catalogue of sites: reads and checks `scrapers/sites/*.yml` and `scrapers/families/*.yml`. No network.

A family declares how a content management system writes listings and articles; a site card says who
publishes, what is walked, and which family it is. `Catalogue` is what everything else uses.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TypeVar

from scrapers.catalogue.checks import CHECKS, Problem, family_problems, pattern_problems, site_problems
from scrapers.catalogue.model import (
    Catalogue,
    CatalogueError,
    Examples,
    Expect,
    Family,
    Kind,
    ListingTemplate,
    Province,
    Rewrite,
    Rights,
    Section,
    Site,
    UnknownSite,
    UrlCard,
    Verified,
)
from scrapers.catalogue.reader import Card, Place

__all__ = [
    "Catalogue",
    "CatalogueError",
    "Examples",
    "Expect",
    "Family",
    "Kind",
    "ListingTemplate",
    "Province",
    "Rewrite",
    "Rights",
    "Section",
    "Site",
    "UnknownSite",
    "UrlCard",
    "Verified",
    "load",
    "load_catalogue",
]

_PACKAGE = Path(__file__).parents[1]
_Entry = TypeVar("_Entry", Family, Site)


@cache
def load_catalogue() -> Catalogue:
    """The catalogue of this installation, read once. Raises `CatalogueError`.

    Cards in the folder that the environment variable KHOTIN_CARDS names (`sites/`, `families/` in it) are added;
    one with the name of a bundled card takes its place.
    """
    own = os.environ.get("KHOTIN_CARDS")
    return load(_PACKAGE, Path(own)) if own else load(_PACKAGE)


def load(*folders: Path) -> Catalogue:
    """Read and check the cards in `sites/` and `families/` of the folders (default: those of this package).

    Of two cards with one name the one in the later folder counts. Raises `CatalogueError` that lists everything
    wrong in all cards, one line each.
    """
    roots = folders or (_PACKAGE,)
    family_cards = {name: card for root in roots for name, card in _cards(root / "families")}
    site_cards = {name: card for root in roots for name, card in _cards(root / "sites")}
    for root in roots:
        # a folder of one's own is empty before its first card; one that is not there is a slip of the pen
        if not any((root / "sites").glob("*.yml")) and (len(roots) == 1 or not root.is_dir()):
            problem = f"{root / 'sites'}: found no card, expected at least one <id>.yml"
            raise CatalogueError((problem,))
    families = {name: _named(family) for name, family in _read(family_cards, Family, family_problems, lambda f: f.id)}
    sites: dict[str, Site] = {}
    hosts: dict[str, str] = {}
    for name, site in _read(site_cards, Site, site_problems, lambda s: s.id):
        sites[name] = _with_families(site, families, site_cards[name])
        for host in sorted(site.allowed_hosts):
            if host in hosts:
                found = f"the host {host}, which sites/{hosts[host]}.yml has too"
                site_cards[name].tell(("hosts",), found, "hosts of this site alone")
            hosts.setdefault(host, name)
    for card in site_cards.values():
        _tell_unknown_families(card, set(family_cards))
    told = [line for card in (*family_cards.values(), *site_cards.values()) for line in card.told]
    if told:
        raise CatalogueError(tuple(told))
    return Catalogue(sites, families)


def _cards(folder: Path) -> Iterator[tuple[str, Card]]:
    for path in sorted(folder.glob("*.yml")):
        yield path.stem, Card(path, CHECKS)


def _read(
    cards: dict[str, Card],
    schema: type[_Entry],
    problems: Callable[[_Entry], Iterator[Problem]],
    id_of: Callable[[_Entry], str],
) -> Iterator[tuple[str, _Entry]]:
    """The cards that hold together in themselves."""
    for name, card in cards.items():
        entry = card.read(schema)
        if entry is None:
            continue
        if id_of(entry) != name:
            card.tell(("id",), f"the id {id_of(entry)!r}", f"{name!r}, as the file is called")
        for place, found, expected in problems(entry):
            card.tell(place, found, expected)
        if not card.problems:
            yield name, entry


def _named(family: Family) -> Family:
    """Templates under their full name: `liferay/asset`."""
    return replace(
        family,
        templates=tuple(replace(t, name=f"{family.id}/{t.name}") for t in family.templates),
        listings=tuple(replace(x, name=f"{family.id}/{x.name}") for x in family.listings),
    )


def _with_families(site: Site, families: dict[str, Family], card: Card) -> Site:
    """The site with the families it names. A family whose own file is broken is told there, not here."""
    wanted = (site.family, *site.more_families)
    whole = replace(site, families=tuple(families[name] for name in wanted if name in families))
    if len(whole.families) == len(wanted):
        for place, found, expected in pattern_problems(whole):
            card.tell(place, found, expected)
    return whole


def _tell_unknown_families(card: Card, known: set[str]) -> None:
    """Of every card, also one that does not hold together for another reason."""
    wanted: list[tuple[Place, str]] = [(("family",), card.given["family"])] if "family" in card.given else []
    wanted += [(("more_families", i), name) for i, name in enumerate(card.given.get("more_families", ()))]
    for place, name in wanted:
        if name not in known:
            expected = f"one of {', '.join(sorted(known)) or 'families/*.yml'}"
            card.tell(place, f"the unknown family {name!r}", expected)
