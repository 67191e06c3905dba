"""The saved pages of sites that `khotin new-site` looked at, in this checkout and under KHOTIN_CARDS.

They are no part of the repository: their texts belong to the publishers. A page fails until someone has read it.
"""

import os
from pathlib import Path

import pytest

from scrapers.catalogue import load_catalogue
from scrapers.probing.saved import compare
from scrapers.probing.writing import PACKAGE

FOLDERS = [PACKAGE / "pages", *([Path(os.environ["KHOTIN_CARDS"]) / "pages"] if "KHOTIN_CARDS" in os.environ else [])]
SITES = [site for folder in FOLDERS for site in sorted(folder.glob("*")) if site.is_dir()]


@pytest.mark.parametrize("folder", SITES, ids=lambda folder: folder.name)
def test_the_saved_pages_of_a_site_were_read_and_come_out_as_expected(folder: Path) -> None:
    pages = list(compare(folder, load_catalogue().site(folder.name)))
    assert pages, f"{folder} has no saved page"
    assert [page.problem for page in pages if page.problem] == []
