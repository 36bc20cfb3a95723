"""The spreadsheet skill: what becomes of values, files and mistakes; and that no text becomes a formula."""

from __future__ import annotations

import importlib
import json
import sys
import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn

import pytest

from house.skill_runs import make_repo, run_skill, script, write
from maquette.kinds.sandboxes import Profile
from maquette.samples.shop import make_sample
from maquette.sandboxes.landlock import SANDBOX
from seams.boxes import BOUND, Heard, names

openpyxl: Any = importlib.import_module("openpyxl")
"""Untyped; the workbook is read back with what other programs read it with."""


def made(folder: Path, files: dict[str, str | bytes], *options: str) -> Any:
    write(folder, files)
    ran = run_skill("spreadsheet", folder, "--out", str(folder / "out.xlsx"), *options)
    assert ran.status == 0, ran.err
    return openpyxl.load_workbook(folder / "out.xlsx")


@pytest.mark.anyio
async def test_where_a_sandbox_closes_the_projects_own_folder_it_lies_beside_the_files(
    tmp_path: Path, lacks: Callable[[str, str], NoReturn]
) -> None:
    """As Landlock does with one that has a `.git` in it."""
    probe = await SANDBOX.probe()
    if not probe.works:
        lacks(f"landlock ({probe.detail})", probe.mend)
    make_repo(tmp_path, {"data/sales.csv": "day,sold\n2026-01-01,3\n"})
    readable = (tmp_path / ".git", script("spreadsheet").parent)
    box, heard = SANDBOX.box(Profile(root=tmp_path, writable=(tmp_path,), readable=readable)), Heard()
    command = [sys.executable, str(script("spreadsheet")), "--request", "make a spreadsheet of the files in data"]
    ended = await box.run(command, sink=heard, seconds=BOUND)
    await box.close()
    assert ended.status == 0, heard.text
    assert "It lies beside the files" in heard.text
    assert names(tmp_path / "data") == ["data.xlsx", "sales.csv"]


def column(sheet: Any, name: str) -> list[Any]:
    """The cells below a header, without totals."""
    header = [cell.value for cell in sheet[1]]
    index = header.index(name) + 1
    return [sheet.cell(row, index) for row in range(2, sheet.max_row + 1) if sheet.cell(row, 1).value != "Total"]


def values(sheet: Any, name: str) -> list[Any]:
    return [cell.value for cell in column(sheet, name)]


COLUMNS: tuple[tuple[list[str], list[Any]], ...] = (
    (["1", "-20", "300"], [1, -20, 300]),
    (["007", "12"], ["007", "12"]),
    (["1234567890123456", "1"], ["1234567890123456", "1"]),
    (["1.10", "2"], [1.1, 2]),
    (["2024-01-31", "2023-12-01"], [datetime(2024, 1, 31), datetime(2023, 12, 1)]),  # noqa: DTZ001  # a cell has no zone
    (["2024-02-30", "2023-12-01"], ["2024-02-30", "2023-12-01"]),
    (["31.12.2024", "1.2.2024"], [datetime(2024, 12, 31), datetime(2024, 2, 1)]),  # noqa: DTZ001  # a cell has no zone
    (["03/04/2024", "05/06/2024"], ["03/04/2024", "05/06/2024"]),
    (["true", "FALSE"], [True, False]),
    (["yes", "no"], ["yes", "no"]),
    (["1", "n/a", "3", "4"], [1, "n/a", 3, 4]),
    (["1", "two"], ["1", "two"]),
    (["1e5", "2e5"], ["1e5", "2e5"]),
    (["=1+1", "@x", "+3 pieces", "-"], ["=1+1", "@x", "+3 pieces", "-"]),
)
"""What is written, and what it becomes."""


def test_values_become_what_every_one_of_a_column_can_be(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        f"c{n}.csv": "thing,x\n" + "".join(f'"a{i}","{v}"\n' for i, v in enumerate(written))
        for n, (written, _) in enumerate(COLUMNS)
    }
    book = made(tmp_path, files, "--separate")
    for n, (_, expected) in enumerate(COLUMNS):
        cells = column(book[f"c{n}"], "x")
        assert [cell.value for cell in cells] == expected
        assert [type(cell.value) for cell in cells if isinstance(cell.value, bool)] == [
            bool for v in expected if isinstance(v, bool)
        ]
        assert all(cell.data_type != "f" for cell in cells)


