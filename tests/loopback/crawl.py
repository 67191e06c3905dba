"""Runs one crawl in this process and prints its report as JSON: `python crawl.py CATALOGUE DATA [SETTINGS]`."""

import json
import sys
from pathlib import Path

from scrapers.catalogue import load
from scrapers.runner import crawl


def main() -> int:
    catalogue, data = Path(sys.argv[1]), Path(sys.argv[2])
    settings = json.loads(sys.argv[3]) if len(sys.argv) > 3 else {}
    report = crawl(
        ["mau"],
        data,
        contact="tests@example.org",
        delay=0,
        workers=1,
        log_level="WARNING",
        catalogue=load(catalogue),
        settings={
            "KHOTIN_ALLOW_PRIVATE_HOSTS": True,
            "AUTOTHROTTLE_ENABLED": False,
            "CONCURRENT_REQUESTS": 8,
            "CONCURRENT_REQUESTS_PER_DOMAIN": 8,
            **settings,
        },
        tell=lambda line: print(line, file=sys.stderr, flush=True),
    )
    site = report.sites[0] if report.sites else None
    print(
        json.dumps(
            {
                "counts": site.counts if site else {},
                "problems": site.problems if site else [],
                "blocked": site.blocked if site else None,
                "interrupted": report.interrupted,
                "failure": str(report.failure) if report.failure else None,
            }
        )
    )
    return 130 if report.interrupted else 0


if __name__ == "__main__":
    sys.exit(main())
