"""What is read is what others read: random files through a load into a table, beside DuckDB and pyarrow.

    ECLUSA_READER_SEEDS=200 tools/with_postgres.sh python -m pytest tests/e2e/test_readers.py
"""

from __future__ import annotations

import datetime
import decimal
import io
import os
import random
import uuid
from collections.abc import Callable
from typing import Any

import duckdb
import fastavro
import pyarrow
import pyarrow.parquet
import pytest

from tests.e2e.conftest import Bench

SEEDS = range(int(os.environ.get("ECLUSA_READER_SEEDS", "12")))

# What makes CSV hard: the characters of its grammar, blanks, other scripts, and what looks like a null.
WORDS = ("a", "b c", " ", "x,y", "x;y", 'say "no"', '"', '""', "line\nline", "line\r\nline", "\t", "São", "名", "😀", "NULL", "0001", "|")  # fmt: skip


def random_text(dice: random.Random) -> str | None:
    if dice.random() < 0.1:
        return None
    if dice.random() < 0.02:
        return "long " * dice.randrange(1000, 20_000)
    return "".join(dice.choice(WORDS) for _ in range(dice.randrange(1, 6)))


def written(value: str | None, delimiter: str, dice: random.Random) -> str:
    if value is None:
        return ""
    needed = any(c in value for c in (delimiter, '"', "\n", "\r")) or value != value.strip()
    if needed or dice.random() < 0.3:
        return '"' + value.replace('"', '""') + '"'
    return value


@pytest.mark.parametrize("seed", SEEDS)
def test_a_random_csv_is_read_as_duckdb_reads_it(bench: Bench, seed: int) -> None:
    dice = random.Random(seed)
    names = [f"c{n}" for n in range(dice.randrange(2, 8))]
    delimiter = dice.choice(",;|\t")
    line_end = dice.choice(["\n", "\r\n"])
    rows = [[random_text(dice) for _ in names] for _ in range(dice.randrange(0, 400))]
    out = io.StringIO(newline="")
    out.write(delimiter.join(names) + line_end)
    for number, row in enumerate(rows):
        row[0] = f"row {number}"  # no line is blank
        out.write(delimiter.join(written(value, delimiter, dice) for value in row) + line_end)
    text = out.getvalue()
    if rows and dice.random() < 0.3:
        text = text.removesuffix(line_end)
    path = bench.folder / "random.csv"
    path.write_bytes((b"\xef\xbb\xbf" if dice.random() < 0.3 else b"") + text.encode())

    bench.run_sql(f"CREATE TABLE t ({', '.join(f'{name} text' for name in names)})")
    run = bench.product.load([str(path), "--to", "t", "--mode", "append", "--delimiter", delimiter.replace("\t", "tab")])
    assert run.exit == 0, run.describe()
    loaded = sorted(bench.sql.execute("SELECT * FROM t").fetchall())
    assert loaded == sorted(tuple(row) for row in rows)
    columns = {name: "VARCHAR" for name in names}
    options = f"header = true, auto_detect = false, quote = '\"', escape = '\"', delim = '{delimiter}', max_line_size = 10000000"
    theirs = duckdb.execute(f"SELECT * FROM read_csv('{path}', {options}, columns = {columns})")
    assert sorted(loaded) == sorted(theirs.fetchall())


Maker = Callable[[random.Random], Any]
DAY = datetime.date(1970, 1, 1)
SECOND = datetime.datetime(1970, 1, 1)


