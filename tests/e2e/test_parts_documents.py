"""Large files of documents are staged in parts: every table gets what one worker would give it."""

from __future__ import annotations

import json
import pathlib

import fastavro
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests import database
from tests.e2e.conftest import Bench
from tests.e2e.test_parts import ENDED, enqueue, held, load_by_several, outcome, stop, wait_for, worker

DOCUMENTS = 1500
TABLES = """
CREATE SCHEMA {0};
CREATE TABLE {0}.supplier (id int PRIMARY KEY, name text NOT NULL, job bigint, row bigint);
CREATE TABLE {0}.contact (
    id int PRIMARY KEY, supplier_id int NOT NULL REFERENCES {0}.supplier, age int CHECK (age > 0)
);
CREATE TABLE {0}.phone (contact_id int NOT NULL REFERENCES {0}.contact, line int, number text, PRIMARY KEY (contact_id, line));
INSERT INTO {0}.supplier SELECT g, 'old', 0, 0 FROM generate_series(1, 200) g;
INSERT INTO {0}.contact SELECT 10 * g + 9, g, 1 FROM generate_series(1, 200) g;
"""
CONTRACT = """
apiVersion: v3.1.0
kind: DataContract
id: urn:eclusa:supplier
version: 1.0.0
status: active
schema:
  - name: supplier
    physicalName: {0}.supplier
    customProperties:
      - {{property: eclusa.provenanceColumns, value: [job, row]}}
    properties:
      - {{name: id, logicalType: integer, primaryKey: true, required: true}}
      - {{name: name, logicalType: string}}
      - name: contacts
        logicalType: array
        items:
          logicalType: object
          physicalName: {0}.contact
          customProperties:
            - {{property: eclusa.parentColumns, value: [supplier_id]}}
            - {{property: eclusa.children, value: replace}}
            - {{property: eclusa.onChildFailure, value: {1}}}
          properties:
            - {{name: id, logicalType: integer, primaryKey: true, required: true}}
            - {{name: age, logicalType: integer}}
            - name: phones
              logicalType: array
              items:
                logicalType: object
                physicalName: {0}.phone
                customProperties:
                  - {{property: eclusa.parentColumns, value: [contact_id]}}
                properties:
                  - {{name: line, logicalType: integer, primaryKey: true, required: true}}
                  - {{name: number, logicalType: string}}
"""


def contact(n: int, k: int) -> dict[str, object]:
    key = 10 * n + k if n % 131 else 7  # the same one in several documents
    age = "x" if n % 101 == 0 and k == 1 else str(-1 if n % 89 == 0 else 30 + k)
    return {"id": key, "age": age, "phones": [{"line": line, "number": f"{n}-{line}"} for line in range(n % 3)]}


def documents() -> list[dict[str, object]]:
    return [
        {
            "id": n - 1 if n % 301 == 0 else n,
            "name": None if n % 97 == 0 else f"n{n}ç",
            "contacts": [contact(n, k) for k in range(n % 4)],
        }
        for n in range(1, DOCUMENTS + 1)
    ]


# What no document of the head has, and the contract knows, is a column all the same.
def write_ndjson(folder: pathlib.Path) -> pathlib.Path:
    rows = documents()
    for row in rows[:1000]:
        for contact in row["contacts"]:  # type: ignore[attr-defined]
            del contact["phones"]
    path = folder / "supplier.ndjson"
    path.write_text("".join(json.dumps(row) + " " * 300 + "\n" for row in rows), encoding="utf-8")
    return path


def write_parquet(folder: pathlib.Path) -> pathlib.Path:
    path = folder / "supplier.parquet"
    pq.write_table(pa.Table.from_pylist(documents()), path, row_group_size=150)
    return path


def write_avro(folder: pathlib.Path) -> pathlib.Path:
    def record(name: str, *fields: tuple[str, object]) -> dict[str, object]:
        return {"type": "record", "name": name, "fields": [{"name": n, "type": t} for n, t in fields]}

    def array(items: object) -> dict[str, object]:
        return {"type": "array", "items": items}

    phone = record("phone", ("line", "int"), ("number", "string"))
    contacts = record("contact", ("id", "int"), ("age", "string"), ("phones", array(phone)))
    schema = record("supplier", ("id", "int"), ("name", ["null", "string"]), ("contacts", array(contacts)))
    path = folder / "supplier.avro"
    with path.open("wb") as out:
        fastavro.writer(out, fastavro.parse_schema(schema), documents(), codec="deflate", sync_interval=4_000)
    return path


STAGE_OF_PHONES = (
    "SELECT attrelid::regclass FROM pg_attribute JOIN pg_class c ON c.oid = attrelid"
    " WHERE relnamespace = 'eclusa_stage'::regnamespace AND attname = 'number'"
)
WRITERS = {"ndjson": write_ndjson, "parquet": write_parquet, "avro": write_avro}


