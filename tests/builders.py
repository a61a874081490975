"""Situations of the domain in their plainest form: a case, a strategy, a hand-off, a partner, an offer.

Every test starts from these and says only what matters to it. Values are fixed; nothing is random.
"""

from datetime import UTC, date, datetime, timedelta
from typing import Any, Final, TypeVar

from relais_contracts.actions import ActionRequested, By
from relais_contracts.cases import (
    AnyOption,
    CaseConsentGiven,
    CaseDemandClarified,
    CaseOpened,
    CasePossibilitiesOpened,
    CaseProjectVerified,
    CaseStrategyElaborated,
    Interview,
    Mobility,
    Possibility,
    Project,
    Step,
)
from relais_contracts.directory import At, OfferDeclared, PartnerDeclared, PlacesDeclared, Zone
from relais_contracts.envelope import Part, Payload
from relais_contracts.handoffs import HandoffAccepted, HandoffProposed, Request
from relais_contracts.identifiers import decision_id, handoff_id
from relais_contracts.vocabularies import Need

Model = TypeVar("Model", bound=Part)

CASE = "3f8e2f60-5a3c-4b0a-9d2e-6f1f0c9b7a11"
OTHER_CASE = "9b1d7c52-0e4f-4c7d-8a65-1c2d3e4f5a6b"
OPERATOR = "cep-bfc"
OTHER_OPERATOR = "cep-ara"
PARTNER = "greta-71"
OTHER_PARTNER = "afpa-71"
OFFER = "greta-71.bureautique"
MACON = "71270"
MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
NEED: Final[Need] = "numerique--maitriser-les-fondamentaux-du-numerique"
TRAINING: Final[Need] = "se-former--trouver-sa-formation"
INTERVIEW = Interview(number=1, mode="in-person", minutes=75)


def days(number: int) -> timedelta:
    """So many calendar days."""
    return timedelta(days=number)


def built(model: type[Model], defaults: dict[str, Any], given: dict[str, Any]) -> Model:
    """A model of defaults with what the test says laid over them."""
    return model(**{**defaults, **given})


# A case, stage by stage, as intake logs it (`operator` included)


def opened(**given: Any) -> CaseOpened:
    """A jobseeker of Mâcon who drives."""
    mobility = Mobility(means=("car",), reach_minutes=45)
    defaults = {"operator": OPERATOR, "commune": MACON, "situation": "jobseeker", "mobility": mobility}
    return built(CaseOpened, defaults, given)


def clarified(**given: Any) -> CaseDemandClarified:
    """Asked for a training, needs to master computers first."""
    defaults = {"operator": OPERATOR, "interview": INTERVIEW, "stated": (TRAINING,), "needs": (NEED,)}
    return built(CaseDemandClarified, defaults, given)


def verified(**given: Any) -> CaseProjectVerified:
    """A project of training, confirmed."""
    project = Project(kind="training", rome=("M1602",), formacode=("70332",))
    defaults = {"operator": OPERATOR, "interview": INTERVIEW, "project": project, "verdict": "confirmed"}
    return built(CaseProjectVerified, defaults, given)


def possibilities(**given: Any) -> CasePossibilitiesOpened:
    """Two ways."""
    options = (
        Possibility(option="Une formation courte en bureautique", actor="training-body", need=NEED),
        Possibility(option="Un accompagnement vers l’emploi", actor="employment-service", need=TRAINING),
    )
    return built(CasePossibilitiesOpened, {"operator": OPERATOR, "interview": INTERVIEW, "options": options}, given)


def a_step(step: str = "digital", **given: Any) -> Step:
    """One step for a training body, whoever fits."""
    defaults = {"step": step, "actor": "training-body", "need": NEED, "options": (AnyOption(any=True),)}
    return built(Step, defaults, given)


def strategy(version: int = 1, *steps: Step, **given: Any) -> CaseStrategyElaborated:
    """A road map of one step, unless told otherwise."""
    defaults = {"operator": OPERATOR, "interview": INTERVIEW, "version": version, "steps": steps or (a_step(),)}
    return built(CaseStrategyElaborated, defaults, given)


def consent(**given: Any) -> CaseConsentGiven:
    """Agreed: matching partners may see everything until the end of 2026."""
    defaults = {
        "operator": OPERATOR,
        "recipients": "matching",
        "data": ("need", "project", "identity", "contact"),
        "until": date(2026, 12, 31),
    }
    return built(CaseConsentGiven, defaults, given)


def a_case(*more: Payload, steps: tuple[Step, ...] = ()) -> tuple[Payload, ...]:
    """The history of a case whose four stages are done and whose consent is given."""
    return (opened(), clarified(), verified(), possibilities(), strategy(1, *steps), consent(), *more)


# A hand-off


def handoff(step: str = "digital", attempt: int = 1, case: str = CASE) -> str:
    """The id of a step's hand-off."""
    return handoff_id(case, step, attempt)


def a_handoff(model: type[Any] = HandoffProposed, **given: Any) -> Any:
    """An event of the first hand-off; `state`, `owner` and the like as the model's usual ones unless told."""
    step, attempt = given.get("step", "digital"), given.get("attempt", 1)
    case = given.pop("case", CASE)
    defaults: dict[str, Any] = {
        "handoff": handoff_id(case, step, attempt),
        "step": step,
        "attempt": attempt,
        "operator": OPERATOR,
        "partner": PARTNER,
        "offer": OFFER,
        "actor": "training-body",
        "need": NEED,
        "commune": MACON,
        "decision": decision_id(case, step, 1),
        "state": "proposed",
        "owner": "partner",
        "next": "answer",
        "due": MONDAY + days(7),
    }
    if model is HandoffProposed:
        defaults["request"] = Request()
    if model is HandoffAccepted:
        defaults |= {"state": "accepted", "next": "schedule", "due": MONDAY + days(14)}
    return built(model, defaults, given)


def requested(action: str, **given: Any) -> ActionRequested:
    """An action of the partner on the first hand-off."""
    by = By(role="partner", org=PARTNER)
    defaults = {"handoff": handoff(), "action": action, "by": by, "received": MONDAY}
    return built(ActionRequested, defaults, given)


# The directory


def a_partner(**given: Any) -> PartnerDeclared:
    """A training body in Mâcon."""
    return built(PartnerDeclared, {"partner": PARTNER, "name": "GRETA 71", "commune": MACON}, given)


def an_offer(**given: Any) -> OfferDeclared:
    """Its short course, for the whole département."""
    defaults = {
        "offer": OFFER,
        "partner": PARTNER,
        "name": "Bureautique, premiers pas",
        "actor": "training-body",
        "needs": (NEED,),
        "zone": Zone(kind="departement", codes=("71",)),
        "at": At(commune=MACON, latitude=46.3069, longitude=4.8343),
        "modes": ("in-person",),
        "updated": date(2026, 2, 1),
    }
    return built(OfferDeclared, defaults, given)


def places(**given: Any) -> PlacesDeclared:
    """Eight free places."""
    return built(PlacesDeclared, {"offer": OFFER, "state": "open", "number": 8, "at": MONDAY}, given)
