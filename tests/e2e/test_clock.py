"""A worker whose clock is set by a day, forward and back, while it works: nobody's lease depends on it. The
clock is set by a library preloaded into the worker (preload/clock_jump.c)."""

from __future__ import annotations

import datetime
import os
import pathlib
import subprocess

import pytest

from tests.e2e.conftest import Bench, held

HERE = pathlib.Path(__file__).parent
DAY = 86_400


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    made = tmp_path_factory.mktemp("clock") / "clock_jump.so"
    source = str(HERE / "preload" / "clock_jump.c")
    subprocess.run(["gcc", "-shared", "-fPIC", "-o", str(made), source, "-ldl"], check=True)
    return made


@pytest.mark.parametrize("jump", [DAY, -DAY])
def test_a_clock_that_is_set_takes_no_job_away(bench: Bench, library: pathlib.Path, jump: int) -> None:
    bench.run_sql("CREATE TABLE t (id int PRIMARY KEY)")
    path = bench.folder / "t.csv"
    path.write_text("id\n1\n2\n")
    for _ in range(2):
        queued = bench.product.run(["load", str(path), "--to", "t", "--queue", "--json"])
        assert queued.exit == 0, queued.describe()
    log = bench.folder / "worker.log"
    clock = bench.folder / "clock"

    def start(fault: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [bench.product.binary, "worker", "--db", bench.conninfo, "--lease", "3", "--workers", "1"],
            env={**os.environ, "ECLUSA_FAULT": fault, "LD_PRELOAD": str(library), "CLOCK_JUMP": str(clock)},
            stdout=subprocess.PIPE,
            stderr=log.open("wb"),
        )
        bench.workers.append(process)
        return process

    with held(bench.folder / "gate", "stage.reading", start) as worker:
        lease = bench.value("SELECT lease_until FROM eclusa.workers")
        clock.write_text(str(jump))
        # Its lease goes on.
        bench.wait_until(f"SELECT lease_until > '{lease}' FROM eclusa.workers")
    bench.wait_until("SELECT count(finished_at) = 2 FROM eclusa.jobs")
    worker.terminate()
    assert worker.wait(timeout=30) == 0
    assert bench.rows("SELECT state, attempt FROM eclusa.jobs ORDER BY id") == [("SUCCEEDED", "1")] * 2
    assert "lease_lost" not in log.read_text()
    set_to = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=jump)
    assert f"{set_to:%Y-%m-%dT}" in log.read_text(), "the clock was not set"
