"""The stack on one machine: broker, database and the three services, as processes that end with their parent.

`relais up`, the demo, the tests and the benchmarks all start it from here: `async with Stack(folder) as stack:`.
"""

from relais_cli.stack.child import Child, NotStarted
from relais_cli.stack.cluster import SERVICES, Stack
from relais_cli.stack.worker import Worker

__all__ = ["SERVICES", "Child", "NotStarted", "Stack", "Worker"]
