"""What the check digits of a CPF and a CNPJ cost beside a load of rows that have both.

The load is the whole job: 23 columns of CSV into a table with a primary key, the contract naming both
formats. The check is `eclusa_check_bench` beside the binary, in the same run: the time of a column of each
kind less that of a column of any text, for as many rows. A load with and one without the contract's two
words would differ by less than two loads alike do.
"""

from __future__ import annotations

import contextlib
import csv
import json
import pathlib

import documents
import harness
from harness import BenchError, Sample

CONTRACT = """\
apiVersion: v3.1.0
kind: DataContract
id: urn:eclusa:bench
name: supplier
version: 1.0.0
status: active
schema:
  - name: supplier
    physicalName: supplier
    properties:
"""
FORMATS = {"cnpj": "cnpj", "cpf": "cpf"}
KINDS = ("document/cpf", "document/cnpj")


def _digit(digits: str, weights: range) -> str:
    rest = sum(int(digit) * weight for digit, weight in zip(reversed(digits), weights, strict=False)) % 11
    return "0" if rest < 2 else str(11 - rest)


def _cpf(number: int) -> str:
    text = f"{number * 7907 % 999999999:09d}"
    for _ in range(2):
        text += _digit(text, range(2, 12))
    return text


def _cnpj(number: int) -> str:
    text = f"{number * 7919 % 999999999999:012d}"
    for _ in range(2):
        digits = text
        rest = sum(int(d) * (2 + i % 8) for i, d in enumerate(reversed(digits))) % 11
        text += "0" if rest < 2 else str(11 - rest)
    return text


class Kit:
    def __init__(self, eclusa: str, rows: int) -> None:
        self._eclusa = eclusa
        self._bench = str(pathlib.Path(eclusa).parent / "eclusa_check_bench")
        self._rows = rows
        self._stack = contextlib.ExitStack()

    def close(self) -> None:
        self._stack.close()

    def make_files(self) -> None:
        self._server, self._folder = self._stack.enter_context(harness.server())
        self._file = self._folder / "kit.csv"
        with self._file.open("w", encoding="utf-8", newline="") as file:
            writer: csv.DictWriter[str] | None = None
            for number, row in enumerate(documents.flat(self._rows), 1):
                row |= {"cnpj": _cnpj(number), "cpf": _cpf(number)}
                if writer is None:
                    writer = csv.DictWriter(file, list(row))
                    writer.writeheader()
                    self._names = list(row)
                writer.writerow(row)
        self._contract = self._folder / "kit.yaml"
        lines = []
        for name in self._names:
            words = ", primaryKey: true, required: true" if name == "id" else ""
            if name in FORMATS:
                words = f", logicalTypeOptions: {{format: {FORMATS[name]}}}"
            lines.append(f"      - {{name: {name}, logicalType: string{words}}}\n")
        self._contract.write_text(CONTRACT + "".join(lines))

    def job(self) -> Sample:
        columns = ", ".join(f"{name} {'text PRIMARY KEY' if name == 'id' else 'text'}" for name in self._names)
        self._server.sql(
            "DROP TABLE IF EXISTS supplier",
            f"CREATE TABLE supplier ({columns}) WITH (autovacuum_enabled = off)",
            "CHECKPOINT",
        )
        command = [self._eclusa, "load", str(self._file), "--contract", str(self._contract)]
        sample = harness.timed([*command, "--json", "--db", self._server.url])
        report = json.loads(sample.output.strip().splitlines()[-1])
        if report["outcomes"]["inserted"] != self._rows:
            raise BenchError(f"outcomes: {report['outcomes']}")
        return sample

    def check(self) -> Sample:
        if not pathlib.Path(self._bench).exists():
            raise BenchError(f"there is no {self._bench}; ./x bench builds it")
        names = "|".join((*KINDS, "text/text"))
        sample = harness.timed(
            [self._bench, f"--benchmark_filter=^({names})$", "--benchmark_format=json"]
        )
        found = {each["name"]: each["items_per_second"] for each in json.loads(sample.output)["benchmarks"]}
        seconds = sum(1 / found[kind] - 1 / found["text/text"] for kind in KINDS) * self._rows
        return Sample(seconds=seconds)
