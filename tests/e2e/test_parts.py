"""Large files are staged in parts by several workers: the result is that of one worker, row by row."""

from __future__ import annotations

import contextlib
import json
import os
import pathlib
import signal
import subprocess

import fastavro
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests import database
from tests.e2e import conftest
from tests.e2e.conftest import Bench
from tests.e2e.test_worker_kill import LEASE, PATIENCE

ROWS = 3000
TABLE = """
CREATE TABLE {0} (id int PRIMARY KEY, name text NOT NULL, amount numeric(8, 2), day date);
INSERT INTO {0} SELECT g, 'old', 1, '2020-01-01' FROM generate_series(1, 500) g;
"""
CONTRACT = """
apiVersion: v3.1.0
kind: DataContract
id: parts
name: parts
version: 1.0.0
status: active
schema:
  - name: parts
    physicalName: cut
    properties:
      - {name: id, logicalType: integer, primaryKey: true}
      - name: name
        logicalType: string
        logicalTypeOptions: {maxLength: 5}
        customProperties:
          - {property: eclusa.onViolation, value: flag}
          - {property: eclusa.counter, value: long_names}
      - {name: amount, logicalType: number}
      - {name: day, logicalType: date}
"""


def csv_lines() -> list[str]:
    lines = ["id;name;amount;day"]
    for n in range(1, ROWS + 1):
        name = f'"two\nlines {n}"' if n % 97 == 0 else f"n{n}ç"
        amount = "x" if n % 101 == 0 else f"{n}.25"
        day = "2024-02-30" if n % 211 == 0 else "2024-02-29"
        key = n - 1 if n % 301 == 0 else n
        lines.append(f"{key};{name};{amount};{day}" if n % 499 else f"{key};{name}")
    return lines


def write_csv(folder: pathlib.Path, encoding: str) -> pathlib.Path:
    path = folder / "parts.csv"
    path.write_bytes(("\n".join(csv_lines()) + "\n").encode(encoding))
    return path


def write_parquet(folder: pathlib.Path) -> pathlib.Path:
    rows = range(1, ROWS + 1)
    table = pa.table(
        {
            "id": pa.array([n - 1 if n % 301 == 0 else n for n in rows], pa.int32()),
            "name": pa.array([None if n % 97 == 0 else f"n{n}" for n in rows], pa.string()),
            "amount": pa.array([f"{n}.25" if n % 101 else "x" for n in rows], pa.string()),
            "day": pa.array(["2024-02-29" if n % 211 else "2024-02-30" for n in rows], pa.string()),
        }
    )
    path = folder / "parts.parquet"
    pq.write_table(table, path, row_group_size=250)
    return path


def records() -> list[dict[str, object]]:
    return [
        {
            "id": n - 1 if n % 301 == 0 else n,
            "name": None if n % 97 == 0 else f"n{n}ç" + "." * 400,
            "amount": f"{n}.25" if n % 101 else "x",
            "day": "2024-02-29" if n % 211 else "2024-02-30",
        }
        for n in range(1, ROWS + 1)
    ]


# Longer than what decides on the columns, so that `late` is passed over.
def write_ndjson(folder: pathlib.Path) -> pathlib.Path:
    lines = [json.dumps(record, ensure_ascii=n % 2 == 0) for n, record in enumerate(records())]
    lines[1234] = lines[1234][:-1]
    lines[1300] += "\n\n"
    lines[2900] = lines[2900][:-1] + ', "late": 1}'
    path = folder / "parts.ndjson"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def write_avro(folder: pathlib.Path) -> pathlib.Path:
    fields = [
        {"name": "id", "type": "int"},
        {"name": "name", "type": ["null", "string"]},
        {"name": "amount", "type": "string"},
        {"name": "day", "type": "string"},
    ]
    path = folder / "parts.avro"
    with path.open("wb") as out:
        schema = fastavro.parse_schema({"type": "record", "name": "row", "fields": fields})
        fastavro.writer(out, schema, records(), codec="deflate", sync_interval=100_000)
    return path


WRITERS = {"parquet": write_parquet, "ndjson": write_ndjson, "avro": write_avro}


def worker(bench: Bench, fault: str = "", *flags: str) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "ECLUSA_FAULT": fault} if fault else {**os.environ}
    process = subprocess.Popen(
        [bench.product.binary, "worker", "--db", bench.conninfo, *LEASE, *flags],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=(bench.folder / "worker.log").open("ab"),
    )
    bench.workers.append(process)
    return process


