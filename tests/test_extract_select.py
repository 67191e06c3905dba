"""Selectors answered from the index give what lxml's own engine gives."""

import pytest
from lxml.cssselect import CSSSelector

from pipelines.extract.fastselect import simple_steps
from pipelines.extract.page import parse

HTML = """<html><body class="a">
<div class="a b" id="x"><p class="c">1</p><section><p class="c d">2</p></section>
</div><div class="b" data-role="content"><span class="c">3</span>
<div class="b c" id="ObjectBoxContent_1"><p>4</p></div></div>
<ul class="crumbs"><li><a href="/1">5</a></li><li><a href="/2"><b>6</b></a></li></ul></body></html>"""

SELECTORS = [
    "p.c",
    ".c",
    "#x",
    "div#x.a",
    "div.a p.c",
    "div.a > p.c",
    "div.b > div.c",
    ".b .c",
    "div.b:not(#x)",
    ".c:not(.d)",
    '[data-role="content"]',
    'div[data-role="content"] .c',
    '[id^="ObjectBoxContent"]',
    ".crumbs a",
    "ul.crumbs > li a",
    ".crumbs > a",
    "body div.b",
    "p",
    "div.nowhere p",
    "section > p.d",
    ".a .b",
]


@pytest.mark.parametrize("css", SELECTORS)
def test_a_selector_finds_the_same_elements_as_lxml(css: str) -> None:
    page = parse(HTML, "")
    assert page is not None
    assert page.select(css) == CSSSelector(css, translator="html")(page.tree)


def test_a_scope_limits_what_is_found() -> None:
    page = parse(HTML, "")
    assert page is not None
    (scope,) = page.select("#x")
    assert [node.text for node in page.select(".c", scope)] == ["1", "2"]


@pytest.mark.parametrize("css", ["a, b", "p + p", "p:first-child", "a", "li a"])
def test_selectors_that_are_not_simple_are_left_to_lxml(css: str) -> None:
    assert simple_steps(css) is None
