"""INSEE's table, as it is published, becomes the territories that the services match by."""

import io
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

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


def imported(folder: Path, name: str, content: bytes) -> "subprocess.CompletedProcess[str]":
    (folder / name).write_bytes(content)
    words = [sys.executable, "-m", "relais_cli", "territories", "import", str(folder / name), "--json"]
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
    done = imported(tmp_path, name, content)
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    france = overlaid(Path(answer["file"]))
    louhans = france.commune("71263")
    assert louhans
    assert {"bassin-de-vie:71263", "zone-emploi:2604"} <= france.territories_of(louhans)
    assert (answer["communes"], "BV2022-ZE2020" in france.version) == (2, True)


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
    assert imported(tmp_path, name, content).returncode == 2
    assert not (tmp_path / "relais" / "territories.csv").exists()


def test_a_service_reads_what_was_imported(tmp_path: Path) -> None:
    file = json.loads(imported(tmp_path, "table.csv", a_csv(";")).stdout)["file"]
    ask = "from relais_territories import FRANCE; print(FRANCE.is_known('bassin-de-vie', '71263'), FRANCE.version)"
    env = {**os.environ, "RELAIS_TERRITORIES": file}
    done = subprocess.run([sys.executable, "-c", ask], env=env, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("True ")
    assert "BV2022" in done.stdout
