"""Whether a page under another address is an article that we have."""

from __future__ import annotations

import sqlite3

from pipelines.article import Article
from pipelines.extract.compare import bare, words

SAME = 0.5
"""Share of the words that the texts of one article have in common under one title, before and after an edit."""


def carries(cx: sqlite3.Connection, article_id: int, found: Article) -> bool:
    """Whether a page carries the article: its text, or its title over a text that was edited at most.

    A like text under another title is another article: schedules and notices differ in a number only.
    """
    title, text_hash, body = cx.execute(
        "SELECT a.title, a.text_hash, coalesce(t.lead || char(10), '') || t.body FROM articles a"
        " JOIN article_text t ON t.article_id = a.id WHERE a.id = ?",
        (article_id,),
    ).fetchone()
    if text_hash == found.text_hash or bare(body) == bare(found.body):
        return True
    a, b = words(body), words(found.body)
    return bare(title) == bare(found.title) and bool(a and b) and len(a & b) >= SAME * max(len(a), len(b))
