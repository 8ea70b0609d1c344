"""Other programs write while a load is between its judgement and its merge.

Each case holds the load at that point, changes something from a second session, and sees that the
judge went again and that the outcome is the one of the world as it then is.
"""

from __future__ import annotations

import json

import psycopg

from tests import database
from tests.e2e.conftest import Bench
from tests.product import Report


def load_while(bench: Bench, path: str, change: str, *flags: str) -> Report:
    with bench.held_at("merge.judged", ["load", path, "--to", "t", *flags]) as process:
        bench.run_sql(change)
    assert process.stdout is not None and process.stderr is not None
    text = process.stdout.read().decode()
    assert text, process.stderr.read().decode()
    return Report(json.loads(text))


def test_a_row_inserted_by_another_is_updated_instead(bench: Bench) -> None:
    bench.run_sql("CREATE TABLE t (id int PRIMARY KEY, n int)")
    path = bench.write("t.csv", "id,n\n1,10\n2,20\n")
    report = load_while(bench, path, "INSERT INTO t VALUES (2, 99)")
    assert report.outcome("inserted") == 1 and report.outcome("updated") == 1
    assert bench.rows("SELECT * FROM t ORDER BY id") == [("1", "10"), ("2", "20")]


def test_a_unique_value_taken_by_another_fails_the_row(bench: Bench) -> None:
    bench.run_sql("CREATE TABLE t (id int PRIMARY KEY, code text UNIQUE)")
    path = bench.write("t.csv", "id,code\n1,a\n2,b\n3,c\n")
    report = load_while(bench, path, "INSERT INTO t VALUES (9, 'b')")
    assert report.document["judgements"] >= 2
    assert report.outcome("inserted") == 2 and report.outcome("failed") == 1
    failed = bench.product.failures(report.job_id)
    assert [(row.row, row.codes) for row in failed] == [(2, frozenset({"unique.in_target"}))]


def test_a_parent_removed_by_another_fails_its_children(bench: Bench) -> None:
    bench.run_sql(
        "CREATE TABLE p (id int PRIMARY KEY); INSERT INTO p VALUES (1), (2);"
        "CREATE TABLE t (id int PRIMARY KEY, p int REFERENCES p)"
    )
    path = bench.write("t.csv", "id,p\n1,1\n2,2\n")
    report = load_while(bench, path, "DELETE FROM p WHERE id = 2")
    assert report.document["judgements"] >= 2
    assert report.outcome("inserted") == 1 and report.outcome("failed") == 1
    failed = bench.product.failures(report.job_id)
    assert [(row.row, row.codes) for row in failed] == [(2, frozenset({"reference.missing"}))]


def test_a_parent_deleted_in_the_load_gains_a_child(bench: Bench) -> None:
    bench.run_sql(
        "CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1), (2);"
        "CREATE TABLE c (t int REFERENCES t)"
    )
    path = bench.write("t.csv", "id\n1\n2\n")
    report = load_while(bench, path, "INSERT INTO c VALUES (2)", "--mode", "delete")
    assert report.document["judgements"] >= 2
    assert report.outcome("deleted") == 1 and report.outcome("failed") == 1
    assert bench.rows("SELECT * FROM t") == [("2",)]


def test_a_row_removed_by_another_is_inserted_again(bench: Bench) -> None:
    bench.run_sql("CREATE TABLE t (id int PRIMARY KEY, n int); INSERT INTO t VALUES (1, 1), (2, 2)")
    path = bench.write("t.csv", "id,n\n1,5\n2,6\n")
    report = load_while(bench, path, "DELETE FROM t WHERE id = 2")
    assert report.outcome("updated") == 1 and report.outcome("inserted") == 1
    assert bench.rows("SELECT * FROM t ORDER BY id") == [("1", "5"), ("2", "6")]


