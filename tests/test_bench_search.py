"""The bench of the search runs from the corpus to the table, on a few hundred articles."""

import subprocess
import sys

import pytest
from running import ROOT

pytestmark = pytest.mark.nights


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bench")
    command = [sys.executable, "-m", "bench.search", "--articles", "300", "--folder", str(folder)]
    done = subprocess.run(
        [*command, "--questions", "3", "--swaps", "1"], cwd=ROOT, capture_output=True, text=True, timeout=500
    )
    assert done.returncode == 0, done.stderr
    rows = [line.strip("| ").split(" | ") for line in done.stdout.splitlines() if line.startswith("| ")]
    return {row[0]: row[1:] for row in rows}


def test_both_servers_answer_every_question(table):
    for kind in ("search page", "frequent word with facets, newest first", "newest first"):
        ours, theirs, *_ = table[kind]
        assert "not answered" not in ours + theirs
        assert "/" in ours
        assert "/" in theirs
    for kind in ("ranked, below 50,000 hits", "page 100 of a frequent word", "similar articles", "article page"):
        assert "/" in table[kind][0]
        assert "not answered" not in table[kind][0]


def test_no_reader_fails_while_the_snapshot_is_swapped(table):
    assert table["16 readers while the snapshot is swapped"][0].startswith("0 of ")
    assert table["16 readers while the snapshot is swapped"][0].endswith("failed, 1 swaps")


def test_the_index_is_smaller_than_its_mark(table):
    (size,) = [row for name, row in table.items() if name.startswith("index, times the text")]
    assert 0.5 < float(size[0]) < 1.6  # at 300 articles the tables around it still weigh
