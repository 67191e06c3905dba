"""From a capture to an article: decode, parse, read by template or without one, weigh, judge."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from pipelines.article import (
    Article,
    Attachment,
    Capture,
    Evidence,
    Hint,
    Image,
    PageRules,
    Precision,
    Refusal,
    Template,
    Verdict,
)
from pipelines.byline import find_byline, find_byline_below, read_signature, stands_apart
from pipelines.dates import DateCandidate, choose_date, collect_dates, split_title_date, split_title_node
from pipelines.decode import Decoded, decode
from pipelines.extract import facts, verdicts
from pipelines.extract.address import article_address
from pipelines.extract.blocks import Block
from pipelines.extract.boxes import without_boxes
from pipelines.extract.challenges import challenge
from pipelines.extract.generic import read_generic
from pipelines.extract.known import Found, fitting_template, read_template
from pipelines.extract.lines import folded_set, is_edge_furniture
from pipelines.extract.page import Page, parse, squeeze
from pipelines.extract.paragraphs import cut_at_ends, cut_at_labels, is_prose, settle
from pipelines.extract.pictures import attachments, part_pictures
from pipelines.extract.titles import Title, generic_title, publisher_names, template_title
from pipelines.text import clean_line, fold, language, text_flags

EXTRACTOR_VERSION = "2026.11.23.1"
"""Changes whenever another text, title, date or name can come out of the same capture: a test sees to it."""

_LONG = 8_000
"""Characters. Judging the spelling of a text costs as much as parsing its page."""
_CLOCK = re.compile(r"\d\s*[:h]\s*\d\d")


def extract(capture: Capture, rules: PageRules, hints: Sequence[Hint] = ()) -> Article | Refusal:
    """Read one archived response.

    `rules` are what the catalogue knows of its site (for an unknown site: the templates of all families),
    `hints` what other pages said of this address. Times come out with +07:00. Bad pages give a `Refusal`,
    never an exception."""
    refusal = verdicts.before_parsing(capture)
    if refusal is not None:
        return refusal
    decoded = decode(capture.body, capture.content_type)
    page = parse(decoded.text, capture.url, capture.body if decoded.as_sent else b"")
    if page is None:
        return Refusal(Verdict.EMPTY, "no element in it")
    refusal = challenge(page, decoded.text, capture.status)
    if refusal is not None:
        return refusal
    return _Reading(capture, rules, hints, decoded, page).outcome()


@dataclass(frozen=True, slots=True)
class _Reading:
    capture: Capture
    rules: PageRules
    hints: Sequence[Hint]
    decoded: Decoded
    page: Page

    def outcome(self) -> Article | Refusal:
        template = fitting_template(self.page, self.rules.templates, self._day(), own=bool(self.rules.site))
        found = read_template(self.page, template) if template is not None and template.body else None
        if found is not None and template is not None:
            result = self._article(found, template, self._title(template))
            if isinstance(result, Article) or result.verdict is not Verdict.EMPTY:
                return result
        title = self._title(template)
        found, title = read_generic(self.page, title, self.rules.names)
        return self._article(found, template, title)

    def _page_flags(self, text: str) -> tuple[str, ...]:
        """Flags of decoding; letters lost elsewhere on the page ("Mã xác nhận: L?y l?i m\ufffd") are not
        the article's.
        """
        return tuple(f for f in self.decoded.flags if f != "lossy" or "\ufffd" in text)

    # -- the parts ------------------------------------------------------------------------------------------

    def _day(self) -> date:
        return self.capture.fetched_at.date()

    def _title(self, template: Template | None) -> Title | None:
        title = template_title(self.page, template) if template is not None else None
        if title is None:
            hint = next((h.title for h in self.hints if h.title), "") or ""
            title = generic_title(self.page, self.rules.names, hint)
        return title

    def _article(self, found: Found, template: Template | None, title: Title | None) -> Article | Refusal:
        page, rules = self.page, self.rules
        known = found.rule.startswith("template:")
        raw_title = title.raw if title else ""
        candidates = collect_dates(
            page.tree,
            url=page.url,
            template=template,
            title_raw=raw_title,
            scope=found.containers[0] if found.containers else None,
            title_node=title.node if title else None,
            select=page.select,
        )
        headline = clean_line(_without_date(title, candidates))
        own = folded_set((*rules.boilerplate, *rules.names))
        # a page of a known site in a layout nobody described ends where its known layouts end
        layouts = (template,) if template is not None else rules.templates if rules.site else ()
        ends = folded_set(tuple(end for layout in layouts for end in layout.ends))
        bounds = found.containers if known else ()
        blocks, ended = cut_at_ends(found.blocks, ends, own, bounds) if ends else (found.blocks, "")
        if not known and not ended:
            blocks = cut_at_labels(blocks)
        blocks = without_boxes(blocks, found.containers)
        documents = attachments(blocks, page.url)
        pictures = part_pictures(blocks, page.url, above=part_pictures(found.pictures, page.url).images)
        lead = _lead(found, pictures.blocks)
        repeated = verdicts.repeated_paragraphs([b.text for b in pictures.blocks])
        texts = settle(
            pictures.blocks,
            title=headline,
            lead=lead,
            own=own,
            strict=not known,
        )
        refusal = verdicts.not_an_article(
            page,
            self._signs(
                found,
                texts,
                lead,
                headline,
                candidates,
                pictures.images,
                repeated,
                known,
                template,
                title is not None and title.node is not None,
            ),
            rules,
        )
        if refusal is not None:
            return refusal
        if not headline:
            return Refusal(Verdict.EMPTY, "text without a headline")
        return self._built(
            found,
            template if known or template else None,
            title,
            headline,
            lead,
            texts,
            pictures.images,
            documents,
            candidates,
        )

    def _signs(
        self,
        found: Found,
        texts: Sequence[Block],
        lead: str | None,
        headline: str,
        candidates: Sequence[DateCandidate],
        images: Sequence[Image],
        repeated: int,
        known: bool,
        template: Template | None,
        title_shown: bool,
    ) -> verdicts.Signs:
        proven = title_shown and any(c.source == "template" for c in candidates) and bool(template and template.match)
        prose = sum(len(b.text) for b in texts if is_prose(b) or known or found.verse) + len(lead or "")
        size = sum(len(b.text) for b in found.blocks)
        linked = sum(b.link_chars for b in found.blocks)
        return verdicts.Signs(
            headline,
            prose,
            len(texts),
            repeated,
            sum(bool(i.caption) for i in images),
            template.name if template is not None and known else "",
            any(c.source in {"json-ld", "meta", "template", "visible", "title"} for c in candidates),
            linked / size if size else 0.0,
            found.teasers,
            found.sentences,
            title_shown,
            len(images),
            known and proven,
            () if prose else tuple(b.text for b in texts if len(b.text) <= 160 and not b.links),
        )

    def _built(
        self,
        found: Found,
        template: Template | None,
        title: Title | None,
        headline: str,
        lead: str | None,
        texts: Sequence[Block],
        images: tuple[Image, ...],
        documents: tuple[Attachment, ...],
        candidates: Sequence[DateCandidate],
    ) -> Article | Refusal:
        page, rules = self.page, self.rules
        known = found.rule.startswith("template:")
        names = rules.names if known else (*rules.names, *publisher_names(page))
        paragraphs = [clean_line(b.text) for b in texts]
        aligned = [i for i, b in enumerate(texts) if b.align == "right"]
        byline = find_byline(
            page.tree,
            template=template,
            names=names,
            title=headline,
            lead=clean_line(lead) if lead else None,
            paragraphs=paragraphs,
            body_nodes=found.containers,
            date_lines=[c.raw for c in candidates if c.source in {"template", "visible"}],
            agencies=rules.agencies,
            title_node=title.node if title else None,
            aligned=aligned,
            select=page.select,
            nodes=[b.node for b in texts],
            known_site=bool(rules.site),
        )
        paragraphs = [p for p in byline.paragraphs if p]
        signed, signed_evidence = byline.byline, byline.evidence
        if signed is None and paragraphs and (below := self._byline_below(found, paragraphs[-1], names)) is not None:
            signed, signed_evidence = below[0], (below[1],)
        if signed is None and found.above is not None:
            signed, signed_evidence = _byline_above(found.above.text, names)
        while not known and len(paragraphs) > 1 and is_edge_furniture(paragraphs[-1]):
            paragraphs.pop()  # "Nguồn: Báo Mẫu" on the pages of Báo Mẫu
        published = choose_date(
            candidates,
            hints=self.hints,
            fetched_at=self.capture.fetched_at,
            url=page.url,
            lead=byline.lead,
            paragraphs=paragraphs,
        )
        address, address_evidence = article_address(page, rules, headline)
        section, section_evidence = facts.find_section(page, template, self.hints, headline, rules.names, address)
        text = "\n".join((headline, byline.lead or "", *paragraphs))
        flags = (*self._page_flags(text), *_judged(text), *published.flags)
        if not paragraphs and not byline.lead:
            flags = (*flags, "no_text")
        evidence = [
            title.evidence() if title else Evidence("title", headline, "none"),
            Evidence("body", f"{len(paragraphs)} paragraphs", found.rule, confidence=found.confidence),
            self.decoded.evidence,
            *signed_evidence,
            *published.evidence,
        ]
        if byline.lead:
            evidence.append(Evidence("lead", byline.lead[:80], found.lead_rule, (lead or "")[:300]))
        evidence.extend(e for e in (section_evidence, address_evidence) if e is not None)
        return Article(
            url=page.url,
            canonical_url=address,
            title=headline,
            lead=byline.lead,
            paragraphs=tuple(paragraphs),
            byline=signed,
            agency=byline.agency,
            date=published,
            section=section,
            tags=facts.find_tags(page, template),
            images=tuple(Image(i.url, clean_line(i.caption), clean_line(i.credit)) for i in images),
            attachments=documents,
            language=language(text[:1000]),
            template=template.name if template is not None else "generic",
            flags=tuple(dict.fromkeys(flags)),
            evidence=tuple(evidence),
        )

    def _byline_below(self, found: Found, before: str, names: Sequence[str]) -> tuple[str, Evidence] | None:
        line = found.below
        if line is None:
            return None
        bold = line.bold_chars > 0 and line.bold_chars >= 0.5 * (len(line.text) - line.link_chars)
        # On the sites of the catalogue it is known to be the author's: xaydungdang.org.vn and hanoi.gov.vn sign there.
        apart = not self.rules.site and stands_apart(line.node, [b.node for b in found.blocks if is_prose(b)])
        right = line.align == "right"
        return find_byline_below(line.text, before=before, right=right, bold=bold, apart=apart, names=names)


def _judged(text: str) -> tuple[str, ...]:
    """What is wrong with a text; of a very long one its beginning and its end are judged, lost letters
    anywhere.
    """
    if len(text) <= _LONG:
        return text_flags(text)
    flags = text_flags(f"{text[: _LONG // 2]}\n{text[-_LONG // 2 :]}")
    return tuple(sorted({*flags, "lossy"})) if "\ufffd" in text else flags


def _byline_above(line: str, names: Sequence[str]) -> tuple[str | None, tuple[Evidence, ...]]:
    """The byline in a bold or slanted line between headline and text."""
    folded = {fold(clean_line(name)) for name in names if name}
    signature = read_signature(line, site_names=folded, strict=True)
    if signature is None or signature.kind != "name" or " " not in signature.name:
        return None, ()
    return signature.name, (Evidence("byline", signature.name, "line above the text", line[:300], 0.7),)


def _without_date(title: Title | None, candidates: Sequence[DateCandidate]) -> str:
    """The title without a date glued to it.

    "(20:05 01/07/2020)" behind a title is the time of publication. A day alone is part of the headline
    where the page tells the time of publication elsewhere: "… chúc Tết cán bộ trực(15/02/2016)"."""
    if title is None:
        return ""
    text, glued = split_title_date(title.raw)
    if glued is None and title.node is not None and title.node.tag != "meta":
        text, glued = split_title_node(title.node)
        if glued is None or not title.raw.startswith(text):
            return title.raw
    if glued is None:
        return title.raw
    elsewhere = any(c.source in {"json-ld", "meta", "template", "visible"} for c in candidates)
    return text if _CLOCK.search(glued) or not elsewhere else title.raw


def _lead(found: Found, blocks: Sequence[Block]) -> str | None:
    """The lead, unless it is only the cut-off beginning of the first paragraph."""
    lead = squeeze(found.lead)
    if not lead:
        return None
    if lead.endswith(("...", "…")):
        stem = lead.rstrip(".… ")
        if any(b.text.startswith(stem) and len(b.text) > len(lead) for b in blocks[:3]):
            return None
    return lead


__all__ = ["EXTRACTOR_VERSION", "Precision", "extract"]
