"""Who signed: `find_byline` looks at every place a byline stands in, the surest first, and takes its lines
out of the text.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from lxml.html import HtmlElement

from pipelines.article import Evidence, Template
from pipelines.byline.agency import find_agency
from pipelines.byline.apart import lines_apart, lines_quoted
from pipelines.byline.ends import Found, Text, beside_date, from_end, from_start, glued, sign
from pipelines.byline.names import Signature, is_cms_user, is_labelled, read_signature, tells_poster
from pipelines.byline.places import aligned_lines, class_lines, cms_users, machine_names, template_lines
from pipelines.dates import parse_date
from pipelines.queries import Select, selecting
from pipelines.text import clean_line, fold


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


_PLACE_KINDS = "xa|phuong|huyen|quan|tinh|thi xa|thi tran|thanh pho|tp|ban|thon|ap|lang|khu pho|dac khu|buon"


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
    nodes: Sequence[HtmlElement] = (),
    known_site: bool = False,
) -> BylineFound:
    """The byline of an article.

    `names` are those of the site and its publisher (never a byline), `paragraphs` the body after the lead
    with byline lines still in it (clean lines), `body_nodes` the containers they came from, `date_lines` the
    date lines shown ("Tên| 04/10/2021 07:21"), `aligned` the indices of paragraphs known to be set right, `nodes`
    the elements the paragraphs stood in, where they are known. `known_site`: a site of the catalogue, of which no
    user of the content system is shown behind the text. The tree is not changed.
    """
    site_names = {fold(clean_line(name)) for name in names if name}
    # a family knows its places: no search of the whole tree
    told = template is not None and bool(template.byline or template.body)
    text = Text(list(paragraphs), nodes=() if told else nodes)
    text.apart = frozenset() if known_site else lines_apart(text.lines, text.nodes)
    text.quoted = lines_quoted(text.nodes)
    found = list(_from_template(select or selecting(tree), template, site_names))
    posters: Collection[str] = ()
    right: Collection[int] = aligned
    if not found:
        posters = cms_users(body_nodes if told else [tree])
        right = _right_aligned(text, aligned, body_nodes)
    _drop_posters(text, posters)
    dated = _from_date_lines(date_lines, site_names)
    found.extend(
        item for item in dated if told or not _is_place(item.signature, (title, lead or "", *names), text.lines)
    )
    lead, opening = from_start(text, lead, site_names)
    found.extend(opening)
    found.extend(from_end(text, right, site_names))
    if not found and not told:
        found.extend(_from_classes(tree, title, title_node, body_nodes, site_names, posters))
    if not found:
        found.extend(glued(text, site_names))
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


def _evidence(best: Found | None) -> tuple[Evidence, ...]:
    if best is None:
        return ()
    note = "named source, no person" if best.signature.kind == "source" else ""
    return (Evidence("byline", best.signature.name, best.rule, best.raw[:300], best.confidence, note),)


def _best(found: Sequence[Found]) -> Found | None:
    """People before sources, whole lists before "… và 1 tác giả khác"; then the surest place."""
    if not found:
        return None

    def rank(item: Found) -> tuple[bool, bool, float]:
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


# -- places ------------------------------------------------------------------------------------------------


def _from_template(select: Select, template: Template | None, site_names: Collection[str]) -> Iterator[Found]:
    if template is None:
        return
    for css in template.byline:  # later selectors are for pages where the earlier ones give nothing whole
        whole = False
        for line in template_lines(select, css):
            signature = sign(line, site_names)
            if signature is not None:
                whole = whole or not (signature.partial or signature.kind == "source")
                yield Found(signature, f"template:{template.name} byline {css}", line, 0.98)
        if whole:
            return


def _from_date_lines(lines: Iterable[str], site_names: Collection[str]) -> Iterator[Found]:
    for line in lines:
        if (parsed := parse_date(line)) is None or not parsed.rest or tells_poster(line):
            continue
        rest = re.split(r"\s*\|\s*|\s\d|\b(?:Lượt|lượt|View|Chia sẻ|Print)\b", parsed.rest)[0]
        rest = beside_date(rest, line)
        labelled = (part for part in line.split("|") if is_labelled(part))
        for part in (rest, *labelled):
            signature = read_signature(part, site_names=site_names, strict=True)
            if signature is not None:
                yield Found(signature, "beside the date", line, 0.95)
                break


def _is_place(signature: Signature, told: Sequence[str], lines: Sequence[str]) -> bool:
    """Whether what stands beside the date is a place of which the article tells: "Mẫu Sơn" where it happens in "xã
    Mẫu Sơn".
    """
    name = fold(signature.name)
    if signature.kind != "name" or signature.labelled or len(name.split()) > 3:
        return False
    place = re.compile(rf"\b(?:{_PLACE_KINDS})\s+{re.escape(name)}\b")
    return any(place.search(fold(line)) for line in (*told, *lines[:40]))


def _from_classes(
    tree: HtmlElement,
    title: str,
    title_node: HtmlElement | None,
    body_nodes: Sequence[HtmlElement],
    site_names: Collection[str],
    posters: Collection[str],
) -> Iterator[Found]:
    for line in class_lines(tree, title, title_node, body_nodes):
        signature = sign(line, site_names)
        if signature is not None and fold(signature.name) not in posters:
            yield Found(signature, "element of an author class", line, 0.8)


def _from_machines(tree: HtmlElement, site_names: Collection[str], posters: Collection[str]) -> Iterator[Found]:
    """JSON-LD and meta name many a CMS user: believed only where the page shows the very name as a byline."""
    for rule, name in machine_names(tree):
        signature = read_signature(name, site_names=site_names, strict=True)
        if signature is not None and signature.kind == "name" and fold(signature.name) not in posters:
            yield Found(signature, rule, name, 0.6)
            return


# -- taking lines out --------------------------------------------------------------------------------------


def _right_aligned(text: Text, aligned: Collection[int], body_nodes: Sequence[HtmlElement]) -> set[int]:
    right = set(aligned)
    shown = aligned_lines(body_nodes)
    if shown:
        right.update(i for i in text.ends(6) if clean_line(text.lines[i]) in shown)
    return right


def _drop_posters(text: Text, posters: Collection[str]) -> None:
    for index in text.ends(2):
        line = text.lines[index]
        if len(line) > 60 or not (fold(line) in posters or is_cms_user(line)):
            return
        text.removed.add(index)


def _take_out_repeats(text: Text, signature: Signature, site_names: Collection[str]) -> None:
    name = fold(signature.name)
    for index in (*text.starts(2), *text.ends(3)):
        line = text.lines[index]
        if (
            len(line) < 110
            and (again := sign(line, site_names)) is not None
            and fold(again.name) in (name, name.split(" - ")[0])
        ):
            text.removed.add(index)
