"""`python -m bench.search`: khotin beside stock sqlite-utils and Datasette, on the same made articles.

    python -m bench.search --articles 200000 --articles 1000000 --folder /big/disk --write

Each question is asked once, so that no server answers from what it kept of the question before.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
import time
from contextlib import closing, nullcontext
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from bench.search import corpus, measure, report
from bench.search.vocabulary import Vocabulary
from pipelines.article import VIETNAM
from pipelines.publish import publish
from pipelines.schema import connect_read_only

PORTS = (8951, 8952)
MEASURED = "measured.json"
FREQUENT = ("đảng", "chi bộ", "đảng viên", "hội nghị", "cán bộ")


def questions(count: int) -> dict[str, list[str]]:
    """Kinds of questions, the same at each run: what readers type, from everywhere in the list of words."""
    words = Vocabulary().words
    spread = [words[min(len(words) - 1, int(3 + 1.17**step))] for step in range(count)]
    pairs = [f"{one} {words[40 + 13 * number]}" for number, one in enumerate(spread)]
    phrases = [f'"{one}"' for one in words[30 : 30 + 4 * count : 4] if " " in one]
    return {"mixed": [*spread, *pairs, *phrases[:count]], "frequent": list(FREQUENT)}


def make(folder: Path, count: int, facts: dict[str, Any], *, keep: bool) -> None:
    """The corpus and public.db; a corpus that is there stays.

    If `keep`, public.db stays too, and what an earlier run measured in this folder is taken over until it is measured
    anew: above all what making the indexes took.
    """
    if keep and (folder / MEASURED).exists():
        facts |= json.loads((folder / MEASURED).read_text(encoding="utf-8"))
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "archive.db").exists():
        corpus.fill(folder / "archive.db.new", count)
        (folder / "archive.db.new").rename(folder / "archive.db")
    if not (keep and (folder / "public.db").exists()):
        _publish(folder, facts)
    facts["text"], facts["index"] = measure.sizes(folder / "public.db")


def make_stock(folder: Path, facts: dict[str, Any]) -> None:
    """The same rows with the index of sqlite-utils; a stock.db that is there stays."""
    if not (folder / "stock.db").exists():
        corpus.stock(folder / "public.db", folder / "stock.db.new")
        facts["stock_cpu"], facts["stock_clock"] = measure.enable_fts(folder / "stock.db.new")
        (folder / "stock.db.new").rename(folder / "stock.db")
    _, facts["stock_index"] = measure.sizes(folder / "stock.db")


def _publish(folder: Path, facts: dict[str, Any]) -> None:
    marks: dict[str, tuple[float, float]] = {}
    publish(
        folder / "archive.db",
        folder / "public.db",
        now=datetime.now(tz=VIETNAM),
        progress=lambda what, _: marks.setdefault(what, (time.process_time(), time.perf_counter())),  # type: ignore[func-returns-value,arg-type]
    )
    facts["index_cpu"] = marks["check"][0] - marks["index"][0]
    facts["index_clock"] = marks["check"][1] - marks["index"][1]


def ask_khotin(folder: Path, kinds: dict[str, list[str]], facts: dict[str, Any], swaps: int) -> None:
    """Fill in what khotin's server took."""
    with measure.server(measure.khotin(folder, PORTS[0]), PORTS[0], "/search?q=khoi-dong") as (client, process):
        found = [client.get(f"/search.json?q={quote(word)}&size=1&sort=new").json()["total"] for word in kinds["mixed"]]

    def good(response: Any) -> bool:
        return response.status_code == 200 and (b'<ol class="hits"' in response.content or b"/help" in response.content)

    def paths(words: list[str], more: str = "") -> list[str]:
        return [f"/search?q={quote(word)}{more}" for word in words]

    few = [word for word, total in zip(kinds["mixed"], found, strict=True) if 0 < total < 50_000]
    facts["hits"] = [measure.median(found), max(found)]
    facts["memory"] = 0.0
    for name, asked in (
        ("page", paths(kinds["mixed"])),
        ("facets", paths(kinds["frequent"], "&sort=new")),
        ("newest", paths(kinds["mixed"], "&sort=new")),
        ("ranked", paths(few)),
        ("page_100", [f"/search?q={quote(word)}&page=100" for word in kinds["frequent"]]),
        ("similar", [f"/search?like={key}" for key in _keys(folder)]),
        ("article", [f"/a/{key}" for key in _keys(folder)]),
    ):
        # A server of its own for each kind: nothing is kept from the kind before.
        with measure.server(measure.khotin(folder, PORTS[0]), PORTS[0], "/search?q=khoi-dong") as (client, process):
            right = (lambda r: r.status_code == 200) if name == "article" else good
            facts[name] = measure.asked(client, process, asked, right).told()
            facts["memory"] = max(facts["memory"], measure.memory(process))
    with measure.server(measure.khotin(folder, PORTS[0]), PORTS[0], "/search?q=khoi-dong") as (client, process):
        if swaps:
            mixed = [*paths(kinds["mixed"][::3]), *(f"/a/{key}" for key in _keys(folder)[:5])]
            requests, statuses = measure.swapped(folder, client, mixed, swaps)
            others = ", ".join(f"{count} x {status}" for status, count in sorted(statuses.items()) if status != 200)
            told = f" ({others})" if others else ""
            facts["swaps"] = f"{requests - statuses[200]} of {requests} failed{told}, {swaps} swaps"
        facts["memory"] = max(facts["memory"], measure.memory(process))


