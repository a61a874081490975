"""The choice: the person's options first, then the nearest reach band, then room, then the draw. No other criterion.

The chain and the options question call it; `record` keeps what it did. It looks at an offer only through the rules.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from relais_contracts.cases import AnyOption, OfferOption, PartnerOption
from relais_routing.matching.ask import Ask, Limits, limits_of
from relais_routing.matching.decision import LISTED, Decision
from relais_routing.matching.draw import Draw
from relais_routing.matching.equals import Answer, Named
from relais_routing.matching.index import Bucket, Index
from relais_routing.matching.outcomes import Aside, judged
from relais_routing.matching.reach import UNKNOWN
from relais_routing.matching.request import Request
from relais_routing.matching.sweep import Sweep
from relais_routing.matching.taken import Taken
from relais_routing.matching.twins import Twins
from relais_routing.matching.verdicts import Verdict

__all__ = ["LISTED", "Decision", "match"]

FEW = 2 * LISTED
"""Of a need with so few offers, those that serve other territories are looked at one by one; else they are counted."""


def match(index: Index, request: Request, draw: Draw, taken: Mapping[str, int] | None = None) -> Decision:
    """Judges every offer that may serve the request; the decision draws the lots when it is asked.

    `taken` counts the places proposed or accepted since they were declared, by place key (`<offer>` or
    `<offer>/<first day of the session>`). What changes in it or in the index afterwards changes no decision made.
    """
    group = request.operator_group or index.group_of(request.operator)
    ask = Ask.of(request, group, Taken.of({} if taken is None else taken), index.france)
    bucket, sweep = index.bucket(request.actor, request.need), None
    answers: list[Answer] = []
    touched: dict[str, int] = {}
    for option in request.options:
        limits = limits_of(request, option)
        if isinstance(option, AnyOption):
            sweep = sweep or _swept(index, ask, bucket)
            touched |= sweep.taken
            answers.append(sweep.under(limits))
        else:
            answers.append(_named(index, ask, limits, option, touched))
    return Decision(
        request=request,
        group=group,
        draw=draw,
        directory=index.version,
        territories=index.france.version,
        taken=dict(sorted(touched.items())),
        elsewhere=_elsewhere(bucket, ask, sweep, answers) if sweep else 0,
        answers=answers,
        twins=_twins(index, ask, answers),
    )


def _swept(index: Index, ask: Ask, bucket: Bucket) -> Sweep:
    """The offers for that need that serve the person's territory; where there are few, the others too."""
    slots = bucket.serving(ask.territories)
    if len(slots) == len(bucket.slots) or len(bucket.slots) > FEW:
        return Sweep(ask, index.block(slots), index.codes, index.travel)
    block = index.block(bucket.slots.column)
    served = np.isin(block.slots, slots)
    return Sweep(ask, block, index.codes, index.travel, served)


def _named(
    index: Index, ask: Ask, limits: Limits, option: OfferOption | PartnerOption, touched: dict[str, int]
) -> Named:
    if isinstance(option, OfferOption):
        name, offer = option.offer, index.offer(option.offer)
        offers = [] if offer is None else [offer]
    else:
        name, offers = option.partner, index.offers_of(option.partner)
    if not offers:
        return Named([Aside(name, None, (Verdict.UNKNOWN,))], set())
    keys = {places.key for offer in offers for places in offer.places if places.counted is not None}
    touched |= {key: count for key in keys if (count := ask.taken.get(key, 0))}
    home, block = index.codes.home(ask.home), index.named(offers)
    minutes = index.travel(home, block.places, ask.request.means).tolist()
    known = [None if each == UNKNOWN else each for each in minutes]
    return Named([judged(ask, limits, offer, each) for offer, each in zip(offers, known, strict=True)], set())


def _elsewhere(bucket: Bucket, ask: Ask, sweep: Sweep, answers: Sequence[Answer]) -> int:
    """How many offers for that need serve other territories, and were not looked at."""
    if sweep.served is not None:
        return 0
    named = {each.offer for answer in answers if isinstance(answer, Named) for each in answer.outcomes if each.offer}
    wanted = ask.request.actor, ask.request.need
    looked = [each for each in named if each.actor == wanted[0] and wanted[1] in each.needs]
    return len(bucket.slots) - len(sweep.block) - sum(each.zone.isdisjoint(ask.territories) for each in looked)


def _twins(index: Index, ask: Ask, answers: Sequence[Answer]) -> Twins:
    """Who is alike, among those who fit and those tried. What is likely the same service as one tried is put off."""
    tried = [offer for name in ask.excluded if (offer := index.offer(name)) and offer.alike]
    twins = Twins(lambda: [*(offer for answer in answers for offer in answer.alike()), *tried])
    if tried:
        found = twins.of(offer.offer for offer in tried)
        late = {name for name, members in found.items() if not ask.excluded.isdisjoint(members)}
        for answer in answers:
            answer.put_off(late)
    return twins
