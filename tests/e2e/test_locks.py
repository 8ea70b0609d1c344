"""What a load locks, what waits for it, and what becomes of it where two wait for each other."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import psycopg
import pytest

from tests import database
from tests.e2e.conftest import HOLD_SECONDS, Bench, held


def locks(of: str, granted: bool) -> str:
    """How many locks of this mode loads have on t, or wait for."""
    return (
        "SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a USING (pid)"
        " WHERE a.application_name = 'eclusa' AND l.relation = 't'::regclass"
        f" AND mode = '{of}' AND granted = {granted}"
    )


@pytest.fixture()
def other(bench: Bench) -> Iterator[psycopg.Connection]:
    """A second session, with transactions of its own."""
    with psycopg.connect(bench.conninfo, application_name="other") as connection:
        yield connection
        connection.rollback()


@pytest.mark.parametrize("lock", ["optimistic", "exclusive"])
def test_only_an_exclusive_load_keeps_writers_out(
    bench: Bench, other: psycopg.Connection, lock: str
) -> None:
    bench.run_sql("CREATE TABLE t (id int PRIMARY KEY, n int); INSERT INTO t VALUES (1, 1)")
    path = bench.write("t.csv", "id,n\n1,2\n")
    with bench.held_at("merge.judged", ["load", path, "--to", "t", "--lock", lock]) as process:
        held = bench.value(locks("ShareRowExclusiveLock", granted=True))
        other.execute("SET lock_timeout = '10ms'")
        assert other.execute("SELECT count(*) FROM t").fetchone() == (1,)  # readers are let in
        if lock == "exclusive":
            assert held == "1"
            with pytest.raises(psycopg.errors.LockNotAvailable):
                other.execute("INSERT INTO t VALUES (9, 9)")
        else:
            assert held == "0"
            other.execute("INSERT INTO t VALUES (9, 9)")
        other.rollback()
    assert process.returncode == 0
    assert bench.rows("SELECT * FROM t") == [("1", "2")]


def test_a_dry_run_locks_as_the_load_does(bench: Bench, other: psycopg.Connection) -> None:
    bench.run_sql("CREATE TABLE t (id int PRIMARY KEY, n int); INSERT INTO t VALUES (1, 1)")
    path = bench.write("t.csv", "id,n\n1,2\n")
    load = ["load", path, "--to", "t", "--lock", "exclusive", "--dry-run"]
    with bench.held_at("merge.applied", load) as process:
        other.execute("SET lock_timeout = '10ms'")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            other.execute("INSERT INTO t VALUES (9, 9)")
        other.rollback()
    assert process.returncode == 0
    assert bench.rows("SELECT * FROM t") == [("1", "1")]


@pytest.mark.parametrize("lock", ["optimistic", "exclusive"])
def test_an_exclusive_load_judges_what_it_has_waited_for(
    bench: Bench, other: psycopg.Connection, lock: str
) -> None:
    bench.run_sql("CREATE TABLE t (id int PRIMARY KEY, code text UNIQUE)")
    path = bench.write("t.csv", "id,code\n1,a\n2,b\n")
    other.execute("INSERT INTO t VALUES (9, 'b')")
    process = bench.start(["load", path, "--to", "t", "--lock", lock])
    # The one for the lock, before it has judged; the other for the row, when it merges.
    waits = f"SELECT 1 = ({locks('ShareRowExclusiveLock', granted=False)})"
    if lock == "optimistic":
        waits = (
            "SELECT count(*) = 1 FROM pg_stat_activity WHERE application_name = 'eclusa'"
            " AND wait_event = 'transactionid'"
        )
    bench.wait_until(waits)
    other.commit()
    run = bench.finish(process)
    assert run.exit == 3, run.describe()
    report = run.report()
    assert (report.document["judgements"] == 1) == (lock == "exclusive"), run.describe()
    failed = bench.product.failures(report.job_id)
    assert [(row.row, row.codes) for row in failed] == [(2, frozenset({"unique.in_target"}))]
    assert bench.rows("SELECT * FROM t ORDER BY id") == [("1", "a"), ("9", "b")]


def test_an_exclusive_load_holds_the_rows_that_its_own_refer_to(
    bench: Bench, other: psycopg.Connection
) -> None:
    bench.run_sql(
        "CREATE TABLE p (id int PRIMARY KEY); INSERT INTO p VALUES (1), (2);"
        "CREATE TABLE t (id int PRIMARY KEY, p int REFERENCES p)"
    )
    path = bench.write("t.csv", "id,p\n1,1\n")
    load = ["load", path, "--to", "t", "--lock", "exclusive"]
    with bench.held_at("merge.judged", load) as process:
        other.execute("SET lock_timeout = '10ms'")
        other.execute("DELETE FROM p WHERE id = 2")  # nobody's parent
        with pytest.raises(psycopg.errors.LockNotAvailable):
            other.execute("DELETE FROM p WHERE id = 1")
        other.rollback()
    assert process.returncode == 0
    assert bench.rows("SELECT * FROM t") == [("1", "1")]


def release(bench: Bench) -> None:
    (bench.folder / "gate").write_bytes(b"go\n")


def test_a_load_that_a_deadlock_has_ended_is_done_again(
    bench: Bench, other: psycopg.Connection
) -> None:
    bench.run_sql("CREATE TABLE t (id int PRIMARY KEY, n int); INSERT INTO t VALUES (1, 1), (2, 2)")
    name = bench.value("SELECT current_database()")
    bench.run_sql(f"ALTER DATABASE {name} SET deadlock_timeout = '10ms'")
    # Who waits that long looks for deadlocks and is ended: the load it is, and never this session.
    other.execute("SET deadlock_timeout = '1h'")
    other.execute("UPDATE t SET n = 10 WHERE id = 1")
    other.execute("INSERT INTO t VALUES (3, 30)")
    path = bench.write("t.csv", "id,n\n1,5\n2,6\n3,7\n")
    load = ["load", path, "--to", "t"]
    crossing = threading.Thread(
        target=other.execute, args=("LOCK TABLE t IN SHARE MODE",), daemon=True
    )
    gate = bench.folder / "gate"
    with held(gate, "merge.judged", lambda fault: bench.start(load, ECLUSA_FAULT=fault)) as process:
        crossing.start()
        bench.wait_until(
            "SELECT count(*) = 1 FROM pg_locks l JOIN pg_stat_activity a USING (pid)"
            " WHERE a.application_name = 'other' AND l.relation = 't'::regclass AND NOT granted"
        )
    # Now the load wants the row that the other session has changed. The server ends it, and the
    # other one gets its lock; the load begins anew and waits for it.
    crossing.join(HOLD_SECONDS)
    assert not crossing.is_alive()
    bench.wait_until(f"SELECT 1 = ({locks('RowExclusiveLock', granted=False)})")
    assert process.poll() is None
    assert bench.rows("SELECT * FROM t ORDER BY id") == [("1", "1"), ("2", "2")]
    other.commit()

    run = bench.finish(process)
    assert run.exit == 0, run.describe()
    bench.wait_until(f"SELECT deadlocks = 1 FROM pg_stat_database WHERE datname = '{name}'")
    # Judged anew, by what the other session has left: row 3 is there.
    report = run.report()
    assert (report.outcome("updated"), report.outcome("inserted")) == (3, 0)
    assert bench.rows("SELECT * FROM t ORDER BY id") == [("1", "5"), ("2", "6"), ("3", "7")]
    assert bench.value("SELECT count(*) FROM eclusa.ledger") == "1"
    assert database.leftovers(bench.sql) == []
