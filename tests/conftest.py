"""Fixtures shared by all tests."""

import os
import shutil
from pathlib import Path

import pytest
from environments import environment

SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real pages and gold cases beside the checkout; users do not have it."""
    if not SHARED.is_dir():
        pytest.skip("no ../shared folder beside this checkout")
    return SHARED


@pytest.fixture(scope="session")
def analyst() -> Path:
    """The bin folder of an environment with what khotin's readers use: pandas, frictionless, feedparser."""
    return environment("analyst", "pandas==3.1.1", "openpyxl==3.1.5", "frictionless==5.21.0", "feedparser==6.0.14")


@pytest.fixture(scope="module")
def chromium():
    """A real Chromium without a window."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    program = os.environ.get("KHOTIN_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if not program:
        pytest.skip("no Chromium: apt install chromium, or name one in KHOTIN_CHROMIUM")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def page(chromium, address):
    """A page for a Vietnamese reader of the server at `address`, which each module has for itself.

    What its console says and what it asks of other hosts is kept in `heard`, and at the end it must be nothing.
    """
    context = chromium.new_context(viewport={"width": 1200, "height": 900}, base_url=address, locale="vi-VN")
    page = context.new_page()
    page.heard = []

    def ours(request):
        return request.url.startswith((address, "data:"))

    page.on("console", lambda message: page.heard.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: page.heard.append(f"error: {error}"))
    page.on("request", lambda request: None if ours(request) else page.heard.append(request.url))
    yield page
    heard = page.heard
    context.close()
    assert heard == []


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks what drives a browser. What takes longest begins first: no worker is left alone with it at the end."""
    for item in items:
        if "chromium" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)
    items.sort(key=lambda item: (not item.get_closest_marker("environments"), not item.get_closest_marker("nights")))
