"""The published language of Relais: events, topics, hand-off states and who may do what.

Every service, page, test and partner speaks it; it depends on pydantic only.
It decides nothing and does no I/O.
"""
