"""The topic list as data: what `relais topics create` and an administrator's ACLs are made from.

Called by the generator. It names nothing that the registry does not.
"""

import json
from dataclasses import asdict

from relais_contracts.topics import TOPICS, dead_letter_topics


def document() -> str:
    """Every topic, the dead-letter topics included, as JSON text."""
    topics = [
        {**asdict(topic), "compacted": topic.compacted, "config": topic.config}
        for topic in (*TOPICS, *dead_letter_topics())
    ]
    return json.dumps(topics, ensure_ascii=False, indent=2) + "\n"
