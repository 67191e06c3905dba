"""Everyone can read it: axe-core's rules in a real Chromium, keyboard, layout, weight, and no request elsewhere."""

import gzip
import sqlite3

import pytest
from serving import RICH_TITLE, published, started

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed")

PAGES = [
    "/", "/a/RICH", "/a/GONE", "/a/EXCERPT", "/a/khong-co", "/overview", "/map", "/map?scheme=63", "/sites", "/changes",
    "/compare?q=chi+bo&with=hoa+giai", "/data", "/api", "/search/help",
]  # fmt: skip
WITH_SCRIPTS = ["/search", "/search?q=chi+bo", "/search?q=khongcogi"]
"""Pages that do the same without their script, and something more with it."""
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return published(tmp_path_factory.mktemp("accessible"))


@pytest.fixture(scope="module")
def address(data):
    with started(data) as (address, _):
        yield address


@pytest.fixture(scope="module")
def there(data):
    """A page's address with the keys of the articles in it."""
    db = sqlite3.connect(data / "public.db")
    found = {
        "RICH": "title like 'Đảng ủy xã Thử%'",
        "GONE": "gone_since is not null",
        "EXCERPT": "rights = 'excerpt'",
    }
    keys = {name: db.execute(f"select key from articles where {where}").fetchone()[0] for name, where in found.items()}  # noqa: S608
    db.close()

    def fill(path):
        for name, key in keys.items():
            path = path.replace(name, key)
        return path

    return fill


@pytest.mark.parametrize(("scheme", "language", "width"), [("light", "vi-VN", 1200), ("dark", "en-GB", 360)])
@pytest.mark.parametrize("path", PAGES + WITH_SCRIPTS)
def test_axe_finds_nothing_to_mend(chromium, address, there, path, scheme, language, width):
    context = chromium.new_context(
        base_url=address, color_scheme=scheme, locale=language, viewport={"width": width, "height": 800}
    )
    page = context.new_page()
    page.goto(there(path))
    for details in page.locator("main details").all():
        details.evaluate("node => { node.open = true }")
    found = axe.Axe().run(page, options=RULES)
    context.close()
    assert found.response["passes"]
    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found.response["violations"]] == []


@pytest.mark.parametrize("path", PAGES + WITH_SCRIPTS)
@pytest.mark.parametrize("width", [320, 1200])
def test_nothing_is_wider_than_the_window_and_nothing_moves(chromium, address, there, path, width):
    context = chromium.new_context(base_url=address, viewport={"width": width, "height": 740}, locale="vi-VN")
    page = context.new_page()
    page.add_init_script(
        "window.moved = 0; new PerformanceObserver(list => { for (const one of list.getEntries()) moved += one.value })"
        ".observe({type: 'layout-shift', buffered: true})"
    )
    page.goto(there(path))
    page.wait_for_load_state("networkidle")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("moved") == 0
    context.close()


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_light_needs_no_script_and_asks_no_one_else(chromium, address, there, path):
    context = chromium.new_context(base_url=address, java_script_enabled=False)
    page = context.new_page()
    asked, bodies = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("response", lambda response: bodies.append(response.body()))
    page.goto(there(path))
    page.wait_for_load_state("networkidle")
    assert asked
    assert [url for url in asked if not url.startswith((f"{address}/", "data:"))] == []
    assert sum(len(gzip.compress(body)) for body in bodies) < 100_000
    assert page.locator("script").count() == 0
    context.close()


@pytest.mark.parametrize("path", ["/", "/overview", "/compare?q=chi+bo"])
def test_a_phone_shows_the_newest_months_of_a_chart_first(chromium, address, path):
    context = chromium.new_context(base_url=address, java_script_enabled=False, viewport={"width": 390, "height": 800})
    page = context.new_page()
    page.goto(path)
    box, chart = page.locator(".wide:has(> .chart)").bounding_box(), page.locator(".wide > .chart").bounding_box()
    assert chart["width"] > box["width"]
    assert chart["x"] + chart["width"] == pytest.approx(box["x"] + box["width"], abs=1)
    context.close()


def test_every_link_and_field_is_reached_with_the_keyboard_and_seen(chromium, address):
    context = chromium.new_context(base_url=address, locale="vi-VN")
    page = context.new_page()
    page.goto("/map")
    reached = []
    for _ in range(60):
        page.keyboard.press("Tab")
        mark = page.evaluate(
            "() => { const node = document.activeElement, style = getComputedStyle(node);"
            " const inner = node.querySelector('rect'), drawn = inner && getComputedStyle(inner).strokeWidth;"
            " return [node.tagName.toLowerCase(), node.getAttribute('aria-label') || node.textContent.trim(),"
            " style.outlineStyle !== 'none' || drawn === '2.5px'] }"
        )
        if mark[0] == "body":
            break
        reached.append(mark)
    names = [name for _, name, _ in reached]
    assert names[0] == "Đến nội dung"
    assert {"Bản đồ", "English", "Hà Nội: 60 bài viết", "Cà Mau: 0 bài viết"} <= set(names)
    assert [name for _, name, seen in reached if not seen] == []
    context.close()


def test_a_reader_switches_the_language_without_scripts_and_it_is_kept(chromium, address, there):
    context = chromium.new_context(base_url=address, java_script_enabled=False, locale="vi-VN")
    page = context.new_page()
    page.goto(there("/a/RICH"))
    assert page.locator("html").get_attribute("lang") == "vi"
    page.get_by_role("link", name="English").click()
    page.wait_for_url(there("**/a/RICH"))
    sync_api.expect(page.locator("html")).to_have_attribute("lang", "en")
    assert page.get_by_role("heading", name="Cite this").is_visible()
    assert page.get_by_role("heading", level=1).inner_text() == RICH_TITLE
    page.get_by_role("link", name="Over time").click()
    page.wait_for_url("**/overview")
    assert page.get_by_role("heading", level=1).inner_text() == "Articles over time"
    context.close()


def test_a_citation_is_taken_home(chromium, address, there):
    context = chromium.new_context(base_url=address, locale="vi-VN")
    page = context.new_page()
    page.goto(there("/a/RICH"))
    page.get_by_text("BibTeX", exact=True).click()
    with page.expect_download() as download:
        page.get_by_role("link", name=".bib").click()
    assert download.value.suggested_filename == there("RICH.bib")
    assert download.value.path().read_text(encoding="utf-8").startswith(f"@misc{{{there('RICH')},")
    context.close()
