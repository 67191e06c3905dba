"""What the addresses of a site's articles have in common, and its listings have not. Pure.

A link counts as an article's by what stands on it (a headline) and where (not in a menu); the addresses of such
links are put in forms, and the form with the most headlines becomes a pattern. What it may not match are the links
with the names of sections. The pattern is proved by opening articles; see `scrapers.probing.probe`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from pipelines.article import UrlRules
from pipelines.identity import UnusableAddress, canonical_url
from scrapers.probing.page import Link

HEADLINE = 6
"""Syllables: "Hội nghị sơ kết công tác đảng" has seven, names of sections rarely have more than five."""
_GUID = r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"
_EXT = r"(?P<ext>\.[a-z]{2,5})?/?$"
_DATED = re.compile(r"/20\d\d/\d\d(?:/\d\d)?/[^/]+/?$")
_MIXED = re.compile(rf"(?P<sep>[-_.])(?P<id>[a-z]{{0,8}}\d[a-z\d]*){_EXT}")
_HEAD = re.compile(rf"/(?P<id>\d+)(?P<sep>[-_])[^/]+?{_EXT}")
_NUMBER = re.compile(rf"/(?P<id>\d+){_EXT}")
_BEFORE = re.compile(rf"/(?P<id>\d+)/[^/]*[a-z][^/]*?{_EXT}")
_SLUG = re.compile(rf"/(?P<slug>[a-z0-9]+(?:-[a-z0-9]+)+){_EXT}")
_NEARLY_ALL = 0.9
_LEAST_PARTS = 4
"""Hyphens of a slug without a number, as in "/chi-bo-thon-mau-hop": menus have fewer."""


@dataclass(frozen=True, slots=True)
class Form:
    """One form of addresses."""

    pattern: str
    """Regular expression for path and query, as `article_urls` of a card has it."""
    articles: tuple[str, ...]
    """Addresses of headlines that it matches, in the order of the pages."""
    wrongly: tuple[str, ...]
    """Addresses of sections that it matches too."""
    missed: int
    """Headlines of other forms."""
    numbered: bool
    """A number in the address tells articles apart; without one only the length of the slug does."""


@dataclass(frozen=True, slots=True)
class Sorted:
    """The links of some pages, each address once."""

    headlines: tuple[str, ...]
    sections: tuple[str, ...]


def sort_links(links: Iterable[Link], hosts: frozenset[str], sections: Sequence[str] = ()) -> Sorted:
    """Tell headlines from names of sections by what stands on the links to an address."""
    texts: dict[str, list[Link]] = defaultdict(list)
    for link in links:
        if (url := canonical(link.url)) and (urlsplit(url).hostname or "") in hosts:
            texts[url].append(link)
    known = {canonical(url) for url in sections}
    headlines, names = [], []
    for url, found in texts.items():
        longest = max(len(link.text.split()) for link in found)
        if urlsplit(url).path in ("", "/") or url in known:
            names.append(url)
        elif longest >= HEADLINE and not all(link.bar for link in found):
            headlines.append(url)
        elif 0 < longest < HEADLINE:
            names.append(url)
    return Sorted(tuple(headlines), tuple(names))


def forms(found: Sorted) -> tuple[Form, ...]:
    """The forms of the headlines' addresses, the one with the most first; at least two headlines each."""
    groups: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for url in found.headlines:
        if key := _key(url):
            groups[key].append(url)
    made = [_form(key, urls, found) for key, urls in groups.items() if len(urls) > 1]
    return tuple(sorted(made, key=lambda form: (-len(form.articles), len(form.wrongly))))


def measure(patterns: Sequence[str], found: Sorted) -> tuple[int, tuple[str, ...]]:
    """How many headlines some patterns match, and which names of sections they match wrongly."""
    compiled = [re.compile(pattern) for pattern in patterns]

    def fits(url: str) -> bool:
        return any(pattern.search(target(url)) for pattern in compiled)

    return sum(map(fits, found.headlines)), tuple(url for url in found.sections if fits(url))


def canonical(url: str) -> str:
    """The canonical form of an address of a site without rules; empty for none."""
    try:
        return canonical_url(url, UrlRules())
    except UnusableAddress:
        return ""


