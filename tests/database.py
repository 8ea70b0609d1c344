"""A database of its own for a test run, on the server that ECLUSA_TEST_DB names."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

# Schemas of the server and of eclusa; a reset removes all others.
KEPT_SCHEMAS = ("information_schema", "eclusa", "eclusa_stage")


class NoServer(Exception):
    """ECLUSA_TEST_DB is not set."""


@contextlib.contextmanager
def scratch_database(name: str) -> Iterator[str]:
    """Makes an empty database and drops it afterwards; gives its connection string."""
    server = os.environ.get("ECLUSA_TEST_DB")
    if not server:
        raise NoServer("ECLUSA_TEST_DB is not set: run this under tools/with_postgres.sh")
    drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(drop)
        create = sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'")
        connection.execute(create.format(sql.Identifier(name)))
    try:
        yield make_conninfo(server, dbname=name)
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(drop)


def connect(conninfo: str) -> psycopg.Connection:
    """Autocommit, and nothing prepared: tables change under the same statement."""
    return psycopg.connect(conninfo, autocommit=True, prepare_threshold=None)


def execute(connection: psycopg.Connection, text: str) -> psycopg.Cursor[tuple[Any, ...]]:
    """Runs SQL that a test wrote: several statements are allowed, parameters are not."""
    return connection.execute(text.encode())


def text_rows(connection: psycopg.Connection, query: str) -> list[tuple[str, ...]]:
    """The rows of a query as psql shows them, "null" for a null, times in UTC."""
    connection.execute("SET TimeZone = 'UTC'")
    result = execute(connection, query).pgresult
    if result is None:
        raise ValueError(f"not a query: {query}")
    values = [
        [result.get_value(row, column) for column in range(result.nfields)]
        for row in range(result.ntuples)
    ]
    return [tuple("null" if v is None else v.decode() for v in row) for row in values]


def reset(connection: psycopg.Connection) -> None:
    """Leaves an empty schema public, and of the others only eclusa's."""
    schemas = connection.execute(
        "SELECT nspname FROM pg_namespace WHERE nspname NOT LIKE 'pg\\_%%' AND nspname <> ALL(%s)",
        [list(KEPT_SCHEMAS)],
    ).fetchall()
    for (schema,) in schemas:
        connection.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(schema)))
    connection.execute("CREATE SCHEMA public")
    connection.execute("GRANT ALL ON SCHEMA public TO PUBLIC")
    # Roles belong to the server, not to the database: those of tests are known by their name.
    roles = connection.execute("SELECT rolname FROM pg_roles WHERE starts_with(rolname, 'case_')")
    for (role,) in roles.fetchall():
        connection.execute(sql.SQL("DROP OWNED BY {}").format(sql.Identifier(role)))
        connection.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(role)))


def leftovers(connection: psycopg.Connection) -> list[str]:
    """What a finished load must not leave behind: stage tables."""
    rows = connection.execute(
        "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname = 'eclusa_stage' AND c.relkind IN ('r', 'p') ORDER BY 1"
    ).fetchall()
    return [name for (name,) in rows]


def row_versions(connection: psycopg.Connection, table: str) -> list[tuple[Any, ...]]:
    """Which version of which row is where: equal before and after means that nothing was written."""
    return execute(
        connection,
        f"SELECT tableoid::regclass::text, ctid::text, xmin::text FROM {table} ORDER BY 1, 2",
    ).fetchall()