def stop(process: subprocess.Popen[bytes]) -> None:
    assert process.stdout and process.stdout.readline()
    process.terminate()
    assert process.wait(timeout=30) == 0


def held(bench: Bench, point: str) -> contextlib.AbstractContextManager[subprocess.Popen[bytes]]:
    return conftest.held(bench.folder / point, point, lambda fault: worker(bench, fault))


def wait_for(bench: Bench, condition: str) -> None:
    bench.wait_until(f"SELECT {condition}")


def enqueue(bench: Bench, path: pathlib.Path, *flags: str) -> None:
    queued = bench.product.run(["load", str(path), "--queue", "--json", *flags])
    assert queued.exit == 0, queued.describe()


def load_by_several(bench: Bench, path: pathlib.Path, *flags: str) -> None:
    """The parts of a load, by the worker that has it and two more."""
    enqueue(bench, path, *flags)
    with held(bench, "parts.queued") as owner:
        helpers = [worker(bench), worker(bench)]
        wait_for(bench, SOME_STAGED)
    wait_for(bench, ENDED)
    for process in [owner, *helpers]:
        stop(process)


ENDED = "finished_at IS NOT NULL FROM eclusa.jobs ORDER BY id DESC LIMIT 1"
SOME_STAGED = "count(*) FILTER (WHERE state = 'STAGED') > 2 FROM eclusa.parts"
COUNTS = "read, inserted, updated, unchanged, deleted, duplicate, failed, skipped, state, removed"


def outcome(bench: Bench, table: str, job: str) -> dict[str, list[tuple[str, ...]]]:
    return {
        "rows": bench.rows(f"SELECT * FROM {table} ORDER BY id"),
        "failures": bench.rows(
            "SELECT file, row, line, byte_offset, codes, reasons, raw"
            f" FROM eclusa.failures WHERE job_id = {job} ORDER BY file, row"
        ),
        "counts": bench.rows(f"SELECT {COUNTS} FROM eclusa.jobs WHERE id = {job}"),
        "files": bench.rows(
            "SELECT path, format, sha256, dialect, read, applied, failed, duplicate"
            f" FROM eclusa.files WHERE job_id = {job} ORDER BY ordinal"
        ),
        "unknown": bench.rows(f"SELECT report->'unknown_columns' FROM eclusa.jobs WHERE id = {job}"),
        "warnings": bench.rows(
            f"SELECT file, counter, count FROM eclusa.warnings WHERE job_id = {job} ORDER BY 1, 2"
        ),
    }


@pytest.mark.parametrize("kind", ["utf-8", "windows-1252", "parquet", "ndjson", "avro"])
@pytest.mark.parametrize("mode", ["upsert", "replace"])
def test_the_result_is_that_of_one_worker(bench: Bench, kind: str, mode: str) -> None:
    path = WRITERS[kind](bench.folder) if kind in WRITERS else write_csv(bench.folder, kind)
    bench.run_sql(TABLE.format("whole") + TABLE.format("cut"))
    flags = ["--mode", mode]
    if mode == "replace":
        flags += ["--max-failures", "50%"]
        if kind == "ndjson":  # rows that cannot be read have no key
            path.write_text("".join(line + "\n" for line in path.read_text().splitlines() if line.endswith("}")))
        elif kind not in WRITERS:
            path.write_text("\n".join(line for line in csv_lines() if line.count(";") == 3), encoding=kind)
    loaded = bench.product.run(["load", str(path), "--to", "whole", *flags])
    assert loaded.exit == 3, loaded.describe()
    load_by_several(bench, path, "--to", "cut", "--rows-per-part", "250", *flags)
    expected = outcome(bench, "whole", "1")
    assert outcome(bench, "cut", "2") == expected
    assert len(expected["failures"]) > 20
    parts = int(bench.value("SELECT count(*) FROM eclusa.parts WHERE job_id = 2 AND state = 'STAGED'"))
    assert parts == 12 or (kind == "avro" and parts > 6)
    assert int(bench.value("SELECT count(DISTINCT worker_id) FROM eclusa.parts WHERE job_id = 2")) > 1
    assert database.leftovers(bench.sql) == []


def test_how_far_it_is_can_be_seen(bench: Bench) -> None:
    path = write_csv(bench.folder, "utf-8")
    bench.run_sql(TABLE.format("cut"))
    enqueue(bench, path, "--to", "cut", "--rows-per-part", "250")
    with held(bench, "parts.staged") as owner:
        wait_for(bench, f"(progress ->> 'bytes')::int = {path.stat().st_size} FROM eclusa.running")
        assert bench.value("SELECT (progress ->> 'bytes_total')::int FROM eclusa.running") == str(path.stat().st_size)
    wait_for(bench, ENDED)
    stop(owner)


