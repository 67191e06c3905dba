"""The gate: scores extraction on the real pages beside the checkout and compares with pinned floors.

    python -m bench.evaluate                    # table, exit code 1 below a floor
    python -m bench.evaluate --raise            # pin what was reached, where it is higher
    python -m bench.evaluate --lower REASON     # pin lower floors too; the reason is kept in floors.json

Every page is read twice: by the rules of its site (`known`) and without any template (`generic`), which
is how a page of an unknown site is read. Shares are 0 to 1; `body_f1` compares sets of four-word shingles
of the whole text, lead included."""

from __future__ import annotations

import argparse
import base64
import json
import sys
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from pipelines.article import VIETNAM, Article, Capture, PageRules, Refusal
from pipelines.dates import parse_date
from pipelines.extract import article_record, extract
from pipelines.text import clean, normalise, repair, text_flags
from pipelines.warc import read_captures
from scrapers.catalogue import load_catalogue

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"
FLOORS = Path(__file__).with_name("floors.json")
READ_AT = datetime(2026, 11, 22, 8, tzinfo=VIETNAM)
TOLERANCE = 0.0005
"""Floors are pinned with four digits."""


def shingles(text: str, n: int = 4) -> set[tuple[str, ...]]:
    """All runs of `n` words of a text; one shorter run for a shorter text."""
    words = text.split()
    return {tuple(words[i : i + n]) for i in range(max(1, len(words) - n + 1))}


def shingle_f1(got: str, wanted: str) -> float:
    """F1 of the shingle sets of two texts."""
    a, b = shingles(got), shingles(wanted)
    both = len(a & b)
    return 2 * both / (len(a) + len(b)) if both else 0.0


@dataclass
class Scores:
    """Shares gathered by group and measure."""

    values: dict[str, dict[str, list[float]]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(list)))
    faults: list[str] = field(default_factory=list)

    def add(self, groups: tuple[str, ...], measure: str, value: float, fault: str = "") -> None:
        """One observation for several groups; a fault is listed when it is below 1."""
        for group in groups:
            self.values[group][measure].append(value)
        if value < 1 and fault:
            self.faults.append(f"{groups[0]:8} {measure:10} {value:.3f}  {fault}")

    def means(self) -> dict[str, dict[str, float]]:
        """The mean of each measure, four digits."""
        return {
            group: {m: round(sum(v) / len(v), 4) for m, v in sorted(measures.items())}
            for group, measures in sorted(self.values.items())
        }


def score_pages(scores: Scores, pages: Path) -> None:
    """The pages of the manifest, by known rules and without templates."""
    catalogue = load_catalogue()
    for entry in _lines(pages / "manifest.jsonl"):
        url = entry["url"] or ""
        capture = Capture(url, READ_AT, 200, "text/html", (pages / entry["file"]).read_bytes())
        for way, rules in (("known", catalogue.rules_for(url)), ("generic", PageRules())):
            result = extract(capture, rules)
            groups: tuple[str, ...] = (way, f"{way} {entry['domain']}")
            if way == "known" and isinstance(result, Article):
                groups = (*groups, f"family {result.template.split('/')[0]}")
            good = isinstance(result, Article) == (entry["kind"] == "article")
            scores.add((way, f"{way} {entry['domain']}"), "verdict", good, f"{entry['file']} {result.verdict}")
            if entry["kind"] == "article":
                score_article(scores, groups, entry, result, pages)


def score_article(
    scores: Scores, groups: tuple[str, ...], entry: dict[str, Any], result: Article | Refusal, pages: Path
) -> None:
    """One article against what a person read on the page."""
    gold, record, name = entry["gold"], article_record(result), entry["file"]
    text = unicodedata.normalize("NFC", (pages / gold["text_file"]).read_text().strip())
    scores.add(groups, "title", record["title"] == _nfc(gold["title"]), f"{name} {record['title']!r}")
    scores.add(groups, "lead", record["lead"] == _nfc(gold["sapo"]), f"{name} {record['lead']!r}")
    scores.add(groups, "author", record["author"] == _nfc(gold["author"]), f"{name} {record['author']!r}")
    published, wanted = record["published_at"], gold["published"]
    scores.add(groups, "day", (published or "")[:10] == (wanted or "")[:10], f"{name} {published}")
    if wanted and not gold.get("time_is_placeholder"):
        scores.add(groups, "minute", published == wanted, f"{name} {published}")
    if not entry.get("altered"):
        scores.add(groups, "body_f1", shingle_f1(record["body"] or "", text), name)
        scores.add(groups, "body_exact", record["body"] == text, name)


def _nfc(text: str | None) -> str | None:
    return unicodedata.normalize("NFC", text) if text is not None else None


