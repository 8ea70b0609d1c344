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
    return listed.stdout.split()


@pytest.mark.parametrize("point", points())
def test_a_load_that_is_killed_changes_nothing_or_all(bench: Bench, point: str) -> None:
    path = bench.write("t.csv", file_text())
    bench.run_sql(TABLES)
    before = content(bench)
    load = ["load", path, "--to", "t", "--json"]
    whole = bench.product.run(["load", path, "--to", "t", "--json", "--dry-run"]).report()

    killed = subprocess.run(
        [bench.product.binary, *load, "--db", bench.conninfo],
        env={**os.environ, "ECLUSA_FAULT": f"{point}:kill"},
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert killed.returncode == -9, f"the load does not pass {point}"
    bench.wait_for_sessions_to_end()

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
