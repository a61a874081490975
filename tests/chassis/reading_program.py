"""A process with one reader, to be killed: it writes down each batch it has handled, in one write, and nothing else.

Run as `python reading_program.py KIND SERVERS GROUP FILE INSTANCE TOPIC...`; each number is written as a line."""

import asyncio
import os
import sys
from collections.abc import Sequence
from functools import partial

from relais_chassis.consumer import Reader
from relais_chassis.faust_stream import FaustReader
from relais_chassis.kafka import Kafka, Record
from relais_chassis.reading import Subscription
from relais_chassis.run import Process, run
from relais_chassis.settings import Settings

KINDS: dict[str, type[Reader] | type[FaustReader]] = {"aiokafka": Reader, "faust": FaustReader}


async def main(process: Process, words: Sequence[str]) -> None:
    """One reader."""
    kind, servers, group, path, instance, *topics = words
    file = os.open(path, os.O_CREAT | os.O_APPEND | os.O_WRONLY)

    async def write_down(records: Sequence[Record]) -> None:
        await asyncio.sleep(0.02)
        numbers = [record.value.decode() for record in records if record.value is not None]
        if "poison" in numbers:
            raise ValueError("poison")
        os.write(file, ("\n".join(numbers) + "\n").encode())

    of = Subscription(topics, group, Kafka(servers), max_batch=100, instance=instance or None)
    process.add("reader", KINDS[kind](of, write_down))


if __name__ == "__main__":
    run("tested", partial(main, words=sys.argv[1:]), Settings())