def test_a_row_changed_by_another_gets_what_the_file_says(bench: Bench) -> None:
    bench.run_sql("CREATE TABLE t (id int PRIMARY KEY, n int); INSERT INTO t VALUES (1, 1), (2, 2)")
    path = bench.write("t.csv", "id,n\n1,1\n2,6\n")
    report = load_while(bench, path, "UPDATE t SET n = 7 WHERE id = 1")
    assert report.balances()
    assert bench.rows("SELECT * FROM t ORDER BY id") == [("1", "1"), ("2", "6")]


# A load that waits for another one asks for the table again and again, outside of a transaction.
ASKS = "SELECT {} FROM pg_stat_activity WHERE state = 'idle' AND query LIKE 'SELECT pg_try_advisory_lock(%'"


def test_two_loads_of_one_table_wait_for_each_other(bench: Bench) -> None:
    bench.run_sql("CREATE TABLE t (id int PRIMARY KEY, n int)")
    path = bench.write("t.csv", "id,n\n1,1\n2,2\n")
    other = bench.write("other.csv", "id,n\n2,5\n3,3\n")
    # The first is done but for its commit; the second cannot have the table before the first has ended.
    with bench.held_at("final.before_commit", ["load", path, "--to", "t"]) as first:
        second = bench.start(["load", other, "--to", "t"])
        bench.wait_until(ASKS.format("count(*) = 1"))
        asked = bench.value(ASKS.format("max(query_start)"))
        bench.wait_until(ASKS.format(f"max(query_start) > '{asked}'"))
        assert second.poll() is None
        assert bench.value("SELECT count(*) FROM t") == "0"
        states = bench.rows("SELECT state FROM eclusa.jobs ORDER BY id")
        assert states == [("MERGING",), ("MERGING",)]
    late = bench.finish(second)
    assert first.returncode == 0 and late.exit == 0, late.describe()
    # The second judged the rows of the first: its row 2 was an update.
    report = late.report()
    assert (report.outcome("inserted"), report.outcome("updated")) == (1, 1)
    assert report.document["judgements"] == 1
    assert bench.rows("SELECT * FROM t ORDER BY id") == [("1", "1"), ("2", "5"), ("3", "3")]
    order = bench.rows("SELECT job_id FROM eclusa.ledger ORDER BY entry")
    assert order == [("1",), ("2",)]


def test_loads_of_two_tables_do_not_wait_for_each_other(bench: Bench) -> None:
    bench.run_sql("CREATE TABLE t (id int PRIMARY KEY); CREATE TABLE other (id int PRIMARY KEY)")
    path = bench.write("t.csv", "id\n1\n")
    with bench.held_at("final.before_commit", ["load", path, "--to", "t"]) as first:
        second = bench.finish(bench.start(["load", path, "--to", "other"]))
        assert second.exit == 0, second.describe()
        assert first.poll() is None
    assert first.returncode == 0


def test_a_constraint_added_while_reading_is_judged(bench: Bench) -> None:
    bench.run_sql("CREATE TABLE t (id int PRIMARY KEY, n int)")
    path = bench.write("t.csv", "id,n\n1,1\n2,-2\n")
    with bench.held_at("load.staged", ["load", path, "--to", "t"]) as process:
        bench.run_sql("ALTER TABLE t ADD CONSTRAINT positive CHECK (n > 0)")
    assert process.returncode == 3
    assert bench.rows("SELECT * FROM t") == [("1", "1")]
    assert bench.value("SELECT first_code FROM eclusa.failures") == "check.violated"


def test_a_column_dropped_while_reading_ends_the_load_with_a_word(bench: Bench) -> None:
    bench.run_sql("CREATE TABLE t (id int PRIMARY KEY, n int)")
    path = bench.write("t.csv", "id,n\n1,1\n")
    with bench.held_at("load.staged", ["load", path, "--to", "t"]) as process:
        bench.run_sql("ALTER TABLE t DROP COLUMN n")
    assert process.returncode == 1
    assert process.stderr is not None
    assert b"table.changed" in process.stderr.read()
    assert bench.value("SELECT state FROM eclusa.jobs") == "FAILED"
    assert database.leftovers(bench.sql) == []


