"""Section and tags of an article: template, crumbs of the page, head of the page."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from pipelines.article import Evidence, Hint, Template
from pipelines.extract.compare import bare
from pipelines.extract.page import Page, squeeze, visible_text

_HOME = frozenset(map(bare, ("trang chủ", "home", "trang nhất", "trangchu", "tin tức", "news", "")))
MAX_SECTION = 80


def find_section(
    page: Page, template: Template | None, hints: Sequence[Hint], title: str, names: Collection[str]
) -> tuple[str | None, Evidence | None]:
    """The section the publisher puts the article in, the innermost that is named."""
    known = _HOME | {bare(n) for n in names} | {bare(title)}

    def good(text: str) -> bool:
        return 1 < len(text) <= MAX_SECTION and bare(text) not in known

    if template is not None:
        for css, node in page.select_all(template.section):
            text = squeeze(node.get("content")) if node.tag == "meta" else visible_text(node)
            if good(text):
                return text, Evidence("section", text, f"template:{template.name} section {css}", text)
    value = page.meta("article:section").split(",")[0].strip()
    if good(value):
        return value, Evidence(
            "section", value, "meta article:section", page.meta("article:section")[:300], 0.9
        )
    for crumbs in page.index.named("readcrumb")[:2]:
        texts = [visible_text(a) for a in crumbs.iter("a")]
        texts = [t for t in texts if good(t)]
        if texts:
            return texts[-1], Evidence(
                "section", texts[-1], "crumbs of the page", " > ".join(texts)[:300], 0.8
            )
    told = page.news_object.get("articleSection")
    told = told[0] if isinstance(told, list) and told else told
    if isinstance(told, str) and good(squeeze(told)):
        return squeeze(told), Evidence("section", squeeze(told), "json-ld articleSection", told[:300], 0.8)
    for hint in hints:
        if hint.section and good(hint.section):
            return hint.section, Evidence("section", hint.section, hint.source, hint.section, 0.7)
    return None, None


def find_tags(page: Page, template: Template | None) -> tuple[str, ...]:
    """Tags as shown by the template; else `article:tag` of the head. Each once."""
    texts: list[str] = []
    if template is not None:
        for _, node in page.select_all(template.tags):
            links = list(node.iter("a")) or [node]
            texts.extend(visible_text(link).lstrip("#").strip(" ,;") for link in links)
    if not texts and (value := page.meta("article:tag")):
        texts = [part.strip() for part in value.split(",")]
    seen: dict[str, str] = {}
    for text in texts:
        if 1 < len(text) <= 80:
            seen.setdefault(bare(text), text)
    return tuple(seen.values())
