"""Scrapy settings of every crawl. Each default that we turn round stands with its reason."""

import os

from pipelines.disk import asked_floor
from pipelines.pool import MEMORY_LIMIT_BYTES, TIME_LIMIT_S

BOT_NAME = "khotin"
SPIDER_MODULES = ["scrapers.spiders"]
SPIDER_LOADER_CLASS = "scrapers.spiders.loader.CatalogueSpiderLoader"  # one spider a site card
KHOTIN_DATA = os.environ.get("KHOTIN_DATA", "data")
KHOTIN_CONTACT = os.environ.get("KHOTIN_CONTACT", "")  # goes into the user agent; live crawls need it
KHOTIN_PAGE_SECONDS = TIME_LIMIT_S  # a page that takes longer to extract is quarantined
KHOTIN_PAGE_MEMORY_MB = MEMORY_LIMIT_BYTES >> 20  # so is one that needs more memory
KHOTIN_DISK_FREE_MB = asked_floor()  # stops before less is free; "": 500 MB or 2 %
KHOTIN_BUDGET = os.environ.get("KHOTIN_BUDGET") or 2000  # requests a site and run, the rest next night; 0: no limit
KHOTIN_REVISITS = os.environ.get("KHOTIN_REVISITS", "")  # days, "1,3,7,30,180": when articles are looked at again
KHOTIN_LISTING_DAYS = 10  # what a feed or sitemap index leaves out is looked at so often all the same; 0: nightly
KHOTIN_SINCE = ""  # YYYY-MM-DD: fetch only articles published from this day on
KHOTIN_UNTIL = ""  # and up to this one
KHOTIN_LIMIT = 0  # at most so many articles a site and run; 0: no limit
KHOTIN_QUIET_SECONDS = 30  # after a 429 or 503 that doesn't say for how long
KHOTIN_MAX_CRAWL_DELAY = os.environ.get("KHOTIN_MAX_CRAWL_DELAY") or 60  # s; a site that asks for more is left alone
KHOTIN_BODY_SECONDS = 45  # a body that drips for longer is cut and archived as far as it came
KHOTIN_ALLOW_PRIVATE_HOSTS = False  # a switch for tests: True, or the addresses allowed, with commas
# WARC files, separated by blanks: `scrapy crawl` answers from them instead of the network.
KHOTIN_REPLAY = os.environ.get("KHOTIN_REPLAY", "")

# Polite always: robots.txt, one request at a time a host, at least five seconds apart.
ROBOTSTXT_OBEY = True
ROBOTSTXT_USER_AGENT = "khotin"
CONCURRENT_REQUESTS = 2  # of one site: what waits in the downloader can't be called back when it asks for quiet
CONCURRENT_REQUESTS_PER_DOMAIN = 1
CONCURRENT_ITEMS = 1  # of one page, which is one item: Scrapy starts as many tasks for each page, 100 by default
DOWNLOAD_DELAY = 5.0
DOWNLOAD_DELAY_JITTER = 0.0  # Scrapy's jitter would also halve the delay; we promise a minimum
AUTOTHROTTLE_ENABLED = True  # slower still where a server answers slowly
AUTOTHROTTLE_START_DELAY = 5.0
AUTOTHROTTLE_TARGET_CONCURRENCY = 1.0
DEFAULT_REQUEST_HEADERS = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Encoding": "gzip, deflate",  # what every WARC tool can read back; warcio stumbles over br
    "Accept-Language": "vi,en;q=0.5",  # portals serve the English frame otherwise
}
RETRY_HTTP_CODES = [500, 502, 504, 522, 524, 408]  # not 429 and 503: whoever asks for quiet gets it
RETRY_TIMES = 1

# Safe against the web.
DOWNLOAD_VERIFY_CERTIFICATES = True  # off by default: an archive must know whom it heard
TWISTED_DNS_RESOLVER = "scrapers.private.PublicResolver"  # no name leads to a private address
HTTPPROXY_ENABLED = False  # a proxy from the environment would look up names past that resolver
DOWNLOAD_TIMEOUT = 60
DOWNLOAD_MAXSIZE = 32 << 20  # as sent; 1 GiB by default; the largest real page seen has 0.6 MB. See scrapers.bounds
COMPRESSION_ENABLED = False  # the archive decodes, once, within its own bound; response.body stays as sent
DOWNLOAD_FAIL_ON_DATALOSS = False  # a body cut short is archived as such, and fetched again later
COOKIES_ENABLED = False  # no sessions; and Scrapy would ask the net for the public suffix list
REDIRECT_MAX_TIMES = 6
METAREFRESH_ENABLED = False  # challenge stubs reload themselves
TELNETCONSOLE_ENABLED = False  # a console on a port is no part of a crawl
REMOTE_CONTROL_ENABLED = False  # nor is this one
URLLENGTH_LIMIT = 0  # Scrapy drops long addresses without a word; discovery has its own limit
DOWNLOAD_HANDLERS = {
    "http": "scrapers.door.Door",
    "https": "scrapers.door.Door",
    "data": None,
    "file": None,
    "s3": None,
    "ftp": None,
}
EXTENSIONS = {"scrapers.bounds.Bounds": 100, "scrapy.extensions.logcount.LogCount": None}

# What Scrapy counts of each page and nobody looks at; LogCount is of the kind.
DOWNLOADER_STATS = False
SPIDER_MIDDLEWARES = {
    "scrapy.spidermiddlewares.depth.DepthMiddleware": None,  # no depth is limited
    "scrapy.spidermiddlewares.metacopy.MetaCopyDetectionMiddleware": None,  # warns of a mistake of spiders
}

DOWNLOADER_MIDDLEWARES = {
    "scrapers.manners.HostGuard": 40,
    "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,  # HostGuard is stricter
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,  # lets requests slip through, see manners
    "scrapers.manners.Robots": 100,
    "scrapers.manners.SlowDown": 870,
    "scrapers.validators.Conditional": 875,
    # Nearest to the network but for the statistics: sees every response, redirects too, as it was sent.
    "scrapers.keeping.ArchiveMiddleware": 880,
    "scrapers.watching.WatchMiddleware": 890,  # what became of each request, for the verdict on the site
}
ITEM_PIPELINES = {
    "pipelines.stages.ExtractStage": 100,
    "pipelines.stages.StoreStage": 200,
}

TWISTED_REACTOR = "twisted.internet.asyncioreactor.AsyncioSelectorReactor"
REQUEST_FINGERPRINTER_CLASS = "scrapy.utils.request.RequestFingerprinter"
LOG_LEVEL = "INFO"
LOG_SHORT_NAMES = True
MEMUSAGE_ENABLED = False
STATS_DUMP = False  # the run's summary says what happened
