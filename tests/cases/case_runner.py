"""Runs one case: its sections in order, against one database that it empties first.

Beside what a case expects, each load is held to what every load promises: the conservation law, the
exit code that goes with the state, a final state, failures that are as many as were counted, and no
table left over in the stage's schema.
"""

from __future__ import annotations

import dataclasses
import gzip
import json
import pathlib
import re
import shlex
from collections.abc import Callable
from typing import NoReturn

import duckdb
import fastavro
import psycopg
from psycopg.conninfo import make_conninfo

from tests import database, product
from tests.cases import case_file
from tests.cases.case_file import Case, ExpectedFailure, Section

STATE_OF_EXIT = {
    product.EXIT_LOADED: "SUCCEEDED",
    product.EXIT_LOADED_WITH_FAILURES: "SUCCEEDED_WITH_FAILURES",
    product.EXIT_REFUSED: "REJECTED",
    product.EXIT_CANCELLED: "CANCELED",
}


class CaseFailure(AssertionError):
    """An expectation that was not met; says which and shows the run."""


@dataclasses.dataclass
class LastRun:
    run: product.Run
    line: int
    report: product.Report | None = None
    failures: list[product.FailedRow] | None = None
    exit_stated: bool = False
    failures_stated: bool = False


class CaseRunner:
    def __init__(
        self, eclusa: product.Eclusa, connection: psycopg.Connection, folder: pathlib.Path
    ) -> None:
        self._eclusa = eclusa
        self._connection = connection
        self._folder = folder
        self._jobs: list[int] = []
        self._last: LastRun | None = None
        self._user: str | None = None
        self._versions: dict[str, object] = {}
        self._case: Case | None = None

    def run(self, case: Case) -> None:
        self._case = case
        database.reset(self._connection)
        actions: dict[str, Callable[[Section], None]] = {
            "setup": self._sql,
            "sql": self._sql,
            "file": self._file,
            "parquet": self._parquet,
            "avro": self._avro,
            "user": self._set_user,
            "exit": self._exit,
            "state": self._state,
            "outcomes": self._outcomes,
            "tables": self._tables,
            "warnings": self._warnings,
            "failed": self._failed,
            "says": self._says,
            "silent": self._silent,
            "stdout": self._stdout,
            "table": self._table,
            "unwritten": self._unwritten,
        }
        for index, section in enumerate(case.sections):
            if section.word == "run":
                self._close_run()
                self._remember_versions(case.sections[index + 1 :])
                self._run(section)
            else:
                actions[section.word](section)
        self._close_run()

    # --- what is done ---

    def _sql(self, section: Section) -> None:
        database.execute(self._connection, section.text)

    def _file(self, section: Section) -> None:
        name, options = case_file.file_options(section)
        data = case_file.file_bytes(section)
        (self._folder / name).write_bytes(gzip.compress(data) if "gzip" in options else data)

    def _parquet(self, section: Section) -> None:
        path = str(self._folder / section.argument).replace("'", "''")
        with duckdb.connect() as duck:
            duck.execute(f"COPY ({section.text}) TO '{path}' (FORMAT parquet)")

    def _avro(self, section: Section) -> None:
        """The first line holds the record's fields, each other one a record, as JSON."""
        fields, *rows = [json.loads(line) for line in section.block]
        schema = fastavro.parse_schema({"type": "record", "name": "row", "fields": fields})
        with (self._folder / section.argument).open("wb") as out:
            fastavro.writer(out, schema, rows, codec="deflate")

    def _set_user(self, section: Section) -> None:
        self._user = section.argument

    def _remember_versions(self, later: tuple[Section, ...]) -> None:
        self._versions = {}
        for section in later:
            if section.word == "run":
                break
            if section.word == "unwritten":
                table = section.argument
                self._versions[table] = database.row_versions(self._connection, table)

    def _run(self, section: Section) -> None:
        arguments = [self._job(word) for word in shlex.split(section.argument)]
        with_report = arguments[0] in product.Eclusa.WITH_REPORT and "--text" not in arguments
        arguments = [word for word in arguments if word != "--text"]
        if with_report and "--json" not in arguments:
            arguments.append("--json")
        conninfo = self._eclusa.conninfo
        if self._user:
            conninfo = make_conninfo(conninfo, user=self._user)
        run = self._eclusa.run(arguments, folder=self._folder, conninfo=conninfo)
        self._last = LastRun(run, section.line)
        # A load that is refused as a whole, before its rows were looked at, has no report.
        refused = run.exit == product.EXIT_REFUSED and '{"error"' in run.stdout
        if with_report and run.exit in STATE_OF_EXIT and not refused:
            self._check_promises(self._last)

    def _job(self, word: str) -> str:
        """JOB is the last job of this case, JOB1 its first."""
        if re.fullmatch(r"JOB\d*", word) is None:
            return word
        number = int(word.removeprefix("JOB") or len(self._jobs))
        return str(self._jobs[number - 1])

    def _check_promises(self, last: LastRun) -> None:
        report = last.run.report()
        last.report = report
        self._jobs.append(report.job_id)
        if not report.balances():
            self._fail(last.line, f"outcomes do not add up: {dict(report.document['outcomes'])}")
        if report.state != STATE_OF_EXIT[last.run.exit]:
            self._fail(last.line, f"exit {last.run.exit} does not go with state {report.state}")
        left = database.leftovers(self._connection)
        if left:
            self._fail(last.line, f"left over in the stage's schema: {left}")
        last.failures = self._eclusa.failures(report.job_id)
        # A child that fails alone keeps its document, which has not failed itself.
        alone = report.tables() and len(last.failures) > report.outcome("failed")
        if len(last.failures) != report.outcome("failed") and not alone:
            self._fail(
                last.line,
                f"{report.outcome('failed')} rows were counted as failed,"
                f" {len(last.failures)} are kept",
            )

    def _close_run(self) -> None:
        """What a run did that its case does not mention is an error of the case."""
        last, self._last = self._last, None
        if last is None:
            return
        if not last.exit_stated and last.run.exit != product.EXIT_LOADED:
            self._fail(last.line, "exit: expected 0", last)
        if last.failures and not last.failures_stated:
            self._fail(last.line, f"failed rows not mentioned:\n{_show(last.failures)}", last)

    # --- what is expected ---

    def _exit(self, section: Section) -> None:
        last = self._expect_run(section)
        last.exit_stated = True
        if last.run.exit != int(section.argument):
            self._fail(section.line, f"exit: expected {section.argument}")

    def _state(self, section: Section) -> None:
        report = self._expect_report(section)
        if report.state != section.argument:
            self._fail(section.line, f"state: expected {section.argument}, got {report.state}")

    def _outcomes(self, section: Section) -> None:
        report = self._expect_report(section)
        stated = case_file.expected_outcomes(section)
        names = dict.fromkeys((*product.OUTCOMES, *stated))
        expected = {name: stated.get(name, 0) for name in names}
        found = {name: report.outcome(name) for name in names}
        if found != expected:
            self._fail(
                section.line,
                f"outcomes:\n  expected {_nonzero(expected)}\n  got      {_nonzero(found)}",
            )

    def _tables(self, section: Section) -> None:
        stated = case_file.expected_tables(section)
        found = self._expect_report(section).tables()
        if found != stated:
            self._fail(section.line, f"tables:\n  expected {stated}\n  got      {found}")

    def _warnings(self, section: Section) -> None:
        expected = case_file.expected_outcomes(section)
        found = self._expect_report(section).warnings()
        if found != expected:
            self._fail(section.line, f"warnings: expected {expected}, got {found}")

    def _failed(self, section: Section) -> None:
        last = self._expect_run(section)
        last.failures_stated = True
        found = {(_base(row.file), row.row): row for row in last.failures or []}
        files = {file for file, _ in found}
        expected: dict[tuple[str, int], ExpectedFailure] = {}
        for failure in case_file.expected_failures(section):
            file = failure.file or (next(iter(files)) if len(files) == 1 else "")
            expected[file, failure.row] = failure
        wrong = set(found) ^ set(expected)
        wrong |= {
            place
            for place in set(found) & set(expected)
            if not _meets(found[place], expected[place])
        }
        if wrong:
            places = ", ".join(f"{file}:{row}" for file, row in sorted(wrong))
            rows = _show(last.failures or [])
            self._fail(section.line, f"failed rows differ at {places}; there are:\n{rows}")

    def _says(self, section: Section) -> None:
        output = self._expect_run(section).run.output
        for line in section.block:
            if line not in output:
                self._fail(section.line, f"not said: {line}")

    def _silent(self, section: Section) -> None:
        output = self._expect_run(section).run.output
        for line in section.block:
            if line in output:
                self._fail(section.line, f"said, but should not be: {line}")

    def _stdout(self, section: Section) -> None:
        found = self._expect_run(section).run.stdout.replace("\r\n", "\n")
        if found != section.text:
            self._fail(section.line, f"stdout:\n{found}\nexpected:\n{section.text}")

    def _table(self, section: Section) -> None:
        found = database.text_rows(self._connection, section.argument)
        expected = case_file.table_rows(section.block)
        if found != expected:
            rows = "\n".join("  " + " | ".join(row) for row in found) or "  (no row)"
            self._fail(section.line, f"table: {section.argument}\nholds\n{rows}")

    def _unwritten(self, section: Section) -> None:
        table = section.argument
        if database.row_versions(self._connection, table) != self._versions[table]:
            self._fail(section.line, f"rows of {table} were written")

    # --- how it is told ---

    def _expect_run(self, section: Section) -> LastRun:
        if self._last is None:
            self._fail(section.line, f"'{section.word}' follows no run")
        return self._last

    def _expect_report(self, section: Section) -> product.Report:
        last = self._expect_run(section)
        if last.report is None:
            self._fail(section.line, "the run gave no report")
        return last.report

    def _fail(self, line: int, message: str, last: LastRun | None = None) -> NoReturn:
        shown = last or self._last
        where = f"{self._case.file if self._case else ''}:{line}"
        run = "\n" + shown.run.describe() if shown else ""
        raise CaseFailure(f"{where}: {message}{run}")


def _meets(found: product.FailedRow, expected: ExpectedFailure) -> bool:
    reasons = list(found.reasons)
    for wanted in expected.reasons:
        for reason in reasons:
            if reason.code != wanted.code or wanted.column not in (None, reason.column):
                continue
            named = re.findall(r"\d+", reason.message)
            if wanted.names_row is None or str(wanted.names_row) in named:
                reasons.remove(reason)
                break
        else:
            return False
    return not reasons


def _base(file: str) -> str:
    return pathlib.PurePath(file).name


def _show(rows: list[product.FailedRow]) -> str:
    return "\n".join(
        f"  {_base(row.file)}:{row.row}  "
        + " + ".join(f"{reason.code} ({reason.column})" for reason in row.reasons)
        + "".join(f"\n      {reason.message}" for reason in row.reasons)
        for row in rows
    )


def _nonzero(counts: dict[str, int]) -> str:
    return " ".join(f"{name}={count}" for name, count in counts.items() if count)
