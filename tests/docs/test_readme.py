"""What README.md says to type works as written, and answers what it says."""

import pytest

from docs.markdown import blocks, values
from docs.running import a_folder, run
from relais_cli import places

pytestmark = [pytest.mark.timeout(400), pytest.mark.slow]


def test_a_newcomer_types_the_readme_from_top_to_bottom() -> None:
    page = blocks(places.CHECKOUT / "README.md")
    with a_folder() as folder:
        said = run(page, folder)
    broken = [claim.text for block, output in zip(page, said, strict=True) for claim in block.claims]
    kept = [claim.is_kept_by(output) for block, output in zip(page, said, strict=True) for claim in block.claims]
    assert [text for text, is_kept in zip(broken, kept, strict=True) if not is_kept] == []
    whole = "\n".join(said)
    answers = [value for output in said for value in values(output)]
    assert {"202"} == {str(each["status"]) for value in answers if isinstance(value, list) for each in value}
    assert any(isinstance(value, dict) and value.get("expected") == "demand" for value in answers)
    referrals = [value for value in answers if isinstance(value, dict) and "cursor" in value]
    assert referrals[0]["events"][0]["type"] == "org.relais.handoff.proposed.v1"
    accepted = next(value for value in answers if isinstance(value, dict) and value.get("action") == "accept")
    assert (accepted["state"], "schedule" in accepted["allowed"]) == ("accepted", True)
    assert any(isinstance(value, dict) and value.get("name") == "Camille Exemple" for value in answers)
    assert whole.count("/login?token=") == 2