def test_what_was_staged_is_not_staged_again(bench: Bench) -> None:
    path = write_csv(bench.folder, "utf-8")
    bench.run_sql(TABLE.format("cut"))
    enqueue(bench, path, "--to", "cut", "--rows-per-part", "250")
    owner = worker(bench, "parts.staged:kill")
    assert owner.wait(timeout=PATIENCE) == -signal.SIGKILL
    staged = bench.rows("SELECT part, attempt, staged_at FROM eclusa.parts ORDER BY part")
    second = worker(bench)
    wait_for(bench, ENDED)
    stop(second)
    assert bench.rows("SELECT part, attempt, staged_at FROM eclusa.parts ORDER BY part") == staged
    assert bench.value("SELECT attempt FROM eclusa.jobs") == "2"
    assert bench.value("SELECT failed + inserted + updated + duplicate + unchanged FROM eclusa.jobs") == str(ROWS)


def test_another_file_in_its_place_is_staged_anew(bench: Bench) -> None:
    path = write_csv(bench.folder, "utf-8")
    bench.run_sql(TABLE.format("cut"))
    enqueue(bench, path, "--to", "cut", "--rows-per-part", "250")
    owner = worker(bench, "parts.staged:kill")
    assert owner.wait(timeout=PATIENCE) == -signal.SIGKILL
    path.write_text("id;name;amount;day\n" + "".join(f"{n};x;1;2024-01-01\n" for n in range(1, 501)))
    second = worker(bench)
    wait_for(bench, ENDED)
    stop(second)
    assert bench.value("SELECT state || ' ' || read FROM eclusa.jobs") == "SUCCEEDED 500"
    assert bench.value("SELECT count(*) FROM eclusa.parts") == "2"
    assert bench.value("SELECT count(*) FROM eclusa.failures") == "0"


def test_a_part_that_fails_is_tried_again_alone(bench: Bench) -> None:
    path = write_csv(bench.folder, "utf-8")
    bench.run_sql(TABLE.format("cut"))
    enqueue(bench, path, "--to", "cut", "--rows-per-part", "250")
    with held(bench, "parts.queued") as owner:
        # The session of whoever stages is ended in the middle: out of reach, not wrong.
        bench.run_sql(
            "CREATE FUNCTION end_once() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            " IF NEW.state = 'STAGED' AND NEW.part = 5 AND NEW.attempt = 1 THEN"
            " PERFORM pg_terminate_backend(pg_backend_pid()); END IF; RETURN NEW; END $$;"
            "CREATE TRIGGER end_once BEFORE UPDATE ON eclusa.parts FOR EACH ROW EXECUTE FUNCTION end_once()"
        )
        helper = worker(bench)
        wait_for(bench, "attempt = 2 AND state = 'STAGED' FROM eclusa.parts WHERE part = 5")
    wait_for(bench, ENDED)
    stop(owner)
    stop(helper)
    assert bench.value("SELECT string_agg(attempt::text, '' ORDER BY part) FROM eclusa.parts") == "111112111111"
    assert bench.value("SELECT attempt FROM eclusa.jobs") == "1"


