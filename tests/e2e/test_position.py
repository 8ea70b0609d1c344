"""A source's position moves in the transaction of the load: with all of it, or not at all."""

from __future__ import annotations

import subprocess

import pytest

from tests import database
from tests.e2e.conftest import Bench
from tests.product import (
    EXIT_FAILED,
    EXIT_LOADED,
    EXIT_LOADED_WITH_FAILURES,
    EXIT_REFUSED,
    EXIT_USAGE,
    Run,
)

TABLES = """
CREATE TABLE t (id int PRIMARY KEY, n int);
CREATE TABLE other (id int PRIMARY KEY, n int);
"""
POSITIONS = "SELECT name, position FROM eclusa.source_positions ORDER BY name"
# The job's transaction that holds the source's row, seen from another session.
WAITS_FOR_THE_SOURCE = (
    "SELECT count(*) = 1 FROM pg_stat_activity WHERE application_name = 'eclusa'"
    " AND wait_event_type = 'Lock' AND query LIKE '%source_positions%'"
)
# One that waits for the target asks again and again, outside of a transaction.
WAITS_FOR_THE_TABLE = (
    "SELECT count(*) = 1 FROM pg_stat_activity WHERE application_name = 'eclusa'"
    " AND state = 'idle' AND query LIKE 'SELECT pg_try_advisory_lock(%'"
)


def flags(file: str, position: str, table: str = "t") -> list[str]:
    return ["load", file, "--to", table, "--source", "erp", "--position", position]


def load(bench: Bench, file: str, position: str, *more: str) -> Run:
    return bench.product.run([*flags(file, position), *more, "--json"])


def code_of(run: Run) -> str:
    return str(run.report().document["error"]["code"])


def stand_at(bench: Bench, position: str) -> None:
    """The tables, and the source at this position, by a load of nothing."""
    bench.run_sql(TABLES)
    nothing = bench.write("nothing.csv", "id,n\n")
    run = load(bench, nothing, f":{position}")
    assert run.exit == EXIT_LOADED, run.describe()


def last_state(bench: Bench) -> str:
    return bench.value("SELECT state FROM eclusa.jobs ORDER BY id DESC LIMIT 1")


def test_the_position_moves_in_the_transaction_of_the_load(bench: Bench) -> None:
    bench.run_sql(TABLES)
    first = bench.write("first.csv", "id,n\n1,1\n")
    second = bench.write("second.csv", "id,n\n2,2\nx,3\n")
    assert load(bench, first, ":100").exit == EXIT_LOADED
    assert bench.rows(POSITIONS) == [("erp", "100")]

    with bench.held_at("final.before_commit", flags(second, "100:250")) as process:
        assert bench.rows(POSITIONS) == [("erp", "100")]
        assert bench.value("SELECT count(*) FROM t") == "1"
    # A load some of whose rows failed was committed too.
    assert process.returncode == EXIT_LOADED_WITH_FAILURES
    assert bench.rows(POSITIONS) == [("erp", "250")]
    # The same transaction wrote the row, the position and the ledger.
    writers = (
        "SELECT count(DISTINCT xmin) FROM (SELECT xmin::text FROM t WHERE id = 2"
        " UNION ALL SELECT xmin::text FROM eclusa.source_positions"
        " UNION ALL (SELECT xmin::text FROM eclusa.ledger ORDER BY entry DESC LIMIT 1)) w"
    )
    assert bench.value(writers) == "1"


@pytest.mark.parametrize(
    ("position", "code"),
    [("99:200", "position.moved"), (":200", "position.exists"), ("100 :200", "position.moved")],
)
def test_a_load_from_another_position_is_refused(bench: Bench, position: str, code: str) -> None:
    stand_at(bench, "100")
    bench.run_sql("INSERT INTO t VALUES (1, 1)")
    before = database.row_versions(bench.sql, "t")
    committed = bench.value("SELECT count(*) FROM eclusa.ledger")
    path = bench.write("t.csv", "id,n\n1,5\n2,2\n")
    for run in (load(bench, path, position, "--dry-run"), load(bench, path, position)):
        assert run.exit == EXIT_FAILED, run.describe()
        assert code_of(run) == code
    assert bench.rows(POSITIONS) == [("erp", "100")]
    assert database.row_versions(bench.sql, "t") == before
    assert last_state(bench) == "FAILED"
    assert bench.value("SELECT count(*) FROM eclusa.ledger") == committed
    assert database.leftovers(bench.sql) == []
    # Not the file is to blame: from where the source stands it loads.
    assert load(bench, path, "100:200").exit == EXIT_LOADED
    assert bench.rows(POSITIONS) == [("erp", "200")]


def test_a_source_that_nobody_has_begun_stands_nowhere(bench: Bench) -> None:
    stand_at(bench, "100")
    path = bench.write("t.csv", "id,n\n1,1\n")
    unknown = ["load", path, "--to", "t", "--source", "crm", "--position", "100:200", "--json"]
    run = bench.product.run(unknown)
    assert run.exit == EXIT_FAILED and code_of(run) == "position.unknown", run.describe()
    assert bench.value("SELECT count(*) FROM t") == "0"
    assert bench.rows(POSITIONS) == [("erp", "100")]


