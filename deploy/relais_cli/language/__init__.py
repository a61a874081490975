"""Writes what is generated from the contracts: JSON Schemas, AsyncAPI, catalogue page, topic list.

`./relais contracts` calls it, `./relais check` asks whether anything is stale. It never changes a contract.
"""

from pathlib import Path

from relais_cli.language import asyncapi, catalogue_page, json_schemas, topic_list

ROOT = Path(__file__).resolve().parents[3]
GENERATED = ROOT / "schemas" / "generated"
EXAMPLES = ROOT / "schemas" / "examples"


def documents() -> dict[str, str]:
    """Every generated file by its path below `schemas/generated`."""
    schemas = json_schemas.documents()
    return {
        **{f"jsonschema/{name}.json": text for name, text in schemas.items()},
        "asyncapi.yaml": asyncapi.document(EXAMPLES),
        "CATALOGUE.md": catalogue_page.page(),
        "topics.json": topic_list.document(),
    }


def stale() -> list[Path]:
    """Generated files that differ from what the contracts say, are missing or are left over."""
    wanted = {GENERATED / name: text for name, text in documents().items()}
    present = {path for path in GENERATED.rglob("*") if path.is_file()}
    changed = {path for path, text in wanted.items() if path not in present or path.read_text("utf-8") != text}
    return sorted(changed | (present - wanted.keys()))


def main(check: bool) -> int:
    """Write what is stale, or with `check` only name it; 1 where something is stale, or breaks a promise."""
    broken = json_schemas.broken_promises(GENERATED / "jsonschema")
    for line in broken:
        print(line)
    if broken:
        print("A published type may only grow: add an optional field, or a new major version of the type.")
        return 1
    found = stale()
    for path in found:
        print(("stale: " if check else "written: ") + str(path.relative_to(ROOT)))
    if check:
        return 1 if found else 0
    wanted = {GENERATED / name: text for name, text in documents().items()}
    for path in found:
        if path not in wanted:
            path.unlink()
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(wanted[path], "utf-8")
    return 0
