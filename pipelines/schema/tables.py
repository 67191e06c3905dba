"""The tables of archive.db, as each migration made them.

All times are text, ISO 8601 in whole seconds with +07:00 (see `iso`): with one offset, text order is time
order.
"""

from __future__ import annotations

from datetime import datetime

from pipelines.article import VIETNAM


def iso(moment: datetime) -> str:
    """An aware time as stored: `2026-11-22T08:30:00+07:00`, whole seconds. ValueError for a naive one."""
    if moment.tzinfo is None:
        msg = f"a time without a zone can't be stored: {moment!r}"
        raise ValueError(msg)
    return moment.astimezone(VIETNAM).isoformat(timespec="seconds")


def _time(column: str, *, null: bool = False) -> str:
    # Reassembling the value catches the 13th month and any other form or offset; "+0 days" makes
    # SQLite reckon, so that the 31st of February becomes another day.
    check = f"strftime('%Y-%m-%dT%H:%M:%S', substr({column}, 1, 19), '+0 days') || '+07:00' IS {column}"
    return f"TEXT CHECK({column} IS NULL OR {check})" if null else f"TEXT NOT NULL CHECK({check})"


def _day(column: str, *, null: bool = True) -> str:
    check = f"date({column}, '+0 days') IS {column}"
    return f"TEXT CHECK({column} IS NULL OR {check})" if null else f"TEXT NOT NULL CHECK({check})"


def _json(column: str, default: str = "[]") -> str:
    return f"TEXT NOT NULL DEFAULT '{default}' CHECK(json_valid({column}))"


