"""The load beside psql and beside what people use today: time and memory.

    ./x bench load                       # 1,000,000 rows, 3 rounds
    ./x bench load --rows 100000 --only job_new --only r0_new

R0, what all is measured by, is psql: COPY BINARY of a ready-made file into a key-less unlogged table,
ANALYZE, and the same MERGE. README.md says how each rival is set up.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import pathlib
import sys
from collections.abc import Callable, Sequence

import harness
import supplier
from harness import BenchError, Goal, Row, Sample

RIVALS = harness.ROOT / "bench" / "rivals"

# Rivals that go row by row, or nearly, run on so many rows.
FEW_ROWS = 100_000

# The large file of the memory goal is so many times the small one.
LARGE_TIMES = 10


@dataclasses.dataclass(frozen=True)
class Measure:
    """One thing that is run each round: what the target holds before, and the run."""

    name: str
    run: Callable[[], Sample]
    prepare: Callable[[], None] = lambda: None
    rounds: int | None = None  # None: as many as asked for


class LoadBench:
    def __init__(self, server: harness.Server, folder: pathlib.Path, rows: int) -> None:
        self._server = server
        self._folder = folder
        self._rows = rows
        self._few = min(rows, FEW_ROWS)
        self._eclusa = os.environ.get("ECLUSA_BIN") or str(
            harness.ROOT / "build" / "release" / "eclusa"
        )
        self._scan = os.environ.get("ECLUSA_SCAN") or str(
            pathlib.Path(self._eclusa).parent / "eclusa_scan"
        )
        self.samples: dict[str, list[Sample]] = {}
        self._written_again: int | None = None

    def prepare(self) -> None:
        supplier.make_tables(self._server, self._rows)
        supplier.make_files(self._server, self._folder)

    def measures(self) -> list[Measure]:
        fill = self._fill
        return [
            Measure("copy_one", self._copy, fill()),
            Measure("load_one", self._load("--connections", "1"), fill()),
            Measure("load_two", self._load("--connections", "2"), fill()),
            Measure("r0_new", self._r0, fill()),
            Measure("job_new", self._load(), fill()),
            Measure("r0_changed", self._r0, fill(supplier.ALL_OLD)),
            Measure("job_changed", self._load(), fill(supplier.ALL_OLD)),
            Measure("r0_same", self._r0, fill(supplier.ALL_SAME)),
            Measure("job_same", self._load_same, fill(supplier.ALL_SAME)),
            Measure("r0_constraints", self._r0, fill(supplier.HALF_OLD, constraints=True)),
            Measure("job_constraints", self._load(), fill(supplier.HALF_OLD, constraints=True)),
            Measure("job_bad", self._load_bad, fill(supplier.HALF_OLD, constraints=True)),
            Measure("job_csv", self._load(file="supplier.csv"), fill()),
            Measure("pgloader", self._rival("pgloader.py", "supplier.csv"), fill()),
            Measure("pandas", self._rival("pandas_to_sql.py", "supplier.csv", few=True), fill()),
            Measure(
                "execute_values", self._rival("execute_values.py", "supplier.csv", few=True), fill()
            ),
            Measure("merge_row", self._rival("merge_row.py", "supplier.csv", few=True), fill()),
            Measure("dlt", self._dlt, self._drop_dlt),
            Measure("duckdb_parquet", self._duckdb("supplier.parquet")),
            Measure("scan_parquet", self._scan_file("supplier.parquet")),
            Measure("duckdb_csv", self._duckdb("supplier.csv")),
            Measure("scan_csv", self._scan_file("supplier.csv")),
            Measure("one_group", self._load(file="one_group.parquet"), fill()),
            Measure("large", self._load_large, self._prepare_large, rounds=1),
        ]

    def run(self, rounds: int, only: Sequence[str]) -> None:
        chosen = [measure for measure in self.measures() if not only or measure.name in only]
        for number in range(1, rounds + 1):
            for measure in chosen:
                if number > (measure.rounds or rounds):
                    continue
                try:
                    measure.prepare()
                    sample = measure.run()
                except BenchError as error:
                    print(f"round {number}  {measure.name}: {error}", file=sys.stderr, flush=True)
                    continue
                self.samples.setdefault(measure.name, []).append(sample)
                print(f"round {number}  {measure.name:18s} {sample.seconds:8.2f} s", flush=True)

    # --- what is run ---

    def _fill(self, rows: str = "", *, constraints: bool = False) -> Callable[[], None]:
        return lambda: supplier.fill_target(self._server, rows, constraints=constraints)

    def _copy(self) -> Sample:
        path = self._folder / "supplier.copy"
        return harness.timed(
            [*self._server.psql, "-c", f"\\copy stage from '{path}' with (format binary)"]
        )

    def _r0(self) -> Sample:
        path = self._folder / "supplier.copy"
        sample = harness.timed(
            [
                *self._server.psql,
                "-c", f"\\copy stage from '{path}' with (format binary)",
                "-c", "ANALYZE stage",
                "-c", supplier.merge_statement("stage"),
            ]
        )  # fmt: skip
        self._expect_rows(self._rows)
        return sample

    def _load(self, *options: str, file: str = "supplier.parquet") -> Callable[[], Sample]:
        def run() -> Sample:
            sample = self._job(file, *options)
            self._expect_rows(self._rows)
            return sample

        return run

    def _job(self, file: str, *options: str, exits: Sequence[int] = (0,)) -> Sample:
        command = [self._eclusa, "load", str(self._folder / file), "--to", "supplier"]
        command += [*options, "--json", "--db", self._server.url]
        sample = harness.timed(command, exits=exits)
        report = json.loads(sample.output.strip().splitlines()[-1])
        # The load phase ends where the stage is complete; what came before belongs to it.
        until_staged = 0.0
        for phase, milliseconds in report["phases"].items():
            until_staged += milliseconds / 1000
            if phase == "stage":
                break
        extra = {"load": until_staged, "failed": float(report["outcomes"]["failed"])}
        return dataclasses.replace(sample, extra=extra)

    def _load_same(self) -> Sample:
        before = self._server.number("SELECT txid_current()")
        sample = self._load()()
        written = self._server.number(
            f"SELECT count(*) FROM supplier WHERE age(xmin) < age('{before}'::xid)"
        )
        self._written_again = max(written, self._written_again or 0)
        return sample

    def _load_bad(self) -> Sample:
        sample = self._job("bad.parquet", exits=(3,))
        # Four kinds fail one row each; the cnpj of the row before fails both.
        expected, found = self._rows / 100 * 6 / 5, sample.extra["failed"]
        if abs(found - expected) > expected / 50 + 2:
            raise BenchError(f"{found:.0f} rows failed, about {expected:.0f} are bad")
        return sample

    def _rival(self, program: str, file: str, *, few: bool = False) -> Callable[[], Sample]:
        def run() -> Sample:
            rows = self._few if few else self._rows
            command = [sys.executable, str(RIVALS / program), self._server.url]
            command += [str(self._folder / file), "supplier", *([str(rows)] if few else [])]
            sample = harness.timed(command)
            self._expect_rows(rows)
            return sample

        return run

    def _dlt(self) -> Sample:
        path = str(self._folder / "supplier.parquet")
        sample = harness.timed(
            [sys.executable, str(RIVALS / "dlt_merge.py"), self._server.url, path, "dlt_bench"]
        )
        self._expect_rows(self._rows, "dlt_bench.supplier")
        return sample

    def _drop_dlt(self) -> None:
        self._server.sql("DROP SCHEMA IF EXISTS dlt_bench, dlt_bench_staging CASCADE", "CHECKPOINT")

    def _duckdb(self, file: str) -> Callable[[], Sample]:
        command = [sys.executable, str(RIVALS / "duckdb_scan.py"), str(self._folder / file)]
        return lambda: self._said([*command, repr(list(supplier.NAMES))])

    def _scan_file(self, file: str) -> Callable[[], Sample]:
        def run() -> Sample:
            if not pathlib.Path(self._scan).exists():
                raise BenchError(f"there is no {self._scan}; ECLUSA_SCAN names the scanner")
            sample = self._said([self._scan, str(self._folder / file)])
            if f"rows {self._rows} unreadable 0 " not in sample.output:
                raise BenchError(f"not all rows were read: {sample.output}")
            return sample

        return run

    def _said(self, command: Sequence[str]) -> Sample:
        """The seconds that the program says, at the end of its line: without its start."""
        sample = harness.timed(command)
        return dataclasses.replace(sample, seconds=float(sample.output.split()[-1]))

    def _prepare_large(self) -> None:
        path = self._folder / "large.parquet"
        if not path.exists():
            table = supplier.read_csv(self._folder / "supplier.csv")
            supplier.write_parquet(table, path, times=LARGE_TIMES)
        supplier.fill_target(self._server, "")
        self._server.sql("ALTER TABLE supplier DROP CONSTRAINT supplier_pkey", "CHECKPOINT")

    def _load_large(self) -> Sample:
        sample = self._job("large.parquet", "--mode", "append")
        self._expect_rows(self._rows * LARGE_TIMES)
        return sample

    def _expect_rows(self, rows: int, table: str = "supplier") -> None:
        found = self._server.number(f"SELECT count(*) FROM {table}")
        # Where the target held rows that the file does not bring, there are more.
        if found < rows:
            raise BenchError(f"{table} holds {found} rows, not {rows}")

    # --- what comes of it ---

    def rows(self) -> list[Row]:
        return [
            self._ratio("new", "job / R0: new rows from Parquet, primary key only",
                        "job_new", "r0_new", 1.20, 0.90),
            self._ratio("changed", "job / R0: all rows changed",
                        "job_changed", "r0_changed", 1.10, 0.75),
            self._ratio("same", "job / R0: nothing changed", "job_same", "r0_same", 1.20, 0.90),
            Row(Goal("same_written", "rows written where nothing changed", 0, 0),
                self._written_again),
            self._load_phase("load_one", "load phase / psql COPY BINARY, one connection", 1.15, 1.0),
            self._load_phase("load_two", "load phase / psql COPY BINARY, two connections",
                             0.95, 0.75),
            self._ratio("constraints", "clean job, all constraints judged / R0 on that table",
                        "job_constraints", "r0_constraints", 1.40, 1.20),
            self._ratio("bad", "the same with 1 % bad rows of five kinds / clean",
                        "job_bad", "job_constraints", 1.40, 1.20),
            self._rival_ratio("pgloader", "pgloader / job, same CSV, same target", 8, 12),
            self._rival_ratio("pandas", "pandas to_sql / job, time per row", 8, 12),
            self._rival_ratio("execute_values", "execute_values / job, time per row", 4, 6),
            self._rival_ratio("merge_row", "MERGE row by row / job, time per row", 40, 60),
            self._rival_ratio("dlt", "dlt merge, CSV loader files / job", 7, 10, job="job_new"),
            self._ratio("scan_parquet", "Parquet scan / DuckDB with one thread",
                        "scan_parquet", "duckdb_parquet", 2.0, 1.2),
            self._ratio("scan_csv", "CSV scan / DuckDB with one thread",
                        "scan_csv", "duckdb_csv", 1.5, 1.0),
            self._peak("memory", "peak memory", "job_new"),
            self._memory_growth(),
            self._peak("memory_one_group", "peak memory, one row group", "one_group"),
        ]  # fmt: skip

    def _ratio(self, name: str, what: str, ours: str, theirs: str, must: float, aim: float) -> Row:
        goal = Goal(name, what, must, aim)
        if ours not in self.samples or theirs not in self.samples:
            return Row(goal, None)
        return Row(goal, harness.median(self.samples[ours]) / harness.median(self.samples[theirs]))

    def _load_phase(self, name: str, what: str, must: float, aim: float) -> Row:
        goal = Goal(name, what, must, aim)
        if name not in self.samples or "copy_one" not in self.samples:
            return Row(goal, None)
        phases = [dataclasses.replace(s, seconds=s.extra["load"]) for s in self.samples[name]]
        return Row(goal, harness.median(phases) / harness.median(self.samples["copy_one"]))

    def _rival_ratio(
        self, name: str, what: str, must: float, aim: float, *, job: str = "job_csv"
    ) -> Row:
        goal = Goal(name, what, must, aim, better="higher")
        if name not in self.samples or job not in self.samples:
            return Row(goal, None)
        rows = self._few if name in ("pandas", "execute_values", "merge_row") else self._rows
        theirs = harness.median(self.samples[name]) / rows
        return Row(goal, theirs / (harness.median(self.samples[job]) / self._rows))

    def _peak(self, name: str, what: str, measure: str) -> Row:
        goal = Goal(name, what, 256, 160, unit="MiB")
        if measure not in self.samples:
            return Row(goal, None)
        return Row(goal, max(sample.peak_mib for sample in self.samples[measure]))

    def _memory_growth(self) -> Row:
        goal = Goal("memory_growth", "peak memory, ten times the rows / once", 1.1, 1.02)
        if "large" not in self.samples or "job_new" not in self.samples:
            return Row(goal, None)
        once = max(sample.peak_mib for sample in self.samples["job_new"])
        return Row(goal, self.samples["large"][0].peak_mib / once)


def main() -> int:
    parser = argparse.ArgumentParser(description="Measures the load beside psql and rivals.")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=int(os.environ.get("ROUNDS", "3")))
    parser.add_argument("--only", action="append", default=[], metavar="NAME")
    parser.add_argument("--list", action="store_true", help="names of what is measured")
    options = parser.parse_args()
    with harness.server() as (server, folder):
        bench = LoadBench(server, folder, options.rows)
        if options.list:
            print("\n".join(measure.name for measure in bench.measures()))
            return 0
        unknown = set(options.only) - {measure.name for measure in bench.measures()}
        if unknown:
            parser.error(f"nothing measured is called {', '.join(sorted(unknown))}; see --list")
        bench.prepare()
        bench.run(options.rounds, options.only)
    harness.print_samples(bench.samples)
    rows = bench.rows()
    if options.only:
        # What was not asked for is not missed.
        rows = [row for row in rows if row.value is not None]
    if options.rows < 1_000_000 or options.rounds < 3:
        print("\nfewer rows or rounds than the goals speak of: for trying things out only")
    return harness.finish("load", rows)


if __name__ == "__main__":
    sys.exit(main())
