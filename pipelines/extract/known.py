"""The template path: a family's selectors find the parts of a page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from lxml.html import HtmlElement

from pipelines.article import Template
from pipelines.extract.blocks import Block, Reader
from pipelines.extract.page import Page, squeeze


@dataclass(slots=True)
class Found:
    """The parts of an article page: its blocks (captions and images still among them) and where they
    stood.
    """

    containers: list[HtmlElement]
    blocks: list[Block]
    rule: str
    lead: str | None = None
    lead_rule: str = ""
    lead_blocks: Sequence[Block] = ()
    confidence: float = 1.0
    teasers: int = 0
    """Running text that stands under a linked headline: the mark of a listing."""
    sentences: int = 0
    """Blocks of running text in the container."""
    pictures: Sequence[Block] = ()
    """Pictures between headline and text, with their captions."""
    verse: bool = False
    """The text is a poem: short lines, none of which reads like running text."""
    above: Block | None = None
    """A short line in bold or italics between headline and text, which may be the byline; never part of the text."""
    below: Block | None = None
    """The first line after the container, which may be the byline; never part of the text."""


def fitting_template(page: Page, templates: Sequence[Template], day: date, *, own: bool) -> Template | None:
    """The first template that proves to fit: `match` (else `body`) selects something.

    A template without selectors (only `ends` are known of its layout) fits every page of its `own` site,
    and no other.

    `since` and `until` order the versions of a layout, they do not rule one out: a page archived late may
    still have the old layout. Versions that hold on `day` are tried first."""
    inside = [t for t in templates if _holds(t, day)]
    outside = [t for t in templates if not _holds(t, day)]
    for template in (*inside, *outside):
        proofs = template.match or template.body
        if any(page.select(css) for css in proofs) and (not template.body or containers_of(page, template)):
            return template
    if own:
        return next((t for t in (*inside, *outside) if not t.match and not t.body), None)
    return None


def _holds(template: Template, day: date) -> bool:
    return (template.since is None or template.since <= day) and (template.until is None or day <= template.until)


def containers_of(page: Page, template: Template) -> list[HtmlElement]:
    """Body containers: those of the first selector that yields text; of nested ones only the outermost."""
    for css in template.body:
        nodes = page.select(css)
        outer = (
            [n for n in nodes if not any(parent in nodes for parent in n.iterancestors())] if len(nodes) > 1 else nodes
        )
        filled = [n for n in outer if any(text.strip() for text in n.itertext())]
        if not filled:
            continue
        if template.body_pick == "longest":
            return [max(filled, key=_size)] if len(filled) > 1 else filled
        return filled
    return []


def _size(node: HtmlElement) -> int:
    return sum(len(text.strip()) for text in node.itertext())


def read_template(page: Page, template: Template) -> Found | None:
    """Blocks of the template's containers and the lead; None where there is no container."""
    containers = containers_of(page, template)
    if not containers:
        return None
    dropped: set[HtmlElement] = set()
    captions: set[HtmlElement] = set()
    for container in containers:
        dropped.update(node for _, node in page.select_all(template.drop, container))
        captions.update(node for _, node in page.select_all(template.caption, container))
        dropped.difference_update(node for _, node in page.select_all(template.keep, container))
        dropped.discard(container)
    leads = _lead_nodes(page, template, containers)
    inner = {node for node in leads if any(node is c or c in node.iterancestors() for c in containers)}
    blocks: list[Block] = []
    for container in containers:
        blocks.extend(Reader(dropped | inner, captions).read(container))
    found = Found(containers, blocks, f"template:{template.name} body")
    if leads:
        # a dropped element inside the lead: the place stamp of vnexpress ("TP HCM" glued to the first word)
        skip = {node for lead in leads for _, node in page.select_all(template.drop, lead)} - set(leads)
        found.lead_blocks = [b for node in leads for b in Reader(skip).read(node) if b.kind == "text"]
        found.lead = squeeze(" ".join(b.text for b in found.lead_blocks)) or None
        found.lead_rule = f"template:{template.name} lead"
    return found


def _lead_nodes(page: Page, template: Template, containers: Sequence[HtmlElement]) -> list[HtmlElement]:
    for css in template.lead:
        nodes = [n for n in page.select(css) if n not in containers and any(text.strip() for text in n.itertext())]
        if nodes:
            return nodes[:1]
    return []
