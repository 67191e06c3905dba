"""The tables of public.db and how each is filled from the attached archive.

`articles` holds facts only, so that pages of tables drag no bodies along; `article_text` the texts.
`articles.id` is the place of an article in the order of dates, the newest the highest: "newest first" is the
order of the key in every table and in the index, and no search has to sort. It may differ in the next
snapshot; the permalink is `key`. Not STRICT, so that old readers of SQLite files can open it too.
"""

from __future__ import annotations

PUBLIC_APPLICATION_ID = 0x6B687062  # "khpb"
PAGE_SIZE = 4096

TABLES = """
CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE provinces (
  scheme INTEGER NOT NULL, code TEXT NOT NULL, name TEXT NOT NULL, short_name TEXT NOT NULL,
  successor TEXT NOT NULL, valid_from TEXT, valid_to TEXT, formed_from TEXT NOT NULL, history TEXT NOT NULL,
  articles INTEGER NOT NULL, PRIMARY KEY (scheme, code)
) WITHOUT ROWID;

CREATE TABLE sites (
  id TEXT PRIMARY KEY, name TEXT NOT NULL, name_en TEXT, kind TEXT, province TEXT, province_63 TEXT,
  province_scheme INTEGER, province_code TEXT, url TEXT, articles INTEGER NOT NULL,
  first_date TEXT, last_date TEXT, last_seen TEXT, publish TEXT NOT NULL, rights_note TEXT NOT NULL,
  family TEXT, verified_how TEXT NOT NULL, verified_pages INTEGER NOT NULL, hosts TEXT NOT NULL,
  former_hosts TEXT NOT NULL, history TEXT NOT NULL,
  FOREIGN KEY (province_scheme, province_code) REFERENCES provinces (scheme, code)
) WITHOUT ROWID;

CREATE TABLE sections (
  id INTEGER PRIMARY KEY, site TEXT NOT NULL REFERENCES sites (id), title TEXT NOT NULL, url TEXT NOT NULL
);

CREATE TABLE articles (
  id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, title TEXT NOT NULL,
  published_at TEXT, published_precision TEXT NOT NULL, date_estimate TEXT NOT NULL,
  date_estimate_basis TEXT NOT NULL, year INTEGER NOT NULL, month TEXT NOT NULL,
  site TEXT NOT NULL REFERENCES sites (id), site_name TEXT NOT NULL, kind TEXT,
  province TEXT, province_63 TEXT, section TEXT, byline TEXT, agency TEXT, event_date TEXT, language TEXT,
  words INTEGER NOT NULL, revisions INTEGER NOT NULL, rights TEXT NOT NULL, canonical_url TEXT NOT NULL,
  first_seen TEXT NOT NULL, last_seen TEXT NOT NULL, gone_since TEXT, flags TEXT NOT NULL,
  template TEXT NOT NULL, extractor_version TEXT NOT NULL, text_hash TEXT NOT NULL,
  capture_id INTEGER NOT NULL REFERENCES captures (id)
);

CREATE TABLE article_text (
  article_id INTEGER PRIMARY KEY REFERENCES articles (id), lead TEXT, body TEXT, shortened INTEGER NOT NULL
);

CREATE TABLE revisions (
  id INTEGER PRIMARY KEY, article_id INTEGER NOT NULL REFERENCES articles (id), number INTEGER NOT NULL,
  replaced_at TEXT NOT NULL, old_title TEXT NOT NULL, old_lead TEXT, old_body TEXT, old_hash TEXT NOT NULL,
  old_extractor_version TEXT NOT NULL, old_capture_id INTEGER NOT NULL REFERENCES captures (id),
  new_capture_id INTEGER NOT NULL REFERENCES captures (id)
);

CREATE TABLE evidence (
  article_id INTEGER NOT NULL REFERENCES articles (id), position INTEGER NOT NULL, field TEXT NOT NULL,
  value TEXT NOT NULL, rule TEXT NOT NULL, raw TEXT NOT NULL, confidence REAL NOT NULL, note TEXT NOT NULL,
  PRIMARY KEY (article_id, position)
) WITHOUT ROWID;

CREATE TABLE images (
  article_id INTEGER NOT NULL REFERENCES articles (id), position INTEGER NOT NULL, url TEXT NOT NULL,
  caption TEXT NOT NULL, credit TEXT NOT NULL, PRIMARY KEY (article_id, position)
) WITHOUT ROWID;

CREATE TABLE attachments (
  article_id INTEGER NOT NULL REFERENCES articles (id), position INTEGER NOT NULL, url TEXT NOT NULL,
  title TEXT NOT NULL, PRIMARY KEY (article_id, position)
) WITHOUT ROWID;

CREATE TABLE tags (
  article_id INTEGER NOT NULL REFERENCES articles (id), position INTEGER NOT NULL, tag TEXT NOT NULL,
  PRIMARY KEY (article_id, position)
) WITHOUT ROWID;

CREATE TABLE addresses (
  url TEXT PRIMARY KEY, article_id INTEGER NOT NULL REFERENCES articles (id), relation TEXT NOT NULL,
  first_seen TEXT NOT NULL, former_key TEXT
) WITHOUT ROWID;

CREATE TABLE captures (
  id INTEGER PRIMARY KEY, article_id INTEGER REFERENCES articles (id), url TEXT NOT NULL,
  site TEXT REFERENCES sites (id), kind TEXT NOT NULL, fetched_at TEXT NOT NULL, status INTEGER NOT NULL,
  content_type TEXT NOT NULL, verdict TEXT, digest TEXT NOT NULL, warc_file TEXT NOT NULL,
  warc_offset INTEGER NOT NULL, warc_length INTEGER NOT NULL, record_id TEXT
);

CREATE TABLE quarantine (
  id INTEGER PRIMARY KEY, url TEXT NOT NULL, site TEXT REFERENCES sites (id), verdict TEXT NOT NULL,
  reason TEXT NOT NULL, seen_at TEXT NOT NULL, capture_id INTEGER REFERENCES captures (id)
);

CREATE TABLE health (
  site TEXT NOT NULL REFERENCES sites (id), run_id INTEGER NOT NULL, judged_at TEXT NOT NULL,
  verdict TEXT NOT NULL, since TEXT NOT NULL, latest INTEGER NOT NULL, evidence TEXT NOT NULL,
  measures TEXT NOT NULL, PRIMARY KEY (site, run_id)
) WITHOUT ROWID;
"""

