"""The card of a probed site, and of its new family, as YAML with a comment wherever a person must decide. Pure."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterable, Iterator, Sequence

from pipelines.article import Template
from pipelines.identity import host_of
from scrapers.probing.found import Probed

DECIDE = "# decide:"
"""Begins each comment that wants a person; `grep decide` finds them."""
_PLAIN = re.compile(r"[A-Za-z0-9À-ỹ_./][\w ./()À-ỹ-]*")
_WORDS = frozenset({"null", "true", "false", "yes", "no", "on", "off", "y", "n"})


def site_card(probed: Probed) -> str:
    """`sites/<id>.yml`."""
    return "\n".join(_site_lines(probed)) + "\n"


def family_card(probed: Probed) -> str:
    """`families/<id>.yml`, of a site that no family fits."""
    return "\n".join(_family_lines(probed)) + "\n"


def _site_lines(probed: Probed) -> Iterator[str]:
    site = probed.site
    how, day = "live" if probed.live else "from WARC files", f"{probed.at:%Y-%m-%d}"
    yield f"# Proposed by `khotin new-site {probed.asked}` from {probed.pages} pages seen {how} on {day}."
    yield f"# Nobody has read it yet: go through every line with {DECIDE[2:]} and take the comment away."
    yield f"id: {site.id}"
    yield f"name: {text(site.name)}   {DECIDE} the name as the publisher writes it"
    yield f"name_en: {text(site.name_en)}   {DECIDE} an English name"
    kinds = "party_journal, party_newspaper, party_portal or government_portal"
    yield f"kind: {site.kind}   {DECIDE} {kinds}; {probed.kind[1]}"
    yield from _province(probed)
    fit = probed.fit
    read = f"its templates read {fit.pages} of {len(probed.samples)} articles" if fit else "new, beside this card"
    yield f"family: {site.family}   # {read}"
    host = host_of(probed.sections[0].url)
    yield f"hosts: [{host}]   {DECIDE} former_hosts: [...], if the site stood elsewhere before"
    yield "sections:"
    for section in probed.sections:
        dated = len(section.dates)
        found = f"{len(section.articles)} articles, {dated} with a date, on its first page"
        yield f"  - title: {text(section.title) if section.title else chr(34) * 2}   # {found}"
        yield f"    url: {text(section.url)}"
        if section.feeds:
            yield f"    feeds: [{', '.join(text(feed) for feed in section.feeds)}]"
    for source in probed.unused:
        yield f"# Not used: {source.url} ({source.articles} articles): {source.why}."
    yield from _patterns(probed)
    yield from _examples(probed)
    least, most = site.expect.articles_per_week
    guess = (
        f"{probed.week[0]:.1f} a week by {probed.week[1]} dates"
        if probed.week
        else "no dates to reckon with: a wide guess"
    )
    yield (f"expect: {{articles_per_week: [{least}, {most}], quiet_days: {site.expect.quiet_days}}}   {DECIDE} {guess}")
    note = probed.copying or "No note on copying was seen; the texts belong to the publisher"
    yield f"rights: {{note: {quoted(note)}, publish: excerpt}}   {DECIDE} read what the site says about copying"
    seen = "live" if probed.live else "pages"
    yield f"verified: {{how: {seen}, pages: {probed.pages}}}   # read by the program only"
    yield "history:"
    made = f"{day} first written by khotin new-site from {probed.pages} pages seen {how}, not yet read by a person"
    yield f"  - {quoted(made)}"


def _province(probed: Probed) -> Iterator[str]:
    found = probed.province
    if found is None:
        doubts = [line for line in probed.unsure if line.startswith("the province: ")]
        why = doubts[0].removeprefix("the province: ") if doubts else "nothing says which"
        yield f'{DECIDE} province: {{code: "..", scheme: 34}}, unless it writes for the whole country; {why}'
        return
    row = found.row
    line = f'province: {{code: "{row.code}", scheme: {row.scheme}}}   # {row.short_name}: {", ".join(found.evidence)}'
    yield line if len(found.evidence) > 1 else f"{line}; {DECIDE[2:]} is that so?"


def _patterns(probed: Probed) -> Iterator[str]:
    if not probed.own_patterns:
        yield f"# article_urls: the family's, {', '.join(map(single, probed.family.article_urls))}, fit."
        return
    yield "article_urls:"
    for form in probed.forms:
        remark = f"{len(form.articles)} headlines"
        if form.wrongly:
            remark += f"; {DECIDE[2:]} {len(form.wrongly)} links match that may be sections, as {form.wrongly[0]}"
        elif not form.numbered:
            remark += f"; {DECIDE[2:]} no number tells articles apart, only the length of the slug"
        yield f"  - {single(form.pattern)}   # {remark}"


def _examples(probed: Probed) -> Iterator[str]:
    yield "examples:   # checked whenever the card is read"
    yield from _listed("  articles", probed.site.examples.articles)
    yield from _listed("  others", probed.site.examples.others)


def _listed(key: str, values: Sequence[str]) -> Iterator[str]:
    yield f"{key}: [{', '.join(text(value) for value in values)}]"


def _family_lines(probed: Probed) -> Iterator[str]:
    day = f"{probed.at:%Y-%m-%d}"
    yield '# Proposed by `khotin new-site`; nobody has read it yet. See docs/add-a-site.md, "A family of its own".'
    yield f"id: {probed.family.id}"
    system = f" ({probed.generator})" if probed.generator else ""
    name = quoted(f"The system of {probed.name}{system}")
    yield f"name: {name}   {DECIDE} what it is called, which other sites use it"
    articles = sum(sample.result.verdict == "article" for sample in probed.samples)
    evidence = (
        f"{articles} articles and {len(probed.sections)} listings of {probed.host}, seen {day} by khotin new-site"
    )
    yield f"evidence: {quoted(evidence)}"
    proposal = probed.proposal
    template = proposal.template if proposal else None
    if proposal is None or template is None:
        count = len(probed.samples)
        yield f"{DECIDE} no element holds the text on all {count} articles: they are read without selectors"
        yield "templates: []"
    elif proposal.differs:
        yield f"{DECIDE} these selectors read {proposal.agrees} of {proposal.pages} articles as they are read without."
        yield "# Take them if the others come out better with them (remove the # and the line templates: []):"
        for line in proposal.differs:
            yield f"#   {line}"
        yield from (f"# {line}" for line in _template_lines(template))
        yield "templates: []"
    else:
        yield f"# All {proposal.pages} articles give the same title and text with these selectors as without."
        yield from _template_lines(template)
    yield f"listings: []   {DECIDE} links are found by their addresses; selectors make it surer where dates are missing"


def _template_lines(template: Template) -> Iterator[str]:
    yield "templates:"
    yield f"  - name: {template.name.rpartition('/')[2]}"
    for field in dataclasses.fields(Template):
        value = getattr(template, field.name)
        if isinstance(value, tuple) and value:
            yield f"    {field.name}: {_one_or_list(value)}"
    yield f"    # drop: [...]   {DECIDE} what stands in the text and is none: related articles, share lines"
    yield f"    # ends: [...]   {DECIDE} a line at which the article is over, as Tin liên quan"


def _one_or_list(values: Iterable[str]) -> str:
    quotedly = [single(value) for value in values]
    return quotedly[0] if len(quotedly) == 1 else f"[{', '.join(quotedly)}]"


def text(value: str) -> str:
    """A value as YAML reads it again; plain where that is safe."""
    plain = _PLAIN.fullmatch(value) and value == value.strip() and value.casefold() not in _WORDS
    return value if plain and not re.match(r"[\d.]", value) else quoted(value)


def quoted(value: str) -> str:
    """In double quotes: JSON is YAML."""
    return json.dumps(value, ensure_ascii=False)


def single(value: str) -> str:
    """In single quotes, in which backslashes stand for themselves: for patterns and selectors."""
    return "'" + value.replace("'", "''") + "'"
