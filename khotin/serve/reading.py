"""What the pages show, read from public.db: plain values, no HTML. Each function runs on one connection."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

from khotin.serve.diff import Budget, Line, compare


@dataclass(frozen=True, slots=True)
class Revision:
    """A text that was replaced. `lines` is what its successor changed; None if too long to compare or not asked for."""

    number: int
    """1 is the oldest text."""
    replaced_at: str
    """When the text after it was first seen; ISO 8601, +07:00."""
    title: str
    lead: str | None
    paragraphs: tuple[str, ...]
    lines: tuple[Line, ...] | None


@dataclass(frozen=True, slots=True)
class ArticlePage:
    """One article with all that is known of it. Times are ISO 8601 with +07:00."""

    key: str
    title: str
    lead: str | None
    paragraphs: tuple[str, ...]
    byline: str | None
    agency: str | None
    section: str | None
    site: str
    site_name: str
    kind: str | None
    province: str | None
    provinces_then: tuple[str, ...]
    """Names of the provinces before 1 July 2025, where they differ from the present one."""
    published_at: str | None
    published_precision: str
    event_date: str | None
    date_estimate: str | None
    date_estimate_basis: str | None
    language: str | None
    words: int | None
    canonical_url: str
    first_seen: str
    last_seen: str
    gone_since: str | None
    rights: str
    """`full`, `excerpt` or `none`: what the site's rights note allows."""
    shortened: bool
    """Lead or body are not whole here."""
    rights_note: str
    flags: tuple[str, ...]
    tags: tuple[str, ...]
    images: tuple[dict[str, Any], ...]
    attachments: tuple[dict[str, Any], ...]
    addresses: tuple[dict[str, Any], ...]
    """All but the canonical one: url, relation, first_seen."""
    evidence: tuple[dict[str, Any], ...]
    capture: dict[str, Any] | None
    """WARC record of the shown text: url, fetched_at, status, warc_file, warc_offset and warc_length (bytes),
    digest, record_id."""
    revisions: tuple[Revision, ...]
    """Newest first."""
    elsewhere: tuple[dict[str, Any], ...]
    """The same story: key, title, site, site_name, published_at, published_precision, date_estimate; oldest first."""
    sample: bool = False
    """It is invented, one of the demonstration's: whoever cites it must be told."""

    def record(self) -> dict[str, Any]:
        """For the JSON twin: every field under its own name; `body` for `paragraphs`, as in the export.

        `sample` is there only where it is true.
        """
        record = asdict(self)
        if not self.sample:
            del record["sample"]
        record["body"] = "\n".join(self.paragraphs) or None
        del record["paragraphs"]
        for revision in record["revisions"]:
            revision["body"] = "\n".join(revision.pop("paragraphs"))
            del revision["lines"]
        return record


MAX_ELSEWHERE = 50
"""A text that a hundred portals carry is told with its first fifty."""
_SAME = (
    "key", "title", "lead", "byline", "agency", "section", "site", "site_name", "kind", "province",
    "published_at", "published_precision", "event_date", "date_estimate", "date_estimate_basis", "language",
    "words", "rights", "canonical_url", "first_seen", "last_seen", "gone_since",
)  # fmt: skip
"""Fields of the page that are columns of public.db under the same name."""


@dataclass(frozen=True, slots=True)
class Home:
    """Figures and the newest articles for the home page."""

    articles: int
    sites: int
    provinces: int
    built_at: str
    """When the snapshot was made; ISO 8601, +07:00."""
    newest: tuple[dict[str, Any], ...]
    newest_capture: str
    """When the newest page in it was fetched; ISO 8601, +07:00; empty if there is none."""


def _rows(conn: Any, sql: str, *values: Any) -> tuple[dict[str, Any], ...]:
    cursor = conn.execute(sql, values)
    names = [column[0] for column in cursor.description]
    return tuple(dict(zip(names, row, strict=True)) for row in cursor)


def _paragraphs(body: str | None) -> tuple[str, ...]:
    return tuple(line for line in (body or "").split("\n") if line)


def _texts(title: str, lead: str | None, paragraphs: tuple[str, ...]) -> tuple[str, ...]:
    return (title, *([lead] if lead else []), *paragraphs)