def target(url: str) -> str:
    """Path and query, as patterns are searched in them."""
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def _key(url: str) -> tuple[str, ...] | None:
    """What addresses of one form share; None for an address that says nothing."""
    parts = urlsplit(url)
    for param in parts.query.split("&") if parts.query else ():
        name, _, value = param.partition("=")
        if re.fullmatch(_GUID, value):
            return ("query", parts.path, name, "guid")
        if re.fullmatch(r"\d{2,}", value) and re.search(r"id$|^id|news|item|article|bai", name, re.IGNORECASE):
            return ("query", parts.path, name, "number")
    path = parts.path
    if match := re.search(rf"/{_GUID}{_EXT}", path):
        return ("guid", match["ext"] or "")
    if _DATED.search(path):
        return ("dated",)
    if (match := _MIXED.search(path)) and re.search(r"\d{3}", match["id"]):
        return ("tail", match["sep"], re.sub(r"\d+", "9", match["id"]), match["ext"] or "")
    if match := _HEAD.search(path):
        return ("head", match["sep"], match["ext"] or "")
    if match := _NUMBER.search(path):
        return ("number", match["ext"] or "")
    if match := _BEFORE.search(path):
        return ("before", match["ext"] or "")
    if (match := _SLUG.search(path)) and match["slug"].count("-") >= _LEAST_PARTS:
        return ("slug", match["ext"] or "")
    return None


def _form(key: tuple[str, ...], urls: list[str], found: Sorted) -> Form:
    """The pattern of a group, made stricter where it would match the names of sections."""
    others = [url for url in found.sections if url not in urls]
    tried = list(_patterns(key, urls))
    pattern = next((one for one in tried if _parts(one, urls, others)), tried[0])
    fitting = [url for url in found.headlines if re.search(pattern, target(url))]
    wrongly = tuple(url for url in others if re.search(pattern, target(url)))
    numbered = key[0] not in ("slug", "dated")
    return Form(pattern, tuple(fitting), wrongly, len(found.headlines) - len(fitting), numbered)


def _parts(pattern: str, urls: Sequence[str], others: Sequence[str]) -> bool:
    """Whether a pattern matches no other address, and still nearly all of the group's."""
    fitting = sum(bool(re.search(pattern, target(url))) for url in urls)
    return fitting >= _NEARLY_ALL * len(urls) and not any(re.search(pattern, target(url)) for url in others)


def _patterns(key: tuple[str, ...], urls: list[str]) -> Iterable[str]:
    """Patterns for the addresses of a group, from the widest to the strictest."""
    kind, ext = key[0], re.escape(key[-1]) + "$"
    if kind == "query":
        value = _GUID + "$" if key[3] == "guid" else r"\d+"
        yield rf"^{re.escape(key[1])}\?(?:.*&)?{re.escape(key[2])}={value}"
    elif kind == "guid":
        yield f"/{_GUID}{ext}"
    elif kind == "dated":
        yield r"/20\d\d/\d\d(?:/\d\d)?/[^/]+/?$"
    elif kind == "slug":
        yield rf"/[a-z0-9]+(?:-[a-z0-9]+){{{_LEAST_PARTS},}}" + ext
        yield rf"^/[a-z0-9]+(?:-[a-z0-9]+){{{_LEAST_PARTS + 1},}}" + ext
    else:
        length = min(len(digits) for url in urls for digits in (re.findall(r"\d+", _id(kind, url))[-1:] or ["0"]))
        for least in (max(1, length - 1), length):
            for slug in ("", rf"(?:[^/-]+-){{{_LEAST_PARTS},}}"):
                yield _numbered(kind, key, rf"\d{{{least},}}", slug, ext)


def _numbered(kind: str, key: tuple[str, ...], digits: str, slug: str, ext: str) -> str:
    sep = "-" if key[1] == "-" else re.escape(key[1])
    if kind == "tail":
        # "c9a9": the last number counts, those before it are sections'
        prefix = key[2].removesuffix("9").replace("9", r"\d+")
        return (f"/{slug}" if slug and sep == "-" else sep) + prefix + digits + ext
    if kind == "head":
        return f"/{digits}{sep}{slug}[^/]+{ext}"
    if kind == "before":
        return f"/{digits}/{slug}[^/]+{ext}"
    return f"/{digits}{ext}"


def _id(kind: str, url: str) -> str:
    path = urlsplit(url).path
    match = {"tail": _MIXED, "head": _HEAD, "number": _NUMBER, "before": _BEFORE}[kind].search(path)
    return match["id"] if match else ""
