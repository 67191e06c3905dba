"""Makes the pictures of the README: serves the bundled sample and photographs it in Chromium (`make pictures`)."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

HERE = Path(__file__).resolve().parent
DATA = HERE.parent / "data" / "demo"
PORT = 8991
MOST_BYTES = 200_000
"""A picture in the tree is not larger."""
# An article of the sample that was edited between the two nights.
EDITED = "/a/xaydungdang-52wujzkhrw"


@dataclass(frozen=True)
class Picture:
    """A page as a reader sees it; `shown`, a selector, is scrolled to the top first."""

    name: str
    path: str
    width: int = 1000
    height: int = 1000
    language: str = "vi-VN"
    dark: bool = False
    shown: str = ""


PICTURES = (
    Picture("home", "/"),
    Picture("search", "/search?q=chi+bo", height=820),
    Picture("article", EDITED),
    Picture("diff", EDITED, height=760, shown="#revisions"),
    Picture("over-time", "/overview?since=2026-01", language="en-GB", height=860),
    Picture("map", "/map", width=1040, height=1180),
    Picture("sites", "/sites", language="en-GB", height=820),
    Picture("compare", "/compare?q=chi+bo&with=%22ki%E1%BB%83m+tra%22&per=count&since=2026-05", height=820),
    Picture("phone", EDITED, width=390, height=844),
    Picture("dark", EDITED, dark=True, language="en-GB", height=820),
)


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
            for picture in PICTURES:
                _take(browser, picture)
            browser.close()
    finally:
        server.terminate()
        server.wait(timeout=20)
    large = [path.name for path in HERE.glob("*.png") if path.stat().st_size > MOST_BYTES]
    if large:
        print(f"larger than {MOST_BYTES} bytes: {', '.join(large)}; make the window smaller", file=sys.stderr)
    return 1 if large else 0


def _take(browser: Browser, picture: Picture) -> None:
    context = browser.new_context(
        viewport={"width": picture.width, "height": picture.height},
        locale=picture.language,
        color_scheme="dark" if picture.dark else "light",
        base_url=f"http://127.0.0.1:{PORT}",
    )
    page = context.new_page()
    page.goto(picture.path)
    if picture.shown:
        page.locator(picture.shown).evaluate("node => node.scrollIntoView()")
    page.screenshot(path=HERE / f"{picture.name}.png")
    context.close()


def _wait() -> None:
    for _ in range(100):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{PORT}/", timeout=1):
                return
        except OSError:
            time.sleep(0.2)


if __name__ == "__main__":
    sys.exit(main())
