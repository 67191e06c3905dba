"""Makes the pictures of the README: serves the bundled sample and photographs it in Chromium (`make pictures`)."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from playwright.sync_api import sync_playwright

HERE = Path(__file__).resolve().parent
DATA = HERE.parent / "data" / "demo"
PORT = 8991
# An article of the sample that was edited between the two nights.
PICTURES = {"home": "/", "article": "/a/xaydungdang-52wujzkhrw", "search": "/search?q=chi+bo"}


def main() -> int:
    """Write docs/<name>.png for each of `PICTURES`."""
    chromium = os.environ.get("KHOTIN_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        print("no Chromium found: install one, or name it in KHOTIN_CHROMIUM", file=sys.stderr)
        return 1
    run = [sys.executable, "-m", "khotin"]
    subprocess.run([*run, "demo", "--no-serve", "--data", str(DATA)], check=True)
    server = subprocess.Popen([*run, "serve", "--data", str(DATA), "--port", str(PORT)])
    try:
        _wait()
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
            page = browser.new_page(viewport={"width": 1000, "height": 1100})
            for name, path in PICTURES.items():
                page.goto(f"http://127.0.0.1:{PORT}{path}")
                page.screenshot(path=HERE / f"{name}.png")
            browser.close()
    finally:
        server.terminate()
        server.wait(timeout=20)
    return 0


def _wait() -> None:
    for _ in range(100):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{PORT}/", timeout=1):
                return
        except OSError:
            time.sleep(0.2)


if __name__ == "__main__":
    sys.exit(main())