def contract(bench: Bench, schema: str, failure: str = "document") -> list[str]:
    path = bench.write(f"{schema}.yaml", CONTRACT.format(schema, failure))
    return ["--contract", path, "--to", f"{schema}.supplier"]


def content(bench: Bench, schema: str, job: str) -> dict[str, list[tuple[str, ...]]]:
    tables = ("supplier", "contact", "phone")
    own = {name: bench.rows(f"SELECT t.* FROM (SELECT (to_jsonb(t) - 'job')::text FROM {schema}.{name} t) t ORDER BY 1") for name in tables}
    counts = bench.rows(
        "SELECT list, read, inserted, updated, unchanged, deleted, duplicate, failed, skipped"
        f" FROM eclusa.ledger_tables WHERE job_id = {job} ORDER BY list"
    )
    return {**own, **outcome(bench, f"{schema}.supplier", job), "rows": [], "tables": counts}


@pytest.mark.parametrize("failure", ["document", "itself"])
@pytest.mark.parametrize("kind", list(WRITERS))
def test_the_tables_are_those_of_one_worker(bench: Bench, kind: str, failure: str) -> None:
    path = WRITERS[kind](bench.folder)
    bench.run_sql(TABLES.format("whole") + TABLES.format("cut"))
    loaded = bench.product.run(["load", str(path), *contract(bench, "whole", failure)])
    assert loaded.exit == 3, loaded.describe()
    load_by_several(bench, path, *contract(bench, "cut", failure), "--rows-per-part", "150")
    expected = content(bench, "whole", "1")
    assert content(bench, "cut", "2") == expected
    assert len(expected["failures"]) > 20
    assert len(expected["phone"]) > 200
    assert int(bench.value("SELECT count(*) FROM eclusa.parts WHERE job_id = 2 AND state = 'STAGED'")) > 6
    assert int(bench.value("SELECT count(DISTINCT worker_id) FROM eclusa.parts WHERE job_id = 2")) > 1
    assert database.leftovers(bench.sql) == []


def test_what_was_staged_is_not_staged_again(bench: Bench) -> None:
    path = write_ndjson(bench.folder)
    bench.run_sql(TABLES.format("whole") + TABLES.format("cut"))
    assert bench.product.run(["load", str(path), *contract(bench, "whole")]).exit == 3
    enqueue(bench, path, *contract(bench, "cut"), "--rows-per-part", "150")
    owner = worker(bench, "parts.staged:kill")
    owner.wait()
    staged = bench.rows("SELECT part, attempt, staged_at FROM eclusa.parts WHERE job_id = 2 ORDER BY part")
    second = worker(bench)
    wait_for(bench, ENDED)
    stop(second)
    assert bench.rows("SELECT part, attempt, staged_at FROM eclusa.parts WHERE job_id = 2 ORDER BY part") == staged
    assert content(bench, "cut", "2") == content(bench, "whole", "1")


def test_a_lost_list_is_staged_again(bench: Bench) -> None:
    path = write_ndjson(bench.folder)
    bench.run_sql(TABLES.format("whole") + TABLES.format("cut"))
    assert bench.product.run(["load", str(path), *contract(bench, "whole")]).exit == 3
    enqueue(bench, path, *contract(bench, "cut"), "--rows-per-part", "150")
    worker(bench, "parts.staged:kill").wait()
    before = bench.rows("SELECT part, staged_at FROM eclusa.parts WHERE job_id = 2 ORDER BY part")
    # As a crash of the server leaves it, of one table.
    bench.run_sql("TRUNCATE " + bench.value(STAGE_OF_PHONES))
    second = worker(bench)
    wait_for(bench, ENDED)
    stop(second)
    after = bench.rows("SELECT part, staged_at FROM eclusa.parts WHERE job_id = 2 ORDER BY part")
    assert [part for part, _ in after] == [part for part, _ in before]
    assert not set(after) & set(before)
    assert content(bench, "cut", "2") == content(bench, "whole", "1")


def test_more_children_than_there_is_room_for_are_refused(bench: Bench) -> None:
    path = write_ndjson(bench.folder)
    bench.run_sql(TABLES.format("cut"))
    enqueue(bench, path, *contract(bench, "cut"), "--rows-per-part", "150")
    with held(bench, "parts.queued") as owner:
        bench.run_sql("UPDATE eclusa.parts SET place = jsonb_set(place, '{children_per_row}', '1') WHERE part = 3")
    wait_for(bench, ENDED)
    stop(owner)
    assert bench.value("SELECT state || ' ' || (error->>'code') FROM eclusa.jobs") == "FAILED load.part_children"
    assert bench.value("SELECT count(*) FROM cut.supplier WHERE name <> 'old'") == "0"
