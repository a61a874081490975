"""The choice: the person's options first, then the nearest reach band, then room, then the draw. No other criterion.

The chain and the options question call it; `record` keeps what it did. It looks at an offer only through the rules.
"""

from collections.abc import Iterable, Mapping, Sequence

from relais_contracts.cases import AnyOption, OfferOption, PartnerOption
from relais_routing.matching.ask import Ask, Limits, limits_of
from relais_routing.matching.columns import NOBODY, Block
from relais_routing.matching.decision import LISTED, Answer, Decision, Named
from relais_routing.matching.draw import Draw
from relais_routing.matching.index import Bucket, Index
from relais_routing.matching.offers import Offer
from relais_routing.matching.outcomes import Aside, judged
from relais_routing.matching.request import Request
from relais_routing.matching.sweep import Sweep
from relais_routing.matching.verdicts import Verdict

__all__ = ["LISTED", "Decision", "match"]


def match(index: Index, request: Request, draw: Draw, taken: Mapping[str, int] | None = None) -> Decision:
    """Judges every offer that may serve the request; the decision draws the lots when it is asked.

    `taken` counts the places proposed or accepted since they were declared, by place key (`<offer>` or
    `<offer>/<first day of the session>`). What changes in it or in the index afterwards changes no decision made.
    """
    group = request.operator_group or index.group_of(request.operator)
    ask = Ask.of(request, group, taken or {}, index.france)
    bucket, block, anybody = index.bucket(request.actor, request.need), NOBODY, False
    answers: list[Answer] = []
    named: dict[str, Offer] = {}
    for option in request.options:
        limits = limits_of(request, option)
        if isinstance(option, AnyOption):
            block, anybody = block if anybody else bucket.serving(ask.territories), True
            answers.append(Sweep(ask, limits, block, index.codes))
        else:
            answers.append(_named(index, ask, limits, option, named))
    elsewhere, listed = _elsewhere(bucket, ask, answers, block, named) if anybody else (0, ())
    return Decision(
        request=request,
        group=group,
        draw=draw,
        directory=index.version,
        territories=index.france.version,
        taken=_touched(ask.taken, block.offers, named.values(), listed) if taken else {},
        elsewhere=elsewhere,
        answers=answers,
        listed=listed,
    )


def _named(
    index: Index, ask: Ask, limits: Limits, option: OfferOption | PartnerOption, named: dict[str, Offer]
) -> Named:
    if isinstance(option, OfferOption):
        name, offer = option.offer, index.offer(option.offer)
        offers = [] if offer is None else [offer]
    else:
        name, offers = option.partner, index.offers_of(option.partner)
    if not offers:
        return Named([Aside(name, None, (Verdict.UNKNOWN,))])
    named.update((each.offer, each) for each in offers)
    return Named([judged(ask, limits, each) for each in offers])


def _elsewhere(
    bucket: Bucket, ask: Ask, answers: Sequence[Answer], block: Block, named: Mapping[str, Offer]
) -> tuple[int, tuple[Offer, ...]]:
    """Offers for that need that serve other territories: counted, or listed while few."""
    others = [name for name, offer in named.items() if name in bucket.offers and offer.zone.isdisjoint(ask.territories)]
    count = len(bucket.offers) - len(block.offers) - len(others)
    found = (
        answers[0].fitting
        if len(answers) == 1
        else len({fit.offer.offer for answer in answers for fit in answer.fits()})
    )
    if len(bucket.offers) - found > LISTED:
        return count, ()
    looked = {offer.offer for offer in block.offers}.union(named)
    return 0, tuple([offer for name, offer in bucket.offers.items() if name not in looked])


def _touched(taken: Mapping[str, int], *looked: Iterable[Offer]) -> dict[str, int]:
    """What was counted as taken, of the offers that were looked at."""
    keys = {key for offers in looked for offer in offers for key in offer.keys}
    return {key: taken[key] for key in sorted(keys) if key in taken}
