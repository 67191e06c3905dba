"""Bytes of a feed, a sitemap or a listing to candidate links. Pure: no network, no clock.

What is found is what the page says; whether it is due, known or wanted is the frontier's affair.
"""

from scrapers.discovery.feeds import inspect_feed, read_feed
from scrapers.discovery.found import Candidate, Listing, SitemapPage, TooLarge, Unreadable
from scrapers.discovery.listings import read_listing
from scrapers.discovery.sitemaps import read_sitemap

__all__ = [
    "Candidate",
    "Listing",
    "SitemapPage",
    "TooLarge",
    "Unreadable",
    "inspect_feed",
    "read_feed",
    "read_listing",
    "read_sitemap",
]
