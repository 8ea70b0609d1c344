"""A server whose disk is full: the load says so, the target is untouched, and once there is room again the
same command does its work. The disk is made full at a named point by a library preloaded into the server
(preload/full_disk.c), which needs neither a mount nor rights."""

from __future__ import annotations

import os
import pathlib
import subprocess
import tempfile
from collections.abc import Iterator

import psycopg
import pytest

from tests import database
from tests.e2e.conftest import Bench

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parents[1]
ROWS = 20_000


@pytest.fixture(scope="module")
def flag() -> Iterator[pathlib.Path]:
    # The server runs as another user, whom pytest's own folders shut out.
    with tempfile.TemporaryDirectory(prefix="eclusa-full-disk-") as name:
        folder = pathlib.Path(name)
        folder.chmod(0o755)
        yield folder / "full"


@pytest.fixture(scope="module")
def server(flag: pathlib.Path) -> Iterator[str]:
    library = flag.parent / "full_disk.so"
    source = str(HERE / "preload" / "full_disk.c")
    subprocess.run(["gcc", "-shared", "-fPIC", "-o", str(library), source, "-ldl"], check=True)
    process = subprocess.Popen(
        [
            str(ROOT / "tools" / "with_postgres.sh"),
            # Nothing but loads writes to the tables' files.
            "--set", "autovacuum = off",
            "--set", "bgwriter_lru_maxpages = 0",
            "--set", "checkpoint_timeout = 1h",
            "sh", "-c", 'echo "$ECLUSA_TEST_DB"; read -r end',
        ],  # fmt: skip
        env={**os.environ, "LD_PRELOAD": str(library), "FULL_DISK_FLAG": str(flag)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin and process.stdout
    conninfo = process.stdout.readline().strip()
    assert conninfo
    yield conninfo
    process.communicate("end\n", timeout=60)


@pytest.mark.parametrize("point", ["stage.reading", "final.fenced"])
def test_a_disk_that_is_full(
    server: str, flag: pathlib.Path, tmp_path: pathlib.Path, point: str
) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("DROP TABLE IF EXISTS t")
    bench = Bench(server, tmp_path)
    bench.run_sql("CREATE TABLE t (id int PRIMARY KEY, name text)")
    bench.run_sql("INSERT INTO t VALUES (1, 'as it was')")
    text = "".join(f"{n},{'x' * 200}{n}\n" for n in range(1, ROWS + 1))
    load = ["load", bench.write("t.csv", "id,name\n" + text), "--to", "t"]
    try:
        with bench.held_at(point, load) as process:
            flag.touch()
        output, error = process.communicate()
    finally:
        flag.unlink(missing_ok=True)

    said = error.decode()
    assert process.returncode == 1, output.decode() + said
    assert "[database.disk_full]" in said, said
    assert "next: " in said
    assert bench.rows("SELECT * FROM t") == [("1", "as it was")]
    # As soon as there is room, or at the next load.
    again = bench.product.run([*load, "--json"])
    assert again.exit == 0, again.describe()
    outcomes = again.report().outcomes()
    assert (outcomes["inserted"], outcomes["updated"]) == (ROWS - 1, 1)
    assert database.leftovers(bench.sql) == []
    states = bench.rows("SELECT state FROM eclusa.jobs ORDER BY id DESC LIMIT 2")
    assert states == [("SUCCEEDED",), ("FAILED",)]
    bench.sql.close()
