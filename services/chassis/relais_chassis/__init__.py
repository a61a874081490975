"""The plumbing every service stands on: log, relay, readers, transaction, HTTP edges.

Holds no noun of the domain."""
