"""The search page in a real Chromium: searching, choosing, brushing, paging and taking home, as a reader does."""

import csv

import pytest
from serving import RICH_TITLE, published, started

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    with started(published(tmp_path_factory.mktemp("browser"))) as (address, _):
        yield address


def told(page, text):
    """Waits for it: a key or a click does not wait for the page that it leads to."""
    sync_api.expect(page.locator("#found")).to_have_text(text)


@pytest.mark.parametrize("typed", ["hoa giai", "hòa giải", "hoà giải"])
def test_a_reader_searches_with_and_without_diacritics_and_reads(page, typed):
    page.goto("/")
    page.get_by_role("main").get_by_role("searchbox").fill(typed)
    page.keyboard.press("Enter")
    told(page, "Tìm thấy 1 bài viết")
    assert page.locator(".hits mark").first.inner_text() == "hòa giải"
    page.get_by_role("link", name=RICH_TITLE, exact=True).click()
    sync_api.expect(page.get_by_role("heading", level=1)).to_have_text(RICH_TITLE)


def test_facets_narrow_and_are_taken_back(page):
    page.goto("/search?q=chi+bộ")
    told(page, "Tìm thấy 61 bài viết")
    page.get_by_role("region", name="Trang nguồn").get_by_role("link", name="Trang Trích").click()
    told(page, "Tìm thấy 1 bài viết")
    assert page.locator('[aria-current="true"]', has_text="Trang Trích").count() == 1
    page.get_by_role("link", name="Bỏ: Trang nguồn: Trang Trích").click()
    told(page, "Tìm thấy 61 bài viết")
    page.get_by_role("link", name="63 tỉnh cũ").click()
    page.get_by_role("link", name="Vĩnh Phúc").click()
    told(page, "Tìm thấy 1 bài viết")
    page.get_by_role("link", name="Bỏ hết bộ lọc").click()
    told(page, "Tìm thấy 61 bài viết")


def test_dragging_over_the_histogram_chooses_a_range_of_days(page):
    page.goto("/search")
    brush = page.locator("#brush")
    box = brush.bounding_box()
    page.mouse.move(box["x"] + box["width"] - 1, box["y"] + 20)
    assert page.locator("#brushed").inner_text().startswith("7/2020: ")
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - 1.5 * box["width"] / 88, box["y"] + 20)
    assert page.locator("#brushed").inner_text().startswith("6/2020 – 7/2020: ")
    with page.expect_navigation():
        page.mouse.up()
    assert page.url.partition("?")[2] == "since=2020-06-01&until=2020-07-31"
    assert page.get_by_label("Từ ngày", exact=True).input_value() == "2020-06-01"
    told(page, "Tìm thấy 59 bài viết")


def test_days_can_be_given_and_pages_turned_by_keyboard_and_without_scripts(chromium, address):
    context = chromium.new_context(java_script_enabled=False, base_url=address, locale="vi")
    page = context.new_page()
    page.goto("/search")
    page.get_by_label("Từ ngày", exact=True).fill("2020-06-01")
    page.get_by_role("button", name="Áp dụng").focus()
    page.keyboard.press("Enter")
    told(page, "Tìm thấy 59 bài viết")
    first = page.locator(".hits h3").first.inner_text()
    page.get_by_role("link", name="Trang sau").focus()
    page.keyboard.press("Enter")
    sync_api.expect(page.locator(".hits h3").first).not_to_have_text(first)
    assert page.locator('.pages [aria-current="page"]').inner_text() == "2"
    page.get_by_role("link", name="Trang trước").click()
    sync_api.expect(page.locator(".hits h3").first).to_have_text(first)
    context.close()


def test_a_selection_is_downloaded_and_read_back(page, tmp_path):
    page.goto("/search?q=chi+bộ&site=bao-mau")
    with page.expect_download() as download:
        page.get_by_role("link", name="Tải CSV").click()
    path = tmp_path / download.value.suggested_filename
    download.value.save_as(path)
    assert path.name == "khotin-chi-bo.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    told(page, f"Tìm thấy {len(rows)} bài viết")
    assert {row["site"] for row in rows} == {"bao-mau"}
    texts = [" ".join((row["title"], row["lead"], row["body"])).lower() for row in rows]
    assert [text for text in texts if "chi" not in text.split() or "bộ" not in text.split()] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_fits_a_phone_and_shows_the_filters_when_asked(page, scheme):
    page.set_viewport_size({"width": 360, "height": 740})
    page.emulate_media(color_scheme=scheme)
    page.goto("/search?q=chi+bộ&site=bao-mau&page=2")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    filters = page.get_by_role("complementary", name="Bộ lọc")
    assert not filters.is_visible()
    page.locator("#show-filters").focus()
    page.keyboard.press("Space")
    assert filters.is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.get_by_text("Hiện bộ lọc (1)").click()
    assert not filters.is_visible()


def test_the_page_is_light(page):
    sizes = []
    page.on("response", lambda response: sizes.append(len(response.body())))
    page.goto("/search?q=chi+bộ")
    page.wait_for_load_state("networkidle")
    assert 0 < sum(sizes) < 100_000
