"""The commands that work on sites: `sites`, `new-site`, `check`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from khotin import looking, show
from khotin.options import contact_option, delay_option, json_option, replay_option


@click.command(epilog="\b\nExample: khotin sites")
@json_option
def sites(as_json: bool) -> None:
    """List the sites of the catalogue."""
    from scrapers.catalogue import load_catalogue

    show.sites(load_catalogue(), as_json)


@click.command(
    "new-site",
    epilog="\b\nExample: khotin new-site https://bao-tinh.example/xay-dung-dang --contact archive@example.org",
)
@click.argument("url")
@click.option("--id", "wanted", default="", help="What the site is to be called.  [default: made of its host]")
@click.option(
    "--cards",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for the card, its family and the saved pages.  [default: KHOTIN_CARDS, else this checkout]",
)
@click.option("--force", is_flag=True, help="Write over a card that is there.")
@contact_option
@delay_option
@replay_option
@json_option
def new_site(
    url: str,
    wanted: str,
    cards: Path | None,
    force: bool,
    contact: str,
    delay: float | None,
    replay: tuple[Path, ...],
    as_json: bool,
) -> None:
    """Look at the site of URL and propose its card: sections, addresses of articles, family, feeds.

    URL is the section Xây dựng Đảng itself, or the front page. At most 40 pages are asked for, five seconds apart.
    Writes the card, the pages it looked at, and what was read of them; says what a person must decide.
    """
    from scrapers.probing.looks import new_site as run

    with looking.telling(as_json) as tell:
        probed, written = run(
            url, wanted=wanted, cards=cards, force=force, contact=contact, delay=delay, replay=replay, tell=tell
        )
    looking.probed(probed, written, as_json)


@click.command(epilog="\b\nExample: khotin check hanoimoi --contact archive@example.org")
@click.argument("site", metavar="SITE|URL")
@click.option("--saved", is_flag=True, help="Read the saved pages of the site again instead; nothing is sent.")
@click.option(
    "--cards",
    type=click.Path(file_okay=False, path_type=Path),
    help="With --saved: folder of the saved pages.  [default: KHOTIN_CARDS, else this checkout]",
)
@contact_option
@delay_option
@replay_option
@json_option
def check(
    site: str,
    saved: bool,
    cards: Path | None,
    contact: str,
    delay: float | None,
    replay: tuple[Path, ...],
    as_json: bool,
) -> None:
    """Look at a site with its card: robots.txt, listings, feeds, sitemaps, three articles. Nothing is stored.

    With the URL of an article that page alone is looked at. Exit code 0 if all of the card holds, 4 if something
    no longer does (with --saved: if a page comes out otherwise, or nobody has looked at it yet).
    """
    from scrapers.probing import looks

    if saved:
        pages = looks.compare_saved(site, cards=cards)
        looking.compared(pages, as_json)
        sys.exit(4 if any(page.problem for page in pages) else 0)
    with looking.telling(as_json) as tell:
        found = looks.check(site, contact=contact, delay=delay, replay=replay, tell=tell)
    looking.checked(found, as_json)
    sys.exit(0 if found.holds else 4)
