"""Where in a tree bylines, and the names of those who only typed the page in, are found."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Sequence
from itertools import islice
from typing import Any

from lxml.html import HtmlElement

from pipelines.byline.names import tells_poster
from pipelines.dates.visible import find_title
from pipelines.queries import Select, elements, json_ld, shown_text, strings
from pipelines.text import clean_line, fold
from pipelines.zones import stands_elsewhere

# Elements that name the user of the content system: `p.view-content-author` (Liferay), `.createdby` (Joomla)
_POSTER_CLASSES = (
    "view-content-author", "createdby", "created-by", "nguoi-dang", "nguoidang", "posted-by", "poster-name",
    "post-user",
)  # fmt: skip
_AUTHOR_CLASSES = ("uthor", "byline", "tacgia", "tac-gia", "tac_gia", "writer", "nguoiviet", "but-danh")


_RUNNING = 40
"""Characters of a piece of running text."""


def _with_class(*parts: str) -> str:
    return " or ".join(f"contains(@class,'{part}')" for part in parts)


_SPACED_CAPITALS = str.maketrans("TEXALIGNRH", "texalignrh", " ")
_RIGHT_CLASSES = ("text-right", "nguontin", *_AUTHOR_CLASSES[:4])
_AUTHOR_IDS = ("lblTacGia", "lblAuthor", "lbTacGia", "tacgia", "author")  # ASP.NET names its parts by ids
_AUTHOR = elements(
    f"//body//*[{_with_class(*_AUTHOR_CLASSES)} or @itemprop='author' or @rel='author'"
    f" or (@id and ({' or '.join(f'contains(@id,{part!r})' for part in _AUTHOR_IDS)}))]"
)
_NOT_AUTHOR = re.compile(
    r"(?:view-content-author|created-?by|poster|(?:img|image|photo|pic|avatar|thumb|icon|cover|media"
    r"|caption)[\w-]*author|author[-_\w]*(?:img|image|photo|pic|avatar|avt|thumb|icon|bio|desc|intro"
    r"|box-related|other|list-news|news)|co-?author-list|authority|authoriz\w*)",
    re.IGNORECASE,
)
_META = strings(
    "//meta[@content and (@name='author' or @name='dable:author' or @property='article:author'"
    " or @name='sailthru.author')]/@content"
)
_SHOWN = elements("//body//*[not(self::script) and not(self::style) and normalize-space(text())=$name]")


def _text(node: HtmlElement) -> str:
    return clean_line(shown_text(node)[:400])


def template_lines(select: Select, css: str) -> Iterator[str]:
    """A line for each group of elements that a selector finds: elements of one parent are one line."""
    groups: dict[HtmlElement | None, list[str]] = {}
    for node in select(css)[:12]:
        if text := _text(node):
            groups.setdefault(node.getparent(), []).append(text)
    for parent, texts in groups.items():
        unique = list(dict.fromkeys(texts))
        if len(unique) > 1:
            yield re.sub(r"\s*[-–—,;]\s*-\s*", " - ", " - ".join(unique))
            continue
        # "… và 1 tác giả khác" stands beside the element
        whole = _text(parent) if parent is not None else ""
        yield whole if len(whole) < 80 and _OTHERS.search(whole) else unique[0]


_OTHERS = re.compile(r"và \d+ tác giả khác", re.IGNORECASE)


def cms_users(nodes: Sequence[HtmlElement]) -> frozenset[str]:
    """Folded names of the content system's users shown inside `nodes`."""
    found = (
        _text(element)
        for node in nodes
        for element in node.iterdescendants()
        if (classes := element.get("class")) and any(part in classes for part in _POSTER_CLASSES)
    )
    return frozenset(fold(text) for text in found if text and len(text) < 60)


def aligned_lines(nodes: Sequence[HtmlElement]) -> frozenset[str]:
    """Short lines inside `nodes` that are set right or have an author's class."""
    found = set()
    for node in nodes:
        for element in [e for e in node.iterdescendants() if _is_right(e)][-12:]:
            if (text := _text(element)) and len(text) < 110 and not _NOT_AUTHOR.search(element.get("class") or ""):
                found.add(text)
    return frozenset(found)


def _is_right(element: HtmlElement) -> bool:
    classes, style = element.get("class"), element.get("style")
    return (
        (classes is not None and any(part in classes for part in _RIGHT_CLASSES))
        or element.get("align") == "right"
        or (style is not None and "text-align:right" in style.translate(_SPACED_CAPITALS))
    )


