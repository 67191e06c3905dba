"""RSS 0.9x to 2.0, RSS 1.0 (RDF) and Atom, also broken ones.

Entities are off: the document type is cut out before parsing, so no entity is ever defined, and nothing is
fetched. The parser recovers from what is not well-formed, as readers of feeds must.
"""

from __future__ import annotations

import html
import re
from html.entities import html5

from lxml import etree

from pipelines.article import Hint
from pipelines.decode import decode
from scrapers.catalogue import Site
from scrapers.discovery.found import MAX_BYTES, Candidate, Gathering, Listing, TooLarge, Unreadable, line

_XML_ENTITIES = frozenset({"amp", "lt", "gt", "quot", "apos"})
# A publication time only: an Atom `updated` may be years later.
_DATES = ("pubDate", "published", "date", "issued", "created")
_ENTRIES = frozenset({"item", "entry"})
_ROOTS = frozenset({"rss", "RDF", "feed", "channel"})


def read_feed(body: bytes, url: str, site: Site, section: str | None) -> tuple[Candidate, ...]:
    """The articles of a feed. `url` is the feed's own address, `section` that of the listing it belongs to.

    Dates stay as written. Raises `Unreadable` where the body is no feed.
    """
    return inspect_feed(body, url, site, section).candidates


def inspect_feed(body: bytes, url: str, site: Site, section: str | None) -> Listing:
    """`read_feed` with what is wrong with the feed beside it (`Listing.pages` is empty)."""
    root = parse_xml(body, url)
    if name(root) not in _ROOTS:
        msg = f"{url} is no feed: its root element is <{name(root)}>"
        raise Unreadable(msg)
    gathering = Gathering(site)
    entries = [element for element in root.iter(etree.Element) if name(element) in _ENTRIES]
    for entry in entries:
        fields = _fields(entry)
        hint = Hint(
            source="feed",
            published=next((fields[key] for key in _DATES if fields.get(key)), None),
            title=_plain(fields.get("title")),
            section=section or _plain(fields.get("category")),
        )
        gathering.add(_link(entry, fields), entry.base or url, hint)
    problems = []
    if not entries:
        problems.append(f"feed without entries: {url}")
    elif gathering.strangers:
        problems.append(f"{gathering.strangers} of {len(entries)} entries link to no article address: {url}")
    return Listing(gathering.candidates, problems=tuple(problems))


def parse_xml(body: bytes, url: str) -> etree._Element:
    """Root of an XML body whose charset, entities and markup may be wrong. Raises `Unreadable`."""
    if len(body) > MAX_BYTES:
        msg = f"{url} has {len(body)} bytes, more than the {MAX_BYTES} that are read"
        raise TooLarge(msg)
    parser = etree.XMLParser(
        recover=True,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(_tidy(decode(body).text), parser, base_url=url)
    except etree.XMLSyntaxError as error:  # nothing at all to recover
        msg = f"{url} is no XML: {error.msg}"
        raise Unreadable(msg) from error
    if root is None:
        msg = f"{url} is no XML: it has no element"
        raise Unreadable(msg)
    return root


def name(element: etree._Element) -> str:
    """Name of an element without its namespace, which half the feeds get wrong."""
    return str(element.tag).rpartition("}")[2].rpartition(":")[2]


def text_of(element: etree._Element) -> str:
    """All text inside, trimmed."""
    return "".join(str(text) for text in element.itertext()).strip()


def _tidy(text: str) -> bytes:
    """From the first tag on, without XML declaration (the text is UTF-8 now) and document type."""
    text = text[max(text.find("<"), 0) :]
    text = re.sub(r"^<\?xml.*?\?>", "", text, count=1, flags=re.DOTALL)
    text = _without_doctype(text)
    # "&agrave;" is not defined in XML, yet written.
    text = re.sub(r"&(\w+);", _named, text)
    return re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]", "", text).encode()


def _without_doctype(text: str) -> str:
    """Without "<!DOCTYPE rss [ <!ENTITY a …> ]>": no entity is defined. Only the first one would count."""
    start = re.search(r"<!DOCTYPE", text, re.IGNORECASE)
    if not start:
        return text
    subset = re.compile(r"[^>\[]*\[").match(text, start.end())
    end = text.find("]", subset.end()) if subset else start.end()
    end = text.find(">", end) if end >= 0 else -1
    return text[: start.start()] + (text[end + 1 :] if end >= 0 else "")


def _named(match: re.Match[str]) -> str:
    return match[0] if match[1] in _XML_ENTITIES else html5.get(f"{match[1]};", match[0])


def _fields(entry: etree._Element) -> dict[str, str]:
    """Text of an entry's children, the first of each name that has any."""
    fields: dict[str, str] = {}
    for child in entry.iterchildren(etree.Element):
        if not fields.get(name(child)):
            fields[name(child)] = text_of(child)
    return fields


def _link(entry: etree._Element, fields: dict[str, str]) -> str:
    """Atom's alternate link, else RSS' link, else a guid that is an address; before all FeedBurner's."""
    if fields.get("origLink"):
        return fields["origLink"]
    for child in entry.iterchildren(etree.Element):
        if name(child) == "link" and child.get("href") and child.get("rel", "alternate") == "alternate":
            return str(child.get("href"))
    guid = fields.get("guid") or fields.get("id") or ""
    return fields.get("link") or (guid if guid.startswith("http") else "")


def _plain(text: str | None) -> str | None:
    """A title that may be escaped HTML: "&lt;b&gt;Tin&lt;/b&gt;"."""
    return line(html.unescape(re.sub(r"</?[a-zA-Z][^<>]{0,200}>", "", text or "")))
