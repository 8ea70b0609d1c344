"""Input that is wrong, and servers that are away: each gets an answer that names the thing, the reason
and the next step; no row is lost, no stage table is left, no job says that it is still running."""

from __future__ import annotations

import gzip
import json
import math
import os
import pathlib
import re
import resource
import signal
import subprocess

import duckdb
import psycopg
import pyarrow
import pyarrow.parquet
import pytest
from psycopg.conninfo import conninfo_to_dict

from tests import database
from tests.e2e.conftest import Bench
from tests.product import Run

TABLE = "CREATE TABLE t (id int PRIMARY KEY, name text)"


def refused(bench: Bench, run: Run, code: str) -> None:
    assert run.exit == 1, run.describe()
    assert f"[{code}]" in run.stderr, run.describe()
    assert "next: " in run.stderr, run.describe()
    settled(bench)


def settled(bench: Bench) -> None:
    """Nothing left over, nobody still running."""
    assert database.leftovers(bench.sql) == []
    exists = bench.value("SELECT to_regclass('eclusa.jobs') IS NOT NULL")
    if exists == "t":
        running = "SELECT count(*) FROM eclusa.jobs WHERE finished_at IS NULL"
        assert bench.value(running) == "0"


def load(bench: Bench, path: str, *flags: str) -> Run:
    return bench.product.load([path, "--to", "t", *flags])


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("no_such_file.csv", None, "file.not_found"),
        ("empty.csv", "", "csv.empty"),
        ("twice.csv", "id,id,name\n1,2,a\n", "column.twice"),
        ("no_key.csv", "name\na\n", "column.key_missing"),
        ("lies.parquet", "PAR1 but not Parquet at all PAR1", "parquet.absurd"),
        ("cut.parquet", "PAR1 no", "parquet.truncated"),
    ],
)
def test_a_file_that_cannot_be_loaded(bench: Bench, name: str, text: str | None, code: str) -> None:
    bench.run_sql(TABLE)
    path = str(bench.folder / name) if text is None else bench.write(name, text)
    run = load(bench, path)
    assert run.exit == 1, run.describe()
    assert "next: " in run.stderr, run.describe()
    assert f"[{code}]" in run.stderr, run.describe()
    # What is wrong is the file, or a column.
    assert ("column id " if code.startswith("column.") else path) in run.stderr, run.describe()
    settled(bench)


def test_a_folder_is_not_a_file(bench: Bench) -> None:
    bench.run_sql(TABLE)
    refused(bench, load(bench, str(bench.folder)), "file.is_folder")


def test_a_header_without_rows_loads_nothing(bench: Bench) -> None:
    bench.run_sql(TABLE)
    run = load(bench, bench.write("t.csv", "id,name\n"))
    assert run.exit == 0, run.describe()
    assert run.report().outcome("read") == 0


def test_a_truncated_parquet_file(bench: Bench) -> None:
    bench.run_sql(TABLE)
    whole = bench.folder / "whole.parquet"
    duckdb.execute(f"COPY (SELECT range::int AS id, 'x' AS name FROM range(5000)) TO '{whole}'")
    for share in (0.1, 0.5, 0.9, 0.999):
        cut = bench.folder / "cut.parquet"
        cut.write_bytes(whole.read_bytes()[: int(whole.stat().st_size * share)])
        run = load(bench, str(cut))
        assert run.exit == 1, run.describe()
        assert "next: " in run.stderr
        settled(bench)
    assert bench.value("SELECT count(*) FROM t") == "0"


