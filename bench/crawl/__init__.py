"""The crawl bench: khotin beside other crawlers, end to end on a site on loopback."""
