"""Citing an article: as text, BibTeX, RIS and CSL-JSON.

Each names the publisher's address and the permalink of the archived text, which stays after a rebuild and after
a better extractor; the day of access is the day of the capture that is shown. Unknown is left out, never guessed:
an author as printed is one literal name, since nobody can say where a pen name or a newsroom ends. What cites an
invented article of the demonstration says that it is one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass

from khotin.serve.reading import ArticlePage
from khotin.serve.words import WORDS, Words
from khotin.serve.words.dates import written
from pipelines.byline.names import read_signature

# In BibTeX these end a field, begin a command or a comment. "&" in "Nội vụ & Đảng" must become "\&".
_TEX = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
}  # fmt: skip

# In both languages: these files are the same for every reader, and caches keep one.
_INVENTED = " / ".join(WORDS["sample_cited"])


@dataclass(frozen=True, slots=True)
class Form:
    """A way to cite: name of the file's ending, of the form, its content type, and what makes it."""

    ending: str
    name: str
    content_type: str
    make: Callable[[ArticlePage, str, Words], str]


def _line(text: str) -> str:
    return " ".join(text.split())


def _day(page: ArticlePage) -> tuple[int, ...]:
    """Year, month and day of publication as far as they are known."""
    parts = {"minute": 3, "day": 3, "month": 2}.get(page.published_precision, 0)
    found = re.match(r"(\d{4})-(\d\d)-(\d\d)", page.published_at or "")
    return tuple(int(part) for part in found.groups()[:parts]) if found else ()


def _seen(page: ArticlePage) -> str:
    """Day (YYYY-MM-DD) on which the shown text was fetched."""
    return str(page.capture["fetched_at"] if page.capture else page.last_seen)[:10]


def as_text(page: ArticlePage, permalink: str, t: Words) -> str:
    """One line for a footnote, in the reader's language."""
    precision = {"minute": "day"}.get(page.published_precision, page.published_precision)
    day = written(page.published_at, precision, t.language)
    if not day and page.date_estimate:  # as the article's page says it
        day = f"{t('about')} {t.when(page.date_estimate, 'day')}"
    day = day or t("no_day")
    author = f"{_line(page.byline)}, " if page.byline else ""
    title = _line(page.title)
    archived = t("cite_archived", day=t.when(_seen(page), "day"))
    quoted = f"“{title}”" if t.language == "vi" else f"“{title},”"
    after = "," if t.language == "vi" else ""
    warning = f"[{t('sample_cited')}] " if page.sample else ""
    return f"{warning}{author}{quoted}{after} {page.site_name}, {day}, {page.canonical_url}. {archived}: {permalink}"


def _tex(text: str) -> str:
    return "".join(_TEX.get(char, char) for char in _line(text))


def as_bibtex(page: ArticlePage, permalink: str, _t: Words) -> str:
    """A BibTeX entry; `@misc`, which BibTeX and biblatex both know."""
    day = _day(page)
    fields: list[tuple[str, str]] = []
    if page.byline:
        fields.append(("author", f"{{{_tex(page.byline)}}}"))  # braces: not to be cut into names
    fields += [("title", f"{{{_tex(page.title)}}}"), ("howpublished", _tex(page.site_name))]
    fields += list(zip(("year", "month", "day"), map(str, day), strict=False))
    if day:
        fields.append(("date", "-".join(f"{part:02d}" for part in day)))
    url = page.canonical_url.replace("{", "%7B").replace("}", "%7D")
    warning = f"{_INVENTED}. " if page.sample else ""
    fields += [("url", url), ("urldate", _seen(page)), ("note", f"{warning}khotin: \\url{{{permalink}}}")]
    if page.language:
        fields.append(("langid", {"vi": "vietnamese", "en": "english"}.get(page.language, page.language)))
    lines = ",\n".join(f"  {name} = {{{value}}}" for name, value in fields)
    return f"@misc{{{page.key},\n{lines}\n}}\n"


def _authors(byline: str) -> list[str]:
    """The byline as names without commas: RIS has no literal names, a comma parts family name and given name.

    "Thu Hà, Hải Yến" are two names; "Nguyễn Văn Mẫu, Phó Bí thư Huyện ủy" is one, with the office as the archive
    writes it elsewhere: "Nguyễn Văn Mẫu - Phó Bí thư Huyện ủy".
    """
    parts = [part.strip() for part in byline.split(",") if part.strip()]
    read = [read_signature(part, strict=True) for part in parts]
    people = all(one is not None and one.kind == "name" for one in read)
    return parts if people else [" - ".join(parts)]


def as_ris(page: ArticlePage, permalink: str, _t: Words) -> str:
    """A RIS record (`NEWS`), as EndNote, Zotero and Mendeley read it; lines end in CR LF."""
    day = _day(page)
    lines = [("TY", "NEWS"), ("ID", page.key), ("TI", _line(page.title))]
    if page.byline:
        lines += [("AU", name) for name in _authors(_line(page.byline))]
    lines.append(("T2", page.site_name))
    if day:
        lines.append(("PY", str(day[0])))
        lines.append(("DA", "/".join([*(f"{part:02d}" for part in day), "", ""][:3]) + "/"))
    if page.lead:
        lines.append(("AB", _line(page.lead)))
    lines += [("KW", _line(tag)) for tag in page.tags]
    if page.sample:
        lines.append(("N1", _INVENTED))
    if page.language:
        lines.append(("LA", page.language))
    lines += [("UR", page.canonical_url), ("UR", permalink), ("Y2", _seen(page).replace("-", "/") + "/")]
    lines += [("DB", "khotin"), ("ER", "")]
    return "".join(f"{tag}  - {value}\r\n" for tag, value in lines)


def as_csl(page: ArticlePage, permalink: str, _t: Words) -> str:
    """CSL-JSON, a list of one item, as Zotero, pandoc and citeproc read it."""
    item: dict[str, object] = {"id": page.key, "type": "article-newspaper", "title": _line(page.title)}
    if page.byline:
        item["author"] = [{"literal": _line(page.byline)}]
    item["container-title"] = page.site_name
    if day := _day(page):
        item["issued"] = {"date-parts": [list(day)]}
    item["accessed"] = {"date-parts": [[int(part) for part in _seen(page).split("-")]]}
    item |= {"URL": page.canonical_url, "archive": "khotin", "archive_location": permalink}
    if page.language:
        item["language"] = page.language
    if page.lead:
        item["abstract"] = _line(page.lead)
    if page.sample:
        item["note"] = _INVENTED
    return json.dumps([item], ensure_ascii=False, indent=2) + "\n"


FORMS = (
    Form("txt", "", "text/plain", as_text),
    Form("bib", "BibTeX", "application/x-bibtex", as_bibtex),
    Form("ris", "RIS", "application/x-research-info-systems", as_ris),
    Form("csl.json", "CSL-JSON", "application/vnd.citationstyles.csl+json", as_csl),
)
BY_ENDING = {form.ending: form for form in FORMS}
