"""The reading room in a real Chromium: what a reader sees; nothing stored runs, nothing foreign loads."""

import pytest
from serving import RICH_TITLE, published, started

from khotin.serve.metadata import load_metadata
from pipelines.dump import dump

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    data = published(tmp_path_factory.mktemp("browser"))
    dump(data / "public.db", data / "dumps", load_metadata())
    with started(data) as (address, _):
        yield address


def test_a_reader_searches_and_reads(page):
    page.goto("/")
    page.get_by_role("main").get_by_label("Tìm", exact=True).fill("hoa giai o co so")
    page.get_by_role("main").get_by_role("button", name="Tìm").click()
    page.get_by_role("link", name=RICH_TITLE).first.click()
    sync_api.expect(page.get_by_role("heading", level=1)).to_have_text(RICH_TITLE)
    assert page.locator("ins").all_inner_texts() == ["152"]
    assert page.locator("del").all_inner_texts() == ["150"]


@pytest.mark.parametrize(
    "path",
    ["/", "/a/RICH", "/public", "/public/articles", "/public/articles?_search=chi+bo", "/public/sites",
     "/public/revisions", "/public/evidence", "/public/tags", "/public/articles/62", "/public?sql=select+1",
     "/-/settings"],
)  # fmt: skip
def test_no_page_complains_loads_from_elsewhere_or_runs_stored_text(page, path):
    key = page.request.get("/public/articles.json?_shape=array&_size=1").json()[0]["key"]
    page.goto(path.replace("RICH", key))
    page.wait_for_load_state("networkidle")
    assert page.title() != "hacked"
    assert page.locator("img[src=x]").count() == 0


def test_datasettes_own_scripts_still_run(page):
    page.goto("/public/articles")
    page.locator("th[data-column=title] svg").click()
    assert page.locator(".dropdown-menu").filter(has_text="Sort").first.is_visible()


@pytest.mark.parametrize("path", ["/", "/a/RICH", "/a/khong-co"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_fit_a_phone_and_can_be_read_in_both_schemes(page, path, scheme):
    key = page.request.get("/public/articles.json?_shape=array&_size=1").json()[0]["key"]
    page.set_viewport_size({"width": 360, "height": 740})
    page.emulate_media(color_scheme=scheme)
    page.goto(path.replace("RICH", key))
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    contrasts = page.evaluate(
        """() => {
          const level = text => {
            const [r, g, b] = text.match(/[\\d.]+/g).map(n => n / 255)
              .map(v => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
            return .2126 * r + .7152 * g + .0722 * b;
          };
          const ground = node => {
            for (; node; node = node.parentElement) {
              const colour = getComputedStyle(node).backgroundColor;
              if (!/, 0\\)$/.test(colour)) return colour;
            }
          };
          return [...document.querySelectorAll('body *')].filter(node => node.innerText && node.offsetParent)
            .map(node => {
              const pair = [getComputedStyle(node).color, ground(node)].map(level).sort((a, b) => b - a);
              return [(pair[0] + .05) / (pair[1] + .05), node.tagName, node.className];
            });
        }"""
    )
    assert min(contrasts)[0] >= 4.5, min(contrasts)  # WCAG 2.2, 1.4.3
    if path == "/a/khong-co":
        assert [line for line in page.heard if "404 (Not Found)" not in line] == []
        page.heard.clear()


def test_the_pages_work_with_the_keyboard_and_without_scripts(chromium, address):
    context = chromium.new_context(java_script_enabled=False, base_url=address, locale="vi-VN")
    page = context.new_page()
    page.goto("/")
    page.keyboard.press("Tab")
    assert page.locator(":focus").inner_text() == "Đến nội dung"
    page.get_by_role("main").get_by_label("Tìm", exact=True).fill("hòa giải")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?q=**")
    page.get_by_role("link", name=RICH_TITLE).first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/a/*")
    sync_api.expect(page.get_by_role("heading", level=1)).to_have_text(RICH_TITLE)
    context.close()


@pytest.mark.parametrize("path", ["/", "/a/RICH"])
def test_own_pages_are_light(page, path):
    key = page.request.get("/public/articles.json?_shape=array&_size=1").json()[0]["key"]
    sizes = []
    page.on("response", lambda response: sizes.append(len(response.body())))
    page.goto(path.replace("RICH", key))
    page.wait_for_load_state("networkidle")
    assert 0 < sum(sizes) < 100_000


@pytest.mark.parametrize("width", [390, 1200])
def test_checksums_code_and_names_of_files_are_whole_on_the_page_of_data(page, width):
    page.set_viewport_size({"width": width, "height": 800})
    page.goto("/data")
    for details in page.locator("main details").all():
        details.evaluate("node => { node.open = true }")
    cut = "nodes => nodes.filter(node => node.scrollWidth > node.clientWidth).map(node => node.innerText)"
    assert page.locator("main .wide").count() > 1
    assert page.locator("main .wide, main pre").evaluate_all(cut) == []
    broken = "links => links.filter(link => link.getClientRects().length > 1).map(link => link.innerText)"
    assert page.locator("main tbody th a").evaluate_all(broken) == []