def test_text_that_looks_like_a_formula_stays_text_for_good(tmp_path: Path) -> None:
    attack = '=HYPERLINK("http://evil.invalid","x")'
    book = made(tmp_path, {"=cmd.csv": f"=x,b\n'{attack}',1\n\"{attack.replace(chr(34), chr(34) * 2)}\",2\n"})
    formulas = [c.value for sheet in book for row in sheet for c in row if c.data_type == "f"]
    assert formulas
    assert all(f.startswith(("=SUM(", "=SUMIFS(", "=SUMPRODUCT(")) for f in formulas)
    cell = next(c for c in column(book["=cmd"], "=x") if c.value == attack)
    assert cell.data_type == "s"
    assert cell.quotePrefix


def test_decimals_are_kept_to_the_digit(tmp_path: Path) -> None:
    made(tmp_path, {"a.csv": "k,x\na,0.1\nb,1234567.89\nc,10.00\n"})
    text = zipfile.ZipFile(tmp_path / "out.xlsx").read("xl/worksheets/sheet2.xml").decode()
    assert "<v>0.1</v>" in text
    assert "<v>1234567.89</v>" in text


ENCODINGS = {
    "utf-8": "utf-8",
    "utf-8-sig": "utf-8-sig",
    "utf-16": "utf-16",
    "utf-16-le": "utf-16-le",
    "cp1252": "Windows-1252",
}
"""Python's name of each, and what the summary calls it."""


def test_encodings_and_separators_are_found_out(tmp_path: Path) -> None:
    tried = {f"t{n}": one for n, one in enumerate((told, mark) for told in ENCODINGS for mark in ",;\t|")}
    lines = [["name", "größe", "note"], *[["Élise", "3", "a b"]] * 5]
    files: dict[str, str | bytes] = {
        f"{name}.csv": "".join(mark.join(line) + "\n" for line in lines).encode(encoding)
        for name, (encoding, mark) in tried.items()
    }
    book = made(tmp_path, files, "--separate")
    summary = [[str(cell.value) for cell in row] for row in book["Summary"]]
    for name, (encoding, _) in tried.items():
        assert values(book[name], "name") == ["Élise"] * 5
        assert values(book[name], "größe") == [3] * 5
        assert any(name in "".join(row[:2]) and any(ENCODINGS[encoding] in cell for cell in row) for row in summary)


def test_a_comma_is_a_decimal_point_where_semicolons_separate(tmp_path: Path) -> None:
    book = made(tmp_path, {"a.csv": "name;betrag\nx;1.234,50\ny;0,99\n"})
    assert values(book["a"], "betrag") == [1234.5, 0.99]


def test_totals_are_formulas_and_ids_and_years_have_none(tmp_path: Path) -> None:
    book = made(tmp_path, {"a.csv": "name,order id,year,amount\na,1,2023,5\nb,2,2024,7.5\n"})
    assert [cell.value for cell in book["a"][4][:4]] == ["Total", None, None, "=SUM(D2:D3)"]
    assert book["a"].freeze_panes == "A2"
    assert book["a"]["A1"].font.bold


def test_there_is_a_chart_where_there_is_a_date_and_a_number(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "dated.csv": "when,amount\n2024-01-03,5\n2024-03-04,7\n",
        "grouped.csv": "shelf,amount\nA,5\nB,7\nA,2\n",
        "neither.csv": "id,note\n1,x\n2,y\n",
    }
    book = made(tmp_path, files, "--separate")
    assert {s.title: len(s._charts) for s in book} == {"Summary": 0, "dated": 1, "grouped": 1, "neither": 0}
    assert [c.value for c in book["dated"]["D"]][:4] == ["month", "2024-01", "2024-02", "2024-03"]


def test_uneven_lines_are_kept_and_marked(tmp_path: Path) -> None:
    book = made(tmp_path, {"a.csv": "a,b\n1,2\n3\n4,5,6\n"})
    assert [[c.value for c in row[:3]] for row in book["a"].iter_rows(min_row=2, max_row=4)] == [
        [1, 2, None],
        [3, None, None],
        [4, 5, 6],
    ]
    assert [row[0].fill.fill_type for row in book["a"].iter_rows(min_row=2, max_row=4)] == [None, "solid", "solid"]
    assert "3, 4" in str(book["Summary"]["H4"].value)


