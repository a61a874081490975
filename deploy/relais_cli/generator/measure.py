"""Takes the proportions of real files: `python -m relais_cli.generator.measure FOLDER` writes what it counted.

Run by hand when the files change; the generator itself reads only what this left in `proportions.json`. It keeps counts
and codes: no name of an organisation, not even of a source.
"""

import csv
import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import quantiles
from typing import Any, Final

from relais_cli.generator.proportions import FILE
from relais_intake.directory.adapters.actors import actor_of

SERVICES: Final = Path("services/services_sample_lille_auteuil.json")
VAE: Final = Path("partners/points_relais_conseil_vae.csv")
AGENCIES: Final = Path("partners/agences_france_travail.csv")
MISSIONS: Final = Path("partners/missions_locales.csv")

Row = Mapping[str, Any]


def measured(folder: Path) -> dict[str, Any]:
    """What can be counted in the real files: services with their needs, partners, networks, texts, places."""
    services = json.loads((folder / SERVICES).read_text("utf-8"))
    points = _rows(folder / VAE)
    return {
        "of": {
            str(SERVICES): "real services of Lille and around, from data·inclusion",
            str(VAE): "VAE relay points",
            str(AGENCIES): "public employment agencies",
            str(MISSIONS): "missions locales",
        },
        "services": len(services),
        "needs": list(_needs(services)),
        "services_per_partner": _services_per_partner(services),
        "description_lengths": [
            round(each) for each in quantiles((len(s["description"] or "") for s in services), n=10)
        ],
        "with_link": _share(services, "lien_mobilisation"),
        "with_site": _share(services, "site_web"),
        "with_place": _share(services, "latitude"),
        "vae_points": len(points),
        "vae_regions": len({row["region"] for row in points}),
        "network_sizes": sorted(
            Counter(row["mandataire"] for row in points if row["mandataire"]).values(), reverse=True
        ),
        "employment_agencies": len(_rows(folder / AGENCIES)) + len(_rows(folder / MISSIONS)),
    }


def _needs(services: Sequence[Row]) -> Iterator[dict[str, Any]]:
    """Which needs go together, of which kind of partner, in which source (numbered, the largest first)."""
    sources = [name for name, _ in Counter(row["source"] for row in services).most_common()]
    counts = Counter(
        (sources.index(row["source"]), actor_of([row["source"]], row["thematiques"]), *row["thematiques"])
        for row in services
    )
    for (source, actor, *needs), services_of in sorted(counts.items(), key=lambda each: (-each[1], each[0])):
        yield {"source": source, "actor": actor, "needs": needs, "services": services_of}


def _services_per_partner(services: Sequence[Row]) -> dict[str, int]:
    partners = Counter((row["structure_name"] or row["nom"]).casefold() for row in services)
    return {str(size): count for size, count in sorted(Counter(partners.values()).items())}


def _share(rows: Sequence[Row], name: str) -> float:
    return round(sum(row[name] is not None for row in rows) / len(rows), 3)


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def main() -> None:
    """Count, and write it down beside what is assumed."""
    known = json.loads(FILE.read_text("utf-8"))
    FILE.write_text(written(measured(Path(sys.argv[1])), known["assumed"]), "utf-8")


def written(counted: Row, assumed: Row) -> str:
    """The file's text: one line for each figure, so that a change can be read."""
    return "".join(_lines({"measured": counted, "assumed": assumed}))


def _lines(parts: Mapping[str, Row]) -> Iterator[str]:
    yield "{\n"
    for part, figures in parts.items():
        yield f'  "{part}": {{\n'
        yield ",\n".join(f'    "{name}": {_short(value)}' for name, value in figures.items())
        yield "\n  }\n}\n" if part == list(parts)[-1] else "\n  },\n"


def _short(value: Any) -> str:
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return "[\n" + ",\n".join(f"      {_short(each)}" for each in value) + "\n    ]"
    return json.dumps(value, ensure_ascii=False)


if __name__ == "__main__":
    main()
