"""A selection of the sample taken home: pressed in Chromium, then read by pandas and by LibreOffice Calc."""

import csv
import json
import shutil
import sqlite3
import subprocess
from contextlib import closing

import httpx
import pytest
from running import khotin, serving

from pipelines.export import COLUMNS

pytestmark = pytest.mark.environments
ODD = {
    "title": '=HYPERLINK("https://x.example","Chi bộ")',
    "byline": "- Thưa các đồng chí",
    "agency": "01/07/2025",
    "section": "0102",
}
"""An article whose cells a spreadsheet takes for a formula, a sum, a date and a number."""
TYPES = {column.name: column.type for column in COLUMNS}
WHOLE = sorted(name for name, kind in TYPES.items() if kind in ("integer", "boolean"))


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    data = tmp_path_factory.mktemp("sample") / "data"
    khotin("demo", "--no-serve", "--data", data)
    with closing(sqlite3.connect(data / "archive.db")) as db, db:
        db.execute(
            f"update articles set {', '.join(f'{name} = ?' for name in ODD)} where id = (select a.id from articles a"  # noqa: S608
            " join article_text t on t.article_id = a.id where t.body like '%chi bộ%' and t.body like ? limit 1)",
            (*ODD.values(), "%\n%"),
        )
    khotin("publish", "--data", data)
    with serving(data) as address:
        yield address


@pytest.fixture
def taken(page, address, tmp_path):
    """The file that a reader's press on "CSV" gave, and the same rows as JSON has them."""
    page.goto("/search?q=chi+bộ")
    with page.expect_download() as download:
        page.get_by_role("link", name="Tải CSV").click()
    path = tmp_path / download.value.suggested_filename
    download.value.save_as(path)
    records = [json.loads(line) for line in httpx.get(f"{address}/search.jsonl?q=chi+bộ").iter_lines()]
    assert len(records) > 30
    assert [record for record in records if ODD.items() <= record.items()]
    return path, records


def cell(value):
    """A value of the JSON as it must stand in a cell: lists joined, yes and no as 1 and 0, a formula as text."""
    if isinstance(value, list):
        return "; ".join(value) or None
    if isinstance(value, str):
        return f"'{value}" if value.startswith(("=", "- ")) else value
    return int(value) if value is not None else None


PANDAS = """
import json, sys, pandas
table = pandas.read_csv(sys.argv[1], encoding="utf-8-sig")
times = pandas.to_datetime(table["published_at"])
rows = json.loads(table.to_json(orient="records", force_ascii=False))
print(json.dumps({"rows": rows, "types": table.dtypes.astype(str).to_dict(), "times": str(times.dtype)}))
"""


def test_pandas_reads_every_row_letter_and_number(taken, analyst):
    path, records = taken
    done = subprocess.run([analyst / "python", "-c", PANDAS, path], capture_output=True, text=True, check=True)
    read = json.loads(done.stdout)
    assert read["rows"] == [{name: cell(value) for name, value in record.items()} for record in records]
    assert {name: read["types"][name] for name in WHOLE} == dict.fromkeys(WHOLE, "int64")
    empty = {name for name in TYPES if not any(record[name] for record in records)}
    texts = set(TYPES) - set(WHOLE) - empty
    assert {name: read["types"][name] for name in texts} == dict.fromkeys(texts, "str")
    assert read["times"] == "datetime64[us, UTC+07:00]"


BOOK = """
import datetime, json, sys, openpyxl
rows = [[[one.data_type, one.value] for one in row] for row in openpyxl.load_workbook(sys.argv[1]).active.iter_rows()]
print(json.dumps(rows, default=datetime.datetime.isoformat))
"""


@pytest.fixture
def in_libreoffice(analyst, tmp_path):
    """Rows of cells, each its type (s text, n number, d day, f formula) and value, as Calc opens a CSV file."""
    office = shutil.which("soffice")
    if not office:
        pytest.skip("no LibreOffice: apt install libreoffice-calc")

    def opened(path, columns=""):
        # Comma, quotation marks, UTF-8, from the first line on; as an English Calc reads days.
        subprocess.run(
            [office, f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}", "--headless",
             f"--infilter=CSV:44,34,76,1,{columns},1033", "--convert-to", "xlsx", "--outdir", tmp_path, path],
            check=True, capture_output=True, timeout=300,
        )  # fmt: skip
        done = subprocess.run(
            [analyst / "python", "-c", BOOK, path.with_suffix(".xlsx")], capture_output=True, text=True, check=True
        )
        return json.loads(done.stdout)

    return opened


def test_libreoffice_opens_it_as_it_is_meant(taken, in_libreoffice):
    path, records = taken
    names, *rows = in_libreoffice(path)
    assert [name for _, name in names] == list(TYPES)  # no byte order mark in the first of them
    assert len(rows) == len(records)
    for row, record in zip(rows, records, strict=True):
        for (kind, got), (name, value) in zip(row, record.items(), strict=True):
            if name in WHOLE or (name in ODD and value == ODD["section"]):
                assert (kind, got) == ("n", int(value)), name
            elif TYPES[name] == "date" and value:
                assert (kind, got) == ("d", f"{value}T00:00:00"), name
            elif name == "agency" and value == ODD["agency"]:
                assert kind == "d", name
            else:  # texts with their line breaks, times with their zone
                assert (kind, got) == (("n", None) if cell(value) is None else ("s", cell(value))), name


def test_libreoffice_keeps_every_character_where_the_columns_are_opened_as_text(taken, in_libreoffice):
    path, _ = taken
    with path.open(encoding="utf-8-sig", newline="") as file:
        written = list(csv.reader(file))
    assert [row for row in written if ODD["section"] in row]
    assert [row for row in written if any("\n" in one for one in row)]
    as_text = "/".join(f"{number}/2" for number in range(1, len(TYPES) + 1))
    read = in_libreoffice(path, as_text)
    assert [[value or "" for _, value in row] for row in read] == written
    assert {kind for row in read for kind, value in row if value} == {"s"}
