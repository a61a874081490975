"""Routing: decides the chain of hand-offs of each case and writes `relais.handoffs`.

May be asked, never told: facts reach it by the topics only."""