PLACES = """
CREATE TEMP TABLE place (archive_id INTEGER PRIMARY KEY, id INTEGER NOT NULL, rights TEXT NOT NULL);
INSERT INTO place
  SELECT a.id, row_number() OVER (
    ORDER BY a.date_estimate, coalesce(a.published_at, a.date_estimate), a.first_seen, a.key
  ), s.publish
  FROM archive.articles a JOIN archive.sites s ON s.id = a.site;
"""
"""Numbers of the articles in the order of dates."""

HOMES = """
CREATE TEMP TABLE home (site TEXT PRIMARY KEY, province TEXT, province_63 TEXT);
INSERT INTO home
  SELECT s.id, now.short_name, CASE s.province_scheme WHEN 63 THEN own.short_name
    -- A province of the 34 stands for one of the 63 only where it was formed from that one alone.
    ELSE (SELECT min(old.short_name) FROM archive.provinces old
          WHERE old.scheme = 63 AND old.successor = s.province_code HAVING count(*) = 1) END
  FROM archive.sites s
  LEFT JOIN archive.provinces own ON own.scheme = s.province_scheme AND own.code = s.province_code
  LEFT JOIN archive.provinces now ON now.scheme = 34 AND now.code = own.successor;
"""
"""Each site's province in both schemes, from an archive attached as `archive`."""

