"""Who may do what on Kafka follows from the registry: one writer a topic."""

from collections import Counter

from relais_cli.topics import acls, registered
from relais_contracts.topics import TOPICS


def test_every_topic_has_exactly_one_writer() -> None:
    writers = Counter(name for _, operation, resource, name in acls() if (operation, resource) == ("Write", "topic"))
    assert writers == {topic.name: 1 for topic in registered()}


def test_a_service_reads_what_the_registry_says_and_no_more() -> None:
    for topic in TOPICS:
        readers = {who for who, operation, _, name in acls() if (operation, name) == ("Read", topic.name)}
        assert readers == {f"relais-{reader}" for reader in topic.readers}


def test_nobody_reads_the_dead_letters_by_program() -> None:
    assert not [rule for rule in acls() if ".dlq." in rule[3] and rule[1] == "Read"]
