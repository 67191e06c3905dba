"""Which family's templates read the pages of a site, and selectors for a site that none of them reads. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from lxml.html import HtmlElement

from pipelines.article import Article, Capture, PageRules, Refusal, Template
from pipelines.decode import decode
from pipelines.extract import extract
from pipelines.extract.known import fitting_template
from pipelines.extract.page import Page, parse, squeeze
from scrapers.catalogue import Family

_NEAR = 60
"""Characters beside a date or a name in an element that is still about it: "Thứ hai, … (GMT+7)"."""
_MOST_OF_IT = 0.8
"""So much of a page's text must stand in an element that is to be the body."""
_NAME = re.compile(r"[A-Za-z_][\w-]*")
_ONE_PAGE = re.compile(r"\d{3,}|active|current|post-\d|odd|even", re.IGNORECASE)
"""Classes and ids of one page alone."""


@dataclass(frozen=True, slots=True)
class Fit:
    """How many of some article pages the templates of a family read."""

    family: str
    templates: tuple[str, ...]
    """Names of those that fitted."""
    pages: int


def fits(captures: Sequence[Capture], families: Mapping[str, Family]) -> tuple[Fit, ...]:
    """The families whose selectors read some of the pages, the best first. Text markers alone prove nothing."""
    found: dict[str, Counter[str]] = {}
    for capture in captures:
        page = _parsed(capture)
        for name, family in families.items():
            if page is None or fitting_template(page, family.templates, capture.fetched_at.date(), own=False) is None:
                continue
            result = extract(capture, PageRules(templates=family.templates))
            if isinstance(result, Article) and result.template != "generic":
                found.setdefault(name, Counter())[result.template] += 1
    made = [Fit(name, tuple(counts), counts.total()) for name, counts in found.items()]
    return tuple(sorted(made, key=lambda fit: (-fit.pages, fit.family)))


@dataclass(frozen=True, slots=True)
class Proposal:
    """Selectors that hold on all pages they were made from."""

    template: Template | None
    """None where no element holds the body on all of them."""
    agrees: int
    """Pages that the template reads as they are read without it: same title, same paragraphs."""
    pages: int
    differs: tuple[str, ...] = field(default=())
    """One line a page that it reads otherwise."""


def propose(captures: Sequence[Capture]) -> Proposal:
    """Selectors for article pages of one site, from what is read of them without any."""
    read: list[tuple[Capture, Page, Article]] = []
    for capture in captures:
        result, page = extract(capture, PageRules()), _parsed(capture)
        if isinstance(result, Article) and page is not None:
            read.append((capture, page, result))
    if len(read) < 2:
        return Proposal(None, 0, len(read))
    body = _held_by_all([_selectors(_body(page, article), page) for _, page, article in read])
    if not body:
        return Proposal(None, 0, len(read))
    parts = {
        "title": [_selectors(_exact(page, article.title), page) for _, page, article in read],
        "published": [_selectors(_around(page, _raw(article, "published_at")), page) for _, page, article in read],
        "lead": [_selectors(_exact(page, article.lead), page) for _, page, article in read if article.lead],
        "byline": [_selectors(_around(page, article.byline), page) for _, page, article in read if article.byline],
    }
    template = Template(name="detail", match=(body,), body=(body,))
    for name, candidates in parts.items():
        if len(candidates) >= min(2, len(read)) and (css := _held_by_all(candidates)) and css != body:
            chosen: Any = {name: (css,)}
            template = replace(template, **chosen)
    if template.title:
        template = replace(template, match=template.title)
    return _tried(template, read)


def _tried(template: Template, read: Sequence[tuple[Capture, Page, Article]]) -> Proposal:
    differs = []
    for capture, _, without in read:
        result = extract(capture, PageRules(templates=(template,)))
        if isinstance(result, Refusal):
            differs.append(f"{capture.url}: refused as {result.verdict}: {result.reason}")
        elif result.title != without.title:
            differs.append(f"{capture.url}: title {result.title!r} instead of {without.title!r}")
        elif (result.lead or "", *result.paragraphs) != (without.lead or "", *without.paragraphs):
            differs.append(
                f"{capture.url}: {len(result.body)} characters of text instead of {len(without.body)} without selectors"
            )
    return Proposal(template, len(read) - len(differs), len(read), tuple(differs))


def _parsed(capture: Capture) -> Page | None:
    return parse(decode(capture.body, capture.content_type).text, capture.url)


def _raw(article: Article, name: str) -> str:
    """The string of the page that a value was read from."""
    return next((squeeze(one.raw) for one in article.date.evidence if one.field == name and one.raw), "")


def _exact(page: Page, text: str | None) -> list[HtmlElement]:
    """The innermost elements with just this text; headings first."""
    wanted = squeeze(text)
    if not wanted:
        return []
    found = [node for node in _elements(page) if squeeze(node.text_content()) == wanted]
    inner = [node for node in found if not any(child in found for child in node.iterdescendants())]
    return sorted(inner, key=lambda node: node.tag not in ("h1", "h2"))


def _around(page: Page, text: str | None) -> list[HtmlElement]:
    """The innermost elements that hold this text and little else."""
    wanted = squeeze(text)
    if len(wanted) < 3:
        return []
    found = [
        node
        for node in _elements(page)
        if wanted in (whole := squeeze(node.text_content())) and len(whole) <= len(wanted) + _NEAR
    ]
    return [node for node in found if not any(child in found for child in node.iterdescendants())]


def _body(page: Page, article: Article) -> list[HtmlElement]:
    """The smallest element with most of the paragraphs, and those around it that hold little more."""
    wanted = [squeeze(text) for text in article.paragraphs]
    total = sum(map(len, wanted))
    found: list[HtmlElement] = []
    for node in _elements(page):
        if len(node) == 0 and len(wanted) > 1:
            continue
        whole = squeeze(node.text_content())
        if sum(len(text) for text in wanted if text in whole) >= _MOST_OF_IT * total:
            found.append(node)
    return found[::-1]


def _elements(page: Page) -> list[HtmlElement]:
    """Elements of the body that may carry a selector, links and scripts apart."""
    body = page.tree.find("body")
    return [
        node
        for node in (page.tree if body is None else body).iterdescendants()
        if isinstance(node.tag, str) and node.tag not in ("a", "script", "style", "option", "html", "body")
    ]


def _selectors(nodes: Sequence[HtmlElement], page: Page) -> list[str]:
    """Selectors of elements, each of which finds one element of the page."""
    found: list[str] = []
    for node in nodes:
        names = [f"#{name}" for name in [node.get("id") or ""] if _lasting(name)]
        names += [f".{name}" for name in (node.get("class") or "").split() if _lasting(name)]
        own = [f"{node.tag}{name}" for name in names] or ([node.tag] if node.tag in ("h1", "article") else [])
        if not own and (around := node.getparent()) is not None:
            own = [
                f"{around.tag}.{name} > {node.tag}" for name in (around.get("class") or "").split() if _lasting(name)
            ]
        found += [css for css in own if len(page.select(css)) == 1]
    return found


def _lasting(name: str) -> bool:
    return bool(_NAME.fullmatch(name)) and not _ONE_PAGE.search(name)


def _held_by_all(candidates: Sequence[Sequence[str]]) -> str:
    """The first selector of the first page that all pages have."""
    if not candidates:
        return ""
    return next((css for css in candidates[0] if all(css in others for others in candidates[1:])), "")
