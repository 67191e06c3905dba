"""Dumps: complete, checkable, the same bytes for the same articles, only what changed written again."""

import csv
import gzip
import hashlib
import json
import re
import shutil
import sqlite3
import subprocess
import zipfile
from contextlib import closing
from pathlib import Path

import pytest
import yaml
from pyarrow import parquet
from running import ROOT, khotin
from serving import NOW, published

from khotin.serve.metadata import load_metadata
from pipelines.dump import dump
from pipelines.export import COLUMNS
from pipelines.publish import publish
from pipelines.schema import NoArchive
from pipelines.store import Store


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = published(tmp_path_factory.mktemp("dump"), count=12)
    dump(folder / "public.db", folder / "dumps", load_metadata())
    return folder


def written(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def keys(path: Path) -> list[str]:
    if path.suffix == ".csv":
        with path.open(encoding="utf-8-sig", newline="") as file:
            return [row["key"] for row in csv.DictReader(file)]
    if path.suffix == ".gz":
        return [json.loads(line)["key"] for line in gzip.decompress(path.read_bytes()).splitlines()]
    if path.suffix == ".parquet":
        return parquet.read_table(path, columns=["key"])["key"].to_pylist()
    with closing(sqlite3.connect(path)) as db:
        return [row[0] for row in db.execute("select key from articles order by rowid")]


def test_every_article_is_in_its_month_and_in_the_whole_in_every_format(data):
    with closing(sqlite3.connect(data / "public.db")) as db:
        rows = db.execute("select month, key from articles order by id desc").fetchall()
    for ending in ("csv", "jsonl.gz", "parquet", "sqlite"):
        assert keys(data / "dumps" / f"khotin-all.{ending}") == [key for _, key in rows]
        for month in {month for month, _ in rows}:
            expected = [key for of, key in rows if of == month]
            assert keys(data / "dumps" / f"khotin-{month}.{ending}") == expected


def test_sizes_rows_and_checksums_are_those_of_the_files(data):
    folder = data / "dumps"
    package = json.loads((folder / "datapackage.json").read_bytes())
    sums = dict(reversed(line.split("  ")) for line in (folder / "SHA256SUMS").read_text().splitlines())
    assert {one["path"] for one in package["resources"]} == set(sums) == {p.name for p in folder.glob("khotin-*")}
    for one in package["resources"]:
        content = (folder / one["path"]).read_bytes()
        digest = hashlib.sha256(content).hexdigest()
        assert (one["bytes"], one["hash"], sums[one["path"]]) == (len(content), f"sha256:{digest}", digest)
        assert one.get("rows", one.get("articles")) == len(keys(folder / one["path"]))
    fields = next(one for one in package["resources"] if one["format"] == "csv")["schema"]["fields"]
    assert [field["name"] for field in fields] == [column.name for column in COLUMNS]


def test_the_codebook_names_every_column_in_both_languages(data):
    book = (data / "dumps" / "codebook.md").read_text(encoding="utf-8")
    for column in COLUMNS:
        assert f"| {column.name} | {column.type} | {column.vi} | {column.en} |" in book
    for name, table in load_metadata()["databases"]["public"]["tables"].items():
        assert (f"## {name}: " in book) is not bool(table.get("hidden"))


def test_equal_articles_give_equal_bytes(data, tmp_path):
    dump(data / "public.db", tmp_path / "again", load_metadata())
    assert written(tmp_path / "again") == written(data / "dumps")


def test_only_months_that_changed_are_written_again(data, tmp_path):
    folder = tmp_path / "data"
    shutil.copytree(data, folder)
    times = {path.name: path.stat().st_ino for path in (folder / "dumps").glob("khotin-*")}
    assert dump(folder / "public.db", folder / "dumps", load_metadata()).written == 0
    with Store.open(folder / "archive.db") as store, store.transaction() as conn:
        conn.execute(
            "update articles set last_seen = ? where date_estimate = '2019-05-04'", ("2026-11-22T07:00:00+07:00",)
        )
    publish(folder / "archive.db", folder / "public.db", now=NOW)
    assert dump(folder / "public.db", folder / "dumps", load_metadata()).written == 8
    changed = {name for name, inode in times.items() if (folder / "dumps" / name).stat().st_ino != inode}
    assert {name.partition(".")[0] for name in changed} == {"khotin-2019-05", "khotin-all"}


def test_a_month_without_articles_any_more_goes_away_and_a_lost_file_comes_back(data, tmp_path):
    folder = tmp_path / "dumps"
    shutil.copytree(data / "dumps", folder)
    (folder / "khotin-1999-01.csv").write_text("old")
    (folder / "khotin-2019-05.parquet").unlink()
    assert dump(data / "public.db", folder, load_metadata()).written == 4
    assert written(folder) == written(data / "dumps")


def test_a_second_dump_at_the_same_time_ends_at_once_and_leaves_the_first_alone(data, tmp_path):
    folder = tmp_path / "dumps"
    folder.mkdir()
    (folder / ".part-dead").mkdir()  # of one that was killed
    ended = []

    def meanwhile(_part: str) -> None:
        if not ended:
            ended.append(khotin("dump", "--data", str(data), "-o", str(folder), code=75))

    dump(data / "public.db", folder, load_metadata(), progress=meanwhile)
    assert ended[0].stderr == f"khotin: another khotin dump is writing to {folder}: wait for it to end\n"
    assert written(folder) == written(data / "dumps")
    khotin("dump", "--data", str(data), "-o", str(folder))


def test_withheld_text_is_not_in_the_dumps(data):
    for record in gzip.decompress((data / "dumps" / "khotin-all.jsonl.gz").read_bytes()).splitlines():
        article = json.loads(record)
        if article["site"] == "trang-kin":
            assert (article["lead"], article["body"], article["shortened"]) == (None, None, True)
        if article["site"] == "trang-trich":
            assert len(article["body"]) <= 300


def test_the_command_says_what_it_wrote_and_what_is_missing(data, tmp_path):
    done = khotin("dump", "--data", str(data), "-o", str(tmp_path / "out"))
    assert done.returncode == 0, done.stderr
    assert "14 articles in" in done.stdout
    done = khotin("dump", "--data", str(tmp_path / "none"), "-o", str(tmp_path / "x"), code=66)
    assert done.stderr.count("\n") == 1
    with pytest.raises(NoArchive):
        dump(tmp_path / "public.db", tmp_path / "x", {})


def test_citations_name_what_a_cff_file_must():
    for path in (ROOT / "CITATION.cff",):
        cited = yaml.safe_load(path.read_text(encoding="utf-8"))
        assert cited["cff-version"] == "1.2.0"
        assert {"message", "title", "authors", "type"} <= set(cited)


@pytest.mark.environments
def test_frictionless_finds_no_fault(data, analyst):
    done = subprocess.run(
        [analyst / "frictionless", "validate", "--json", "datapackage.json"],
        cwd=data / "dumps", capture_output=True, text=True,
    )  # fmt: skip
    report = json.loads(done.stdout)
    assert (report["valid"], report["stats"]["errors"]) == (True, 0), done.stdout[-2000:]


# Without a window LibreOffice takes the locale's characters; with one it asks, and the BOM has it propose UTF-8 (76).
def test_libreoffice_reads_a_csv_as_it_is_meant(data, tmp_path):
    office = shutil.which("soffice")
    if not office:
        pytest.skip("no LibreOffice: apt install libreoffice-calc")
    subprocess.run(
        [office, f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}", "--headless",
         "--infilter=CSV:44,34,76", "--convert-to", "xlsx",
         "--outdir", str(tmp_path), str(data / "dumps" / "khotin-all.csv")],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    with zipfile.ZipFile(tmp_path / "khotin-all.xlsx") as book:
        text = book.read("xl/sharedStrings.xml").decode()
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "Đảng ủy xã Thử Nghiệm bàn việc hòa giải ở cơ sở" in text
    assert "\ufeff" not in text
    assert len(re.findall(r"<row ", sheet)) == 15
    assert "<f>" not in sheet  # no cell became a formula