def test_a_cancelled_load_leaves_the_target_untouched(bench: Bench) -> None:
    bench.run_sql("CREATE TABLE t (id int PRIMARY KEY, n int)")
    path = bench.write("t.csv", "id,n\n1,1\n")
    blocker = psycopg.connect(bench.conninfo)
    with bench.held_at("load.staged", ["load", path, "--to", "t"]) as process:
        blocker.execute("LOCK TABLE t IN ACCESS EXCLUSIVE MODE")
        process.send_signal(2)
    blocker.rollback()
    assert process.returncode == 130
    assert bench.value("SELECT count(*) FROM t") == "0"
    assert bench.value("SELECT state FROM eclusa.jobs") == "CANCELED"
    assert database.leftovers(bench.sql) == []


def test_a_unique_value_taken_by_an_update_fails_the_row(bench: Bench) -> None:
    bench.run_sql("CREATE TABLE t (id int PRIMARY KEY, code text UNIQUE); INSERT INTO t VALUES (9, 'z')")
    path = bench.write("t.csv", "id,code\n1,a\n2,b\n")
    report = load_while(bench, path, "UPDATE t SET code = 'b' WHERE id = 9")
    assert report.document["judgements"] >= 2
    assert report.outcome("inserted") == 1 and report.outcome("failed") == 1
    failed = bench.product.failures(report.job_id)
    assert [(row.row, row.codes) for row in failed] == [(2, frozenset({"unique.in_target"}))]
    assert bench.rows("SELECT * FROM t ORDER BY id") == [("1", "a"), ("9", "b")]


def test_a_check_over_a_column_that_another_updates_is_judged_again(bench: Bench) -> None:
    bench.run_sql(
        "CREATE TABLE t (id int PRIMARY KEY, n int, most int, CHECK (n <= most));"
        "INSERT INTO t VALUES (1, 1, 10), (2, 1, 10)"
    )
    path = bench.write("t.csv", "id,n\n1,5\n2,5\n")  # leaves `most` as it is
    report = load_while(bench, path, "UPDATE t SET most = 3 WHERE id = 2")
    assert report.document["judgements"] >= 2
    assert report.outcome("updated") == 1 and report.outcome("failed") == 1
    failed = bench.product.failures(report.job_id)
    assert [(row.row, row.codes) for row in failed] == [(2, frozenset({"check.violated"}))]
    assert bench.rows("SELECT * FROM t ORDER BY id") == [("1", "5", "10"), ("2", "1", "3")]


def test_a_row_deleted_by_another_lacks_what_the_file_leaves_alone(bench: Bench) -> None:
    bench.run_sql(
        "CREATE TABLE t (id int PRIMARY KEY, n int, name text CHECK (name IS NOT NULL));"
        "INSERT INTO t VALUES (1, 1, 'one'), (2, 2, 'two')"
    )
    path = bench.write("t.csv", "id,n\n1,5\n2,6\n")
    report = load_while(bench, path, "DELETE FROM t WHERE id = 2")
    assert report.document["judgements"] >= 2
    assert report.outcome("updated") == 1 and report.outcome("failed") == 1
    failed = bench.product.failures(report.job_id)
    assert [(row.row, row.codes) for row in failed] == [(2, frozenset({"check.violated"}))]
    assert bench.rows("SELECT * FROM t") == [("1", "5", "one")]


def test_a_newer_version_written_by_another_is_not_overwritten(bench: Bench) -> None:
    bench.run_sql("CREATE TABLE t (id int PRIMARY KEY, name text, version int)")
    bench.run_sql("INSERT INTO t VALUES (1, 'old', 3)")
    path = bench.write("t.csv", "id,name,version\n1,middle,5\n2,other,1\n")
    change = "UPDATE t SET name = 'new', version = 10 WHERE id = 1"
    report = load_while(bench, path, change, "--version-column", "version")
    assert report.outcome("inserted") == 1 and report.outcome("superseded") == 1
    assert bench.rows("SELECT name FROM t ORDER BY id") == [("new",), ("other",)]
