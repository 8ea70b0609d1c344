"""Kills a load at every named point: the target is untouched or complete, and the ledger agrees.

The points are read from the binary; one that this load does not pass fails the run.
"""

from __future__ import annotations

import os
import subprocess

import pytest

from tests import database
from tests.e2e.conftest import Bench
from tests.product import Eclusa

TABLES = """
CREATE TABLE parent (id int PRIMARY KEY);
INSERT INTO parent SELECT generate_series(1, 50);
CREATE TABLE t (id int PRIMARY KEY, code text UNIQUE, parent int REFERENCES parent, n int CHECK (n < 900));
INSERT INTO t SELECT g, 'c' || g, 1 + g % 50, g FROM generate_series(1, 100) g;
CREATE TABLE other (id int PRIMARY KEY);
"""


def file_text() -> str:
    lines = ["id,code,parent,n"]
    lines += [f"{n},c{n},{1 + n % 50},{n + 1}" for n in range(50, 500)]
    lines += ["501,x1,99,1", "502,x2,1,950", "abc,x3,1,1", "503,c7,1,1", "60,c60,2,7"]
    return "\n".join(lines) + "\n"


def content(bench: Bench) -> list[tuple[str, ...]]:
    return bench.rows("SELECT * FROM t ORDER BY id")


def points() -> list[str]:
    listed = subprocess.run(
        [Eclusa("").binary, "fault-points"], capture_output=True, check=True, text=True
    )
    # Those of a worker, of mirrors and of parts are test_worker_kill.py's, those of uploads and requests their modules'.
    others = ("worker.", "mirror.", "part.", "parts.", "store.", "http.")
    return [point for point in listed.stdout.split() if not point.startswith(others)]