def test_a_parquet_file_whose_pages_are_damaged(bench: Bench) -> None:
    bench.run_sql(TABLE)
    path = bench.folder / "damaged.parquet"
    duckdb.execute(f"COPY (SELECT range::int AS id, md5(range::text) AS name FROM range(50000)) TO '{path}'")
    data = bytearray(path.read_bytes())
    for at in range(len(data) // 3, len(data) // 3 + 400):
        data[at] ^= 0x5A
    path.write_bytes(bytes(data))
    run = load(bench, str(path))
    assert run.exit == 1, run.describe()
    settled(bench)
    assert bench.value("SELECT count(*) FROM t") == "0"


def test_more_columns_than_postgresql_holds(bench: Bench) -> None:
    bench.run_sql(TABLE)
    names = ["id", "name", *(f"c{n}" for n in range(10_000))]
    path = bench.write("wide.csv", ",".join(names) + "\n" + ",".join(["1"] * len(names)) + "\n")
    run = load(bench, path)
    assert run.exit == 0, run.describe()
    assert len(run.report().document["unknown_columns"]) == 10_000


def test_a_line_of_a_hundred_megabytes_is_one_failed_row(bench: Bench) -> None:
    bench.run_sql(TABLE)
    path = bench.folder / "long.csv"
    with path.open("wb") as file:
        file.write(b"id,name\n1,a\n2,")
        for _ in range(100):
            file.write(b"x" * (1 << 20))
        file.write(b"\n3,c\n")
    run = load(bench, str(path))
    assert run.exit == 3, run.describe()
    assert run.report().outcomes()["inserted"] == 2
    rows = bench.product.failures(run.report().job_id)
    assert [(row.row, row.codes) for row in rows] == [(2, frozenset({"row.too_long"}))]


def test_a_quote_that_is_never_closed_costs_one_row(bench: Bench) -> None:
    bench.run_sql(TABLE)
    run = load(bench, bench.write("t.csv", 'id,name\n1,a\n2,"b\n3,c\n4,d\n'))
    assert run.exit == 3, run.describe()
    assert bench.rows("SELECT id FROM t ORDER BY id") == [("1",), ("3",), ("4",)]


def test_compressed_files_cut_short(bench: Bench) -> None:
    bench.run_sql(TABLE)
    text = "id,name\n" + "".join(f"{n},name {n}\n" for n in range(20_000))
    path = bench.folder / "t.csv.gz"
    path.write_bytes(gzip.compress(text.encode())[:-2000])
    run = load(bench, str(path))
    assert run.exit == 1, run.describe()
    settled(bench)
    assert bench.value("SELECT count(*) FROM t") == "0"


def test_a_table_that_is_not_there(bench: Bench) -> None:
    refused(bench, load(bench, bench.write("t.csv", "id\n1\n")), "table.not_found")


def test_a_view_is_no_target(bench: Bench) -> None:
    bench.run_sql("CREATE VIEW t AS SELECT 1 AS id")
    refused(bench, load(bench, bench.write("t.csv", "id\n1\n")), "table.view")


def test_a_role_without_rights_is_told_the_grant(bench: Bench) -> None:
    bench.run_sql(TABLE)
    bench.run_sql("DROP ROLE IF EXISTS case_reader; CREATE ROLE case_reader LOGIN; GRANT SELECT ON t TO case_reader")
    assert load(bench, bench.write("t.csv", "id\n")).exit == 0  # makes the control schema
    conninfo = psycopg.conninfo.make_conninfo(bench.conninfo, user="case_reader")
    granted = bench.product.run(["db", "grant", "case_reader"])
    assert granted.exit == 0, granted.describe()
    path = bench.write("t.csv", "id,name\n1,a\n")
    run = bench.product.run(["load", path, "--to", "t"], conninfo=conninfo)
    assert run.exit == 1, run.describe()
    assert "GRANT" in run.stderr and "INSERT" in run.stderr, run.describe()
    bench.run_sql("GRANT INSERT, UPDATE ON t TO case_reader")
    run = bench.product.run(["load", path, "--to", "t"], conninfo=conninfo)
    assert run.exit == 0, run.describe()
    settled(bench)
    bench.run_sql("DROP OWNED BY case_reader; DROP ROLE case_reader")


def test_a_server_that_is_not_there(bench: Bench) -> None:
    path = bench.write("t.csv", "id\n1\n")
    run = subprocess.run(
        [bench.product.binary, "load", path, "--to", "t"],
        env={**os.environ, "LANG": "C.UTF-8", "ECLUSA_DB": "host=127.0.0.1 port=1 password=s3cret"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 1
    assert "[database.unreachable]" in run.stderr and "next: " in run.stderr
    assert "s3cret" not in run.stdout + run.stderr


def test_a_server_that_goes_away_in_the_middle(bench: Bench) -> None:
    bench.run_sql(TABLE)
    path = bench.write("t.csv", "id,name\n1,a\n")
    with bench.held_at("final.fenced", ["load", path, "--to", "t"]) as process:
        bench.run_sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'eclusa'"
            " AND datname = current_database()"
        )
    assert process.returncode == 1
    assert process.stderr is not None
    assert b"database.lost" in process.stderr.read()
    assert bench.value("SELECT count(*) FROM t") == "0"
    assert bench.value("SELECT state FROM eclusa.jobs") == "FAILED"
    settled(bench)


def test_a_database_in_another_encoding_is_refused_by_name(bench: Bench) -> None:
    bench.run_sql("DROP DATABASE IF EXISTS e2e_latin")
    bench.run_sql("CREATE DATABASE e2e_latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
    conninfo = psycopg.conninfo.make_conninfo(bench.conninfo, dbname="e2e_latin")
    run = bench.product.run(["load", bench.write("t.csv", "id\n1\n"), "--to", "t"], conninfo=conninfo)
    assert run.exit == 1 and "[database.encoding]" in run.stderr and "LATIN1" in run.stderr
    bench.run_sql("DROP DATABASE e2e_latin")


def test_a_password_is_never_shown(bench: Bench) -> None:
    bench.run_sql(TABLE)
    options = conninfo_to_dict(bench.conninfo)
    secret = "correct-horse"
    host = options.get("host", "")
    conninfo = f"postgresql://{options['user']}:{secret}@/{options['dbname']}?host={host}&port={options.get('port', 5432)}"
    path = bench.write("t.csv", "id,name\n1,a\n")
    process = subprocess.Popen(
        [bench.product.binary, "load", path, "--to", "t", "--json"],
        env={**os.environ, "ECLUSA_DB": conninfo},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    command_line = pathlib.Path(f"/proc/{process.pid}/cmdline").read_bytes()
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 0, output
    assert secret.encode() not in output and secret.encode() not in command_line
    stored = bench.value("SELECT string_agg(j::text, ' ') FROM eclusa.jobs j")
    assert secret not in stored
    refused = subprocess.run([bench.product.binary, "jobs", "--db", conninfo], capture_output=True, text=True, check=False)
    assert (refused.returncode, "config.secret_argument" in refused.stderr) == (2, True), refused.stderr
    assert secret not in refused.stderr + refused.stdout


@pytest.mark.parametrize(
    "conninfo",
    [
        "postgresql://ana:s3cr%zzet@localhost/db",
        "postgresql://ana:s3@cret@localhost/db",
        "postgresql://ana:s3/cret@localhost/db",
        "host=localhost password=two s3cret",
        "host=localhost password='s3cret",
        "host=localhost s3cret=1",
    ],
)
def test_what_is_no_connection_string_is_refused_and_not_shown(bench: Bench, conninfo: str) -> None:
    run = subprocess.run(
        [bench.product.binary, "jobs"],
        env={**os.environ, "ECLUSA_DB": conninfo},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (run.returncode, "database.conninfo" in run.stderr) == (1, True), run.stderr
    assert not re.search("s3|cret|two", run.stderr + run.stdout), run.stderr


def test_a_second_signal_ends_at_once(bench: Bench) -> None:
    bench.run_sql(TABLE)
    path = bench.write("t.csv", "id,name\n1,a\n")
    with bench.held_at("load.staged", ["load", path, "--to", "t"]) as process:
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)
    assert process.returncode == 130
    bench.wait_for_sessions_to_end()
    assert bench.product.load([path, "--to", "t"]).exit == 0
    settled(bench)


def test_bad_encoding_in_the_middle_fails_that_row_alone(bench: Bench) -> None:
    bench.run_sql(TABLE)
    path = bench.folder / "t.csv"
    rows = [f"{n},nome {n}\n".encode() for n in range(200_000)]
    rows[150_000] = b"150000,\xff\xfe\n"
    path.write_bytes("id,name\n0x,São\n".encode() + b"".join(rows))
    run = load(bench, str(path), "--encoding", "utf-8")
    assert run.exit == 3, run.describe()
    codes = [sorted(row.codes) for row in bench.product.failures(run.report().job_id)]
    assert codes == [["type.integer"], ["text.encoding"]]
    assert run.report().outcome("inserted") == 199_999


def test_a_nul_character_is_a_reason(bench: Bench) -> None:
    bench.run_sql(TABLE)
    run = load(bench, bench.write("t.csv", "id,name\n1,a\x00b\n2,c\n"))
    assert run.exit == 3, run.describe()
    rows = bench.product.failures(run.report().job_id)
    assert [(row.row, row.codes) for row in rows] == [(1, frozenset({"text.nul"}))]


def absurd(path: pathlib.Path, rows: int) -> bytes:
    """The file with `rows` wherever its footer says how many rows there are."""

    def varint(value: int) -> bytes:
        out = bytearray()
        value <<= 1  # zigzag
        while value > 0x7F:
            out.append(value & 0x7F | 0x80)
            value >>= 7
        return bytes([*out, value])

    data = path.read_bytes()
    size = int.from_bytes(data[-8:-4], "little")
    body, footer = data[: -8 - size], data[-8 - size : -8]
    there = int(duckdb.execute(f"SELECT count(*) FROM '{path}'").fetchall()[0][0])
    assert footer.count(varint(there)) >= 2  # the file's and the row group's
    footer = footer.replace(varint(there), varint(rows))
    return body + footer + len(footer).to_bytes(4, "little") + b"PAR1"


@pytest.mark.parametrize("claim", ["rows", "footer"])
def test_a_parquet_footer_that_claims_absurd_sizes(bench: Bench, claim: str) -> None:
    bench.run_sql(TABLE)
    path = bench.folder / "absurd.parquet"
    duckdb.execute(f"COPY (SELECT range::int AS id, 'x' AS name FROM range(12345)) TO '{path}'")
    if claim == "rows":
        path.write_bytes(absurd(path, 1 << 60))
    else:
        path.write_bytes(path.read_bytes()[:-8] + b"\xff\xff\xff\x7fPAR1")
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    run = load(bench, str(path))
    assert run.exit == 1, run.describe()
    assert "absurd.parquet" in run.stderr
    settled(bench)
    # Nothing was made room for that is not there (in KiB; what other children took counts too).
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < max(before, 512 << 10)


def test_a_parquet_file_of_ten_thousand_columns(bench: Bench) -> None:
    bench.run_sql(TABLE)
    path = bench.folder / "wide.parquet"
    columns = {"id": [1, 2], "name": ["a", "b"], **{f"c{n}": [n, n] for n in range(10_000)}}
    pyarrow.parquet.write_table(pyarrow.table(columns), path)
    run = load(bench, str(path))
    assert run.exit == 0, run.describe()
    assert run.report().outcome("inserted") == 2
    assert len(run.report().document["unknown_columns"]) == 10_000


def test_an_error_is_an_object_where_json_is_asked_for(bench: Bench) -> None:
    run = load(bench, str(bench.folder / "nowhere.csv"))
    assert run.exit == 1
    error = json.loads(run.stdout)["error"]
    assert error["code"] == "file.not_found"
    assert "nowhere.csv" in error["text"]
    assert error["hint"]


# docs/constraints.md, "bisection": of n rows in the merge, one bad row that only the server knows is
# found with at most 2 log2(n) + 10 tries of the merge.
def test_one_bad_row_among_100_000_costs_a_bounded_number_of_statements(bench: Bench) -> None:
    rows = 100_000
    bench.run_sql(
        """
        CREATE TABLE t (id int PRIMARY KEY, name text);
        -- Sequences do not roll back: each statement that writes the table is counted, and each row.
        CREATE SEQUENCE statements;
        CREATE SEQUENCE tried;
        CREATE FUNCTION count_statement() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN PERFORM nextval('statements'); RETURN NULL; END $$;
        CREATE FUNCTION guard() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          PERFORM nextval('tried');
          IF NEW.name = 'bad' THEN RAISE EXCEPTION 'not this one'; END IF;
          RETURN NEW;
        END $$;
        CREATE TRIGGER count_statement BEFORE INSERT ON t FOR EACH STATEMENT EXECUTE FUNCTION count_statement();
        CREATE TRIGGER guard BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION guard();
        """
    )
    lines = [f"{n},{'bad' if n == 73_001 else 'good'}" for n in range(1, rows + 1)]
    run = load(bench, bench.write("t.csv", "id,name\n" + "\n".join(lines) + "\n"))
    assert run.exit == 3, run.describe()
    outcomes = run.report().outcomes()
    assert (outcomes["inserted"], outcomes["failed"], outcomes["skipped"]) == (rows - 1, 1, 0)
    failed = bench.product.failures(run.report().job_id)
    assert [(row.row, row.codes) for row in failed] == [(73_001, frozenset({"database.rejected"}))]
    statements = int(bench.value("SELECT last_value FROM statements"))
    assert statements <= 2 * math.log2(rows) + 10, statements
    assert int(bench.value("SELECT last_value FROM tried")) <= 6 * rows


def test_a_failures_file_that_cannot_be_written_fails_no_load(bench: Bench) -> None:
    bench.run_sql(TABLE)
    nowhere = str(bench.folder / "no such folder" / "failed.csv")
    run = load(bench, bench.write("t.csv", "id,name\n1,a\nx,b\n"), "--failures", nowhere)
    assert run.exit == 3, run.describe()
    assert run.report().outcome("inserted") == 1
    assert "no such folder" in run.stderr
