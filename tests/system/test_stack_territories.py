"""INSEE's tables, as they are published, become the territories that the services match by."""

import io
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from reference import reference
from relais_territories.overlay import overlaid

ABOVE = [["Table d'appartenance géographique des communes"], [], ["Code", "Libellé", "Bassin", "Zone"]]
TABLE = [
    ["CODGEO", "LIBGEO", "ZE2020", "BV2022"],
    ["71263", "Louhans", "2604", "71263"],
    ["71076", "Chalon", "2601", ""],
]


def a_workbook() -> bytes:
    """Cells as Excel writes them: shared strings, empty cells left out."""
    texts = sorted({cell for line in [*ABOVE, *TABLE] for cell in line})
    lines = ""
    for number, line in enumerate([*ABOVE, *TABLE], 1):
        cells = "".join(
            f'<c r="{"ABCD"[column]}{number}" t="s"><v>{texts.index(cell)}</v></c>'
            for column, cell in enumerate(line)
            if cell
        )
        lines += f'<row r="{number}">{cells}</row>'
    main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as book:
        book.writestr("xl/sharedStrings.xml", f"<sst {main}>{''.join(f'<si><t>{t}</t></si>' for t in texts)}</sst>")
        book.writestr("xl/worksheets/sheet1.xml", f"<worksheet {main}><sheetData>{lines}</sheetData></worksheet>")
    return content.getvalue()


def a_zip(name: str, inside: bytes) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr(name, inside)
    return content.getvalue()


def a_csv(delimiter: str) -> bytes:
    return "\n".join(delimiter.join(line) for line in TABLE).encode("utf-8-sig")


def imported(folder: Path, **files: bytes) -> "subprocess.CompletedProcess[str]":
    """The command's answer to these files; a `__` in a name stands for the dot."""
    paths = [folder / name.replace("__", ".") for name in files]
    for path, content in zip(paths, files.values(), strict=True):
        path.write_bytes(content)
    return run(folder, *paths)


def run(folder: Path, *paths: Path) -> "subprocess.CompletedProcess[str]":
    words = [sys.executable, "-m", "relais_cli", "territories", "import", *map(str, paths), "--json"]
    return subprocess.run(
        words, env={**os.environ, "RELAIS_FOLDER": str(folder / "relais")}, capture_output=True, text=True
    )


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("table.xlsx", a_workbook()),
        ("table.zip", a_zip("table-appartenance.xlsx", a_workbook())),
        ("zipped.zip", a_zip("table.csv", a_csv(";"))),
        ("table.csv", a_csv(",")),
    ],
)
def test_the_table_is_read_as_it_is_published(tmp_path: Path, name: str, content: bytes) -> None:
    done = imported(tmp_path, **{name.replace(".", "__"): content})
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    france = overlaid(Path(answer["file"]))
    louhans = france.commune("71263")
    assert louhans
    assert {"bassin-de-vie:71263", "zone-emploi:2604"} <= france.territories_of(louhans)
    assert (answer["zone-emploi"]["areas"], answer["bassin-de-vie"]["areas"]) == (2, 1)
    assert "BV2022-ZE2020" in france.version


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("no.xlsx", b"not a workbook"),
        ("no.zip", a_zip("readme.txt", b"")),
        ("no.csv", b"CODGEO,LIBGEO\n71263,Louhans\n"),
        ("none.csv", b"a,b\n1,2\n"),
    ],
)
def test_another_file_is_refused_and_nothing_is_kept(tmp_path: Path, name: str, content: bytes) -> None:
    assert imported(tmp_path, **{name.replace(".", "__"): content}).returncode == 2
    assert not (tmp_path / "relais" / "territories.csv").exists()


def test_a_service_reads_what_was_imported(tmp_path: Path) -> None:
    file = json.loads(imported(tmp_path, table__csv=a_csv(";")).stdout)["file"]
    ask = "from relais_territories import FRANCE; print(FRANCE.is_known('bassin-de-vie', '71263'), FRANCE.version)"
    env = {**os.environ, "RELAIS_TERRITORIES": file}
    done = subprocess.run([sys.executable, "-c", ask], env=env, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("True ")
    assert "BV2022" in done.stdout


def test_a_file_that_does_not_fit_leaves_what_was_there(tmp_path: Path) -> None:
    file = Path(json.loads(imported(tmp_path, table__csv=a_csv(";")).stdout)["file"])
    before = file.read_bytes()
    other = b"CODGEO,BV2022\n99999,99999\n71263,71263\n"
    done = imported(tmp_path, other__csv=other)
    assert done.returncode == 2
    assert "other.csv, line 2: 99999 is not a commune of France" in done.stderr
    assert "1 of 2 lines do not fit: nothing is kept" in done.stderr
    assert file.read_bytes() == before
    assert sorted(path.name for path in file.parent.iterdir()) == [file.name]


def test_one_line_in_a_hundred_is_left_out_and_said(tmp_path: Path) -> None:
    lines = [b"CODGEO,BV2022", *[b"%05d,01093" % number for number in range(1001, 1200)], b"99999,01093"]
    known = [line for line in lines if line[:5] not in (b"01003", b"01018", b"01020")]
    done = imported(tmp_path, most__csv=b"\n".join(known))
    answer = json.loads(done.stdout)
    assert done.returncode == 1
    assert answer["refused"][-1]["why"] == "99999 is not a commune of France, nor was it one"
    assert answer["bassin-de-vie"]["communes"] > 190
    assert answer["zone-emploi"] is None


def test_plain_tables_of_the_whole_country_are_laid_over_in_one_call(tmp_path: Path) -> None:
    done = run(tmp_path, *map(reference, ("communes.csv", "bassins_de_vie.csv", "zones_emploi.csv")))
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    bassins, emplois = answer["bassin-de-vie"], answer["zone-emploi"]
    assert (bassins["edition"], bassins["column"], bassins["areas"], bassins["nameless"]) == (
        "BV2022", "BV2022_DERIVED", 1706, [],
    )  # fmt: skip
    assert (emplois["edition"], emplois["areas"], emplois["nameless"]) == ("ZE2020", 306, [])
    assert (answer["not kept"], answer["refused"]) == (["BV2012"], [])
    assert emplois["filled"]["15031"], "restored since: it takes its nearest neighbour's"
    assert {code[:2] for code in emplois["without"]} == {"97", "98"}
    france = overlaid(Path(answer["file"]))
    assert france.name_of("bassin-de-vie:71263") == "Louhans"
    assert france.name_of("zone-emploi:5906") or france.name_of("zone-emploi:3215")
    areas = [code for code in {*bassins["filled"].values()} if france.commune(code) is None]
    assert areas == []
