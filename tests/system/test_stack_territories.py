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
from relais_territories import FRANCE
from relais_territories.overlay import overlaid

ABOVE = [["Table d'appartenance géographique des communes"], [], ["Code", "Libellé", "Bassin", "Zone"]]
NAMES = {"71263": "Louhans", "71076": "Chalon"}
TABLE = [
    ["CODGEO", "LIBGEO", "ZE2020", "BV2022"],
    *(
        [code, NAMES.get(code, "Commune"), "2601" if code == "71076" else "2604", "" if code == "71076" else "71263"]
        for code in (commune.code for commune in FRANCE.communes())
    ),
]
"""Every commune of France, in two zones d'emploi and one bassin de vie, in which Chalon does not lie."""
MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def a_workbook() -> bytes:
    """Cells as Excel writes them: shared strings, empty cells left out."""
    texts = {cell: number for number, cell in enumerate(sorted({cell for line in [*ABOVE, *TABLE] for cell in line}))}
    lines = []
    for number, line in enumerate([*ABOVE, *TABLE], 1):
        cells = "".join(
            f'<c r="{"ABCD"[column]}{number}" t="s"><v>{texts[cell]}</v></c>'
            for column, cell in enumerate(line)
            if cell
        )
        lines.append(f'<row r="{number}">{cells}</row>')
    return a_zip(
        {
            "xl/sharedStrings.xml": f"<sst {MAIN}>{''.join(f'<si><t>{text}</t></si>' for text in texts)}</sst>",
            "xl/worksheets/sheet1.xml": f"<worksheet {MAIN}><sheetData>{''.join(lines)}</sheetData></worksheet>",
        }
    )


def a_workbook_of(sheet: str) -> bytes:
    return a_zip({"xl/worksheets/sheet1.xml": f"<worksheet {MAIN}><sheetData>{sheet}"})


def a_zip(files: dict[str, bytes | str]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, inside in files.items():
            archive.writestr(name, inside)
    return content.getvalue()


def spoilt(archive: bytes) -> bytes:
    """An archive whose packed content is damaged in its middle, its contents' list whole."""
    middle = len(archive) // 2
    return archive[:middle] + bytes(byte ^ 0xFF for byte in archive[middle : middle + 64]) + archive[middle + 64 :]


def locked(archive: bytes) -> bytes:
    """An archive that says that its files are encrypted."""
    header = archive.index(b"PK\x01\x02")
    return archive[: header + 8] + b"\x01" + archive[header + 9 :]


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
        ("table.zip", a_zip({"table-appartenance.xlsx": a_workbook()})),
        ("zipped.zip", a_zip({"table.csv": a_csv(";")})),
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
        ("no.zip", a_zip({"readme.txt": b""})),
        ("no.csv", b"CODGEO,LIBGEO\n71263,Louhans\n"),
        ("none.csv", b"a,b\n1,2\n"),
        ("cut.xlsx", a_workbook()[:-5000]),
        ("spoilt.xlsx", spoilt(a_workbook())),
        ("locked.xlsx", locked(a_workbook())),
        ("cut-inside.xlsx", a_workbook_of('<row r="1">')),
        ("text.xlsx", a_workbook_of('<row r="1"><c r="A1" t="s"><v>7</v></c></row></sheetData></worksheet>')),
        ("number.xlsx", a_workbook_of('<row r="1"><c r="A1" t="s"><v>x</v></c></row></sheetData></worksheet>')),
        ("cell.csv", b'CODGEO,BV2022\n71263,"' + b"7" * 200_000),
        ("latin.csv", "CODGEO,BV2022\n71263,é\n".encode("latin-1")),
    ],
)
def test_another_file_is_refused_and_nothing_is_kept(tmp_path: Path, name: str, content: bytes) -> None:
    done = imported(tmp_path, **{name.replace(".", "__"): content})
    assert done.returncode == 2
    assert done.stderr.startswith(f"relais: {tmp_path / name}: "), done.stderr
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
    assert sorted(path.name for path in file.parent.iterdir()) == ["territories", file.name]
    assert [path.read_bytes() for path in (file.parent / "territories").iterdir()] == [before]


def test_every_edition_that_was_imported_stays(tmp_path: Path) -> None:
    plain = b"\n".join([b"CODGEO,BV2022", *[f"{code},01093".encode() for code, *_ in TABLE[1:]]])
    first = json.loads(imported(tmp_path, table__csv=a_csv(";")).stdout)
    kept = tmp_path / "relais" / "territories"
    for path in kept.iterdir():  # as before editions were kept
        path.unlink()
    second = json.loads(imported(tmp_path, plain__csv=plain).stdout)
    for answer in (first, second):
        assert (kept / f"{answer['version'].rpartition('+')[2]}.csv").exists()
    Path(second["file"]).write_text("spoilt")
    third = imported(tmp_path, table__csv=a_csv(";"))
    assert third.returncode == 0
    assert "what was imported before does not read" in third.stderr
    assert len(list(kept.iterdir())) == 2


def test_a_line_that_does_not_fit_is_left_out_and_said(tmp_path: Path) -> None:
    lines = [b"CODGEO,BV2022", *[f"{code},01093".encode() for code, *_ in TABLE[1:]], b"99999,01093"]
    done = imported(tmp_path, most__csv=b"\n".join(lines))
    answer = json.loads(done.stdout)
    assert done.returncode == 1
    assert answer["refused"][-1]["why"] == "99999 is not a commune of France, nor was it one"
    assert answer["bassin-de-vie"]["communes"] == len(TABLE) - 1
    assert answer["zone-emploi"] is None


@pytest.mark.parametrize("left", [0.1, 0.5, 0.98])
def test_a_table_cut_short_leaves_what_was_there(tmp_path: Path, left: float) -> None:
    whole = a_csv(";")
    file = Path(json.loads(imported(tmp_path, table__csv=whole).stdout)["file"])
    before = file.read_bytes()
    lines = whole[: int(len(whole) * left)].splitlines()[:-1]
    done = imported(tmp_path, table__csv=b"\n".join(lines))
    assert done.returncode == 2
    missing = len(TABLE) - len(lines) + any(line.startswith(b"71076") for line in lines)
    assert f"{missing} of {len(TABLE) - 1} communes have no line of their own for BV2022" in done.stderr
    assert file.read_bytes() == before


def test_a_few_communes_without_a_line_are_filled_in_and_said(tmp_path: Path) -> None:
    lines = [f"{code},01093".encode() for code, *_ in TABLE[1:]]
    few = imported(tmp_path, few__csv=b"\n".join([b"CODGEO,BV2022", *lines[: -len(lines) // 100 + 1]]))
    assert few.returncode == 0, few.stderr
    answer = json.loads(few.stdout)["bassin-de-vie"]
    assert len(answer["filled"]) + len(answer["without"]) == len(lines) // 100


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