def whole(bits: int, *, signed: bool = True) -> Maker:
    low, high = (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if signed else (0, 2**bits - 1)
    return lambda dice: dice.choice([low, high, 0, dice.randint(low, high)])


def exact(precision: int, scale: int) -> Maker:
    most = 10**precision - 1
    with_scale = decimal.Context(prec=precision)
    return lambda dice: with_scale.scaleb(decimal.Decimal(dice.randint(-most, most)), -scale)


def moment(unit: int) -> Maker:
    """Of the years 1 to 9999, in so many microseconds."""
    limit = 60_000_000_000_000_000 // unit
    return lambda dice: SECOND + datetime.timedelta(microseconds=dice.randint(-limit, limit) * unit)


def utc(dice: random.Random) -> datetime.datetime:
    return moment(1)(dice).replace(tzinfo=datetime.timezone.utc)


def clock(unit: int) -> Maker:
    return lambda dice: (SECOND + datetime.timedelta(microseconds=dice.randrange(86_400_000_000 // unit) * unit)).time()


TYPES: dict[str, tuple[pyarrow.DataType, str, Maker]] = {
    "boolean": (pyarrow.bool_(), "boolean", lambda dice: dice.random() < 0.5),
    "int8": (pyarrow.int8(), "smallint", whole(8)),
    "int16": (pyarrow.int16(), "smallint", whole(16)),
    "int32": (pyarrow.int32(), "integer", whole(32)),
    "int64": (pyarrow.int64(), "bigint", whole(64)),
    "uint8": (pyarrow.uint8(), "smallint", whole(8, signed=False)),
    "uint16": (pyarrow.uint16(), "integer", whole(16, signed=False)),
    "uint32": (pyarrow.uint32(), "bigint", whole(32, signed=False)),
    "uint64": (pyarrow.uint64(), "numeric", whole(64, signed=False)),
    "float": (pyarrow.float32(), "real", lambda dice: dice.randint(-(2**24), 2**24) / 8),
    "double": (pyarrow.float64(), "double precision", lambda dice: dice.uniform(-1e300, 1e300)),
    "decimal_9": (pyarrow.decimal128(9, 2), "numeric(9,2)", exact(9, 2)),
    "decimal_38": (pyarrow.decimal128(38, 10), "numeric(38,10)", exact(38, 10)),
    "decimal_76": (pyarrow.decimal256(76, 20), "numeric(76,20)", exact(76, 20)),
    "text": (pyarrow.string(), "text", lambda dice: random_text(dice) or ""),
    "large_text": (pyarrow.large_string(), "text", lambda dice: random_text(dice) or ""),
    "words": (pyarrow.dictionary(pyarrow.int32(), pyarrow.string()), "text", lambda dice: dice.choice(WORDS)),
    "bytes": (pyarrow.binary(), "bytea", lambda dice: dice.randbytes(dice.randrange(20))),
    "date": (pyarrow.date32(), "date", lambda dice: DAY + datetime.timedelta(days=dice.randint(-700_000, 2_900_000))),
    "timestamp_s": (pyarrow.timestamp("s"), "timestamp", moment(1_000_000)),
    "timestamp_ms": (pyarrow.timestamp("ms"), "timestamp", moment(1000)),
    "timestamp_us": (pyarrow.timestamp("us"), "timestamp", moment(1)),
    "timestamp_utc": (pyarrow.timestamp("us", "UTC"), "timestamptz", utc),
    "time_ms": (pyarrow.time32("ms"), "time", clock(1000)),
    "time_us": (pyarrow.time64("us"), "time", clock(1)),
    "nothing": (pyarrow.null(), "integer", lambda dice: None),
}  # fmt: skip


@pytest.mark.parametrize("seed", SEEDS)
def test_a_random_parquet_file_is_read_as_pyarrow_and_duckdb_read_it(bench: Bench, seed: int) -> None:
    dice = random.Random(seed)
    names = dice.sample(sorted(TYPES), dice.randrange(3, 12))
    rows = dice.choice([0, 1, 100, 3000])
    data = {"number": pyarrow.array(range(rows), pyarrow.int32())}
    for name in names:
        kind, _, make = TYPES[name]
        nulls = dice.choice([0, 0.1, 1])
        values = [None if dice.random() < nulls else make(dice) for _ in range(rows)]
        data[name] = pyarrow.array(values, kind.value_type).cast(kind) if name == "words" else pyarrow.array(values, kind)
    table = pyarrow.table(data)
    path = bench.folder / "random.parquet"
    pyarrow.parquet.write_table(
        table,
        path,
        row_group_size=dice.choice([7, 500, 1 << 20]),
        version=dice.choice(["1.0", "2.6"]),
        data_page_version=dice.choice(["1.0", "2.0"]),
        data_page_size=dice.choice([100, 1 << 20]),
        use_dictionary=dice.random() < 0.5,
        compression=dice.choice(["none", "snappy", "gzip", "zstd", "lz4", "brotli"]),
    )
    columns = ", ".join(f"{name} {TYPES[name][1]}" for name in names)
    bench.run_sql(f"CREATE TABLE t (number integer PRIMARY KEY, {columns})")
    run = bench.product.load([str(path), "--to", "t"])
    assert run.exit == 0, run.describe()
    bench.run_sql("SET TimeZone = 'UTC'")
    loaded = bench.sql.execute("SELECT * FROM t ORDER BY number").fetchall()
    theirs = pyarrow.parquet.read_table(path).to_pylist()
    assert [tuple(row) for row in loaded] == [tuple(row.values()) for row in theirs]
    # A second reader, for what it has types for: as texts, in which numbers are written alike.
    texts = [name for name in names if TYPES[name][1] in ("text", "smallint", "integer", "bigint", "boolean", "date")]
    if rows and texts:
        listed = ", ".join(f"{name}::VARCHAR" for name in texts)
        duck = duckdb.execute(f"SELECT {listed} FROM '{path}' ORDER BY number").fetchall()
        assert bench.sql.execute(f"SELECT {listed} FROM t ORDER BY number".encode()).fetchall() == duck


def avro_logical(of: str, logical: str) -> dict[str, str]:
    return {"type": of, "logicalType": logical}


# Avro's type, the table's, and its values.
AVRO_TYPES: dict[str, tuple[Any, str, Maker]] = {
    "boolean": ("boolean", "boolean", lambda dice: dice.random() < 0.5),
    "int": ("int", "integer", whole(32)),
    "long": ("long", "bigint", whole(64)),
    "float": ("float", "real", lambda dice: dice.randint(-(2**24), 2**24) / 8),
    "double": ("double", "double precision", lambda dice: dice.uniform(-1e300, 1e300)),
    "string": ("string", "text", lambda dice: random_text(dice) or ""),
    "bytes": ("bytes", "bytea", lambda dice: dice.randbytes(dice.randrange(20))),
    "enum": ({"type": "enum", "name": "e", "symbols": ["A", "BB", "C"]}, "text", lambda dice: dice.choice(["A", "BB", "C"])),
    "fixed": ({"type": "fixed", "name": "f", "size": 5}, "bytea", lambda dice: dice.randbytes(5)),
    "decimal_9": ({"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2}, "numeric(9,2)", exact(9, 2)),
    "decimal_38": ({"type": "fixed", "name": "d", "size": 16, "logicalType": "decimal", "precision": 38, "scale": 10}, "numeric(38,10)", exact(38, 10)),
    "decimal_76": ({"type": "bytes", "logicalType": "decimal", "precision": 76, "scale": 20}, "numeric(76,20)", exact(76, 20)),
    "date": (avro_logical("int", "date"), "date", lambda dice: DAY + datetime.timedelta(days=dice.randint(-700_000, 2_900_000))),
    "time_ms": (avro_logical("int", "time-millis"), "time", clock(1000)),
    "time_us": (avro_logical("long", "time-micros"), "time", clock(1)),
    "timestamp_ms": (avro_logical("long", "timestamp-millis"), "timestamptz", lambda dice: moment(1000)(dice).replace(tzinfo=datetime.timezone.utc)),
    "timestamp_us": (avro_logical("long", "timestamp-micros"), "timestamptz", utc),
    "local_ms": (avro_logical("long", "local-timestamp-millis"), "timestamp", moment(1000)),
    "local_us": (avro_logical("long", "local-timestamp-micros"), "timestamp", moment(1)),
    "uuid": (avro_logical("string", "uuid"), "uuid", lambda dice: uuid.UUID(int=dice.getrandbits(128))),
}  # fmt: skip


@pytest.mark.parametrize("seed", SEEDS)
def test_a_random_avro_file_is_read_and_written_as_fastavro_does(bench: Bench, seed: int) -> None:
    dice = random.Random(seed)
    names = dice.sample(sorted(AVRO_TYPES), dice.randrange(3, 12))
    fields: list[dict[str, Any]] = [{"name": "number", "type": "int"}]
    for name in names:
        kind = AVRO_TYPES[name][0]
        fields.append({"name": name, "type": dice.choice([kind, ["null", kind], [kind, "null"]])})
    rows = []
    for number in range(dice.choice([0, 1, 100, 3000])):
        row: dict[str, Any] = {"number": number}
        for field in fields[1:]:
            nullable = isinstance(field["type"], list)
            row[field["name"]] = None if nullable and dice.random() < 0.3 else AVRO_TYPES[field["name"]][2](dice)
        rows.append(row)
    path = bench.folder / "random.avro"
    with path.open("wb") as out:
        fastavro.writer(
            out,
            fastavro.parse_schema({"type": "record", "name": "r", "namespace": "a.b", "fields": fields}),
            rows,
            codec=dice.choice(["null", "deflate", "snappy", "zstandard"]),
            sync_interval=dice.choice([1, 1000, 16_000, 1 << 22]),
        )
    columns = ", ".join(f"{name} {AVRO_TYPES[name][1]}" for name in names)
    bench.run_sql(f"CREATE TABLE t (number integer PRIMARY KEY, {columns})")
    run = bench.product.load([str(path), "--to", "t"])
    assert run.exit == 0, run.describe()
    bench.run_sql("SET TimeZone = 'UTC'")
    loaded = bench.sql.execute("SELECT * FROM t ORDER BY number").fetchall()
    with path.open("rb") as file:
        theirs = list(fastavro.reader(file))
    assert [tuple(row) for row in loaded] == [tuple(row.values()) for row in theirs]

    # All rows fail a rule of the table and come back as Avro, which fastavro reads.
    bench.run_sql("TRUNCATE t")
    bench.run_sql("ALTER TABLE t ADD CHECK (number < 0)")
    run = bench.product.load([str(path), "--to", "t"])
    if not rows:
        return
    output = bench.folder / "failed.avro"
    written = bench.product.run(["failures", str(run.report().job_id), "--output", str(output)])
    assert written.exit == 0, written.describe()
    with output.open("rb") as file:
        back = list(fastavro.reader(file))
    texts = [name for name in names if name == "uuid"]
    for row in theirs:
        row.update({name: str(row[name]) for name in texts if row[name] is not None})
    assert [{name: row[name] for name in ("number", *names)} for row in back] == theirs
