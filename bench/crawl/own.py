"""khotin's own run, as `khotin crawl` and `khotin publish` do it: `python -m bench.crawl.own CARDS DATA`.

All its sites at once without a delay. Prints one JSON object: counts, CPU seconds of the event loop's thread and of the
process, when the crawl ended and publishing began, beats of the event loop.
"""

from __future__ import annotations

import json
import sys
import time
from datetime import UTC, datetime
from pathlib import Path


def main() -> int:
    """Crawl all sites of a catalogue, publish, and tell."""
    # Here, not above: each worker process imports this module, as it does khotin's own command.
    from bench.crawl import heartbeat
    from pipelines.folder import DataFolder
    from pipelines.publish import publish
    from scrapers.catalogue import load
    from scrapers.runner import crawl
    from scrapers.settings import EXTENSIONS

    cards, data = Path(sys.argv[1]), Path(sys.argv[2])
    catalogue = load(cards)
    report = crawl(
        sorted(catalogue.sites),
        data,
        contact="bench@example.org",
        delay=0,
        catalogue=catalogue,
        settings={
            "KHOTIN_ALLOW_PRIVATE_HOSTS": "127.0.0.1,127.0.0.2,127.0.0.3,127.0.0.4,127.0.0.5",
            "KHOTIN_BUDGET": 0,
            "AUTOTHROTTLE_ENABLED": False,
            "EXTENSIONS": {**EXTENSIONS, "bench.crawl.heartbeat.Heartbeat": 500},
        },
    )
    crawled = {"loop": time.thread_time(), "process": time.process_time()}
    crawled_at = time.time()
    folder = DataFolder(data)
    publish(folder.archive, folder.public, now=datetime.now(UTC))
    told = {
        "counts": report.totals,
        "problems": [problem for site in report.sites for problem in site.problems],
        "cpu": crawled,
        "crawled_at": crawled_at,
        "beats": heartbeat.BEATS,
    }
    print(json.dumps(told))
    return 1 if report.failure or report.problems else 0


if __name__ == "__main__":
    sys.exit(main())
