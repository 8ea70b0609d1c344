"""The model against PostgreSQL itself, without eclusa: does it know what the server refuses?

A row alone is the case in which PostgreSQL says what is right: the row either can be written or it
cannot. And whatever the model leaves behind must be a state that all constraints accept.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import psycopg
import pytest

from tests import database
from tests.model import generate, model, tables
from tests.model.generate import Scenario
from tests.model.model import File, Load

SEEDS = range(60)

# Reasons that are the server's own; the others are eclusa's rules.
OF_THE_SERVER = {
    "check.violated",
    "check.partition",
    "database.rejected",
    "reference.in_use",
    "reference.missing",
    "unique.in_target",
}


@pytest.fixture(scope="module")
def connection() -> Iterator[psycopg.Connection]:
    with (
        database.scratch_database("eclusa_model") as conninfo,
        database.connect(conninfo) as connected,
    ):
        yield connected


def make(connection: psycopg.Connection, scenario: Scenario) -> None:
    database.reset(connection)
    for statement in scenario.setup():
        database.execute(connection, statement)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_model_leaves_a_state_that_postgresql_accepts(
    seed: int, connection: psycopg.Connection
) -> None:
    scenario = generate.scenario(seed)
    make(connection, scenario)
    result = model.run(scenario.table, scenario.state, scenario.load)
    left = dataclasses.replace(scenario.state, rows=tuple(result.rows))
    make(connection, dataclasses.replace(scenario, state=left))


@pytest.mark.parametrize("seed", SEEDS)
def test_a_row_alone_fails_in_the_model_where_postgresql_refuses_it(
    seed: int, connection: psycopg.Connection
) -> None:
    scenario = generate.scenario(seed)
    trigger = scenario.table.trigger
    if trigger and trigger.action == "swallow":
        pytest.skip("the server keeps silent where a trigger swallows a row")
    make(connection, scenario)
    for load in single_row_loads(scenario.load):
        result = model.run(scenario.table, scenario.state, load)
        codes = frozenset[str]().union(*result.codes.values())
        if codes - OF_THE_SERVER or result.outcomes[0, 1] == "superseded":
            continue
        with connection.transaction(force_rollback=True):
            try:
                for statement in statements(scenario, load):
                    database.execute(connection, statement)
                refused = ""
            except psycopg.Error as error:
                refused = str(error)
        assert bool(refused) == bool(codes), (load, codes, refused)


def single_row_loads(load: Load) -> Iterator[Load]:
    if load.mode == "replace":
        load = dataclasses.replace(load, mode="upsert")
    load = dataclasses.replace(load, max_failures=None, strict=False)
    for file in load.files:
        for row in file.rows:
            yield dataclasses.replace(load, files=(File(file.name, file.columns, (row,)),))


def statements(scenario: Scenario, load: Load) -> list[str]:
    """What the one row asks for, as somebody would write it who knows what the target holds."""
    table, file = scenario.table, load.files[0]
    cells = file.rows[0]
    assert cells is not None
    row: dict[str, tables.Value] = {}
    operation = "D" if load.mode == "delete" else "U"
    for name, cell in zip(file.columns, cells, strict=True):
        if name == "op":
            operation = cell or ""
        elif load.tenant and name == load.tenant[0]:
            continue
        elif load.mode != "delete" or name in table.key:
            row[name] = None if cell is None else table.column(name).type.parse(cell)
    if load.tenant:
        row[load.tenant[0]] = load.tenant[1]
    key = [f"{name} = {tables.literal(row[name])}" for name in table.key]
    if load.tenant:
        key.append(f"{load.tenant[0]} = {load.tenant[1]}")
    where = " AND ".join(dict.fromkeys(key))
    if operation == "D":
        return [f"DELETE FROM t WHERE {where}"]
    held = [
        other
        for other in scenario.state.rows
        if table.key and all(other[name] == row[name] for name in table.key)
    ]
    if held and load.mode not in ("insert", "append"):
        if all(tables.image(held[0][name]) == tables.image(row[name]) for name in row):
            return []
        sets = ", ".join(f"{name} = {tables.literal(value)}" for name, value in row.items())
        return [f"UPDATE t SET {sets} WHERE {where}"]
    return [tables.insert_statement("t", tuple(row), [row]), "SET CONSTRAINTS ALL IMMEDIATE"]
