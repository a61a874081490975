"""Webhooks: what is owed to whom, how it is signed and sent, and what follows an attempt.

The feed owes, the sender pays, the decider says what comes next."""
