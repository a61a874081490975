"""A case changes hands: to an operator that the directory has, at once, and never to nobody."""

import builders as a
from intake.doors import Doors, sent
from intake.test_door_events import problem
from relais_contracts import cases
from relais_contracts.directory import PartnerWithdrawn


async def test_after_a_transfer_the_former_operator_finds_nothing(door: Doors) -> None:
    await door.open_the_case()
    await door.declare(a.a_partner(partner=a.OTHER_OPERATOR))
    moved = sent(cases.CaseTransferred(to=a.OTHER_OPERATOR), id="moved")
    assert (await door.post(moved)).status_code == 202
    problem(await door.post(sent(a.strategy(2))), 404, "unknown-case")
    assert (await door.look(f"/v1/cases/{a.CASE}")).status_code == 404
    assert (await door.post(moved)).status_code == 200, "its own message still gets its first answer"
    other = door.who(org=a.OTHER_OPERATOR)
    assert (await door.post(sent(a.strategy(2), org=a.OTHER_OPERATOR), other)).status_code == 202
    assert (await door.look(f"/v1/cases/{a.CASE}", other)).status_code == 200


async def test_a_transfer_to_nobody_is_refused_until_the_directory_has_the_operator(door: Doors) -> None:
    await door.open_the_case()
    lost, moved = sent(cases.CaseTransferred(to="cep-arra")), sent(cases.CaseTransferred(to=a.OTHER_OPERATOR))
    refused, taken = (await door.batch([lost, sent(a.consent(data=("need",)))])).json()
    assert (refused["status"], refused["type"], taken["status"]) == (409, "urn:relais:problem:unknown-operator", 202)
    problem(await door.post(moved), 409, "unknown-operator")
    await door.declare(a.a_partner(partner=a.OTHER_OPERATOR))
    assert (await door.post(moved)).status_code == 202
    await door.declare(PartnerWithdrawn(partner=a.OTHER_OPERATOR), a.a_partner(partner="cep-next"))
    again = sent(cases.CaseTransferred(to=a.OTHER_OPERATOR), org=a.OTHER_OPERATOR)
    other = door.who(org=a.OTHER_OPERATOR)
    assert (await door.post(again, other)).json()["events"] == [], "it is there already"
