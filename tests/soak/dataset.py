"""What the soak loads and what must become of it: files made from a seed, tables as those make them.

A file is known by its name alone, which the job's options keep: its rows are drawn again wherever they
are needed. Model applies accepted files one by one, in the order of the ledger.
"""

from __future__ import annotations

import collections
import csv
import dataclasses
import io
import random
from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

TABLES = """
CREATE TABLE people (tenant int, id int, name text NOT NULL, amount int, PRIMARY KEY (tenant, id));
CREATE TABLE visits (tenant int, id int, name text NOT NULL, amount int);
"""
CONTRACT = """\
apiVersion: v3.1.0
kind: DataContract
id: urn:eclusa:{table}
name: {table}
version: 1.0.0
status: active
schema:
  - name: {table}
    logicalType: object
    physicalName: {table}
    customProperties:
      - {{property: eclusa.path, value: /soak/{table}}}
      - {{property: eclusa.tenantColumns, value: [tenant]}}
    properties:
      - {{name: id, logicalType: integer{key}, required: true}}
      - {{name: name, logicalType: string, required: true}}
      - {{name: amount, logicalType: integer}}
"""
CONTRACTS = {
    "people": CONTRACT.format(table="people", key=", primaryKey: true, primaryKeyPosition: 1"),
    "visits": CONTRACT.format(table="visits", key=""),
}
TENANTS = (1, 2, 3, 4)
IDS = 30_000
COLUMNS = ("id", "name", "amount")
BAD_AMOUNT = "x"
NAMES = np.array([f"n{n}" for n in range(1000)])
AMOUNTS = np.array([str(n) for n in range(1000)])

Row = tuple[int, str, str]  # the amount as the file has it


@dataclasses.dataclass(frozen=True)
class File:
    """One job's file and what was asked of it."""

    name: str
    table: str
    tenant: int
    mode: str
    seed: int
    row_count: int
    bad_share: float = 0
    max_failures: str = ""
    rows_per_part: int = 0
    given: Sequence[Row] | None = None  # instead of drawn ones

    @property
    def parquet(self) -> bool:
        return self.name.endswith(".parquet")

    def rows(self) -> Sequence[Row]:
        if self.given is not None:
            return self.given
        draw = np.random.default_rng(self.seed)
        ids = draw.integers(IDS, size=self.row_count).tolist()
        names = draw.choice(NAMES, self.row_count).tolist()
        amounts = draw.choice(AMOUNTS, self.row_count)
        amounts[draw.random(self.row_count) < self.bad_share] = BAD_AMOUNT
        return list(zip(ids, names, amounts.tolist()))

    def bad_rows(self) -> list[int]:
        """Numbers of the rows that must fail; of rows to be deleted only the key is looked at."""
        if self.mode == "delete":
            return []
        return [n for n, row in enumerate(self.rows(), 1) if row[2] == BAD_AMOUNT]

    def content(self) -> bytes:
        rows = self.rows()
        if not self.parquet:
            text = io.StringIO()
            csv.writer(text, lineterminator="\n").writerows([COLUMNS, *rows])
            return text.getvalue().encode()
        types = zip(COLUMNS, (pa.int32(), pa.string(), pa.string()))
        arrays = {name: pa.array([row[i] for row in rows], kind) for i, (name, kind) in enumerate(types)}
        sink = io.BytesIO()
        pq.write_table(pa.table(arrays), sink, row_group_size=max(1, self.row_count // 5))
        return sink.getvalue()


def draw_file(draw: random.Random, number: int) -> File:
    """Mostly small ones, some of up to 20,000 rows, some empty."""
    table = draw.choice(("people", "people", "people", "visits"))
    mode = "append" if table == "visits" else draw.choice(("upsert",) * 6 + ("replace", "delete"))
    row_count = draw.randrange(draw.choice((1, 100, 2000, 20_000, 20_000)))
    if mode == "replace":
        row_count = max(row_count, 1)  # an empty one is refused
    return File(
        name=f"f{number:06}{draw.choice(('.csv', '.csv', '.parquet'))}",
        table=table,
        tenant=draw.choice(TENANTS),
        mode=mode,
        seed=draw.getrandbits(32),
        row_count=row_count,
        bad_share=0 if mode == "replace" else draw.choice((0, 0, 0.002, 0.05)),
        max_failures=draw.choice(("", "", "", "1%")) if mode != "delete" else "",
        rows_per_part=draw.choice((0, 0, max(1, row_count // 7), 500)),
    )


class Model:
    """The tables after some accepted files."""

    def __init__(self) -> None:
        self.people: dict[tuple[int, int], tuple[str, int]] = {}
        self.visits: collections.Counter[tuple[int, int, str, int]] = collections.Counter()

    def apply(self, file: File) -> Mapping[str, int]:
        """Gives the counts that the load must have."""
        rows = file.rows()
        good = rows if file.mode == "delete" else [row for row in rows if row[2] != BAD_AMOUNT]
        counts = {"read": len(rows), "failed": len(rows) - len(good)}
        if file.mode == "append":
            self.visits.update((file.tenant, key, name, int(amount)) for key, name, amount in good)
            return counts | {"inserted": len(good)}
        last = {(file.tenant, key): (name, amount) for key, name, amount in good}
        counts["duplicate"] = len(good) - len(last)
        if file.mode == "delete":
            gone = [key for key in last if self.people.pop(key, None)]
            return counts | {"deleted": len(gone), "unchanged": len(last) - len(gone)}
        if file.mode == "replace":
            others = [key for key in self.people if key[0] == file.tenant and key not in last]
            for key in others:
                del self.people[key]
            counts["removed"] = len(others)
        wanted = {key: (name, int(amount)) for key, (name, amount) in last.items()}
        counts["inserted"] = sum(key not in self.people for key in wanted)
        counts["unchanged"] = sum(self.people.get(key) == value for key, value in wanted.items())
        counts["updated"] = len(wanted) - counts["inserted"] - counts["unchanged"]
        self.people.update(wanted)
        return counts
