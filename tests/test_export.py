"""Files to take home: complete, readable by others, newest first, with documented columns."""

import csv
import json
import os
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet
from running import ROOT, khotin
from storing import DAY, NOW, T0, column, full_page, mounted, new_store, page, save

from pipelines.article import KhotinError
from pipelines.export import COLUMNS, FORMATS, ExportError, ExportFilters, export, guard, run, unguard
from pipelines.provinces import UnknownProvince
from pipelines.publish import excerpt, publish
from pipelines.schema import DiskFull, NewerSchema, NoArchive, NotADatabase, ReadOnly

LONG = '=1+1 là đoạn mở đầu.\n- Thưa đồng chí, "chi bộ" họp; ngày 1/7.\n' + "Đắk Lắk xây dựng chi bộ. " * 20


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of four articles and its snapshot."""
    folder = tmp_path_factory.mktemp("data")
    with new_store(folder / "archive.db") as store:
        save(store, full_page("cu", LONG, day="2020-05-01"), T0)
        save(store, full_page("cu", LONG + "Sửa.", day="2020-05-01"), T0 + DAY)
        save(
            store,
            full_page("hg", LONG, site="ha-giang", day="2026-01-10", title="Bản tin Hà Giang"),
            T0,
            site="ha-giang",
        )
        save(store, full_page("tw", LONG, site="trung-uong", day="2026-02-20"), T0, site="trung-uong")
        save(store, page("moi", "ngắn", title="\ufeffTên có BOM"), T0)
    publish(folder / "archive.db", folder / "public.db", now=NOW)
    return folder


def read_csv(path: Path, encoding: str = "utf-8-sig") -> list[dict[str, str]]:
    with path.open(encoding=encoding, newline="") as file:
        return list(csv.DictReader(file))


def read_jsonl(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_bytes().split(b"\n") if line]


def names(path: Path) -> list[str]:
    return [record["url"].rsplit("/", 1)[1] for record in read_jsonl(path)]


def test_record_of_an_article_has_every_documented_column(data: Path, tmp_path: Path) -> None:
    report = export(data / "public.db", tmp_path / "a.jsonl", "jsonl")
    assert (report.rows, report.bytes) == (4, (tmp_path / "a.jsonl").stat().st_size)
    records = read_jsonl(tmp_path / "a.jsonl")
    assert [list(record) for record in records] == [[one.name for one in COLUMNS]] * 4
    assert records[3] | {"key": "", "warc_record": "", "digest": ""} == {
        "key": "",
        "title": "Bài thử cu",
        "lead": "Sapo của bài thử.",
        "body": LONG + "Sửa.",
        "shortened": False,
        "rights": "full",
        "byline": "Nhóm phóng viên",
        "agency": "XDĐ",
        "site": "thu-do",
        "site_name": "Trang thử Thủ đô",
        "kind": "party_portal",
        "province": "Hà Nội",
        "province_63": "Hà Nội",
        "section": "Xây dựng Đảng",
        "published_at": "2020-05-01T07:45:00+07:00",
        "published_precision": "minute",
        "event_date": "2026-02-27",
        "date_estimate": "2020-05-01",
        "date_estimate_basis": "published",
        "year": 2020,
        "language": "vi",
        "words": 139,
        "tags": ["chi bộ", "đảng viên"],
        "url": "https://thudo.example/cu",
        "first_seen": "2026-03-02T08:00:00+07:00",
        "last_seen": "2026-03-03T08:00:00+07:00",
        "gone_since": None,
        "revisions": 1,
        "flags": ["short", "late"],
        "template": "thu/bai",
        "extractor_version": "1",
        "warc_file": "thu-do/thu-do.warc.gz",
        "warc_record": "",
        "digest": "",
    }


def test_newest_come_first_and_withheld_text_is_not_in_it(data: Path, tmp_path: Path) -> None:
    export(data / "public.db", tmp_path / "a.jsonl", "jsonl")
    found = [(r["rights"], r["lead"], r["body"], r["shortened"]) for r in read_jsonl(tmp_path / "a.jsonl")]
    assert names(tmp_path / "a.jsonl") == ["moi", "tw", "hg", "cu"]
    assert found[1] == ("none", None, None, True)
    assert found[2] == ("excerpt", "Sapo của bài thử.", excerpt(LONG), True)


def test_archive_gives_its_owner_the_same_rows_with_all_texts(data: Path, tmp_path: Path) -> None:
    export(data / "public.db", tmp_path / "public.jsonl", "jsonl")
    export(data / "archive.db", tmp_path / "archive.jsonl", "jsonl")
    for published, kept in zip(*map(read_jsonl, [tmp_path / "public.jsonl", tmp_path / "archive.jsonl"]), strict=True):
        texts = {name: published[name] for name in ("lead", "body", "shortened")}
        assert kept | texts == published
        assert kept["shortened"] is False
    assert read_jsonl(tmp_path / "archive.jsonl")[1]["body"] == LONG


def test_csv_opens_right_in_a_spreadsheet(data: Path, tmp_path: Path) -> None:
    path = tmp_path / "sub" / "a.csv"
    export(data / "public.db", path, "csv")
    raw = path.read_bytes()
    assert raw.startswith(b"\xef\xbb\xbfkey,title,lead,body,")
    assert raw.count(b"\r\n") == 5  # line breaks inside a text are bare
    records = read_csv(path)
    assert [record["title"] for record in records] == [
        "\ufeffTên có BOM",
        "Bài thử tw",
        "Bản tin Hà Giang",
        "Bài thử cu",
    ]
    assert records[3]["body"] == "'" + LONG + "Sửa."
    assert (records[3]["tags"], records[3]["shortened"], records[3]["gone_since"]) == (
        "chi bộ; đảng viên",
        "0",
        "",
    )


def test_csv_for_programs_has_neither_mark_nor_guard(data: Path, tmp_path: Path) -> None:
    export(data / "public.db", tmp_path / "a.csv", "csv", bom=False, formula_guard=False)
    assert (tmp_path / "a.csv").read_bytes().startswith(b"key,")
    assert read_csv(tmp_path / "a.csv", "utf-8")[3]["body"] == LONG + "Sửa."


def test_pandas_reads_the_csv(data: Path, tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas")
    export(data / "public.db", tmp_path / "a.csv", "csv")
    frame = pandas.read_csv(tmp_path / "a.csv", parse_dates=["published_at"])
    assert list(frame.columns) == [one.name for one in COLUMNS]
    assert frame["body"].dropna().map(unguard).tolist()[-1] == LONG + "Sửa."


def test_parquet_has_types_and_descriptions(data: Path, tmp_path: Path) -> None:
    export(data / "public.db", tmp_path / "a.parquet", "parquet")
    table = parquet.read_table(tmp_path / "a.parquet")
    assert {str(table.schema.field(one.name).type) for one in COLUMNS} == {
        "string",
        "bool",
        "int64",
        "date32[day]",
        "timestamp[ms, tz=Asia/Ho_Chi_Minh]",
        "list<element: string>",
    }
    assert table.schema.field("byline").metadata[b"vi"].decode() == "Tác giả như ghi trên trang"
    record = table.to_pylist()[3]
    assert record["published_at"] == datetime(2020, 5, 1, 0, 45, tzinfo=UTC)
    assert (record["date_estimate"], record["tags"], record["body"]) == (
        date(2020, 5, 1),
        ["chi bộ", "đảng viên"],
        LONG + "Sửa.",
    )
    assert table.to_pylist()[0]["published_at"] is None


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        (ExportFilters(sites=("thu-do",)), ["moi", "cu"]),
        (ExportFilters(sites=("thu-do", "trung-uong")), ["moi", "tw", "cu"]),
        (ExportFilters(province="01"), ["moi", "cu"]),
        (ExportFilters(province="Hà Nội"), ["moi", "cu"]),
        (ExportFilters(province="thanh pho ha noi"), ["moi", "cu"]),
        (ExportFilters(province="34:01"), ["moi", "cu"]),
        (ExportFilters(province="63:01"), ["moi", "cu"]),
        (ExportFilters(province="ha giang"), ["hg"]),
        (ExportFilters(province="63:02"), ["hg"]),
        (ExportFilters(province="tuyen quang"), ["hg"]),
        (ExportFilters(province="63:tuyen quang"), []),
        (ExportFilters(since="2026-01-10"), ["moi", "tw", "hg"]),
        (ExportFilters(until=date(2026, 1, 10)), ["hg", "cu"]),
        (ExportFilters(since="2026-01-10", until="2026-01-10"), ["hg"]),
        (ExportFilters(query="dak lak"), ["hg", "cu"]),
        (ExportFilters(query='"Đồng chí"'), ["hg", "cu"]),
        (ExportFilters(query="dak lak site:thu-do"), ["cu"]),
        (ExportFilters(query="site:thu-do"), ["moi", "cu"]),
        (ExportFilters(query="site:thu-do", sites=("trung-uong",)), []),
        (ExportFilters(query='"*'), []),
        (ExportFilters(query="-()*:^ NEAR("), []),
        (ExportFilters(query=""), []),
        (ExportFilters(query='title:"hà giang" OR ngắn'), ["moi", "hg"]),
        (
            ExportFilters(sites=("thu-do",), province="01", since="2020-01-01", until="2020-12-31", query="chi bộ"),
            ["cu"],
        ),
    ],
)
def test_filters_choose(data: Path, tmp_path: Path, filters: ExportFilters, found: list[str]) -> None:
    assert export(data / "public.db", tmp_path / "a.jsonl", "jsonl", filters).rows == len(found)
    assert names(tmp_path / "a.jsonl") == found


def test_empty_selection_is_a_file_with_headings(data: Path, tmp_path: Path) -> None:
    for fmt in FORMATS:
        assert export(data / "public.db", tmp_path / f"a.{fmt}", fmt, ExportFilters(until="1999-01-01")).rows == 0
    assert (tmp_path / "a.csv").read_text("utf-8-sig").strip() == ",".join(one.name for one in COLUMNS)
    assert (tmp_path / "a.jsonl").read_bytes() == b""
    assert parquet.read_table(tmp_path / "a.parquet").schema.names == [one.name for one in COLUMNS]


@pytest.mark.parametrize("args", [["--until", "1999-01-01"], ["--query", '"*'], ["--query", "OR"]])
def test_a_selection_without_articles_is_told_and_is_no_error(data: Path, tmp_path: Path, args: list[str]) -> None:
    done = khotin("export", "--data", data, "-o", tmp_path / "a.csv", *args)
    assert done.stderr == "khotin: no article matches; only the headings were written\n"
    assert (tmp_path / "a.csv").read_text("utf-8-sig").strip() == ",".join(one.name for one in COLUMNS)


def test_the_formula_guard_can_be_switched_off(data: Path, tmp_path: Path) -> None:
    khotin("export", "--data", data, "-o", tmp_path / "on.csv")
    khotin("export", "--data", data, "-o", tmp_path / "off.csv", "--no-guard")
    assert read_csv(tmp_path / "on.csv")[3]["body"] == "'" + LONG + "Sửa."
    assert read_csv(tmp_path / "off.csv")[3]["body"] == LONG + "Sửa."
    assert "--no-guard" in khotin("export", "--help").stdout


@pytest.mark.parametrize(
    ("db", "filters", "error", "match"),
    [
        (
            "public.db",
            ExportFilters(sites=("thudo",)),
            ExportError,
            "no site 'thudo' in this database: did you mean thu-do",
        ),
        (
            "public.db",
            ExportFilters(province="Ha Nol"),
            UnknownProvince,
            "no province 'Ha Nol': did you mean Hà Nội",
        ),
        (
            "public.db",
            ExportFilters(province="99"),
            UnknownProvince,
            "give a code or a name, such as 01 or Hà Nội",
        ),
        (
            "public.db",
            ExportFilters(since="1/7/2020"),
            ExportError,
            "is no day for since: write it as 2026-11-22",
        ),
        ("public.db", ExportFilters(since="2026-02-01", until="2026-01-01"), ExportError, "exchange them"),
        ("archive.db", ExportFilters(query="chi bộ"), ExportError, "no search index: run khotin publish"),
        ("public.db", ExportFilters(query="chi bộ site:thu-đo"), ExportError, "no site 'thu-đo' in this database"),
        ("none.db", ExportFilters(), NoArchive, "there is no database at"),
    ],
)
def test_senseless_selection_is_told_in_one_line_and_writes_nothing(
    data: Path, tmp_path: Path, db: str, filters: ExportFilters, error: type[KhotinError], match: str
) -> None:
    with pytest.raises(error, match=match) as told:
        export(data / db, tmp_path / "a.csv", "csv", filters)
    assert "\n" not in str(told.value)
    assert list(tmp_path.iterdir()) == []


def test_where_there_is_no_database_the_samples_is_named_if_it_is_there(tmp_path: Path) -> None:
    with pytest.raises(NoArchive) as told:
        export(tmp_path / "public.db", tmp_path / "a.csv", "csv")
    assert str(told.value).endswith("or name its folder with --data")
    (tmp_path / "demo").mkdir()
    for name in ("archive.db", "public.db"):
        (tmp_path / "demo" / name).touch()
    for command in (["export", "-o", tmp_path / "a.csv"], ["dump"], ["publish"], ["serve"]):
        told_now = khotin(*command, "--data", tmp_path, code=66).stderr
        assert f"with --data (the sample's: --data {tmp_path / 'demo'})" in told_now


def test_strange_and_newer_databases_are_refused(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "other.db")) as conn:
        conn.execute("CREATE TABLE articles (id)")
    with pytest.raises(NotADatabase):
        export(tmp_path / "other.db", tmp_path / "a.csv", "csv")
    new_store(tmp_path / "new.db").close()
    with closing(sqlite3.connect(tmp_path / "new.db")) as conn:
        conn.execute("PRAGMA user_version = 99")
    with pytest.raises(NewerSchema):
        export(tmp_path / "new.db", tmp_path / "a.csv", "csv")


@pytest.mark.parametrize("fmt", FORMATS)
def test_full_disk_leaves_the_old_file_and_nothing_else(data: Path, tmp_path: Path, fmt: Any) -> None:
    big = tmp_path / "archive.db"
    with new_store(big) as store:
        for number in range(300):
            text = " ".join(f"{number * 7919 + k:x}" for k in range(3000))
            save(store, page(f"b{number}", text), T0)
    with mounted(tmp_path / "disk", "size=1m") as folder:
        out = folder / "a.out"
        export(data / "public.db", out, fmt)
        before = out.read_bytes()
        with pytest.raises(DiskFull, match="is full: free some space"):
            export(big, out, fmt)
        assert out.read_bytes() == before
        assert [file.name for file in folder.iterdir()] == ["a.out"]


def test_read_only_folder_and_a_folder_in_the_way_are_told(data: Path, tmp_path: Path) -> None:
    with mounted(tmp_path / "disk", "size=1m,ro") as disk, pytest.raises(ReadOnly, match="name another file"):
        export(data / "public.db", disk / "a.csv", "csv")
    (tmp_path / "a.csv").mkdir()
    with pytest.raises(ExportError, match="can't be written"):
        export(data / "public.db", tmp_path / "a.csv", "csv")
    assert sorted(file.name for file in tmp_path.iterdir()) == ["a.csv", "disk"]


def test_a_named_pipe_is_refused_and_stays_one(data: Path, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(ExportError, match="is no regular file; name another with -o, or - for standard output"):
        export(data / "public.db", pipe, "csv")
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    assert list(tmp_path.iterdir()) == [pipe]


def test_behind_a_symlink_the_file_it_points_to_is_replaced(data: Path, tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    file, link, dangling = tmp_path / "real" / "a.jsonl", tmp_path / "a.jsonl", tmp_path / "new.jsonl"
    file.write_text("old")
    link.symlink_to(Path("real") / "a.jsonl")
    dangling.symlink_to(Path("real") / "new.jsonl")
    export(data / "public.db", link, "jsonl")
    export(data / "public.db", dangling, "jsonl")
    assert (link.is_symlink(), dangling.is_symlink()) == (True, True)
    assert len(read_jsonl(file)) == 4
    assert (tmp_path / "real" / "new.jsonl").read_bytes() == file.read_bytes()
    assert sorted(one.name for one in (tmp_path / "real").iterdir()) == ["a.jsonl", "new.jsonl"]
    (tmp_path / "circle").symlink_to("circle")
    with pytest.raises(ExportError, match="circle can't be written"):
        export(data / "public.db", tmp_path / "circle", "csv")


@pytest.mark.parametrize("fmt", FORMATS)
def test_standard_output_gets_the_same_bytes_as_a_file(data: Path, tmp_path: Path, fmt: Any) -> None:
    command = [sys.executable, "-m", "khotin", "export", "--data", data, "--format", fmt, "-o"]
    subprocess.run([*command, tmp_path / "a"], cwd=ROOT, check=True, capture_output=True)
    done = subprocess.run([*command, "-"], cwd=ROOT, check=True, capture_output=True)
    assert done.stdout == (tmp_path / "a").read_bytes()
    assert done.stderr.startswith(b"Wrote 4 articles to - (")


@pytest.mark.parametrize("fmt", FORMATS)
def test_a_reader_of_standard_output_who_goes_away_is_an_error(data: Path, fmt: Any) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as pipe:
        done = subprocess.run(
            [sys.executable, "-m", "khotin", "export", "--data", data, "--format", fmt, "-o", "-"],
            cwd=ROOT, stdout=pipe, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
    assert done.returncode == 74
    assert done.stderr.splitlines() == [
        "khotin: standard output was closed before all articles were written: what was read is not complete"
    ]


def test_rows_that_go_missing_are_an_error(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "archive.db"
    with new_store(broken) as store:
        for number in range(3):
            save(store, page(f"b{number}", "chữ"), T0)

    class Short(run.JsonlWriter):
        def __exit__(self, *_: object) -> None:
            pass

    monkeypatch.setattr(run, "_BATCH", 1)
    monkeypatch.setattr(Short, "write", lambda self, rows: rows.clear())
    monkeypatch.setattr(run, "JsonlWriter", Short)
    with pytest.raises(ExportError, match="0 of 3 articles could be read; the export is not complete"):
        export(broken, tmp_path / "a.jsonl", "jsonl")
    assert not (tmp_path / "a.jsonl").exists()


def test_unknown_format_is_told(data: Path, tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="no format 'xlsx': choose one of csv, jsonl, parquet"):
        export(data / "public.db", tmp_path / "a.xlsx", "xlsx")  # type: ignore[arg-type]


@pytest.mark.parametrize("cell", ["=1+1", "+84", "-1", "@SUM(A1)", "\tx", "\r", "\nx", "＝1", "'=1", "''-1"])
def test_formula_gets_an_apostrophe(cell: str) -> None:
    assert guard(cell) == "'" + cell


@pytest.mark.parametrize("cell", ["", "a=b", "1-2", "'", "'a", "“Đảng”", " =1"])
def test_plain_text_stays_as_it_is(cell: str) -> None:
    assert guard(cell) == cell


@given(st.text(st.sampled_from("'=+-@\t\r\nab＝") | st.characters(), max_size=6))
def test_every_guarded_text_can_be_had_back(cell: str) -> None:
    assert unguard(guard(cell)) == cell


def test_columns_are_described_in_both_languages() -> None:
    assert all(one.en and one.vi and one.en != one.vi for one in COLUMNS)
    assert len({one.name for one in COLUMNS}) == len(COLUMNS)


def test_snapshot_is_not_touched_by_an_export(data: Path, tmp_path: Path) -> None:
    before = (data / "public.db").read_bytes()
    export(data / "public.db", tmp_path / "a.csv", "csv")
    assert (data / "public.db").read_bytes() == before
    assert column(data / "public.db", "PRAGMA journal_mode") == ["delete"]
