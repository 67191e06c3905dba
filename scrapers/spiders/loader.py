"""Lets Scrapy find one spider for each site card: `scrapy list`, `scrapy crawl SITE`."""

from __future__ import annotations

from scrapy import Request, Spider
from scrapy.exceptions import UsageError
from scrapy.settings import BaseSettings

from scrapers.catalogue import Catalogue, UnknownSite, load_catalogue
from scrapers.spiders.site import SiteSpider


def spider_for(catalogue: Catalogue, site_id: str) -> type[SiteSpider]:
    """The spider class of one site. Raises `UnknownSite`."""
    site = catalogue.site(site_id)
    return type(
        f"{SiteSpider.__name__}[{site.id}]",
        (SiteSpider,),
        {"name": site.id, "site": site, "__doc__": site.name},
    )


class CatalogueSpiderLoader:
    """Scrapy's spider loader, fed from the catalogue."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue

    @classmethod
    def from_settings(cls, settings: BaseSettings) -> CatalogueSpiderLoader:  # noqa: ARG003  # Scrapy's signature
        """As Scrapy builds it."""
        return cls(load_catalogue())

    def load(self, spider_name: str) -> type[Spider]:
        """The spider of a site. `UsageError`, which Scrapy's commands tell in one line, for an unknown one."""
        try:
            return spider_for(self.catalogue, spider_name)
        except UnknownSite as error:
            raise UsageError(str(error), print_help=False) from error

    def find_by_request(self, request: Request) -> list[str]:
        """The site that an address belongs to."""
        site = self.catalogue.site_for(request.url)
        return [site.id] if site else []

    def list(self) -> list[str]:
        """The ids of all sites."""
        return sorted(self.catalogue.sites)