TABLES_1 = f"""
CREATE TABLE provinces (
  scheme INTEGER NOT NULL CHECK(scheme IN (34, 63)),
  code TEXT NOT NULL CHECK(code GLOB '[0-9][0-9]'),
  name TEXT NOT NULL,
  short_name TEXT NOT NULL,
  successor TEXT NOT NULL,                 -- code among the 34 of the one that holds its land now
  valid_from {_day("valid_from")},
  valid_to {_day("valid_to")},
  formed_from {_json("formed_from")},      -- codes among the 63
  history TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (scheme, code)
) STRICT, WITHOUT ROWID;

CREATE TABLE sites (
  id TEXT PRIMARY KEY CHECK(id <> ''),
  name TEXT NOT NULL,
  name_en TEXT,
  kind TEXT CHECK(kind IN ('party_journal', 'party_newspaper', 'party_portal', 'government_portal')),
  province_scheme INTEGER,
  province_code TEXT,
  family TEXT,
  hosts {_json("hosts")},
  former_hosts {_json("former_hosts")},
  publish TEXT NOT NULL DEFAULT 'excerpt' CHECK(publish IN ('full', 'excerpt', 'none')),
  rights_note TEXT NOT NULL DEFAULT '',
  verified_how TEXT NOT NULL DEFAULT 'none' CHECK(verified_how IN ('live', 'pages', 'family', 'none')),
  verified_pages INTEGER NOT NULL DEFAULT 0,
  weekly_min INTEGER,
  weekly_max INTEGER,
  quiet_days INTEGER,
  history {_json("history")},
  FOREIGN KEY (province_scheme, province_code) REFERENCES provinces (scheme, code)
) STRICT, WITHOUT ROWID;

CREATE TABLE sections (
  id INTEGER PRIMARY KEY,
  site TEXT NOT NULL REFERENCES sites (id),
  title TEXT NOT NULL,
  url TEXT NOT NULL,
  UNIQUE (site, url)
) STRICT;

CREATE TABLE runs (
  id INTEGER PRIMARY KEY,
  command TEXT NOT NULL,
  mode TEXT NOT NULL CHECK(mode IN ('live', 'replay', 'rebuild', 'ingest')),
  sites {_json("sites")},
  software TEXT NOT NULL,
  started_at {_time("started_at")},
  finished_at {_time("finished_at", null=True)},
  outcome TEXT,
  counts {_json("counts", "{}")}
) STRICT;

CREATE TABLE captures (
  id INTEGER PRIMARY KEY,
  record_id TEXT UNIQUE,                   -- NULL in WARC files of others that have none
  url TEXT NOT NULL,
  site TEXT REFERENCES sites (id),
  kind TEXT NOT NULL,
  fetched_at {_time("fetched_at")},
  status INTEGER NOT NULL,
  content_type TEXT NOT NULL DEFAULT '',
  digest TEXT NOT NULL DEFAULT '',
  warc_file TEXT NOT NULL,
  warc_offset INTEGER NOT NULL CHECK(warc_offset >= 0),
  warc_length INTEGER NOT NULL CHECK(warc_length >= 0),
  location TEXT NOT NULL DEFAULT '',
  run_id INTEGER REFERENCES runs (id),
  verdict TEXT,
  article_id INTEGER REFERENCES articles (id) ON DELETE SET NULL,
  text_hash TEXT,                          -- of the text it gave (or stands for: store/timeline)
  extractor_version TEXT                   -- that read it
) STRICT;
CREATE UNIQUE INDEX captures_place ON captures (warc_file, warc_offset) WHERE record_id IS NULL;
CREATE INDEX captures_article ON captures (article_id, fetched_at) WHERE article_id IS NOT NULL;
CREATE INDEX captures_url ON captures (url, fetched_at);
CREATE INDEX captures_run ON captures (run_id) WHERE run_id IS NOT NULL;

CREATE TABLE articles (
  id INTEGER PRIMARY KEY,
  key TEXT NOT NULL UNIQUE,                -- permalink; never changes
  site TEXT NOT NULL REFERENCES sites (id),
  canonical_url TEXT NOT NULL UNIQUE,
  title TEXT NOT NULL,
  byline TEXT,
  agency TEXT,
  section TEXT,
  published_at {_time("published_at", null=True)},
  published_precision TEXT NOT NULL CHECK(published_precision IN ('minute', 'day', 'month', 'none')),
  event_date {_day("event_date")},
  date_estimate {_day("date_estimate", null=False)},
  date_estimate_basis TEXT NOT NULL CHECK(date_estimate_basis IN
    ('published', 'event_date', 'listing', 'address', 'neighbours', 'first_seen')),
  language TEXT,
  template TEXT NOT NULL,
  extractor_version TEXT NOT NULL,
  words INTEGER NOT NULL,
  text_hash TEXT NOT NULL,
  flags {_json("flags")},
  capture_id INTEGER NOT NULL REFERENCES captures (id),
  first_seen {_time("first_seen")},
  last_seen {_time("last_seen")},
  gone_since {_time("gone_since", null=True)},
  CHECK((published_at IS NULL) = (published_precision = 'none')),
  CHECK(first_seen <= last_seen)
) STRICT;
CREATE INDEX articles_site ON articles (site);
CREATE INDEX articles_capture ON articles (capture_id);

CREATE TABLE article_text (
  article_id INTEGER PRIMARY KEY REFERENCES articles (id) ON DELETE CASCADE,
  lead TEXT,
  body TEXT NOT NULL                       -- paragraphs one a line, without the lead
) STRICT;

CREATE TABLE revisions (
  id INTEGER PRIMARY KEY,
  article_id INTEGER NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
  number INTEGER NOT NULL CHECK(number >= 1),   -- 1 is the oldest text
  replaced_at {_time("replaced_at")},           -- when the text after it was first seen
  old_title TEXT NOT NULL,
  old_lead TEXT,
  old_body TEXT NOT NULL,
  old_hash TEXT NOT NULL,
  old_extractor_version TEXT NOT NULL,
  old_capture_id INTEGER NOT NULL REFERENCES captures (id),
  new_capture_id INTEGER NOT NULL REFERENCES captures (id),
  UNIQUE (article_id, number)
) STRICT;
CREATE INDEX revisions_old_capture ON revisions (old_capture_id);
CREATE INDEX revisions_new_capture ON revisions (new_capture_id);

CREATE TABLE evidence (
  article_id INTEGER NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  field TEXT NOT NULL,
  value TEXT NOT NULL,
  rule TEXT NOT NULL,
  raw TEXT NOT NULL DEFAULT '',
  confidence REAL NOT NULL CHECK(confidence BETWEEN 0 AND 1),
  note TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (article_id, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE images (
  article_id INTEGER NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  url TEXT NOT NULL,
  caption TEXT NOT NULL DEFAULT '',
  credit TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (article_id, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE attachments (
  article_id INTEGER NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  url TEXT NOT NULL,
  title TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (article_id, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE tags (
  article_id INTEGER NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  tag TEXT NOT NULL,
  PRIMARY KEY (article_id, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE addresses (
  url TEXT PRIMARY KEY,
  article_id INTEGER NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
  relation TEXT NOT NULL CHECK(relation IN ('canonical', 'alias', 'redirect', 'print')),
  first_seen {_time("first_seen")}
) STRICT, WITHOUT ROWID;
CREATE INDEX addresses_article ON addresses (article_id);

CREATE TABLE quarantine (
  id INTEGER PRIMARY KEY,
  url TEXT NOT NULL,
  site TEXT REFERENCES sites (id),
  capture_id INTEGER UNIQUE REFERENCES captures (id),
  verdict TEXT NOT NULL CHECK(verdict <> 'article'),
  reason TEXT NOT NULL,
  flags {_json("flags")},
  evidence {_json("evidence")},
  seen_at {_time("seen_at")}
) STRICT;
CREATE INDEX quarantine_url ON quarantine (url);

CREATE TABLE frontier (
  url TEXT PRIMARY KEY,
  site TEXT NOT NULL REFERENCES sites (id),
  state TEXT NOT NULL CHECK(state IN ('due', 'kept', 'refused', 'dead')),
  due_at {_time("due_at", null=True)},
  reason TEXT NOT NULL DEFAULT '',
  tries INTEGER NOT NULL DEFAULT 0,
  status INTEGER,
  hints {_json("hints")},
  found_at {_time("found_at")},
  found_run INTEGER REFERENCES runs (id),
  fetched_at {_time("fetched_at", null=True)},
  priority INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE INDEX frontier_due ON frontier (site, state, due_at);

CREATE TABLE walks (
  site TEXT NOT NULL REFERENCES sites (id),
  section_url TEXT NOT NULL,
  run_id INTEGER NOT NULL REFERENCES runs (id),
  started_at {_time("started_at")},
  completed_at {_time("completed_at", null=True)},
  pages INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (site, section_url, run_id)
) STRICT, WITHOUT ROWID;
"""

