"""What matching is compared with: loop, SQL and index find the same people's best, and rows say how it grows."""

from collections.abc import AsyncIterator, Sequence
from uuid import uuid4

import asyncpg
import pytest

from relais_chassis.postgres import Connection
from relais_cli.bench.matching import plain_loop, plain_sql
from relais_cli.bench.matching.asked import DAY, DRAW, Asked, asked_of
from relais_cli.bench.matching.measured import best
from relais_cli.bench.matching.plain import Declared, Plain
from relais_cli.bench.matching.rows import AIM, rows_of
from relais_cli.bench.matching.spec import Directory
from relais_cli.generator.country import Order, directory
from relais_routing.matching.index import Index
from relais_routing.matching.match import match
from servers import Servers

ORDER = Order(4_000, 1_200, DAY, region="32")


@pytest.fixture(scope="module")
def declared() -> Declared:
    return Declared(directory(ORDER))


@pytest.fixture(scope="module")
def asked(declared: Declared) -> Asked:
    return asked_of(declared, 250, "32")


@pytest.fixture(scope="module")
def offers(declared: Declared, asked: Asked) -> Sequence[Plain]:
    return declared.rows(asked.taken)


@pytest.fixture
async def tables(stack: Servers, offers: Sequence[Plain]) -> AsyncIterator[tuple[Connection, str]]:
    schema = f"bench_{uuid4().hex[:12]}"
    conn = await asyncpg.connect(stack.postgres)
    await plain_sql.load(conn, schema, offers)
    yield conn, schema
    await conn.execute(f"drop schema {schema} cascade")
    await conn.close()


async def test_index_loop_and_sql_find_the_same(
    declared: Declared, asked: Asked, offers: Sequence[Plain], tables: tuple[Connection, str]
) -> None:
    index, query = Index(), await plain_sql.prepared(*tables)
    index.apply(directory(ORDER), 1)
    met = 0
    for request in asked.anybody:
        network = declared.network_of(request.operator)
        ours = best(match(index, request, DRAW, asked.taken))
        assert plain_loop.choice(offers, request, network) == ours, request
        assert {row[0] for row in await query.fetch(*plain_sql.inputs(request, network))} == ours, request
        met += bool(ours)
    assert len(asked.anybody) / 2 < met < len(asked.anybody) < len(asked.everybody)


def took(p50: float, p99: float) -> dict[str, object]:
    times = [p50] * 98 + [p99] * 2
    timed = dict.fromkeys(("match", "match_anybody", "record", "first", "sql", "loop"), times)
    counted = {"build": 2.0, "peak": 3e6, "held": 2e6, "refresh": 40.0, "pause": 5.0, "record_bytes": 900.0}
    timed["served"] = times
    return {**timed, **counted, "eligible": 4.0, "met": 0.9, "changed": 1_000}


def test_rows_say_growth_and_whether_the_aims_are_met() -> None:
    sizes = {offers: Directory("country", offers) for offers in (1_000, 10_000, 100_000)}
    rows = rows_of(
        {
            sizes[1_000]: [took(10, 20)] * 3,
            sizes[10_000]: [took(100, 200)] * 3,
            sizes[100_000]: [took(100, 300), took(100, 180), took(100, 190)],
        }
    )
    grown = {(row["name"], row["unit"]): row["value"] for row in rows if "growth" in row["name"]}
    assert grown["match, growth from 1,000 to 10,000 offers, country", "exponent (p50)"] == 1
    assert grown["match, growth from 10,000 to 100,000 offers, country", "exponent (p50)"] == 0
    aims = {(row["unit"], row["value"], row["aim"], row["met"]) for row in rows if "aim" in row}
    assert aims == {("µs (p99)", 190.0, 200.0, True), ("ms", 40.0, 50.0, True)}
    assert len(AIM) == 2
