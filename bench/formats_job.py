"""The whole job: 200,000 documents with three children each into two tables, beside psql.

R0 is psql: COPY BINARY of ready-made files into two key-less unlogged tables, ANALYZE, and one MERGE each
in one transaction, the parents first. It reads nothing but its own format and checks nothing.
"""

from __future__ import annotations

import contextlib
import json
import pathlib

import documents
import harness
from harness import BenchError, Sample

SUPPLIER = "pk uuid, id text, codigo text, nome text, criado_em date, fornecedor boolean"
CONTACT = "id uuid, fornecedor_pk uuid, nome text, cpf text, nascimento date, email text"
TABLES = {"fornecedor": (SUPPLIER, "pk"), "contato": (CONTACT, "id")}

CONTRACT = """\
apiVersion: v3.1.0
kind: DataContract
id: urn:eclusa:bench
name: fornecedor
version: 1.0.0
status: active
schema:
  - name: fornecedor
    physicalName: fornecedor
    properties:
      - {name: pk, logicalType: string, physicalType: uuid, primaryKey: true, required: true}
      - {name: id, logicalType: string}
      - {name: codigo, logicalType: string}
      - {name: nome, logicalType: string}
      - {name: criado_em, logicalType: date}
      - {name: fornecedor, logicalType: boolean}
      - name: contatos
        logicalType: array
        items:
          logicalType: object
          physicalName: contato
          customProperties:
            - {property: eclusa.parentColumns, value: [fornecedor_pk]}
          properties:
            - {name: id, logicalType: string, physicalType: uuid, primaryKey: true, required: true}
            - {name: nome, logicalType: string}
            - {name: cpf, logicalType: string}
            - {name: nascimento, logicalType: date}
            - {name: email, logicalType: string}
"""


def _names(columns: str) -> list[str]:
    return [column.split()[0] for column in columns.split(", ")]


def _merge(table: str) -> str:
    columns, key = TABLES[table]
    names = _names(columns)
    rest = [name for name in names if name != key]
    sets = ", ".join(f"{name} = s.{name}" for name in rest)
    differs = (
        f"({', '.join('t.' + name for name in rest)}) IS DISTINCT FROM"
        f" ({', '.join('s.' + name for name in rest)})"
    )
    return (
        f"MERGE INTO {table} t USING stage_{table} s ON t.{key} = s.{key}"
        f" WHEN MATCHED AND {differs} THEN UPDATE SET {sets}"
        f" WHEN NOT MATCHED THEN INSERT ({', '.join(names)})"
        f" VALUES ({', '.join('s.' + name for name in names)})"
    )


class Job:
    def __init__(self, eclusa: str, rows: int) -> None:
        self._eclusa = eclusa
        self._rows = rows
        self._stack = contextlib.ExitStack()

    def close(self) -> None:
        self._stack.close()

    def make_files(self) -> None:
        self._server, self._folder = self._stack.enter_context(harness.server())
        self._file = self._folder / "nested.parquet"
        documents.write_parquet(self._file, self._rows)
        self._contract = self._folder / "contract.yaml"
        self._contract.write_text(CONTRACT)
        self.job()
        for table, (columns, _) in TABLES.items():
            query = f"SELECT {', '.join(_names(columns))} FROM {table}"
            harness.timed(
                [*self._server.psql, "-c", f"\\copy ({query}) to '{self._copy(table)}' (format binary)"]
            )

    def _copy(self, table: str) -> pathlib.Path:
        return self._folder / f"{table}.copy"

    def _prepare(self) -> None:
        statements = ["DROP TABLE IF EXISTS contato, fornecedor, stage_contato, stage_fornecedor"]
        for table, (columns, key) in TABLES.items():
            statements += [
                f"CREATE TABLE {table} ({columns}, PRIMARY KEY ({key})) WITH (autovacuum_enabled = off)",
                f"CREATE UNLOGGED TABLE stage_{table} ({columns}) WITH (autovacuum_enabled = off)",
            ]
        statements += [
            "ALTER TABLE contato ALTER fornecedor_pk SET NOT NULL,"
            " ADD FOREIGN KEY (fornecedor_pk) REFERENCES fornecedor",
            "CHECKPOINT",
        ]
        self._server.sql(*statements)

    def _expect(self) -> None:
        for table, rows in (("fornecedor", self._rows), ("contato", 3 * self._rows)):
            found = self._server.number(f"SELECT count(*) FROM {table}")
            if found != rows:
                raise BenchError(f"{table} holds {found} rows, not {rows}")

    def r0(self) -> Sample:
        self._prepare()
        commands: list[str] = []
        for table in TABLES:
            commands += ["-c", f"\\copy stage_{table} from '{self._copy(table)}' with (format binary)"]
        commands += ["-c", "ANALYZE stage_fornecedor, stage_contato"]
        commands += ["-c", f"BEGIN; {_merge('fornecedor')}; {_merge('contato')}; COMMIT"]
        sample = harness.timed([*self._server.psql, *commands])
        self._expect()
        return sample

    def job(self) -> Sample:
        self._prepare()
        command = [self._eclusa, "load", str(self._file), "--to", "fornecedor"]
        command += ["--contract", str(self._contract), "--json", "--db", self._server.url]
        sample = harness.timed(command)
        report = json.loads(sample.output.strip().splitlines()[-1])
        if report["outcomes"]["inserted"] != self._rows:
            raise BenchError(f"outcomes: {report['outcomes']}")
        self._expect()
        return sample