def test_files_of_a_folder_with_the_same_columns_share_a_sheet(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {"s/jan.csv": "a,b\nx,1\n", "s/feb.csv": "a,b\ny,2\n", "t/mar.csv": "a,b\nz,3\n"}
    book = made(tmp_path, files)
    assert book.sheetnames == ["Summary", "s", "mar"]
    assert list(zip(values(book["s"], "file"), values(book["s"], "a"), strict=True)) == [("feb", "y"), ("jan", "x")]


def test_json_keeps_its_own_types_and_nested_values_as_text(tmp_path: Path) -> None:
    records = [{"a": 1, "b": True, "c": None, "d": {"x": [1]}}, {"a": 2.5, "b": False, "e": "x"}]
    files: dict[str, str | bytes] = {
        "list.json": json.dumps(records),
        "inside.json": json.dumps({"made": "today", "rows": records}),
        "lines.jsonl": "\n".join([*map(json.dumps, records), "no json", ""]),
    }
    book = made(tmp_path, files, "--separate")
    for name in ("list", "inside", "lines"):
        assert values(book[name], "a")[:2] == [1, 2.5]
        assert values(book[name], "b")[:2] == [True, False]
        assert values(book[name], "d")[:1] == ['{"x": [1]}']
    assert any("1 lines aren't JSON objects" in str(c.value) for row in book["Summary"] for c in row)


def test_what_holds_no_table_is_left_out_and_told(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "good.csv": "a,b\n1,x\n",
        "empty.csv": "",
        "photo.csv": b"\x89PNG\0\0\0\1\2\3" * 9,
        "settings.json": '{"a": 1}',
        "broken.json": "[{",
    }
    book = made(tmp_path, files)
    told = [str(c.value) for c in book["Summary"]["A"]]
    assert book.sheetnames == ["Summary", "good"]
    assert {"empty.csv", "photo.csv", "settings.json", "broken.json"} <= set(told)


def test_nothing_is_written_over_unless_asked(tmp_path: Path) -> None:
    write(tmp_path, {"a.csv": "a\nx\n", "mine.xlsx": b"mine"})
    first = run_skill("spreadsheet", tmp_path, "--out", "mine.xlsx")
    assert "mine 2.xlsx" in first.out
    assert (tmp_path / "mine.xlsx").read_bytes() == b"mine"
    assert run_skill("spreadsheet", tmp_path, "--out", "mine.xlsx", "--force").status == 0
    assert (tmp_path / "mine.xlsx").read_bytes() != b"mine"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.csv", "mine 2.xlsx", "mine.xlsx"]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [(["nowhere"], "no folder"), ([], "no CSV"), (["--out", "x.txt"], "")],
    ids=["no folder", "no files", "no workbook's name"],
)
def test_what_it_cannot_do_is_said_in_a_sentence(tmp_path: Path, options: list[str], sentence: str) -> None:
    ran = run_skill("spreadsheet", tmp_path, *options)
    assert ran.status == 2
    assert sentence in ran.err
    assert "Traceback" not in ran.err


def test_odd_sheet_names_headers_and_characters_are_made_fit(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "a[1]'s very long name of a file that goes on.csv": "a,,a,history\n1,2,3,\x01bell\n",
        "A[1]'s very long name of a file that goes off.tsv": "x\ty\nlong\t" + "z" * 40_000 + "\n",
    }
    book = made(tmp_path, files, "--separate")
    assert len(book.sheetnames) == len({n.lower() for n in book.sheetnames}) == 3
    assert [c.value for c in book.worksheets[2][1]][:4] == ["a", "column 2", "a 2", "history"]


def test_the_folder_that_a_request_names_is_taken(tmp_path: Path) -> None:
    make_sample(tmp_path / "shop")
    request = "please make a spreadsheet of `data/sales`, with totals"
    ran = run_skill("spreadsheet", tmp_path / "shop", "--request", request, "--json", str(tmp_path / "told.json"))
    assert ran.status == 0, ran.err
    told = json.loads((tmp_path / "told.json").read_text())
    assert told["out"].endswith("shop/sales.xlsx")
    sheets = {s["title"]: s for s in told["sheets"]}
    assert set(sheets) == {"sales", "customers", "returns", "web-orders"}
    assert len(sheets["sales"]["files"]) == 6
    assert sheets["sales"]["chart"] == "amount by month"
    assert {c["name"]: c["kind"] for c in sheets["customers"]["columns"]}["postcode"] == "text"


def test_a_large_file_is_read_without_being_held(tmp_path: Path) -> None:
    with (tmp_path / "large.csv").open("w") as file:
        file.write("when,name,amount\n")
        file.writelines(f"2024-{1 + i % 12:02}-01,n{i % 7},{i}.25\n" for i in range(4_000))
    book = made(tmp_path, {})
    assert book["large"].max_row == 4_002
    assert book["large"]["C4002"].value == "=SUM(C2:C4001)"
