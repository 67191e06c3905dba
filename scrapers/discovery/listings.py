"""Listing pages: by the family's listing templates, else by what article addresses look like."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any
from urllib.parse import urljoin

from lxml.cssselect import CSSSelector
from lxml.etree import ParserError
from lxml.html import HtmlElement, HTMLParser, document_fromstring

from pipelines.article import Hint
from pipelines.decode import decode
from scrapers.catalogue import ListingTemplate, Site
from scrapers.discovery.found import MAX_BYTES, Gathering, Listing, Unreadable, line
from scrapers.discovery.generic import alt_text, gather_links, moment, nearest_date
from scrapers.discovery.pagers import numbered_pages, read_pagers


def read_listing(body: bytes, content_type: str, url: str, site: Site, section: str | None) -> Listing:
    """The articles a listing links to, and its further pages.

    `url` is the page's own address (after redirects), `content_type` the header as sent. The first listing
    template of the site's families whose items link to articles is used; where none fits (or the family has
    none) every link with an article address counts, with the nearest date. Dates stay as written. A page
    without any article is no error: `Listing.problems` says so. Raises `Unreadable` for what is no HTML.
    """
    tree = _parse(body, content_type, url)
    base = _base(tree, url)
    gathering = Gathering(site)
    problems: list[str] = []
    template = next((t for t in site.listings if _gather(tree, base, t, gathering, section)), None)
    strangers = gathering.strangers
    if template is None:
        # Templates of a site's other generations need not fit: only its present system's are missed.
        if site.families and site.families[0].listings:
            names = ", ".join(t.name for t in site.listings)
            problems.append(f"no listing template fits ({names}); links were read by their addresses: {url}")
        gather_links(tree, base, gathering, section)
    elif strangers:
        problems.append(f"{strangers} items of {template.name} link to no article address: {url}")
    if not gathering.candidates:
        problems.append(f"no link to an article among {len(tree.findall('.//a[@href]'))} links: {url}")
    if template and template.pages:
        found = (href for selector in template.pages for href in _hrefs(_select(tree, selector)))
        pages = numbered_pages(found, base, url, site, template.page_number)
    else:
        pages, told = read_pagers(tree, base, url, site)
        problems.extend(told)
    return Listing(gathering.candidates, pages, tuple(problems))


def _parse(body: bytes, content_type: str, url: str) -> HtmlElement:
    kind = content_type.partition(";")[0].strip().lower()
    if body.startswith(b"%PDF") or kind in {"application/json", "application/pdf"} or kind.startswith("image/"):
        msg = f"{url} is no listing: {kind or 'a PDF'} instead of HTML"
        raise Unreadable(msg)
    if len(body) > MAX_BYTES:
        msg = f"{url} has {len(body)} bytes, more than the {MAX_BYTES} that are read"
        raise Unreadable(msg)
    text = decode(body, content_type).text.replace("\x00", "")
    if "<" not in text:
        msg = f"{url} is no listing: {'an empty body' if not text.strip() else 'no HTML'}"
        raise Unreadable(msg)
    # huge_tree: without it what is nested over 256 deep is dropped, as unclosed tags make a long listing.
    parser = HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True)
    try:
        return document_fromstring(text.encode("utf-8", "replace"), parser=parser, ensure_head_body=True)
    except ParserError as error:  # "</" alone has no element
        msg = f"{url} is no listing: {error}"
        raise Unreadable(msg) from error


def _base(tree: HtmlElement, url: str) -> str:
    href = next(iter(tree.xpath("//base/@href")), "")
    try:
        return urljoin(url, str(href).strip())
    except ValueError:
        return url


def _gather(tree: HtmlElement, base: str, template: ListingTemplate, gathering: Gathering, section: str | None) -> bool:
    """Take the items of a template; False where it does not fit this page."""
    for item in _select(tree, ", ".join(template.items)):
        link = next(_first(item, template.link, with_href=True), None)
        if link is None:
            continue
        title = next(_first(item, template.title), link)
        hint = Hint(
            source="listing",
            published=_date(item, template),
            title=line(title.text_content()) or line(link.get("title")) or line(alt_text(link)),
            section=section,
        )
        gathering.add(link.get("href", ""), base, hint)
    return bool(gathering.candidates)


def _date(item: HtmlElement, template: ListingTemplate) -> str | None:
    for element in _first(item, template.date):
        if found := moment(element, line(element.text_content())):
            return found
    if template.date:
        return None
    summaries = {summary for selector in template.summary for summary in _select(item, selector)}
    return nearest_date(item, lambda element: element in summaries)


def _first(item: HtmlElement, selectors: Iterable[str], *, with_href: bool = False) -> Iterator[HtmlElement]:
    for selector in selectors:
        for element in _select(item, selector):
            if not with_href or element.get("href"):
                yield element


def _hrefs(elements: Iterable[HtmlElement]) -> Iterator[str]:
    for element in elements:
        for link in element.iter("a") if element.tag != "a" else (element,):
            if link.get("href"):
                yield link.get("href", "")


def _select(element: HtmlElement, selector: str) -> list[HtmlElement]:
    return [found for found in _compiled(selector)(element) if isinstance(found, HtmlElement)]


@cache
def _compiled(selector: str) -> Any:
    return CSSSelector(selector, translator="html")