def test_a_dry_run_does_not_move_it(bench: Bench) -> None:
    stand_at(bench, "100")
    path = bench.write("t.csv", "id,n\n1,1\n")
    run = load(bench, path, "100:200", "--dry-run")
    assert run.exit == EXIT_LOADED and run.report().outcome("inserted") == 1, run.describe()
    assert bench.rows(POSITIONS) == [("erp", "100")]
    # So that the load itself can still be done.
    assert load(bench, path, "100:200").exit == EXIT_LOADED
    assert bench.rows(POSITIONS) == [("erp", "200")]


def test_a_load_that_its_tolerance_refuses_does_not_move_it(bench: Bench) -> None:
    stand_at(bench, "100")
    path = bench.write("t.csv", "id,n\n1,1\nx,2\n")
    run = load(bench, path, "100:200", "--max-failures", "0")
    assert run.exit == EXIT_REFUSED, run.describe()
    assert last_state(bench) == "REJECTED"
    assert bench.rows(POSITIONS) == [("erp", "100")]
    assert load(bench, path, "100:200").exit == EXIT_LOADED_WITH_FAILURES
    assert bench.rows(POSITIONS) == [("erp", "200")]


@pytest.mark.parametrize(
    ("point", "moved"),
    [
        ("load.staged", False),
        ("merge.applied", False),
        ("final.failures_stored", False),
        ("final.before_commit", False),
        ("load.committed", True),
    ],
)
def test_a_load_that_is_killed_moves_it_only_with_its_rows(
    bench: Bench, point: str, moved: bool
) -> None:
    stand_at(bench, "100")
    path = bench.write("t.csv", "id,n\n1,1\n")
    killed = bench.start(flags(path, "100:200"), ECLUSA_FAULT=f"{point}:kill")
    assert bench.finish(killed).exit == -9
    bench.wait_for_sessions_to_end()
    assert bench.rows(POSITIONS) == [("erp", "200" if moved else "100")]
    assert bench.value("SELECT count(*) FROM t") == ("1" if moved else "0")
    again = load(bench, path, "100:200")
    if moved:
        assert again.exit == EXIT_FAILED and code_of(again) == "position.moved"
    else:
        assert again.exit == EXIT_LOADED, again.describe()
    assert bench.rows(POSITIONS) == [("erp", "200")]


RACES = [
    ("t", WAITS_FOR_THE_TABLE, "100", "position.moved"),
    ("other", WAITS_FOR_THE_SOURCE, "100", "position.moved"),
    # From nowhere: both want to be the first load of the source.
    ("other", WAITS_FOR_THE_SOURCE, "", "position.exists"),
]


def two_at_once(
    bench: Bench, table: str, waits: str, old: str, *, first_dies: bool
) -> tuple[subprocess.Popen[bytes], Run]:
    """Two loads from one position, the second begun while the first is about to commit, and waiting for it."""
    if old:
        stand_at(bench, old)
    else:
        bench.run_sql(TABLES)
    path = bench.write("t.csv", "id,n\n1,1\n")
    late = bench.write("late.csv", "id,n\n2,2\n")
    with bench.held_at("final.before_commit", flags(path, f"{old}:200")) as first:
        second = bench.start(flags(late, f"{old}:300", table))
        bench.wait_until(waits)
        if first_dies:
            first.kill()
    return first, bench.finish(second)


@pytest.mark.parametrize(("table", "waits", "old", "code"), RACES)
def test_of_two_loads_from_one_position_one_wins(
    bench: Bench, table: str, waits: str, old: str, code: str
) -> None:
    first, lost = two_at_once(bench, table, waits, old, first_dies=False)
    assert first.returncode == EXIT_LOADED
    assert lost.exit == EXIT_FAILED and code_of(lost) == code, lost.describe()
    assert bench.rows(POSITIONS) == [("erp", "200")]
    assert bench.rows("SELECT id FROM t") == [("1",)]
    assert bench.value("SELECT count(*) FROM other") == "0"


@pytest.mark.parametrize(("table", "waits", "old", "code"), RACES)
def test_where_the_first_of_two_dies_the_other_wins(
    bench: Bench, table: str, waits: str, old: str, code: str
) -> None:
    _, won = two_at_once(bench, table, waits, old, first_dies=True)
    assert won.exit == EXIT_LOADED, won.describe()
    assert bench.rows(POSITIONS) == [("erp", "300")]
    assert bench.rows(f"SELECT id FROM {table}") == [("2",)]
    again = load(bench, str(bench.folder / "t.csv"), f"{old}:200")
    assert again.exit == EXIT_FAILED and code_of(again) == code, again.describe()


@pytest.mark.parametrize("position", ["100", "100:", ":", "1:2:3"])
def test_a_position_that_is_none_is_refused(bench: Bench, position: str) -> None:
    bench.run_sql(TABLES)
    path = bench.write("t.csv", "id,n\n1,1\n")
    run = load(bench, path, position)
    assert run.exit == EXIT_USAGE and code_of(run) == "usage.flag", run.describe()
    assert bench.value("SELECT count(*) FROM t") == "0"


@pytest.mark.parametrize("half", [["--source", "erp"], ["--position", "1:2"]])
def test_a_source_and_its_position_are_named_together(bench: Bench, half: list[str]) -> None:
    bench.run_sql(TABLES)
    path = bench.write("t.csv", "id,n\n1,1\n")
    run = bench.product.load([path, "--to", "t", *half])
    assert run.exit == EXIT_USAGE and code_of(run) == "usage.flag", run.describe()
    assert bench.value("SELECT count(*) FROM t") == "0"
