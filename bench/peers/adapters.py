"""One function a tool: bytes of a page and its address in; title, author, published, body out, as the tool gives them.

A key that is missing says that the tool does not offer the field; None, that it found none. Every tool is called
as its own documentation calls it, with the language set where it can be. A module of a peer is imported only in the
peer's own environment, which knows nothing of khotin: so this file imports the standard library alone.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

Reader = Callable[[bytes, str], dict[str, Any]]
_BLOCKS = ("p", "div", "br", "h1", "h2", "h3", "h4", "li", "tr", "blockquote", "figure", "figcaption")


def _khotin(known: bool) -> Reader:
    from datetime import timedelta, timezone

    from pipelines.article import Article, Capture, PageRules
    from pipelines.extract import article_record, extract
    from scrapers.catalogue import load_catalogue

    catalogue, nothing = load_catalogue(), PageRules()
    read_at = datetime(2026, 11, 22, 8, tzinfo=timezone(timedelta(hours=7)))

    def read(body: bytes, url: str) -> dict[str, Any]:
        capture = Capture(url, read_at, 200, "text/html", body)
        result = extract(capture, catalogue.rules_for(url) if known else nothing)
        record = article_record(result)
        return {
            "title": record["title"],
            "author": record["author"],
            "published": record["published_at"],
            "body": record["body"],
            "template": result.template if isinstance(result, Article) else None,
        }

    return read


def _floor() -> Reader:
    from bench.peers import floor

    return floor.read


def _parse_only() -> Reader:
    from bench.peers import floor

    def read(body: bytes, url: str) -> dict[str, Any]:
        del url
        return {"title": floor.parse_only(body).tag}

    return read


def _trafilatura(fast: bool) -> Reader:
    import trafilatura

    def read(body: bytes, url: str) -> dict[str, Any]:
        out = trafilatura.extract(body, url=url or None, output_format="json", with_metadata=True, fast=fast)
        found = json.loads(out) if out else {}
        return {
            "title": found.get("title"),
            "author": found.get("author"),
            "published": found.get("date"),
            "body": found.get("text"),
        }

    return read


def _newspaper4k() -> Reader:
    import newspaper

    def read(body: bytes, url: str) -> dict[str, Any]:
        article = newspaper.Article(url or "http://localhost/", language="vi", fetch_images=False)
        article.download(input_html=body.decode("utf-8", "replace"))
        article.parse()
        return {
            "title": article.title,
            "author": article.authors,
            "published": _iso(article.publish_date),
            "body": article.text,
        }

    return read


def _news_please() -> Reader:
    from newsplease import NewsPlease

    def read(body: bytes, url: str) -> dict[str, Any]:
        article = NewsPlease.from_html(body.decode("utf-8", "replace"), url=url or None, fetch_images=False)
        # its documentation calls `description` the lead paragraph, apart from the main text
        lead, text = article.description or "", article.maintext or ""
        return {
            "title": article.title,
            "author": article.authors,
            "published": _iso(article.date_publish),
            "body": text if lead in text else f"{lead}\n{text}",
        }

    return read


def _goose3() -> Reader:
    from goose3 import Goose

    goose = Goose({"enable_image_fetching": False, "use_meta_language": False, "target_language": "vi"})

    def read(body: bytes, url: str) -> dict[str, Any]:
        del url  # with an address it fetches
        article = goose.extract(raw_html=body)
        return {
            "title": article.title,
            "author": article.authors,
            "published": _iso(article.publish_datetime_utc) or article.publish_date,
            "body": article.cleaned_text,
        }

    return read


def _readability() -> Reader:
    from lxml import html
    from readability import Document

    def read(body: bytes, url: str) -> dict[str, Any]:
        document = Document(body.decode("utf-8", "replace"), url=url or None)
        summary = html.fromstring(document.summary(html_partial=True))
        for node in summary.iter(*_BLOCKS):  # it gives HTML: its blocks become lines
            node.text, node.tail = f"\n{node.text or ''}", f"\n{node.tail or ''}"
        return {
            "title": document.short_title(),
            "author": author if (author := document.author()) != "[no-author]" else None,
            "body": summary.text_content(),
        }

    return read


def _resiliparse() -> Reader:
    from resiliparse.extract.html2text import extract_plain_text
    from resiliparse.parse.html import HTMLTree

    def read(body: bytes, url: str) -> dict[str, Any]:
        del url
        tree = HTMLTree.parse_from_bytes(body)
        text = extract_plain_text(tree, main_content=True, alt_texts=False, comments=False)
        return {"title": tree.title, "body": text}

    return read


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment is not None else None


READERS: dict[str, Callable[[], Reader]] = {
    "khotin, known sites": lambda: _khotin(known=True),
    "khotin, no template": lambda: _khotin(known=False),
    "floor": _floor,
    "parse only": _parse_only,
    "trafilatura": lambda: _trafilatura(fast=False),
    "trafilatura fast": lambda: _trafilatura(fast=True),
    "newspaper4k": _newspaper4k,
    "news-please": _news_please,
    "goose3": _goose3,
    "readability-lxml": _readability,
    "resiliparse": _resiliparse,
}
"""By the name in the table; calling an entry imports the tool."""
