"""Atom feeds (RFC 4287), written in one place for all pages that have one."""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from lxml import etree

CONTENT_TYPE = "application/atom+xml; charset=utf-8"
_ATOM = "http://www.w3.org/2005/Atom"
_XML = "http://www.w3.org/XML/1998/namespace"
# What XML 1.0, section 2.2, has no way to write: "\x0b", "\ud800", "\ufffe"; not "\t", "ề", "𝄞".
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Entry:
    """One article in a feed. Times are ISO 8601 with their offset, texts plain."""

    id: str
    """Lasting and unique, an IRI: see `entry_id`."""
    title: str
    url: str
    """Its page, absolute."""
    updated: str
    published: str | None = None
    author: str | None = None
    summary: str | None = None
    categories: tuple[str, ...] = ()
    original: str | None = None
    """Its address at the publisher's."""


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed's own lines. Addresses are absolute."""

    id: str
    title: str
    url: str
    """Its own address."""
    page: str
    """The page for a person that shows the same."""
    updated: str
    """ISO 8601 with its offset; the newest entry's, or the snapshot's where there is none."""
    subtitle: str | None = None
    language: str = "vi"
    following: str | None = None
    """Address of the next page of the feed (RFC 5005), if there is one."""


def entry_id(key: str) -> str:
    """The lasting id of the article with this key, the same on whatever host it is served."""
    return uuid.uuid5(uuid.NAMESPACE_URL, f"khotin:/a/{key}").urn


def xml_text(text: str) -> str:
    """The text without the characters that XML 1.0 can't carry."""
    return _NO_XML.sub("", text)


def _add(parent: etree._Element, name: str, text: str | None = None, **attributes: str) -> etree._Element:
    child = etree.SubElement(parent, f"{{{_ATOM}}}{name}", {key: xml_text(value) for key, value in attributes.items()})
    if text is not None:
        child.text = xml_text(text)
    return child


def atom(feed: Feed, entries: Sequence[Entry]) -> bytes:
    """The feed as an Atom document in UTF-8; the entries stay in their order. Nothing in a text is markup."""
    root = etree.Element(f"{{{_ATOM}}}feed", {f"{{{_XML}}}lang": feed.language}, nsmap={None: _ATOM})
    _add(root, "id", feed.id)
    _add(root, "title", feed.title)
    if feed.subtitle:
        _add(root, "subtitle", feed.subtitle)
    _add(root, "updated", feed.updated)
    _add(root, "link", rel="self", type="application/atom+xml", href=feed.url)
    _add(root, "link", rel="alternate", type="text/html", href=feed.page)
    if feed.following:
        _add(root, "link", rel="next", type="application/atom+xml", href=feed.following)
    _add(_add(root, "author"), "name", "khotin")  # RFC 4287, 4.1.1: for the entries that name none
    _add(root, "generator", "khotin")
    for entry in entries:
        item = _add(root, "entry")
        _add(item, "id", entry.id)
        _add(item, "title", entry.title)
        _add(item, "updated", entry.updated)
        if entry.published:
            _add(item, "published", entry.published)
        _add(item, "link", rel="alternate", type="text/html", href=entry.url)
        if entry.original:
            _add(item, "link", rel="via", href=entry.original)
        if entry.author:
            _add(_add(item, "author"), "name", entry.author)
        for category in entry.categories:
            _add(item, "category", term=category)
        if entry.summary:
            _add(item, "summary", entry.summary)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="utf-8"))
