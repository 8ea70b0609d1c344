"""Eclusa as the tests in Python see it: a program that is run, and what it answers.

All that these tests assume of the command line and of the JSON stands here. The binary is named by
ECLUSA_BIN (build/dev/eclusa where it is not set).
"""

from __future__ import annotations

import dataclasses
import json
import os
import pathlib
import shlex
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from typing import Any

ROOT = pathlib.Path(__file__).resolve().parent.parent

EXIT_LOADED = 0
EXIT_FAILED = 1
EXIT_USAGE = 2
EXIT_LOADED_WITH_FAILURES = 3
EXIT_REFUSED = 4
EXIT_CANCELLED = 130

# The conservation law: read is the sum of the others. What the report may hold beside them
# (removed, cascaded, pending) was not read.
OUTCOMES = (
    "inserted",
    "updated",
    "unchanged",
    "deleted",
    "superseded",
    "duplicate",
    "waiting",
    "failed",
    "skipped",
)

FINAL_STATES = ("SUCCEEDED", "SUCCEEDED_WITH_FAILURES", "REJECTED", "FAILED", "CANCELED")

# A run that takes longer hangs.
TIMEOUT_SECONDS = 120


@dataclasses.dataclass(frozen=True)
class Reason:
    code: str
    column: str
    value: str
    rule: str
    message: str
    path: str = ""  # inside the document: contacts[1].emails[0]


@dataclasses.dataclass(frozen=True)
class FailedRow:
    file: str  # as it was named on the command line; "#2" behind it where it was named twice
    row: int
    line: int | None
    reasons: tuple[Reason, ...]

    @property
    def codes(self) -> frozenset[str]:
        return frozenset(reason.code for reason in self.reasons)


@dataclasses.dataclass(frozen=True)
class Run:
    """One finished process."""

    command: tuple[str, ...]
    exit: int
    stdout: str
    stderr: str

    @property
    def output(self) -> str:
        return self.stdout + self.stderr

    def describe(self) -> str:
        return f"$ {shlex.join(self.command)}\nexit {self.exit}\n{self.stdout}{self.stderr}"

    def report(self) -> Report:
        """The object that --json prints; it is the last line that starts with a brace."""
        try:
            document = json.loads(self.stdout)
        except json.JSONDecodeError:
            lines = [line for line in self.stdout.splitlines() if line.startswith("{")]
            if not lines:
                raise AssertionError(f"no JSON object was printed\n{self.describe()}") from None
            document = json.loads(lines[-1])
        return Report(document)


@dataclasses.dataclass(frozen=True)
class Report:
    document: Mapping[str, Any]

    @property
    def job_id(self) -> int:
        return int(self.document["job_id"])

    @property
    def state(self) -> str:
        return str(self.document["state"])

    def outcome(self, name: str) -> int:
        # What the report does not know yet is null; what it leaves out did not happen.
        return int(self.document["outcomes"].get(name) or 0)

    def outcomes(self) -> dict[str, int]:
        return {name: self.outcome(name) for name in ("read", *OUTCOMES)}

    def tables(self) -> dict[str, dict[str, int]]:
        """Child tables of documents: counts that are not zero, by the list's path."""
        return {
            str(table["list"]): {name: n for name, n in table["outcomes"].items() if n}
            for table in self.document.get("tables") or []
        }

    def warnings(self) -> dict[str, int]:
        """Breaches that did not fail their row, by the name they are counted under."""
        warnings = self.document.get("warnings") or []
        return {str(w["counter"]): int(w["count"]) for w in warnings if w["count"]}

    def balances(self) -> bool:
        return self.outcome("read") == sum(self.outcome(name) for name in OUTCOMES)


class Eclusa:
    """Runs the binary against one database."""

    def __init__(self, conninfo: str, binary: str | None = None) -> None:
        default = str(ROOT / "build" / "dev" / "eclusa")
        self.binary = binary or os.environ.get("ECLUSA_BIN") or default
        self.conninfo = conninfo

    # Subcommands that speak to a database, and those that print a report.
    WITH_DATABASE = ("load", "jobs", "status", "failures", "resubmit", "waive", "doctor", "db")
    WITH_REPORT = ("load", "resubmit")

    def run(
        self,
        arguments: Sequence[str],
        *,
        folder: pathlib.Path | None = None,
        conninfo: str | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> Run:
        """Runs a subcommand as it stands, with --db added where it needs one."""
        command = [self.binary, *arguments]
        with_table = list(arguments[:2]) == ["contract", "from-table"] or (
            list(arguments[:2]) == ["contract", "check"] and "--to" in arguments
        )
        with_database = arguments[0] in self.WITH_DATABASE or with_table
        if with_database and "--db" not in arguments:
            command += ["--db", conninfo or self.conninfo]
        finished = subprocess.run(
            command,
            cwd=folder,
            env={**os.environ, "LANG": "C.UTF-8", "NO_COLOR": "1", **(environment or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=TIMEOUT_SECONDS,
            check=False,
        )
        return Run(
            command=tuple(command),
            exit=finished.returncode,
            stdout=finished.stdout.decode("utf-8", "replace"),
            stderr=finished.stderr.decode("utf-8", "replace"),
        )

    def load(self, arguments: Sequence[str], *, folder: pathlib.Path | None = None) -> Run:
        return self.run(["load", *arguments, "--json"], folder=folder)

    def failures(self, job_id: int) -> list[FailedRow]:
        """The job's failed rows with all their reasons, in the order of the load."""
        with tempfile.TemporaryDirectory() as name:
            paths = self.export_failures(job_id, pathlib.Path(name))
            texts = [path.read_text(encoding="utf-8") for path in paths]
        rows = [_failed_row(json.loads(line)) for text in texts for line in text.splitlines()]
        return sorted(rows, key=lambda row: (row.file, row.row))

    def export_failures(self, job_id: int, folder: pathlib.Path) -> list[pathlib.Path]:
        """The job's failed rows as JSON lines, in files of the folder that nothing else is in."""
        # Files of different columns give one output each: failed.jsonl, failed.2.jsonl ...
        output = folder / "failed.jsonl"
        arguments = ["failures", str(job_id), "--format", "jsonl", "--output", str(output)]
        run = self.run(arguments)
        if run.exit != EXIT_LOADED:
            raise AssertionError(run.describe())
        return sorted(folder.iterdir())


def _failed_row(document: Mapping[str, Any]) -> FailedRow:
    return FailedRow(
        file=str(document["_eclusa_file"]),
        row=int(document["_eclusa_row"]),
        line=int(document["_eclusa_line"]) if document.get("_eclusa_line") else None,
        reasons=tuple(_reason(error) for error in _errors(document)),
    )


def _errors(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    errors = document["_eclusa_errors"]
    # In formats without lists it is their JSON text.
    listed: list[Mapping[str, Any]] = json.loads(errors) if isinstance(errors, str) else errors
    return listed


def _reason(error: Mapping[str, Any]) -> Reason:
    return Reason(
        code=str(error["code"]),
        column=str(error.get("column") or ""),
        value=str(error.get("value") or ""),
        rule=str(error.get("rule") or ""),
        message=str(error.get("message") or ""),
        path=str(error.get("path") or ""),
    )
