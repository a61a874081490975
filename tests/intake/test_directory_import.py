"""`relais directory import` against a running intake: real files, reports, cuts, and files that are the whole."""

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import asyncpg
import httpx

from intake.process import Process
from reference import reference

ANNUAIRE = "annuaire"
STRUCTURES = [{"id": f"s{n}", "nom": f"Structure {n}", "code_insee": "71263"} for n in range(1, 4)]
SERVICES = [
    {
        "id": f"o{n}",
        "structure_id": f"s{n}",
        "nom": f"Offre {n}",
        "code_insee": "71263",
        "thematiques": ["se-former--trouver-sa-formation"],
    }
    for n in range(1, 4)
]


def import_(intake: Process, *words: str | Path, folder: Path) -> tuple[int, dict[str, int], str]:
    """What the console says of an import: exit status, counts, complaints."""
    token = intake.who("directory", ANNUAIRE)["authorization"].removeprefix("Bearer ")
    env = {**os.environ, "RELAIS_INTAKE_URL": intake.url, "RELAIS_TOKEN": token}
    command = [sys.executable, "-m", "relais_cli", "directory", "import", *map(str, words)]
    command += ["--organisation", ANNUAIRE, "--json"]
    done = subprocess.run(command, env=env, cwd=folder, capture_output=True, text=True, check=False)
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout), done.stderr


def said(**counts: int) -> dict[str, int]:
    """Counts, the others being nothing."""
    names = ("declared", "unchanged", "withdrawn", "refused", "left out", "cut")
    return {name: counts.get(name.replace(" ", "_"), 0) for name in names}


def written(folder: Path, name: str, rows: Any) -> Path:
    path = folder / name
    path.write_text(json.dumps(rows))
    return path


async def standing(intake: Process) -> set[str]:
    """What the directory holds."""
    answer = await intake.get("/v1/directory", intake.who("directory", ANNUAIRE))
    return {json.loads(line)["id"].rpartition("/")[0] for line in answer.text.splitlines()}


async def log_rows(intake: Process) -> tuple[int, int]:
    conn = await asyncpg.connect(intake.postgres)
    try:
        found = await conn.fetchrow("select count(*), count(distinct stream) from intake.log")
        return int(found[0]), int(found[1])
    finally:
        await conn.close()


async def test_the_whole_real_sample_is_imported_and_a_second_time_changes_nothing(
    intake: Process, tmp_path: Path
) -> None:
    sample = reference("services", "services_sample_lille_auteuil.json")
    status, counts, complaints = import_(intake, sample, folder=tmp_path)
    assert (status, counts) == (0, said(declared=1013)), complaints[-2000:]
    assert await log_rows(intake) == (1013, 1013)
    assert import_(intake, sample, folder=tmp_path)[:2] == (0, said(unchanged=1013))
    assert await log_rows(intake) == (1013, 1013)
    kinds = Counter(stream.partition("/")[0] for stream in await standing(intake))
    assert kinds["offer"] + kinds["partner"] == 1000  # a page


async def test_real_tables_are_imported_together_and_every_row_is_in_the_report(
    intake: Process, tmp_path: Path
) -> None:
    names = ("prescribers_les_emplois.csv", "points_relais_conseil_vae.csv")
    files = [reference("partners", name) for name in names]
    report = tmp_path / "report.ndjson"
    status, counts, complaints = import_(intake, *files, "--report", report, folder=tmp_path)
    # four offers stand where their point cannot be
    assert (status, counts) == (1, said(declared=2652, refused=4, left_out=34)), complaints[-2000:]
    lines = [json.loads(line) for line in report.read_text().splitlines()]
    assert len(lines) == 2690
    assert {tuple(line) for line in lines} == {("file", "row", "entry", "result", "reason")}
    refused = [line for line in lines if line["result"] == "invalid"]
    assert [line["row"] for line in refused] == [527, 936, 937, 985]
    assert all("/data/at/latitude" in line["reason"] and line["entry"] for line in refused)
    assert "and 18 more rows" in complaints


