"""The answer to a commit is lost: what has happened is looked up, and told."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e.conftest import Bench, held
from tests.product import Run

WAITS = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'SyncRep'"


@pytest.fixture()
def slow_commits(bench: Bench) -> Iterator[Bench]:
    """Sessions that begin now wait, once they have committed, for a standby that is not there."""
    bench.run_sql("SET synchronous_commit = local")
    database = bench.value("SELECT quote_ident(current_database())")
    bench.run_sql(f"ALTER DATABASE {database} SET synchronous_commit = on")
    yield bench
    answer_commits(bench)


def answer_commits(bench: Bench) -> None:
    bench.run_sql("ALTER SYSTEM RESET synchronous_standby_names")
    bench.run_sql("SELECT pg_reload_conf()")


def lose_the_answer(bench: Bench, *flags: str) -> Run:
    """Of a load: its session is ended when it has committed and nobody was told."""
    path = bench.write("t.csv", "id,name\n1,ana\n2,rui\nx,eva\n")
    bench.run_sql("CREATE TABLE t (id int PRIMARY KEY, name text)")
    load = ["load", path, "--to", "t", *flags]
    with held(bench.folder / "gate", "final.before_commit", lambda fault: bench.start(load, ECLUSA_FAULT=fault)) as process:
        bench.run_sql("ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
        bench.run_sql("SELECT pg_reload_conf()")
    bench.wait_until(f"SELECT EXISTS ({WAITS})")
    bench.run_sql(f"SELECT pg_terminate_backend(pid) FROM ({WAITS}) w")
    answer_commits(bench)
    return bench.finish(process)


@pytest.mark.parametrize(
    ("flags", "state", "rows"),
    [
        ([], "SUCCEEDED_WITH_FAILURES", [("1", "ana"), ("2", "rui")]),
        (["--max-failures", "0"], "REJECTED", []),
    ],
)
def test_a_load_whose_commit_was_not_answered_tells_its_report(
    slow_commits: Bench, flags: list[str], state: str, rows: list[tuple[str, ...]]
) -> None:
    run = lose_the_answer(slow_commits, *flags)
    assert (run.exit, run.report().state) == (4 if state == "REJECTED" else 3, state), run.describe()
    assert run.report().outcome("read") == 3
    assert slow_commits.rows("SELECT * FROM t ORDER BY id") == rows
    assert slow_commits.value("SELECT state FROM eclusa.jobs") == state
