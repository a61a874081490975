"""`relais topics`: makes the topics of the contracts' registry on a cluster, and says who may do what with them.

Nothing else creates a topic; creating again changes nothing: one that exists is left as it is.
"""

import asyncio
import os
from collections.abc import Sequence

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import TopicAlreadyExistsError, for_code
from cyclopts import App

from relais_cli import running
from relais_cli.output import JsonFlag, give_table
from relais_contracts.topics import TOPICS, Topic, dead_letter_topics


def registered() -> tuple[Topic, ...]:
    """Every topic there is, dead letters included."""
    return (*TOPICS, *dead_letter_topics())


async def create(
    kafka: str,
    prefix: str = "",
    *,
    topics: Sequence[Topic] | None = None,
    partitions: int | None = None,
    replication: int = 1,
) -> list[str]:
    """Create what is missing and give the names of those that are new."""
    wanted = [
        NewTopic(prefix + topic.name, partitions or topic.partitions, replication, topic_configs=topic.config)
        for topic in (registered() if topics is None else topics)
    ]
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    try:
        response = await admin.create_topics(wanted)
    finally:
        await admin.close()
    created = []
    for name, code, *message in response.topic_errors:
        if code == TopicAlreadyExistsError.errno:
            continue
        if code:
            raise for_code(code)(f"{name}: {message}")
        created.append(name)
    return created


app = App(name="topics", help="Create the topics of the registry, and print their access rules.")


@app.command(name="create")
def create_command(*, partitions: int | None = None, replication: int = 1, as_json: JsonFlag = False) -> int:
    """Create the topics that are missing, on the broker of RELAIS_KAFKA or of the running stack.

    Parameters
    ----------
    partitions
        Instead of the registry's number.
    replication
        Copies of each partition; 3 on a real cluster.
    """
    kafka = os.environ.get("RELAIS_KAFKA") or running.described()["kafka"]
    prefix = os.environ.get("RELAIS_TOPIC_PREFIX", "")
    created = asyncio.run(create(kafka, prefix, partitions=partitions, replication=replication))
    give_table(["created"], [[name] for name in created], as_json)
    return 0


@app.command(name="acls")
def acls_command(*, as_json: JsonFlag = False) -> int:
    """Print the access rules: one writer a topic, its readers, their groups; as arguments of kafka-acls.sh."""
    if as_json:
        give_table(["principal", "operation", "resource", "name"], acls(), True)
        return 0
    for principal, operation, resource, name in acls():
        print(f"--add --allow-principal User:{principal} --operation {operation} --{resource} {name}")
    return 0


def acls(prefix: str = "") -> list[tuple[str, str, str, str]]:
    """Who (`relais-<service>`) may do what with which topic or group."""
    rules = []
    for topic in registered():
        for service, operation in [(topic.writer, "Write"), *((reader, "Read") for reader in topic.readers)]:
            rules += [(f"relais-{service}", each, "topic", prefix + topic.name) for each in (operation, "Describe")]
    readers = {reader for topic in TOPICS for reader in topic.readers}
    return sorted({*rules, *((f"relais-{reader}", "Read", "group", f"relais-{reader}") for reader in readers)})