async def test_a_cut_file_gives_what_came_before_and_withdraws_nothing(intake: Process, tmp_path: Path) -> None:
    structures = written(tmp_path, "structures.json", STRUCTURES)
    services = written(tmp_path, "services.json", SERVICES)
    assert import_(intake, services, structures, folder=tmp_path)[:2] == (0, said(declared=6))
    whole = services.read_bytes()
    services.write_bytes(whole[: whole.index(b"Offre 3")])
    status, counts, complaints = import_(intake, structures, services, "--complete", folder=tmp_path)
    assert (status, counts) == (1, said(unchanged=5, cut=1))
    assert f"services.json row 3: cut at byte {services.stat().st_size:,}" in complaints.replace("\n", "")
    assert "nothing is withdrawn" in complaints
    assert len(await standing(intake)) == 6


async def test_a_complete_import_withdraws_what_the_files_no_longer_hold(intake: Process, tmp_path: Path) -> None:
    structures = written(tmp_path, "structures.json", STRUCTURES)
    services = written(tmp_path, "services.json", SERVICES)
    import_(intake, structures, services, folder=tmp_path)
    left_out = {**SERVICES[1], "thematiques": ["se-former--voler"]}  # in the file, though it cannot be taken
    fewer = written(tmp_path, "fewer.json", [SERVICES[0], left_out])
    kept = written(tmp_path, "kept.json", STRUCTURES[:2])
    status, counts, _ = import_(intake, kept, fewer, "--complete", "--withdraw-many", folder=tmp_path)
    assert (status, counts) == (1, said(unchanged=3, left_out=1, withdrawn=2))
    assert await standing(intake) == {"partner/s1", "partner/s2", "offer/o1", "offer/o2"}
    status, counts, _ = import_(intake, kept, fewer, folder=tmp_path)
    assert counts == said(unchanged=3, left_out=1)
    assert import_(intake, structures, services, folder=tmp_path)[:2] == (0, said(declared=2, unchanged=4))


async def test_a_row_left_out_keeps_its_offer_and_its_partner(intake: Process, tmp_path: Path) -> None:
    table = tmp_path / "table.csv"
    header = "partner,partner_name,offer,name,needs,commune\n"
    rows = [f"p{n},P,o{n},N,se-former--trouver-sa-formation,71263\n" for n in range(3)]
    table.write_text(header + "".join(rows))
    assert import_(intake, table, "--complete", folder=tmp_path)[:2] == (0, said(declared=6))
    table.write_text(header + rows[0] + rows[1].replace("trouver-sa-formation", "voler"))
    status, counts, _ = import_(intake, table, "--complete", "--withdraw-many", folder=tmp_path)
    assert (status, counts) == (1, said(unchanged=2, left_out=1, withdrawn=2))
    assert await standing(intake) == {"partner/p0", "offer/o0", "partner/p1", "offer/o1"}


async def test_a_real_file_with_rows_of_an_unknown_kind_is_complete_all_the_same(
    intake: Process, tmp_path: Path
) -> None:
    whole = reference("partners", "prescribers_les_emplois.csv").read_bytes()
    table = tmp_path / "prescribers.csv"
    table.write_bytes(whole)
    before = import_(intake, table, folder=tmp_path)[1]
    lines = whole.splitlines(keepends=True)
    table.write_bytes(b"".join(lines[:101] + lines[106:]))
    status, counts, complaints = import_(intake, table, "--complete", folder=tmp_path)
    assert counts["left out"] == before["left out"] > 0
    assert (status, counts["declared"], counts["withdrawn"]) == (1, 0, 10), complaints