def kill_at(bench: Bench, point: str, arguments: list[str]) -> None:
    """Runs the product until it is killed at the point, and waits until the server has noticed."""
    killed = subprocess.run(
        [bench.product.binary, *arguments, "--db", bench.conninfo],
        env={**os.environ, "ECLUSA_FAULT": f"{point}:kill"},
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert killed.returncode == -9, f"{arguments[0]} does not pass {point}"
    bench.wait_for_sessions_to_end()


@pytest.mark.parametrize("point", points())
def test_a_load_that_is_killed_changes_nothing_or_all(bench: Bench, point: str) -> None:
    path = bench.write("t.csv", file_text())
    bench.run_sql(TABLES)
    before = content(bench)
    load = ["load", path, "--to", "t", "--json"]
    whole = bench.product.run(["load", path, "--to", "t", "--json", "--dry-run"]).report()

    kill_at(bench, point, load)

    committed = bench.value("SELECT count(*) FROM eclusa.ledger")
    assert committed in ("0", "1")
    if committed == "0":
        assert content(bench) == before
    else:
        assert content(bench) != before

    # The next start, of any load, closes what the dead one left.
    other = bench.write("other.csv", "id\n1\n")
    assert bench.product.load([other, "--to", "other"]).exit == 0
    states = bench.rows("SELECT state FROM eclusa.jobs WHERE target_table = 't' AND NOT dry_run")
    ended = "SUCCEEDED_WITH_FAILURES" if committed == "1" else "FAILED"
    assert [state for (state,) in states] in ([ended], [])
    assert database.leftovers(bench.sql) == []

    again = bench.product.load([path, "--to", "t"])
    assert again.exit == 3, again.describe()
    report = again.report()
    assert report.balances()
    assert report.outcome("failed") == whole.outcome("failed")
    if committed == "0":
        assert report.outcomes() == whole.outcomes()
    else:
        assert report.outcome("inserted") == report.outcome("updated") == 0
    assert bench.value("SELECT count(*) FROM t") == "499"


def failures_of_parent(bench: Bench, parent: int) -> str:
    return bench.value(f"SELECT open_failures FROM eclusa.jobs WHERE id = {parent}")


@pytest.mark.parametrize("point", points())
def test_a_resubmission_that_is_killed_closes_nothing_or_all(bench: Bench, point: str) -> None:
    bench.run_sql(TABLES)
    path = bench.write("t.csv", file_text())
    first = bench.product.load([path, "--to", "t"]).report()
    failed = bench.folder / "failed.csv"
    export = ["failures", str(first.job_id), "--format", "csv", "--output", str(failed)]
    assert bench.product.run(export).exit == 0
    # One is mended, the others fail as they did.
    text = failed.read_text(encoding="utf-8")
    assert text.count("501,x1,99,1") == 1
    failed.write_text(text.replace("501,x1,99,1", "501,x1,9,1"), encoding="utf-8")
    before, open_before = content(bench), failures_of_parent(bench, first.job_id)

    resubmit = ["resubmit", str(first.job_id), str(failed), "--json"]
    kill_at(bench, point, resubmit)
    committed = bench.value("SELECT count(*) FROM eclusa.ledger") == "2"
    assert (content(bench) != before) == committed
    open_after = int(open_before) - (1 if committed else 0)
    assert failures_of_parent(bench, first.job_id) == str(open_after)

    again = bench.product.run(resubmit)
    assert again.exit == 3, again.describe()
    assert again.report().outcome("unchanged" if committed else "inserted") == 1
    assert failures_of_parent(bench, first.job_id) == str(int(open_before) - 1)
    assert bench.value("SELECT count(*) FROM t WHERE id = 501") == "1"
    assert database.leftovers(bench.sql) == []


DOCUMENT_TABLES = """
CREATE TABLE supplier (id int PRIMARY KEY, name text);
CREATE TABLE contact (id int PRIMARY KEY, supplier_id int NOT NULL REFERENCES supplier, age int CHECK (age > 0));
INSERT INTO supplier SELECT g, 'old' FROM generate_series(1, 20) g;
INSERT INTO contact SELECT 10 * g + k, g, 1 FROM generate_series(1, 20) g, generate_series(1, 3) k;
CREATE TABLE other (id int PRIMARY KEY);
"""

DOCUMENT_CONTRACT = """
apiVersion: v3.1.0
kind: DataContract
id: urn:eclusa:supplier
version: 1.0.0
status: active
schema:
  - name: supplier
    properties:
      - {name: id, logicalType: integer, primaryKey: true, required: true}
      - {name: name, logicalType: string}
      - name: contacts
        logicalType: array
        items:
          logicalType: object
          physicalName: contact
          customProperties:
            - {property: eclusa.parentColumns, value: [supplier_id]}
            - {property: eclusa.children, value: replace}
          properties:
            - {name: id, logicalType: integer, primaryKey: true, required: true}
            - {name: age, logicalType: integer}
"""


def documents_text() -> str:
    lines = []
    for n in range(10, 40):
        age = -1 if n == 15 else '"x"' if n == 25 else 2
        contacts = ", ".join(f'{{"id": {10 * n + k}, "age": {age}}}' for k in range(2, 5))
        lines.append(f'{{"id": {n}, "name": "new", "contacts": [{contacts}]}}')
    return "\n".join(lines) + "\n"


def document_content(bench: Bench) -> tuple[list[tuple[str, ...]], list[tuple[str, ...]]]:
    return (
        bench.rows("SELECT * FROM supplier ORDER BY id"),
        bench.rows("SELECT * FROM contact ORDER BY id"),
    )


@pytest.mark.parametrize("point", points())
def test_documents_that_are_killed_change_no_table_or_all(bench: Bench, point: str) -> None:
    path = bench.write("supplier.ndjson", documents_text())
    contract = bench.write("supplier.yaml", DOCUMENT_CONTRACT)
    bench.run_sql(DOCUMENT_TABLES)
    before = document_content(bench)
    load = ["load", path, "--to", "supplier", "--contract", contract, "--json"]
    whole = bench.product.run([*load, "--dry-run"]).report()
    assert document_content(bench) == before

    kill_at(bench, point, load)

    committed = bench.value("SELECT count(*) FROM eclusa.ledger")
    tables = bench.value("SELECT count(*) FROM eclusa.ledger_tables")
    suppliers, contacts = document_content(bench)
    if committed == "0":
        assert ((suppliers, contacts), tables) == (before, "0")
    else:
        assert tables == "1"
        assert suppliers != before[0] and contacts != before[1]

    # The next start, of any load, closes what the dead one left.
    other = bench.write("other.csv", "id\n1\n")
    assert bench.product.load([other, "--to", "other"]).exit == 0
    assert database.leftovers(bench.sql) == []

    again = bench.product.run(load)
    assert again.exit == 3, again.describe()
    report = again.report()
    assert report.outcome("failed") == whole.outcome("failed") == 2
    if committed == "0":
        assert (report.outcomes(), report.tables()) == (whole.outcomes(), whole.tables())
    else:
        assert report.outcome("unchanged") == 28
        assert report.tables() == {"contacts": {"read": 90, "unchanged": 84, "failed": 6}}
    assert bench.value("SELECT count(*) FROM supplier") == "38"
    assert bench.value("SELECT count(*) FROM contact WHERE age = 2") == "84"