def score_section(scores: Scores, pages: Path) -> None:
    """The archived section: every title and shown date, no listing taken for an article."""
    index = {d["url"]: d for d in _lines(pages / "sotttt-index.jsonl")}
    catalogue = load_catalogue()
    for capture in read_captures(pages / "sotttt-hoat-dong-dang.warc.gz"):
        entry = index.get(capture.url)
        if entry is None:
            continue
        result = extract(capture, catalogue.rules_for(capture.url))
        group = ("section sotttt",)
        scores.add(group, "verdict", (entry["kind"] == "article") == isinstance(result, Article), capture.url)
        if entry["kind"] != "article":
            continue
        record = article_record(result)
        scores.add(group, "title", record["title"] == _nfc(entry["title"]), f"{capture.url} {record['title']}")
        shown = parse_date(entry["date_as_shown"])
        wanted = shown.value.isoformat() if shown else None
        scores.add(group, "date", record["published_at"] == wanted, f"{capture.url} {record['published_at']}")


def score_gold(scores: Scores, gold: Path) -> None:
    """Date traps, encodings and cases of normalisation."""
    for case in _lines(gold / "date_traps.jsonl"):
        fetched = datetime.fromisoformat(case["fetched_at"])
        result = extract(Capture(case["url"], fetched, 200, "text/html", case["html"].encode()), PageRules())
        published = article_record(result)["published_at"]
        scores.add(
            ("traps",),
            "day",
            (published or "")[:10] == (case["published_date"] or ""),
            f"{case['id']} {published}",
        )
    for case in _lines(gold / "encodings.jsonl"):
        body = base64.b64decode(case["html_base64"])
        result = extract(
            Capture("http://mau.example.vn/tin/bai-10001.html", READ_AT, 200, case["content_type"], body),
            PageRules(),
        )
        record = article_record(result)
        good = record["title"] == case["expected_title"]
        good = good and (record["body"] or "").count(case["expected_sentence"]) >= case.get("times", 1)
        scores.add(("encodings",), "decoded", good, f"{case['id']} {record['title']!r}")
    for case in _lines(gold / "norm_cases.jsonl"):
        expected = case["expected"]
        if not isinstance(expected, str):
            if case["must_flag"] != "flag":
                continue
            told = (*repair(case["input"])[1], *text_flags(case["input"]))
            scores.add(("norm",), "flagged", bool(told), f"{case['id']} {case['note']}")
            continue
        scores.add(
            ("norm",),
            "normalised",
            normalise(case["input"]) == expected,
            f"{case['id']} {normalise(case['input'])!r}",
        )
        if "tone" not in case["cat"]:  # the archive keeps the publisher's tone placement
            scores.add(("norm",), "clean", clean(case["input"]) == expected, f"{case['id']} {clean(case['input'])!r}")


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    # not splitlines: strings of the cases hold U+0085, which it takes for a line break
    yield from (json.loads(line) for line in path.read_text().split("\n") if line)


def below(means: dict[str, dict[str, float]], floors: dict[str, dict[str, float]]) -> list[str]:
    """What fell below its floor or is not measured any more, one line each."""
    found = []
    for group, measures in floors.items():
        for measure, floor in measures.items():
            value = means.get(group, {}).get(measure)
            if value is None or value < floor - TOLERANCE:
                found.append(f"{group}: {measure} is {value}, its floor {floor}")
    return found


def table(means: dict[str, dict[str, float]]) -> str:
    """All groups and measures as text, aligned."""
    columns = sorted({m for measures in means.values() for m in measures})
    rows = [["", *columns]]
    rows += [[group, *(f"{v[c]:.3f}" if c in v else "" for c in columns)] for group, v in means.items()]
    widths = [max(len(row[i]) for row in rows) for i in range(len(columns) + 1)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def measure(shared: Path = SHARED) -> Scores:
    """All scores; `shared` is the folder of real pages."""
    scores = Scores()
    score_pages(scores, shared / "pages")
    score_section(scores, shared / "pages")
    score_gold(scores, shared / "gold")
    return scores


def main(arguments: list[str] | None = None) -> int:
    """Print the table; 0 where all floors hold or there are no pages to measure with, else 1."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--raise", dest="pin", action="store_true", help="pin higher values as new floors")
    parser.add_argument("--lower", metavar="REASON", help="pin lower values too, with the reason")
    options = parser.parse_args(arguments)
    if not SHARED.is_dir():
        print(f"nothing to measure: {SHARED} is not there")
        return 0
    scores = measure()
    means = scores.means()
    pinned = json.loads(FLOORS.read_text()) if FLOORS.exists() else {"floors": {}, "lowered": []}
    print(table(means))
    print("\n".join(["", "not right:", *scores.faults]) if scores.faults else "\nall right")
    missed = below(means, pinned["floors"])
    if options.pin or options.lower:
        floors = pinned["floors"]
        for group, measures in means.items():
            for name, value in measures.items():
                old = floors.setdefault(group, {}).get(name, 0.0)
                floors[group][name] = value if options.lower else max(old, value)
        if options.lower and missed:
            pinned["lowered"].append({"reason": options.lower, "what": missed})
        FLOORS.write_text(json.dumps(pinned, ensure_ascii=False, indent=1, sort_keys=True) + "\n")
        missed = below(means, floors)
    for line in missed:
        print(f"below the floor: {line}", file=sys.stderr)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