def class_lines(
    tree: HtmlElement, title: str, title_node: HtmlElement | None, body_nodes: Sequence[HtmlElement] = ()
) -> Iterator[str]:
    """Texts of elements whose class says author, in the article's own zone, in document order.

    Of elements of one class that stand outside the text (`body_nodes`) and name several, none is taken: a list of
    authors, of readers who commented.
    """
    candidates = _AUTHOR(tree)
    if not candidates:
        return
    body = tree if tree.tag == "body" else tree.find("body")
    if title_node is None and body is not None:
        title_node = find_title(body, title)
    if title_node is None:
        return
    path = set(title_node.iterancestors()) | {title_node}
    own = {up for node in body_nodes for up in (node, *node.iterancestors())}
    lines: list[tuple[str, str]] = []
    for element in candidates[:60]:
        words = f"{element.get('class') or ''} {element.get('id') or ''}"
        if element in path or _NOT_AUTHOR.search(words) or element.tag in ("img", "meta", "link", "script", "style"):
            continue
        text = _text(element)
        if (
            text
            and len(text) <= 110
            and not _labelled_poster(element)
            and not _with_text(element, path | own)
            and not stands_elsewhere(element, title, path, links=2)
        ):
            inside = own and any(up in body_nodes for up in element.iterancestors())
            lines.append((text, "" if inside else f"{words} {sum(1 for _ in element.iterancestors())}"))
    for text, kind in lines:
        if not kind or len({fold(other) for other, its in lines if its == kind}) == 1:
            yield text


def _with_text(element: HtmlElement, shared: Collection[HtmlElement]) -> bool:
    """Whether a name stands in a small box with running text of its own, as over a reader's comment; a box that is
    named after the author tells of him. `shared` are the elements around the article.
    """
    for box in islice(element.iterancestors(), 2):
        if box in shared:
            return False
        if any(part in (box.get("class") or "") for part in _AUTHOR_CLASSES):
            return False
        if any(len(text.strip()) >= _RUNNING for text in islice(box.itertext(), 40)):
            return True
    return False


def _labelled_poster(element: HtmlElement) -> bool:
    """Whether the words before a name say that it is a user's: "Người đăng: <b>Mẫu Văn Ba</b>"."""
    node: HtmlElement | None = element
    for _ in range(3):
        node = node.getparent() if node is not None else None
        if node is None or len(line := _text(node)) > 160:
            return False
        if tells_poster(line):
            return True
    return False


def machine_names(tree: HtmlElement) -> Iterator[tuple[str, str]]:
    """(rule, name) of persons that JSON-LD or meta names as author and that the page shows in a line of their
    own.
    """
    names: list[tuple[str, str]] = []
    for script in json_ld(tree):
        if '"author"' in script:
            try:
                names.extend(("json-ld author", name) for name in _persons(json.loads(script, strict=False), 0))
            except (ValueError, RecursionError):
                continue
    names.extend(("meta author", str(content)) for content in _META(tree))
    for rule, raw in dict.fromkeys(names):
        name = clean_line(raw.replace(";", " - ").replace(",", " - "))
        if name and len(name) < 80 and any(_is_byline_place(node) for node in _SHOWN(tree, name=clean_line(raw))):
            yield rule, name


def _is_byline_place(node: HtmlElement) -> bool:
    if _labelled_poster(node):
        return False
    for element in (node, *node.iterancestors()):
        if element.tag in ("figure", "figcaption", "footer", "nav", "aside", "form"):
            return False
        words = f"{element.get('class') or ''} {element.get('id') or ''}".lower()
        if _NOT_AUTHOR.search(words) or re.search(r"caption|comment|related|footer|copyright|sidebar", words):
            return False
    return True


def _persons(data: Any, depth: int) -> Iterator[str]:
    if depth > 5:
        return
    if isinstance(data, list):
        for item in data[:50]:
            yield from _persons(item, depth + 1)
    elif isinstance(data, dict):
        author = data.get("author")
        people = author if isinstance(author, list) else [author]
        found = [
            str(person.get("name") if isinstance(person, dict) else person)
            for person in people
            if isinstance(person, str)
            or (isinstance(person, dict) and person.get("@type", "Person") == "Person" and person.get("name"))
        ]
        if found:
            yield " - ".join(found)
        yield from _persons(data.get("@graph"), depth + 1)
