"""Runs the command `khotin` as it is, but lets it talk to 127.0.0.1 without waiting: `python -m … command ARGS`."""

import json
import os
import sys

if __name__ == "__main__":
    from scrapers import settings

    settings.KHOTIN_ALLOW_PRIVATE_HOSTS = "127.0.0.1,127.0.0.2"  # type: ignore[assignment]
    settings.DOWNLOAD_DELAY = 0
    settings.AUTOTHROTTLE_ENABLED = False
    for name, value in json.loads(os.environ.get("TEST_SETTINGS", "{}")).items():
        setattr(settings, name, value)
    from khotin.cli import main

    sys.argv[0] = "khotin"
    main(prog_name="khotin")
