"""Who signed: `find_byline` looks at every place a byline stands in, the surest first, and takes its lines
out of the text.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from lxml.html import HtmlElement

from pipelines.article import Evidence, Template
from pipelines.byline.agency import find_agency
from pipelines.byline.names import Signature, is_cms_user, is_picture_credit, read_signature
from pipelines.byline.places import aligned_lines, class_lines, cms_users, machine_names, template_lines
from pipelines.dates import parse_date
from pipelines.queries import Select, selecting
from pipelines.text import clean_line, fold, is_syllable

_SENTENCE_END = re.compile(r"[.!?…/”\"'’)\]:;]\s*$")
# A name glued to the last sentence: "… 30 triệu đồng.Trần Mẫu", "… năm 2019./. Trần Mẫu"; not "… tại TP.Hồ
# Chí Minh"
_GLUED = re.compile(
    r"^(?P<text>.+?(?:(?<=[^\W\d_A-ZĐ]{2})[.…!?]|\d[.…!?]|[.…!?][”\"]|\./\.?\s?"
    r"|[”\"]\.))(?P<name>[^\W\d_a-z]\S*(?:\s\S+){1,4})$"
)
_ABBREVIATED = re.compile(r"(?:^|\s)(?:tp|tx|tt|gs|ts|ths|bs|ks|q|p|st|nxb|bs)\.$")
# What a signed document ends with: the name under it signs the document, not the article.
_DOCUMENT = re.compile(
    r"^(?:(?:tm|kt|tl|tuq|q)\.|\(?da ky\)?$|noi nhan|(?:pho )?(?:bi thu|chu tich|giam doc|truong ban"
    r"|chanh van phong|chu nhiem|hieu truong|thu truong|bo truong|tong bi thu)$)"
)


@dataclass(frozen=True, slots=True)
class BylineFound:
    """The byline, and the text without it."""

    byline: str | None
    """Person(s), group or named source as shown; None where none is shown."""
    paragraphs: tuple[str, ...]
    lead: str | None
    agency: str | None
    """"HNP", "Chinhphu.vn": opens the text and stays in it."""
    evidence: tuple[Evidence, ...] = ()
    kept: tuple[int, ...] = ()
    """Indices of the given paragraphs that stayed, in step with `paragraphs`."""


@dataclass(slots=True)
class _Text:
    """The paragraphs while byline lines are being taken out."""

    lines: list[str]
    removed: set[int] = field(default_factory=set)

    def ends(self, count: int) -> list[int]:
        return [i for i in range(len(self.lines) - 1, -1, -1) if i not in self.removed][:count]

    def starts(self, count: int) -> list[int]:
        return [i for i in range(len(self.lines)) if i not in self.removed][:count]


@dataclass(frozen=True, slots=True)
class _Found:
    signature: Signature
    rule: str
    raw: str
    confidence: float


def find_byline(
    tree: HtmlElement,
    *,
    template: Template | None,
    names: Sequence[str],
    title: str,
    lead: str | None,
    paragraphs: Sequence[str],
    body_nodes: Sequence[HtmlElement] = (),
    date_lines: Sequence[str] = (),
    agencies: Sequence[str] = (),
    title_node: HtmlElement | None = None,
    aligned: Collection[int] = (),
    select: Select | None = None,
) -> BylineFound:
    """The byline of an article.

    `names` are those of the site and its publisher (never a byline), `paragraphs` the body after the lead
    with byline lines still in it (clean lines), `body_nodes` the containers they came from, `date_lines` the
    date lines shown ("Tên| 04/10/2021 07:21"), `aligned` the indices of paragraphs known to be set right. The
    tree is not changed.
    """
    site_names = {fold(clean_line(name)) for name in names if name}
    text = _Text(list(paragraphs))
    # a family knows its places: no search of the whole tree
    told = template is not None and bool(template.byline or template.body)
    found = list(_from_template(select or selecting(tree), template, site_names))
    posters: Collection[str] = ()
    right: Collection[int] = aligned
    if not found:
        posters = cms_users(body_nodes if told else [tree])
        right = _right_aligned(text, aligned, body_nodes)
    _drop_posters(text, posters)
    found.extend(_from_date_lines(date_lines, site_names))
    lead, opening = _from_start(text, lead, site_names)
    found.extend(opening)
    found.extend(_from_end(text, right, site_names))
    if not found and not told:
        found.extend(_from_classes(tree, title, title_node, site_names, posters))
    if not found:
        found.extend(_glued(text, site_names))
    if not found:
        found.extend(_from_machines(tree, site_names, posters))
    best = _best(found)
    if best is not None:
        _take_out_repeats(text, best.signature, site_names)
    kept = tuple(i for i in range(len(text.lines)) if i not in text.removed)
    return BylineFound(
        byline=best.signature.name if best else None,
        paragraphs=tuple(text.lines[i] for i in kept),
        lead=lead,
        agency=find_agency([lead, *(text.lines[i] for i in kept[:1])], agencies),
        evidence=_evidence(best),
        kept=kept,
    )


def _evidence(best: _Found | None) -> tuple[Evidence, ...]:
    if best is None:
        return ()
    note = "named source, no person" if best.signature.kind == "source" else ""
    return (Evidence("byline", best.signature.name, best.rule, best.raw[:300], best.confidence, note),)


def _best(found: Sequence[_Found]) -> _Found | None:
    """People before sources, whole lists before "… và 1 tác giả khác"; then the surest place."""
    if not found:
        return None

    def rank(item: _Found) -> tuple[bool, bool, float]:
        return item.signature.kind != "source", not item.signature.partial, item.confidence

    best = max(found, key=rank)
    if best.signature.partial:
        return best
    # "THUẬN" above the text and "THUẬN - LÊ" below it: the list that holds the other is the whole one
    for item in found:
        longer, shorter = fold(item.signature.name), fold(best.signature.name)
        if item.signature.kind == "name" and longer != shorter and longer.startswith(shorter + " - "):
            best = item
    return best


# --- places
# ---------------------------------------------------------------------------------------------------


def _from_template(select: Select, template: Template | None, site_names: Collection[str]) -> Iterator[_Found]:
    if template is None:
        return
    for css in template.byline:  # later selectors are for pages where the earlier ones give nothing whole
        whole = False
        for line in template_lines(select, css):
            signature = _sign(line, site_names)
            if signature is not None:
                whole = whole or not (signature.partial or signature.kind == "source")
                yield _Found(signature, f"template:{template.name} byline {css}", line, 0.98)
        if whole:
            return


def _sign(line: str, site_names: Collection[str], *, strict: bool = False) -> Signature | None:
    """A line as a byline; a date glued to it comes off."""
    if len(line) > 140:
        return None
    parsed = parse_date(line) if any(character.isdigit() for character in line) else None
    if parsed is not None:
        line = re.split(r"\s{2,}|\s*\|\s*|\b\d", parsed.rest)[0]
    return read_signature(line, site_names=site_names, strict=strict) if line else None


def _from_date_lines(lines: Iterable[str], site_names: Collection[str]) -> Iterator[_Found]:
    for line in lines:
        if (parsed := parse_date(line)) is None or not parsed.rest:
            continue
        rest = re.split(r"\s*\|\s*|\s\d|\b(?:Lượt|lượt|View|Chia sẻ|Print)\b", parsed.rest)[0]
        signature = read_signature(rest, site_names=site_names, strict=True)
        if signature is not None:
            yield _Found(signature, "beside the date", line, 0.95)


def _from_start(text: _Text, lead: str | None, site_names: Collection[str]) -> tuple[str | None, list[_Found]]:
    """A byline before the lead: "Trần Mẫu| 04/10/2021 07:21" or "Trần Mẫu (Ban Tổ chức …)" as first line."""
    found: list[_Found] = []
    if lead is not None and len(lead) < 90 and (signature := _first_line(lead, site_names)):
        found.append(_Found(signature, "first line", lead, 0.85))
        lead = None
    for index in text.starts(2):
        line = text.lines[index]
        if len(line) > 90 or (signature := _first_line(line, site_names)) is None:
            break
        found.append(_Found(signature, "first line", line, 0.85))
        text.removed.add(index)
    return lead, found


def _first_line(line: str, site_names: Collection[str]) -> Signature | None:
    if _SENTENCE_END.search(line) and not line.endswith(")"):
        return None
    return _sign(line, site_names, strict=True)


def _from_end(text: _Text, right: Collection[int], site_names: Collection[str]) -> list[_Found]:
    """The last lines: a name set right, in capitals or alone after the last sentence; a source; a picture
    credit.
    """
    found: list[_Found] = []
    taken: list[int] = []
    for index in text.ends(4):
        line = text.lines[index]
        if is_picture_credit(line) and len(line) < 60:
            taken.append(index)
            continue
        signature = _closing(text, index, index in right, site_names)
        if signature is None or (found and found[-1].signature.kind == "name" and signature.kind == "source"):
            break
        how = "last line, set right" if index in right else "last line"
        sure = 0.95 if index in right or signature.labelled else 0.85
        found.append(_Found(signature, how, line, sure))
        taken.append(index)
    if taken and _is_document(text, min(taken)):
        return []
    if not found and not any(is_picture_credit(text.lines[i]) for i in taken):
        return []
    text.removed.update(taken)
    return _joined(found, text)


def _closing(text: _Text, index: int, right: bool, site_names: Collection[str]) -> Signature | None:
    line = text.lines[index]
    if _DOCUMENT.match(fold(line[:60]).strip(" *-")):
        return None
    signature = _sign(line, site_names, strict=not right)
    if signature is None or right or signature.labelled:
        return signature
    before = [i for i in range(index - 1, -1, -1) if i not in text.removed][:1]
    if not before:
        return None
    previous = text.lines[before[0]]
    # a name below another name, a label or a heading is one of a list
    long_enough = len(previous) > 60 or _SENTENCE_END.search(previous) is not None
    credit = is_picture_credit(previous) or _sign(previous, site_names, strict=True) is not None
    return signature if long_enough or credit else None


def _is_document(text: _Text, first: int) -> bool:
    before = [fold(text.lines[i]).strip(" *-") for i in range(max(0, first - 3), first)]
    return any(_DOCUMENT.match(line) for line in before if len(line) < 60)


def is_office_line(line: str) -> bool:
    """Whether a line is an office as it stands above the name that signs a document: "T/M BAN …", "BÍ THƯ"."""
    return len(line) < 60 and bool(_DOCUMENT.match(fold(line).strip(" *-")))


def ends_sentence(line: str) -> bool:
    """Whether a line is the end of running text: closed by a mark, or too long for a heading or an item of a list."""
    return len(line) > 60 or _SENTENCE_END.search(line) is not None


def _joined(found: list[_Found], text: _Text) -> list[_Found]:
    """Two names on two lines are two authors; three and more are a list and no byline."""
    people = [item for item in found if item.signature.kind == "name"]
    different = list(dict.fromkeys(fold(item.signature.name) for item in people))
    if len(different) > 2:
        text.removed.clear()
        return []
    if len(different) == 2 and not any(item.signature.labelled for item in people):
        first, second = people[-1], people[0]
        if fold(first.signature.name) in fold(second.signature.name) or fold(second.signature.name) in fold(
            first.signature.name
        ):
            return found
        name = f"{first.signature.name} - {second.signature.name}"
        return [_Found(Signature(name, "name", False), "last two lines", f"{first.raw} / {second.raw}", 0.8)]
    return found


def _from_classes(
    tree: HtmlElement,
    title: str,
    title_node: HtmlElement | None,
    site_names: Collection[str],
    posters: Collection[str],
) -> Iterator[_Found]:
    for line in class_lines(tree, title, title_node):
        signature = _sign(line, site_names)
        if signature is not None and fold(signature.name) not in posters:
            yield _Found(signature, "element of an author class", line, 0.8)


def _glued(text: _Text, site_names: Collection[str]) -> Iterator[_Found]:
    for index in text.ends(1):
        match = _GLUED.match(text.lines[index])
        if match is None or _ABBREVIATED.search(fold(match["text"])):
            return
        signature = read_signature(match["name"], site_names=site_names, strict=True)
        words = match["name"].split()
        if signature is None or signature.kind != "name" or not all(is_syllable(word.strip(".")) for word in words):
            return
        raw = text.lines[index]
        text.lines[index] = match["text"].rstrip()
        yield _Found(signature, "glued to the last sentence", raw[-120:], 0.7)


def _from_machines(tree: HtmlElement, site_names: Collection[str], posters: Collection[str]) -> Iterator[_Found]:
    """JSON-LD and meta name many a CMS user: believed only where the page shows the very name as a byline."""
    for rule, name in machine_names(tree):
        signature = read_signature(name, site_names=site_names, strict=True)
        if signature is not None and signature.kind == "name" and fold(signature.name) not in posters:
            yield _Found(signature, rule, name, 0.6)
            return


# --- taking lines out
# -----------------------------------------------------------------------------------------


def _right_aligned(text: _Text, aligned: Collection[int], body_nodes: Sequence[HtmlElement]) -> set[int]:
    right = set(aligned)
    shown = aligned_lines(body_nodes)
    if shown:
        right.update(i for i in text.ends(6) if clean_line(text.lines[i]) in shown)
    return right


def _drop_posters(text: _Text, posters: Collection[str]) -> None:
    for index in text.ends(2):
        line = text.lines[index]
        if len(line) > 60 or not (fold(line) in posters or is_cms_user(line)):
            return
        text.removed.add(index)


def _take_out_repeats(text: _Text, signature: Signature, site_names: Collection[str]) -> None:
    name = fold(signature.name)
    for index in (*text.starts(2), *text.ends(3)):
        line = text.lines[index]
        if (
            len(line) < 110
            and (again := _sign(line, site_names)) is not None
            and fold(again.name) in (name, name.split(" - ")[0])
        ):
            text.removed.add(index)
