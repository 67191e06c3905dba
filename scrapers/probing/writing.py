"""Puts a probed site's card, family and saved pages into a folder of cards: checked first, nothing overwritten."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from pipelines.article import Article, KhotinError
from scrapers.catalogue import Catalogue, Site, load
from scrapers.probing import cards, saved
from scrapers.probing.found import Probed

PACKAGE = Path(__file__).resolve().parents[1]
"""Where the bundled `sites/` and `families/` are."""
MOST_PAGES = 5
"""Articles saved for the test."""


class NoCardsFolder(KhotinError):
    """It is not known where cards are to be written."""

    exit_code = 2


class CardThere(KhotinError):
    """The site has a card, or its id is another's."""

    exit_code = 2


@dataclass(frozen=True, slots=True)
class Written:
    """The files that were written."""

    card: Path
    family: Path | None
    pages: tuple[Path, ...]
    """The JSON files of the saved pages."""


def cards_folder(given: Path | None) -> Path:
    """The folder named with --cards, else KHOTIN_CARDS, else a checkout's own. Raises `NoCardsFolder`."""
    if given:
        return given
    if own := os.environ.get("KHOTIN_CARDS"):
        return Path(own)
    if (PACKAGE.parent / "pyproject.toml").is_file():
        return PACKAGE
    message = "where shall the card go? Make a folder and name it: export KHOTIN_CARDS=~/khotin-cards"
    raise NoCardsFolder(message)


def is_default(folder: Path) -> bool:
    """Whether the next commands find a card in this folder without being told of it."""
    try:
        return folder == cards_folder(None)
    except NoCardsFolder:
        return False


def catalogue_of(folder: Path) -> Catalogue:
    """The catalogue with the cards of a folder, which may have none yet. Raises `CatalogueError`."""
    return load(*_roots(folder))


def _roots(folder: Path) -> list[Path]:
    return [PACKAGE, folder] if folder.resolve() != PACKAGE and folder.is_dir() else [PACKAGE]


def free_id(url: str, asked: str, proposed: str, catalogue: Catalogue, folder: Path, *, force: bool) -> str:
    """The id for the site of an address: as asked for or, without, as proposed. Raises `CardThere`."""
    known = catalogue.site_for(url)
    if known and not force:
        message = f"{known.hosts[0]} has a card, {known.id}: look at it with `khotin check {known.id}`, or give --force"
        raise CardThere(message)
    if known and asked and asked != known.id:
        message = f"{known.hosts[0]} is the site {known.id}, whose articles keep that name: leave --id out"
        raise CardThere(message)
    name = known.id if known else asked or proposed
    taken = name in catalogue.sites and not known
    if taken or (not known and name in catalogue.families and not force) or _in_the_way(folder, name, force=force):
        message = f"there is a card called {name}: give another name with --id, or --force"
        raise CardThere(message)
    return name


def _in_the_way(folder: Path, name: str, *, force: bool) -> bool:
    """Also of cards that are broken, and of pages alone."""
    files = [folder / "sites" / f"{name}.yml", folder / "families" / f"{name}.yml", folder / "pages" / name]
    return not force and any(file.exists() for file in files)


def write(probed: Probed, folder: Path) -> Written:
    """Write card, family and pages. Raises `CatalogueError` before anything is written, and `KhotinError`."""
    name, family = probed.site.id, cards.family_card(probed) if probed.new_family else ""
    files = {folder / "sites" / f"{name}.yml": cards.site_card(probed)}
    if family:
        files[folder / "families" / f"{name}.yml"] = family
    site = _checked(files, folder, name)
    try:
        for path, text in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        articles = [sample.capture for sample in probed.samples if isinstance(sample.result, Article)][:MOST_PAGES]
        pages = folder / "pages" / name
        for old in (*pages.glob("*.json"), *pages.glob("*.html")):
            old.unlink()
        kept = [saved.save(pages, f"article-{n}", one, "article", site) for n, one in enumerate(articles, 1)]
        kept += [saved.save(pages, "listing-1", one.capture, "listing", site) for one in probed.sections[:1]]
    except OSError as error:
        message = f"can't write {error.filename or folder} ({error.strerror}): choose another folder with --cards"
        raise KhotinError(message) from error
    card, *families = files
    return Written(card, families[0] if families else None, tuple(kept))


def _checked(files: dict[Path, str], folder: Path, name: str) -> Site:
    """The card as the catalogue reads it, from a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="khotin-card-") as beside:
        for path, text in files.items():
            target = Path(beside) / path.parent.name / path.name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
        return load(*_roots(folder), Path(beside)).sites[name]