TABLES_2 = f"""
CREATE TABLE health (
  site TEXT NOT NULL REFERENCES sites (id),
  run_id INTEGER NOT NULL REFERENCES runs (id),
  judged_at {_time("judged_at")},
  verdict TEXT NOT NULL CHECK(verdict IN ('ok', 'quiet', 'blocked', 'moved', 'redesigned', 'dead')),
  since {_time("since")},                  -- of the first of the verdicts in a row that were the same
  evidence {_json("evidence")},            -- [{{"expected", "came"}}]
  measures {_json("measures", "{}")},
  PRIMARY KEY (site, run_id),
  CHECK(since <= judged_at)
) STRICT, WITHOUT ROWID;
CREATE INDEX health_newest ON health (site, judged_at);

CREATE TABLE told (
  subject TEXT PRIMARY KEY,                -- a site, or '*' for the run itself
  trouble TEXT NOT NULL,                   -- the verdict that was told, and is not over yet
  told_at {_time("told_at")}
) STRICT, WITHOUT ROWID;
"""


TABLES_3 = f"""
CREATE TABLE rests (                       -- sites that asked to be left alone (429, 503)
  site TEXT PRIMARY KEY REFERENCES sites (id),
  not_before {_time("not_before")},
  reason TEXT NOT NULL,
  noted_at {_time("noted_at")},
  times INTEGER NOT NULL DEFAULT 1         -- in a row
) STRICT, WITHOUT ROWID;

ALTER TABLE walks ADD COLUMN reached TEXT;  -- page of the listing; where a walk that was broken off goes on
"""

TABLES_4 = f"""
CREATE TABLE visits (                      -- looks at a known article that brought no text
  capture_id INTEGER PRIMARY KEY REFERENCES captures (id),
  article_id INTEGER NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
  seen_at {_time("seen_at")},
  outcome TEXT NOT NULL CHECK(outcome IN ('unchanged', 'missing')),
  reason TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX visits_article ON visits (article_id, seen_at);
CREATE INDEX captures_site ON captures (site, fetched_at) WHERE article_id IS NOT NULL;

CREATE TABLE validators (                  -- what is sent along to be told "not modified" (RFC 9110, section 13.1)
  url TEXT PRIMARY KEY,                    -- as it was asked for
  site TEXT NOT NULL REFERENCES sites (id),
  capture_id INTEGER NOT NULL REFERENCES captures (id),  -- the whole answer that had them
  etag TEXT,
  last_modified TEXT,
  noted_at {_time("noted_at")},
  CHECK(etag IS NOT NULL OR last_modified IS NOT NULL)
) STRICT, WITHOUT ROWID;
CREATE INDEX validators_capture ON validators (capture_id);

ALTER TABLE frontier ADD COLUMN day {_day("day")};  -- of publication, as far as links and the address tell
ALTER TABLE walks ADD COLUMN beyond_feed INTEGER;   -- new links on its first page that the section's feeds lacked
"""
