"""`new_site` and `check` as one call each: everything that a command needs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from pipelines.identity import UnusableAddress, host_of
from scrapers.catalogue import Site, UnknownSite, load_catalogue
from scrapers.probing.check import REQUESTS as REQUESTS_OF_A_CHECK
from scrapers.probing.check import Checked
from scrapers.probing.check import check as check_site
from scrapers.probing.facts import site_id
from scrapers.probing.found import Probed
from scrapers.probing.probe import REQUESTS, hosts_of, probe
from scrapers.probing.saved import Compared, NoSavedPage, compare
from scrapers.probing.visitor import look
from scrapers.probing.writing import Written, cards_folder, catalogue_of, free_id, write


def new_site(
    url: str,
    *,
    wanted: str = "",
    cards: Path | None = None,
    force: bool = False,
    contact: str = "",
    delay: float | None = None,
    replay: Sequence[Path] = (),
    tell: Callable[[str], None] = lambda _: None,
) -> tuple[Probed, Written]:
    """Probe the site of an address and write its card. One call a process.

    Raises `KhotinError`: no address, a card that is there, no contact, a site that can't be looked at, a folder
    that can't be written.
    """
    if "://" not in url:
        url = f"https://{url}"
    try:
        host = host_of(url)
    except UnusableAddress as error:
        message = f"{url} is no address of a site: give one like https://example.vn/xay-dung-dang"
        raise UnusableAddress(message) from error
    folder = cards_folder(cards)
    catalogue = catalogue_of(folder)
    name = free_id(url, wanted, site_id(host), catalogue, folder, force=force)
    found = look(
        lambda visitor: probe(visitor, url, catalogue, name),
        hosts_of(url),
        contact=contact,
        delay=delay,
        budget=REQUESTS,
        replay=replay,
        tell=tell,
    )
    return found, write(found, folder)


def check(
    site_or_url: str,
    *,
    contact: str = "",
    delay: float | None = None,
    replay: Sequence[Path] = (),
    tell: Callable[[str], None] = lambda _: None,
) -> Checked:
    """Look at a site, or at one page of it, with its card; nothing is stored. One call a process.

    Raises `KhotinError`: an unknown site, an address of no site, no contact.
    """
    site, page = find(site_or_url)
    return look(
        lambda visitor: check_site(visitor, site, page),
        site.allowed_hosts,
        site=site,
        contact=contact,
        delay=delay,
        budget=REQUESTS_OF_A_CHECK,
        replay=replay,
        tell=tell,
    )


def compare_saved(site_or_url: str, *, cards: Path | None = None) -> tuple[Compared, ...]:
    """Read the saved pages of a site again. Raises `KhotinError`: an unknown site, no saved pages."""
    site, _ = find(site_or_url)
    folder = cards_folder(cards) / "pages" / site.id
    found = tuple(compare(folder, site))
    if not found:
        message = f"{site.id} has no saved pages in {folder}: name their folder with --cards, or leave --saved out"
        raise NoSavedPage(message)
    return found


def find(site_or_url: str) -> tuple[Site, str]:
    """The site that a name or an address means, and the address if it is one of a single page."""
    catalogue = load_catalogue()
    if "/" not in site_or_url and "." not in site_or_url:
        return catalogue.site(site_or_url), ""
    url = site_or_url if "://" in site_or_url else f"https://{site_or_url}"
    site = catalogue.site_for(url)
    if site is None:
        message = f"no card has the host of {url}: `khotin new-site {url}` proposes one"
        raise UnknownSite(message)
    return site, url if site.is_article(url) else ""
