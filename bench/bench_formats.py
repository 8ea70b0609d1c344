"""The readers of all formats beside the readers that people use, on one thread each.

    ./x bench formats                       # 1,000,000 rows, 3 rounds
    ./x bench formats --rows 100000 --only scan_ndjson --only duckdb_ndjson

Files are made, and every value of them is read; the whole job of documents needs a server. A format is a
class with files, measures and goals; FORMATS lists them. README.md says what is measured.
"""

from __future__ import annotations

import argparse
import dataclasses
import os
import pathlib
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import documents
import formats_avro
import formats_fixed
import formats_job
import formats_kit
import harness
from harness import BenchError, Goal, Row, Sample

RIVALS = harness.ROOT / "bench" / "rivals"
Measures = Mapping[str, Callable[[], Sample]]


@dataclasses.dataclass(frozen=True)
class Setting:
    """What every format needs to know."""

    folder: pathlib.Path
    rows: int
    scan: str  # the scanner beside the binary
    eclusa: str

    @property
    def document_rows(self) -> int:
        """Documents have three children each: a fifth of the rows are as much to read."""
        return max(self.rows // 5, 1)


@dataclasses.dataclass(frozen=True)
class Ratio:
    """A goal: the medians of two measures."""

    goal: Goal
    ours: str
    theirs: str


class Format(Protocol):
    def __init__(self, setting: Setting) -> None: ...
    def make_files(self) -> None: ...
    def measures(self) -> Measures: ...
    def ratios(self) -> Sequence[Ratio]: ...


def said(command: Sequence[str]) -> Sample:
    """The seconds that the program says, at the end of its line: without its start."""
    sample = harness.timed(command)
    return dataclasses.replace(sample, seconds=float(sample.output.split()[-1]))


def scan(setting: Setting, file: str, rows: int) -> Callable[[], Sample]:
    def run() -> Sample:
        if not pathlib.Path(setting.scan).exists():
            raise BenchError(f"there is no {setting.scan}; ECLUSA_SCAN names the scanner")
        sample = said([setting.scan, str(setting.folder / file)])
        if f"rows {rows} unreadable 0 " not in sample.output:
            raise BenchError(f"not all rows were read: {sample.output}")
        return sample

    return run


def rival(setting: Setting, program: str, file: str, *arguments: str) -> Callable[[], Sample]:
    command = [sys.executable, str(RIVALS / program), str(setting.folder / file), *arguments]
    return lambda: said(command)


class Json:
    """Flat rows of 22 members, and documents with three children each, a line each."""

    def __init__(self, setting: Setting) -> None:
        self._setting = setting

    def make_files(self) -> None:
        documents.write_flat(self._setting.folder / "flat.ndjson", self._setting.rows)
        documents.write_nested(self._setting.folder / "nested.ndjson", self._setting.document_rows)

    def measures(self) -> Measures:
        setting = self._setting
        return {
            "scan_ndjson": scan(setting, "flat.ndjson", setting.rows),
            "duckdb_ndjson": rival(setting, "duckdb_scan.py", "flat.ndjson", documents.FLAT_TYPES),
            "scan_nested_json": scan(setting, "nested.ndjson", setting.document_rows),
            "duckdb_nested_json": rival(
                setting, "duckdb_scan.py", "nested.ndjson", documents.NESTED_TYPES
            ),
        }

    def ratios(self) -> Sequence[Ratio]:
        return [
            Ratio(Goal("scan_ndjson", "NDJSON scan, flat / DuckDB with one thread", 1.5, 1.0),
                  "scan_ndjson", "duckdb_ndjson"),
            Ratio(Goal("scan_nested_json", "NDJSON scan, three children / DuckDB with one thread",
                       1.5, 1.0),
                  "scan_nested_json", "duckdb_nested_json"),
        ]  # fmt: skip


class NestedParquet:
    """The same documents as Parquet, zstd, LIST<STRUCT>."""

    def __init__(self, setting: Setting) -> None:
        self._setting = setting

    def make_files(self) -> None:
        documents.write_parquet(
            self._setting.folder / "nested.parquet", self._setting.document_rows
        )

    def measures(self) -> Measures:
        setting = self._setting
        return {
            "scan_nested_parquet": scan(setting, "nested.parquet", setting.document_rows),
            "duckdb_nested_parquet": rival(
                setting, "duckdb_scan.py", "nested.parquet", documents.NESTED_TYPES
            ),
        }

    def ratios(self) -> Sequence[Ratio]:
        goal = Goal("scan_nested_parquet", "nested Parquet scan / DuckDB with one thread", 2.0, 1.2)
        return [Ratio(goal, "scan_nested_parquet", "duckdb_nested_parquet")]


def timed(run: Callable[[pathlib.Path], float], path: pathlib.Path) -> Callable[[], Sample]:
    return lambda: Sample(seconds=run(path))


class Avro:
    """Ten fields with the usual logical types, deflate."""

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        self._path = setting.folder / "rows.avro"

    def make_files(self) -> None:
        formats_avro.make(self._path, self._setting.rows)

    def measures(self) -> Measures:
        return {
            f"avro_{name}": timed(run, self._path) for name, run in formats_avro.CONTENDERS.items()
        }

    def ratios(self) -> Sequence[Ratio]:
        goal = Goal("avro", "fastavro / Avro scan", 10, 20, better="higher")
        return [Ratio(goal, "avro_eclusa", "avro_fastavro")]


class FixedWidth:
    """The layout of base_teste.txt."""

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        self._path = setting.folder / "rows.txt"

    def make_files(self) -> None:
        formats_fixed.make(self._path, self._setting.rows)

    def measures(self) -> Measures:
        return {
            f"fixed_{name}": timed(run, self._path)
            for name, run in formats_fixed.CONTENDERS.items()
        }

    def ratios(self) -> Sequence[Ratio]:
        return [
            Ratio(Goal("fixed_pandas", "pandas.read_fwf / fixed width scan", 30, 60, better="higher"),
                  "fixed_eclusa", "fixed_pandas.read_fwf"),
            Ratio(Goal("fixed_duckdb", "fixed width scan / DuckDB by substring", 1.5, 1.0),
                  "fixed_eclusa", "fixed_duckdb"),
        ]  # fmt: skip


class Documents:
    """Not a reader alone: the whole job, parents and children, on a server of its own."""

    def __init__(self, setting: Setting) -> None:
        self._job = formats_job.Job(setting.eclusa, setting.document_rows)

    def make_files(self) -> None:
        self._job.make_files()

    def measures(self) -> Measures:
        return {"r0_documents": self._job.r0, "job_documents": self._job.job}

    def ratios(self) -> Sequence[Ratio]:
        goal = Goal("documents", "job of documents, three children each / R0 of both tables", 1.3, 1.0)
        return [Ratio(goal, "job_documents", "r0_documents")]

    def close(self) -> None:
        self._job.close()


class Kit:
    """Check digits of the Brazilian kit, beside the load that they are part of."""

    def __init__(self, setting: Setting) -> None:
        self._kit = formats_kit.Kit(setting.eclusa, setting.rows)

    def make_files(self) -> None:
        self._kit.make_files()

    def measures(self) -> Measures:
        return {"kit_check": self._kit.check, "kit_job": self._kit.job}

    def ratios(self) -> Sequence[Ratio]:
        goal = Goal("kit_check", "check of a CPF and a CNPJ a row / the load of those rows", 0.02, 0.01)
        return [Ratio(goal, "kit_check", "kit_job")]

    def close(self) -> None:
        self._kit.close()


FORMATS: tuple[type[Format], ...] = (Json, NestedParquet, Avro, FixedWidth, Documents, Kit)


def run(measures: Measures, rounds: int) -> dict[str, list[Sample]]:
    samples: dict[str, list[Sample]] = {}
    for number in range(1, rounds + 1):
        for name, measure in measures.items():
            try:
                sample = measure()
            except BenchError as error:
                print(f"round {number}  {name}: {error}", file=sys.stderr, flush=True)
                continue
            samples.setdefault(name, []).append(sample)
            print(f"round {number}  {name:22s} {sample.seconds:8.2f} s", flush=True)
    return samples


def row_of(ratio: Ratio, samples: Mapping[str, Sequence[Sample]]) -> Row:
    if ratio.ours not in samples or ratio.theirs not in samples:
        return Row(ratio.goal, None)
    ours, theirs = (harness.median(samples[name]) for name in (ratio.ours, ratio.theirs))
    # Of a goal that is to be high, the rival's time is what is divided.
    return Row(ratio.goal, ours / theirs if ratio.goal.better == "lower" else theirs / ours)


def main() -> int:
    parser = argparse.ArgumentParser(description="Measures the readers of all formats.")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=int(os.environ.get("ROUNDS", "3")))
    parser.add_argument("--only", action="append", default=[], metavar="NAME")
    parser.add_argument("--list", action="store_true", help="names of what is measured")
    options = parser.parse_args()
    eclusa = os.environ.get("ECLUSA_BIN") or str(harness.ROOT / "build" / "release" / "eclusa")
    scanner = os.environ.get("ECLUSA_SCAN") or str(pathlib.Path(eclusa).parent / "eclusa_scan")
    with tempfile.TemporaryDirectory(prefix="eclusa-bench-") as folder:
        setting = Setting(pathlib.Path(folder), options.rows, scanner, eclusa)
        formats = [make(setting) for make in FORMATS]
        everything = {name: run for each in formats for name, run in each.measures().items()}
        if options.list:
            print("\n".join(everything))
            return 0
        unknown = set(options.only) - set(everything)
        if unknown:
            parser.error(f"nothing measured is called {', '.join(sorted(unknown))}; see --list")
        chosen = {name: run for name, run in everything.items() if not options.only or name in options.only}
        for each in formats:
            if any(name in chosen for name in each.measures()):
                each.make_files()
        samples = run(chosen, options.rounds)
        for each in formats:
            if isinstance(each, Documents | Kit):
                each.close()
    harness.print_samples(samples)
    rows = [row_of(ratio, samples) for each in formats for ratio in each.ratios()]
    if options.only:
        # What was not asked for is not missed.
        rows = [row for row in rows if row.value is not None]
    if options.rows < 1_000_000 or options.rounds < 3:
        print("\nfewer rows or rounds than the goals speak of: for trying things out only")
    return harness.finish("formats", rows)


if __name__ == "__main__":
    sys.exit(main())