def test_a_part_that_cannot_be_staged_fails_the_job(bench: Bench) -> None:
    path = write_parquet(bench.folder)
    bench.run_sql(TABLE.format("cut"))
    enqueue(bench, path, "--to", "cut", "--rows-per-part", "250")
    with held(bench, "parts.queued") as owner:
        damaged = bytearray(path.read_bytes())
        damaged[len(damaged) // 2 : len(damaged) // 2 + 2000] = b"\xff" * 2000
        path.write_bytes(damaged)
    wait_for(bench, ENDED)
    stop(owner)
    assert bench.value("SELECT state FROM eclusa.jobs") == "FAILED"
    assert bench.value("SELECT error->>'code' FROM eclusa.jobs") == "parquet.damaged"
    assert bench.value("SELECT count(*) FROM cut WHERE name <> 'old'") == "0"
    wait_for(bench, "count(*) = 0 FROM pg_tables WHERE schemaname = 'eclusa_stage'")


def test_a_part_with_other_rows_than_were_cut_fails_the_job(bench: Bench) -> None:
    path = write_csv(bench.folder, "utf-8")
    bench.run_sql(TABLE.format("cut"))
    enqueue(bench, path, "--to", "cut", "--rows-per-part", "250")
    with held(bench, "parts.queued") as owner:
        # Of the same size and time, so that nothing but the number of rows tells.
        about = path.stat()
        path.write_bytes(path.read_bytes().replace(b"\n777;n777", b"\n777\nn777", 1))
        os.utime(path, ns=(about.st_atime_ns, about.st_mtime_ns))
    wait_for(bench, ENDED)
    stop(owner)
    assert bench.value("SELECT state || ' ' || (error->>'code') FROM eclusa.jobs") == "FAILED load.file_changed"
    assert bench.value("SELECT count(*) FROM cut WHERE name <> 'old'") == "0"


def test_a_worker_without_the_file_leaves_its_parts_to_those_who_have_it(bench: Bench) -> None:
    private = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--mount", "--map-root-user"]
    if subprocess.run([*private, "true"], capture_output=True, check=False).returncode != 0:
        pytest.skip("no mount namespaces here: another machine cannot be played")
    (bench.folder / "disk").mkdir()
    path = write_csv(bench.folder / "disk", "utf-8")
    bench.run_sql(TABLE.format("cut"))
    enqueue(bench, path, "--to", "cut", "--rows-per-part", "250")
    with held(bench, "parts.queued") as owner:
        elsewhere = subprocess.Popen(
            [
                *private, "sh", "-c", 'mount -t tmpfs none "$1" && shift && exec "$@"', "sh", path.parent,
                bench.product.binary, "worker", "--db", bench.conninfo, *LEASE,
            ],
            stdout=subprocess.PIPE, stderr=(bench.folder / "elsewhere.log").open("ab"),
        )  # fmt: skip
        bench.workers.append(elsewhere)
        # Left by each of its two slots, which may both have claimed one before the first had tried.
        wait_for(bench, "count(*) FILTER (WHERE claim > 0) >= 1 AND bool_and(state = 'QUEUED') FROM eclusa.parts")
        stop(elsewhere)
    wait_for(bench, ENDED)
    stop(owner)
    assert bench.value("SELECT state FROM eclusa.jobs") == "SUCCEEDED_WITH_FAILURES"
    assert bench.value("SELECT string_agg(DISTINCT attempt::text, '') FROM eclusa.parts") == "1"
    assert (bench.folder / "elsewhere.log").read_text().count("file.not_found") in (1, 2)


def test_a_job_that_is_cancelled_leaves_no_part_at_work(bench: Bench) -> None:
    path = write_csv(bench.folder, "utf-8")
    bench.run_sql(TABLE.format("cut"))
    enqueue(bench, path, "--to", "cut", "--rows-per-part", "250")
    with held(bench, "parts.queued") as owner, held(bench, "part.opened") as helper:
        assert bench.product.run(["cancel", "1", "--db", bench.conninfo]).exit == 0
        assert bench.value("SELECT count(*) FROM eclusa.parts WHERE state = 'LOADING'") == "1"
    wait_for(bench, ENDED)
    wait_for(bench, "count(*) = 0 FROM pg_tables WHERE schemaname = 'eclusa_stage'")
    wait_for(bench, "count(*) = 0 FROM eclusa.parts WHERE state = 'LOADING'")
    stop(owner)
    stop(helper)
    assert bench.value("SELECT state FROM eclusa.jobs") == "CANCELED"
    assert bench.value("SELECT count(*) FROM cut WHERE name <> 'old'") == "0"


def test_breaches_that_are_only_counted_add_up(bench: Bench) -> None:
    path = write_csv(bench.folder, "utf-8")
    contract = bench.folder / "contract.yaml"
    contract.write_text(CONTRACT)
    bench.run_sql(TABLE.format("cut"))
    loaded = bench.product.run(["load", str(path), "--contract", str(contract), "--dry-run"])
    assert loaded.exit == 3, loaded.describe()
    enqueue(bench, path, "--contract", str(contract), "--rows-per-part", "250")
    process = worker(bench)
    wait_for(bench, ENDED)
    stop(process)
    warnings = bench.rows("SELECT job_id, file, counter, count FROM eclusa.warnings ORDER BY 1, 2, 3")
    assert len(warnings) == 2
    assert warnings[0][1:] == warnings[1][1:]


def test_small_loads_are_staged_as_a_whole(bench: Bench) -> None:
    path = write_csv(bench.folder, "utf-8")
    bench.run_sql(TABLE.format("cut"))
    enqueue(bench, path, "--to", "cut")
    process = worker(bench)
    wait_for(bench, ENDED)
    stop(process)
    assert bench.value("SELECT count(*) || ' ' || count(place) FROM eclusa.parts") == "1 0"