# In the order of the keys of the tables, so that each is written from its beginning to its end.
FILLS: dict[str, str] = {
    "provinces": """
        SELECT x.scheme, x.code, x.name, x.short_name, x.successor, x.valid_from, x.valid_to, x.formed_from,
          x.history, (SELECT count(*) FROM archive.articles a JOIN home h ON h.site = a.site
            WHERE CASE x.scheme WHEN 34 THEN h.province ELSE h.province_63 END = x.short_name)
        FROM archive.provinces x ORDER BY x.scheme, x.code""",
    "sites": """
        SELECT x.id, x.name, x.name_en, x.kind, h.province, h.province_63, x.province_scheme, x.province_code,
          'https://' || json_extract(x.hosts, '$[0]') || '/', count(a.id), min(a.date_estimate),
          max(a.date_estimate), max(a.last_seen), x.publish, x.rights_note, x.family, x.verified_how,
          x.verified_pages, x.hosts, x.former_hosts, x.history
        FROM archive.sites x JOIN home h ON h.site = x.id LEFT JOIN archive.articles a ON a.site = x.id
        GROUP BY x.id ORDER BY x.id""",
    "sections": "SELECT x.id, x.site, x.title, x.url FROM archive.sections x ORDER BY x.id",
    "captures": """
        SELECT x.id, p.id, x.url, x.site, x.kind, x.fetched_at, x.status, x.content_type, x.verdict, x.digest,
          x.warc_file, x.warc_offset, x.warc_length, x.record_id
        FROM archive.captures x LEFT JOIN place p ON p.archive_id = x.article_id ORDER BY x.id""",
    "articles": """
        SELECT p.id, x.key, x.title, x.published_at, x.published_precision, x.date_estimate,
          x.date_estimate_basis, CAST(substr(x.date_estimate, 1, 4) AS INTEGER),
          substr(x.date_estimate, 1, 7), x.site, s.name, s.kind, h.province, h.province_63,
          x.section, x.byline, x.agency, x.event_date,
          x.language, x.words, (SELECT count(*) FROM archive.revisions r WHERE r.article_id = x.id), p.rights,
          x.canonical_url, x.first_seen, x.last_seen, x.gone_since, x.flags, x.template, x.extractor_version,
          x.text_hash, x.capture_id
        FROM archive.articles x JOIN place p ON p.archive_id = x.id JOIN archive.sites s ON s.id = x.site
        JOIN home h ON h.site = x.site ORDER BY p.id""",
    "article_text": """
        SELECT p.id, shown_lead(x.lead, p.rights), shown_body(x.body, p.rights),
          shown_lead(x.lead, p.rights) IS NOT x.lead OR shown_body(x.body, p.rights) IS NOT x.body
        FROM archive.article_text x JOIN place p ON p.archive_id = x.article_id ORDER BY p.id""",
    "revisions": """
        SELECT x.id, p.id, x.number, x.replaced_at, x.old_title, shown_lead(x.old_lead, p.rights),
          shown_body(x.old_body, p.rights), x.old_hash, x.old_extractor_version, x.old_capture_id,
          x.new_capture_id
        FROM archive.revisions x JOIN place p ON p.archive_id = x.article_id ORDER BY x.id""",
    "evidence": """
        SELECT p.id, x.position, x.field, shown_evidence(x.value, x.field, p.rights), x.rule,
          shown_evidence(x.raw, x.field, p.rights), x.confidence,
          CASE p.rights WHEN 'full' THEN x.note ELSE '' END
        FROM archive.evidence x JOIN place p ON p.archive_id = x.article_id ORDER BY p.id, x.position""",
    "images": """
        SELECT p.id, x.position, x.url, CASE p.rights WHEN 'full' THEN x.caption ELSE '' END, x.credit
        FROM archive.images x JOIN place p ON p.archive_id = x.article_id ORDER BY p.id, x.position""",
    "attachments": """
        SELECT p.id, x.position, x.url, CASE p.rights WHEN 'none' THEN '' ELSE x.title END
        FROM archive.attachments x JOIN place p ON p.archive_id = x.article_id ORDER BY p.id, x.position""",
    "tags": """
        SELECT p.id, x.position, x.tag
        FROM archive.tags x JOIN place p ON p.archive_id = x.article_id ORDER BY p.id, x.position""",
    "addresses": """
        SELECT x.url, p.id, x.relation, x.first_seen, NULLIF(article_key(a.site, x.url), a.key)
        FROM archive.addresses x JOIN place p ON p.archive_id = x.article_id
        JOIN archive.articles a ON a.id = x.article_id ORDER BY x.url""",
    "quarantine": """
        SELECT x.id, x.url, x.site, x.verdict, x.reason, x.seen_at, x.capture_id
        FROM archive.quarantine x ORDER BY x.id""",
    "health": """
        SELECT x.site, x.run_id, x.judged_at, x.verdict, x.since,
          row_number() OVER (PARTITION BY x.site ORDER BY x.judged_at DESC, x.run_id DESC) = 1,
          x.evidence, x.measures
        FROM archive.health x ORDER BY x.site, x.run_id""",
}

# One for each facet and each order of the pages and feeds, so that counting reads an index and no table.
INDEXES = """
CREATE INDEX articles_site ON articles (site, year);
CREATE INDEX articles_site_name ON articles (site_name);
CREATE INDEX articles_kind ON articles (kind);
CREATE INDEX articles_province ON articles (province, year);
CREATE INDEX articles_province_63 ON articles (province_63);
CREATE INDEX articles_section ON articles (section);
CREATE INDEX articles_year ON articles (year);
CREATE INDEX articles_month ON articles (month);
CREATE INDEX articles_date ON articles (date_estimate);
CREATE INDEX articles_published ON articles (published_at);
CREATE INDEX articles_seen ON articles (last_seen);
CREATE INDEX articles_first_seen ON articles (first_seen);
CREATE INDEX articles_site_first_seen ON articles (site, first_seen);
CREATE INDEX articles_province_first_seen ON articles (province, first_seen);
CREATE INDEX articles_gone ON articles (gone_since) WHERE gone_since IS NOT NULL;
CREATE INDEX articles_capture ON articles (capture_id);
CREATE INDEX sections_site ON sections (site);
CREATE INDEX revisions_article ON revisions (article_id, number);
CREATE INDEX revisions_when ON revisions (replaced_at);
CREATE INDEX revisions_old_capture ON revisions (old_capture_id);
CREATE INDEX revisions_new_capture ON revisions (new_capture_id);
CREATE INDEX tags_tag ON tags (tag);
CREATE INDEX addresses_article ON addresses (article_id);
CREATE INDEX addresses_former_key ON addresses (former_key) WHERE former_key IS NOT NULL;
CREATE INDEX captures_article ON captures (article_id);
CREATE INDEX health_latest ON health (latest, verdict);
CREATE INDEX health_when ON health (judged_at);
CREATE INDEX quarantine_when ON quarantine (seen_at);
CREATE INDEX quarantine_capture ON quarantine (capture_id);
"""