async def test_texts_may_hold_whatever_unicode_calls_a_line_end(intake: Process, tmp_path: Path) -> None:
    described = {**SERVICES[0], "description": "Atelier\u2028suite\u2029puis\u0085fin"}
    files = written(tmp_path, "files.json", {"structures": STRUCTURES[:1], "services": [described]})
    assert import_(intake, files, folder=tmp_path)[:2] == (0, said(declared=2))
    assert import_(intake, files, "--complete", folder=tmp_path)[:2] == (0, said(unchanged=2))
    refused = {"specversion": "1.0", "id": "a\u2028b", "source": f"/{ANNUAIRE}", "type": "org.relais.\u0085"}
    lines = tmp_path / "lines.ndjson"
    lines.write_bytes(json.dumps(refused, ensure_ascii=False).encode().replace(b",", b",\r") + b"\r\n")
    status, counts, complaints = import_(intake, lines, folder=tmp_path)
    assert (status, counts) == (1, said(refused=1)), complaints


async def test_more_than_a_tenth_is_withdrawn_only_when_that_is_said(intake: Process, tmp_path: Path) -> None:
    header = "partner,partner_name,offer,name,needs,commune\n"
    rows = [f"p{n},P,o{n},N,se-former--trouver-sa-formation,71263\n" for n in range(10)]
    table = tmp_path / "table.csv"
    table.write_text(header + "".join(rows))
    assert import_(intake, table, "--complete", folder=tmp_path)[:2] == (0, said(declared=20))
    table.write_text(header + "".join(rows[:8]))  # as a cut between two lines leaves it
    status, counts, complaints = import_(intake, table, "--complete", folder=tmp_path)
    assert (status, counts) == (1, said(unchanged=16))
    assert "nothing is withdrawn: 4 of the 20 offers and partners" in complaints
    assert "--withdraw-many" in complaints
    assert len(await standing(intake)) == 20
    table.write_text(header + "".join(rows[:9]))  # a tenth is nothing out of the ordinary
    assert import_(intake, table, "--complete", folder=tmp_path)[:2] == (0, said(unchanged=18, withdrawn=2))
    table.write_text(header + "".join(rows[:2]))
    asked = import_(intake, table, "--complete", "--withdraw-many", folder=tmp_path)
    assert asked[:2] == (0, said(unchanged=4, withdrawn=14))
    assert len(await standing(intake)) == 4


async def test_nothing_is_withdrawn_where_a_row_could_not_be_read(intake: Process, tmp_path: Path) -> None:
    whole = written(tmp_path, "whole.json", {"structures": STRUCTURES, "services": SERVICES})
    import_(intake, whole, folder=tmp_path)
    odd = written(tmp_path, "odd.json", {"structures": STRUCTURES, "services": [*SERVICES[:1], 3]})
    status, counts, complaints = import_(intake, odd, "--complete", folder=tmp_path)
    assert (status, counts) == (1, said(unchanged=4, left_out=1))
    assert "odd.json row 5 cannot be read" in complaints.replace("\n", "")
    assert len(await standing(intake)) == 6


async def test_anothers_entries_are_neither_taken_over_nor_withdrawn(intake: Process, tmp_path: Path) -> None:
    whole = written(tmp_path, "whole.json", {"structures": STRUCTURES, "services": SERVICES})
    import_(intake, whole, folder=tmp_path)
    async with httpx.AsyncClient(base_url=intake.url) as http:
        line: dict[str, Any] = {
            "specversion": "1.0",
            "id": "1",
            "source": "/autre",
            "type": "org.relais.partner.declared.v1",
        }
        line |= {"data": {"partner": "autre", "name": "Autre", "commune": "71263"}}
        headers = {**intake.who("directory", "autre"), "content-type": "application/x-ndjson"}
        answer = await http.post("/v1/directory", content=json.dumps(line), headers=headers)
        assert answer.json()["status"] == 202
    foreign = {**SERVICES[0], "id": "o9", "structure_id": "autre"}
    files = written(tmp_path, "files.json", {"structures": STRUCTURES, "services": [*SERVICES, foreign]})
    status, counts, complaints = import_(intake, files, "--complete", folder=tmp_path)
    assert (status, counts) == (1, said(unchanged=6, refused=1))
    assert "partner autre is for autre to declare" in complaints.replace("\n", " ")
    answer = await intake.get("/v1/directory", intake.who("directory", "autre"))
    assert json.loads(answer.text)["data"]["partner"] == "autre"
