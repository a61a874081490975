"""Where a service stands: its commune by INSEE code or by name and post code, and its point.

Shared by the adapters. A point that is missing is the commune's middle, and marked; whether a given point can be there
is for the checks to say; one that looks odd is noted.
"""

from relais_contracts.directory import At
from relais_intake.directory.adapters.lines import Unfit
from relais_intake.directory.adapters.texts import Row
from relais_intake.directory.points import odd_about
from relais_territories import FRANCE, Commune, by_name_and_postcode


def commune_of(row: Row, code: str = "code_insee", name: str = "commune", postcode: str = "code_postal") -> Commune:
    """The row's commune, by its INSEE code, else by its name and post code; Unfit where neither finds one."""
    found = FRANCE.commune(row.text(code))
    if found is None:
        found = by_name_and_postcode(row.text(name), row.text(postcode))
        if found is not None and row.text(code):
            row.notes.append(f"{code}: {row.text(code)[:40]} is not known; found by name and post code")
    if found is None:
        said = " ".join(filter(None, (row.text(each)[:80] for each in (code, name, postcode))))
        raise Unfit(
            f"{code}, {name}, {postcode}: commune not found: {said}" if said else f"{name}: no commune is given"
        )
    return found


def at_of(row: Row, commune: Commune, latitude: str = "latitude", longitude: str = "longitude") -> At | None:
    """The row's point, or the commune's middle (then `at` is assumed); none where even the commune has no middle."""
    north, east = row.number(latitude), row.number(longitude)
    if (north is None) != (east is None):
        raise Unfit(f"{latitude if north is None else longitude}: missing, while the other half of the point is there")
    if north is not None and east is not None:
        if not (-90 <= north <= 90 and -180 <= east <= 180):
            raise Unfit(f"{latitude}, {longitude}: {north:g}, {east:g} is no point on earth")
        at = At(commune=commune.code, latitude=north, longitude=east)
        if odd := odd_about(at, commune):
            row.notes.append(f"{latitude}, {longitude}: {odd}")
        return at
    row.assumed.append("at")
    if commune.latitude is None or commune.longitude is None:
        return None
    return At(commune=commune.code, latitude=commune.latitude / 100_000, longitude=commune.longitude / 100_000)
