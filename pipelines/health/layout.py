"""Whether a site's pages are still as its card describes them: told from links in listings and facts of articles."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from statistics import median

from pipelines.article import Verdict
from pipelines.health.model import Expectation, Facts, Health, Line, Past, Seen

LEAST_WORDS = 30
"""An article with fewer has lost its body: the shortest notices seen have some 60."""
WINDOW = 5
"""Articles looked at where a run brought fewer than three."""
MANY_LINKS = 8
"""A listing that usually has so many links and now has under a fifth of them has lost its items."""
UNLIKE_ARTICLES = frozenset({Verdict.LISTING, Verdict.HOME, Verdict.EMPTY, Verdict.STATIC, Verdict.SOFT_404})
"""What article pages are taken for when their layout is no longer known."""

_FACTS: tuple[tuple[str, Callable[[Facts], bool], int], ...] = (
    ("a date", lambda one: one.dated, 3),
    ("a title", lambda one: one.titled, 3),
    ("a body", lambda one: one.words >= LEAST_WORDS, 3),
    ("a byline", lambda one: one.bylined, 5),  # many sites sign only some of their articles
)
"""What articles have, how it is told, and how many articles it takes."""


def redesign(expected: Expectation, seen: Seen, past: Past) -> tuple[str, tuple[Line, ...]]:
    """Where a redesign shows (`lists`, `pages`; empty: nowhere) and the evidence.

    Evidence without a redesign is one listing of several that is empty for the first time. A redesign ends
    only when pages of the kind it showed in come as they should: a night that brings none changes nothing.
    """
    whole, lists = _lists(seen, past)
    pages = tuple(_pages(expected, seen, past))
    if whole or pages:
        return ("pages" if pages else "lists"), (*pages, *lists)
    if past.verdict is Health.REDESIGNED:
        silent = not (seen.articles or seen.refused) if past.about == "pages" else not seen.links
        if silent:
            return past.about, past.evidence
    return "", lists


def _lists(seen: Seen, past: Past) -> tuple[bool, tuple[Line, ...]]:
    """Whether the listings as a whole have lost their items, and which ones have."""
    if not past.links:
        if seen.links and not any(seen.links.values()):
            addresses = ", ".join(sorted(seen.links)[:3])
            return True, (Line("links to articles", f"none on the first visit of {addresses}"),)
        return False, ()
    known = {url: links for url in seen.links if (links := past.links.get(url)) and any(links)}
    empty = {url for url, links in known.items() if _collapsed(seen.links[url], links)}
    lines = tuple(
        Line(f"about {median(known[url]):g} links to articles", f"{seen.links[url]} in {url}") for url in sorted(empty)
    )
    lasting = any(_collapsed(known[url][0], known[url]) for url in empty)
    return bool(empty) and (lasting or 2 * len(empty) > len(known)), lines


def _collapsed(links: int, earlier: Sequence[int]) -> bool:
    usual = median([count for count in earlier if count] or [0])
    return usual > 0 and (links == 0 or (len(earlier) >= 3 and usual >= MANY_LINKS and links * 5 < usual))


def _pages(expected: Expectation, seen: Seen, past: Past) -> Iterator[Line]:
    yield from _templates(expected, seen, past)
    for what, has, least in _FACTS:
        if len(seen.articles) >= least and len(past.articles) >= 2 * least:
            now, usual = _share(seen.articles, has), _share(past.articles, has)
            if usual >= 0.8 and now <= usual - 0.5:
                yield Line(f"{what} in {usual:.0%} of the articles", f"in {_of(seen.articles, has)}")
    unlike = _unlike(seen.refused)
    pages = len(seen.articles) + sum(seen.refused.values())
    share, enough = (past.refused_share, 3) if past.refused_share is not None else (0.0, 5)
    if pages >= enough and unlike * 5 >= pages * 3 and share <= 0.3:
        kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(seen.refused.items()))
        yield Line("articles behind the links", f"{unlike} of {pages} pages are none ({kinds})")


def _templates(expected: Expectation, seen: Seen, past: Past) -> Iterator[Line]:
    if not expected.templates:
        return
    usual = _share(past.articles, _matched) if past.articles else None
    if usual is None:
        if len(seen.articles) >= 3 and not any(map(_matched, seen.articles)):
            yield Line("articles that match a template of the card's families", f"0 of {len(seen.articles)} do")
        return
    if usual < 0.5:
        return
    # Two of two speak for the whole night; a single article only together with those before it.
    shown = seen.articles if len(seen.articles) >= 2 else (*seen.articles, *past.recent)[:WINDOW]
    generic = sum(not one.matched for one in shown)
    enough = len(shown) >= 3 or (len(seen.articles) == 2 and generic == 2)
    if enough and generic * 5 >= len(shown) * 3 and generic / len(shown) >= 1 - usual + 0.4:
        yield Line(f"{usual:.0%} of the articles match a template", f"{_of(shown, _matched)} do, the rest is guessed")


def _matched(one: Facts) -> bool:
    return one.matched


def _share(articles: Sequence[Facts], has: Callable[[Facts], bool]) -> float:
    return sum(map(has, articles)) / len(articles)


def _of(articles: Sequence[Facts], has: Callable[[Facts], bool]) -> str:
    return f"{sum(map(has, articles))} of {len(articles)}"


def _unlike(refused: Mapping[str, int]) -> int:
    return sum(refused.get(verdict.value, 0) for verdict in UNLIKE_ARTICLES)
