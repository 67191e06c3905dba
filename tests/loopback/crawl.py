"""Runs one crawl in this process and prints its report as JSON: `python crawl.py CATALOGUE DATA [SETTINGS]`.

The setting DAYS puts the crawl's clock forward: the next nights of a site can be had at once. The setting
NAMES (name -> addresses) stands in for DNS. Every address that the process connects to is noted; those
that KHOTIN_ALLOW_PRIVATE_HOSTS does not name are told as `strangers`.
"""

import json
import re
import socket
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

CONNECTED: list[str] = []
NAMES: dict[str, list[str]] = {}
_lookup = socket.getaddrinfo
_connect_ex = socket.socket.connect_ex


def lookup(host: Any, port: Any, *args: Any, **kwargs: Any) -> Any:
    name = host.decode() if isinstance(host, bytes) else str(host)
    if name not in NAMES:
        return _lookup(host, port, *args, **kwargs)
    kinds = [(socket.AF_INET6 if ":" in address else socket.AF_INET, address) for address in NAMES[name]]
    return [(kind, socket.SOCK_STREAM, 6, "", (address, int(port or 0))) for kind, address in kinds]


def connect_ex(self: socket.socket, address: Any) -> int:
    if isinstance(address, tuple):
        CONNECTED.append(address[0])
    return _connect_ex(self, address)


socket.getaddrinfo = lookup  # before Twisted takes it
socket.socket.connect_ex = connect_ex  # type: ignore[method-assign,assignment]


def peak_mb() -> int:
    """The most memory this process ever held. Not ru_maxrss: that one is inherited from the process that started us."""
    found = re.search(r"^VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text(), re.MULTILINE)
    assert found is not None
    return int(found[1]) >> 10


def main() -> int:
    from scrapers.catalogue import load
    from scrapers.runner import crawl

    catalogue, data = Path(sys.argv[1]), Path(sys.argv[2])
    settings = json.loads(sys.argv[3]) if len(sys.argv) > 3 else {}
    NAMES.update(settings.pop("NAMES", {}))
    ahead = timedelta(days=settings.pop("DAYS", 0))
    delay = settings.pop("DOWNLOAD_DELAY", 0)
    settings = {
        "KHOTIN_ALLOW_PRIVATE_HOSTS": "127.0.0.1",
        "AUTOTHROTTLE_ENABLED": False,
        "CONCURRENT_REQUESTS": 8,
        "CONCURRENT_REQUESTS_PER_DOMAIN": 8,
        **settings,
    }
    report = crawl(
        ["mau"],
        data,
        contact="tests@example.org",
        delay=delay,
        workers=1,
        log_level="WARNING",
        catalogue=load(catalogue),
        settings=settings,
        clock=lambda: datetime.now(UTC) + ahead,
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
                "health": site.health.verdict if site and site.health else None,
                "evidence": [str(line) for line in site.health.evidence] if site and site.health else [],
                "failure": str(report.failure) if report.failure else None,
                "strangers": sorted(set(CONNECTED) - set(str(settings["KHOTIN_ALLOW_PRIVATE_HOSTS"]).split(","))),
                "peak_mb": peak_mb(),
            }
        )
    )
    return 130 if report.interrupted else 0


if __name__ == "__main__":
    sys.exit(main())