def _keys(folder: Path) -> list[str]:
    with closing(connect_read_only(folder / "public.db")) as db:
        (last,) = db.execute("SELECT max(id) FROM articles").fetchone()
        step = max(1, last // 40)
        return [
            db.execute("SELECT key FROM articles WHERE id = ?", (n,)).fetchone()[0] for n in range(1, last + 1, step)
        ]


def ask_stock(folder: Path, kinds: dict[str, list[str]], facts: dict[str, Any]) -> None:
    """Fill in what stock Datasette took. A page without its counts or facets is no answer."""
    here = "/stock/articles"

    def whole(response: Any) -> bool:
        return response.status_code == 200 and b"timed out" not in response.content

    three = "&_facet=province&_facet=site&_facet=year"
    with measure.server(measure.datasette(folder / "stock.db", PORTS[1]), PORTS[1], "/") as (client, process):
        facts["stock_page"] = measure.asked(
            client, process, [f"{here}?_search={quote(w)}" for w in kinds["mixed"]], whole
        ).told()
        frequent = [f"{here}?_search={quote(word)}{three}" for word in kinds["frequent"]]
        facts["stock_facets"] = measure.asked(client, process, frequent, whole).told()
        newest = [f"{here}?_search={quote(word)}&_sort_desc=id" for word in kinds["mixed"]]
        facts["stock_newest"] = measure.asked(client, process, newest, whole).told()
        facts["stock_memory"] = measure.memory(process)


def main() -> int:
    """Measure and print the table; `--write` puts it into docs/search.md."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, action="append", help="size of a corpus; again for another")
    parser.add_argument("--folder", type=Path, help="where the corpora are kept; else a temporary folder")
    parser.add_argument("--questions", type=int, default=40, help="words, pairs and phrases asked of each kind")
    parser.add_argument("--swaps", type=int, default=2, help="how often the snapshot is swapped under 16 readers")
    parser.add_argument(
        "--no-stock", action="store_true", help="khotin alone; with --keep beside what stock answered before"
    )
    parser.add_argument(
        "--keep", action="store_true", help="take the public.db in the folder, and what was measured of making it"
    )
    parser.add_argument("--write", action="store_true", help="put the table into docs/search.md")
    chosen = parser.parse_args()
    kinds = questions(chosen.questions)
    told = []
    with nullcontext(chosen.folder) if chosen.folder else tempfile.TemporaryDirectory() as top:
        for count in chosen.articles or [200_000, 1_000_000]:
            facts: dict[str, Any] = {"articles": count}
            folder = Path(top) / f"{count}"
            print(f"{count:,} articles: making them", file=sys.stderr)
            make(folder, count, facts, keep=chosen.keep)
            print(f"{count:,} articles: asking", file=sys.stderr)
            ask_khotin(folder, kinds, facts, chosen.swaps)
            if not chosen.no_stock:
                make_stock(folder, facts)
                ask_stock(folder, kinds, facts)
            told.append(facts)
            (folder / MEASURED).write_text(json.dumps(facts, ensure_ascii=False), encoding="utf-8")
            print(json.dumps(facts, ensure_ascii=False), file=sys.stderr)
            if not chosen.folder:
                shutil.rmtree(folder)
    text = report.table(told)
    print(text)
    if chosen.write:
        report.write(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
