"""The stack on one machine: broker, database and the three services, as processes that end with their parent.

`relais up`, the demo, the tests and the benchmarks all start it from here.
"""