def _revisions(rows: tuple[dict[str, Any], ...], newest: tuple[str, ...], *, diffs: bool) -> tuple[Revision, ...]:
    """From rows in falling order of their number: each is compared with the text that came after it, if asked."""
    revisions = []
    budget = Budget()  # for all of them: an article that was rewritten fifty times is one page like others
    after = newest
    for row in rows:
        paragraphs = _paragraphs(row["old_body"])
        before = _texts(row["old_title"], row["old_lead"], paragraphs)
        lines = compare(before, after, budget) if diffs else None
        revisions.append(
            Revision(row["number"], row["replaced_at"], row["old_title"], row["old_lead"], paragraphs, lines)
        )
        after = before
    return tuple(revisions)


def _provinces_then(conn: Any, province: str | None, province_63: str | None) -> tuple[str, ...]:
    if province_63 or not province:
        return (province_63,) if province_63 and province_63 != province else ()
    rows = conn.execute(
        "select old.short_name from provinces now"
        " join provinces old on old.scheme = 63 and old.successor = now.code"
        " where now.scheme = 34 and now.short_name = ? order by old.code",
        (province,),
    ).fetchall()
    return tuple(row[0] for row in rows)


def present_key(conn: Any, key: str) -> str | None:
    """The key of the article that another one, with this key, turned out to be: a page under two addresses."""
    found = _rows(
        conn,
        "select a.key from addresses x join articles a on a.id = x.article_id where x.former_key = ? limit 1",
        key,
    )
    return str(found[0]["key"]) if found else None


def read_article(conn: Any, key: str, *, diffs: bool = True) -> ArticlePage | None:
    """Everything known of the article with this key; None if there is none.

    Without `diffs` its earlier texts are not compared, which only a page for people shows.
    """
    found = _rows(
        conn,
        "select a.*, t.lead, t.body, t.shortened, s.rights_note from articles a"
        " left join article_text t on t.article_id = a.id left join sites s on s.id = a.site where a.key = ?",
        key,
    )
    if not found:
        return None
    facts = found[0]
    number = facts["id"]
    paragraphs = _paragraphs(facts["body"])
    captures = _rows(
        conn,
        "select url, fetched_at, status, warc_file, warc_offset, warc_length, digest, record_id"
        " from captures where id = ?",
        facts["capture_id"],
    )
    listed = "select {} from {} where article_id = ? order by position"
    same = {name: facts[name] for name in _SAME}
    return ArticlePage(
        **same,
        paragraphs=paragraphs,
        provinces_then=_provinces_then(conn, facts["province"], facts["province_63"]),
        shortened=bool(facts["shortened"]),
        rights_note=facts["rights_note"] or "",
        flags=tuple(json.loads(facts["flags"] or "[]")),
        tags=tuple(row["tag"] for row in _rows(conn, listed.format("tag", "tags"), number)),
        images=_rows(conn, listed.format("url, caption, credit", "images"), number),
        attachments=_rows(conn, listed.format("url, title", "attachments"), number),
        addresses=_rows(
            conn,
            "select url, relation, first_seen from addresses"
            " where article_id = ? and relation <> 'canonical' order by first_seen, url",
            number,
        ),
        evidence=_rows(conn, listed.format("field, value, rule, raw, confidence, note", "evidence"), number),
        capture=captures[0] if captures else None,
        revisions=_revisions(
            _rows(
                conn,
                "select number, replaced_at, old_title, old_lead, old_body from revisions"
                " where article_id = ? order by number desc",
                number,
            ),
            _texts(facts["title"], facts["lead"], paragraphs),
            diffs=diffs,
        ),
        elsewhere=_rows(
            conn,
            "select a.key, a.title, a.site, a.site_name, a.published_at, a.published_precision, a.date_estimate"
            " from clusters own join clusters c on c.cluster = own.cluster join articles a on a.id = c.article_id"
            " where own.article_id = ? and c.article_id <> own.article_id order by a.id limit ?",
            number,
            MAX_ELSEWHERE,
        ),
    )


def read_home(conn: Any) -> Home:
    """Figures for the home page, none of them counted: the snapshot knows them."""
    about = dict(conn.execute("select name, value from about").fetchall())
    sites = conn.execute("select count(*) from sites where articles > 0").fetchone()[0]
    provinces = conn.execute("select count(*) from provinces where scheme = 34 and articles > 0").fetchone()[0]
    newest = _rows(
        conn,
        "select key, title, site_name, published_at, published_precision, date_estimate from articles"
        " order by id desc limit 15",  # the order of id is the order of dates
    )
    return Home(int(about["articles"]), sites, provinces, about["built_at"], newest, about["newest_capture"])
