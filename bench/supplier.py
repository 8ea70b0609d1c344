"""The data of the load bench: suppliers as an ERP keeps them, 22 columns, about 330 bytes a row.

The rows are made by the server, the same for the same number of rows, keys in random order as they
arrive; from them come the files: COPY BINARY, CSV, and Parquet (zstd).
"""

from __future__ import annotations

import pathlib

import psycopg
import pyarrow  # type: ignore[import-untyped]
import pyarrow.csv  # type: ignore[import-untyped]
import pyarrow.parquet  # type: ignore[import-untyped]
from harness import Server

COLUMNS = (
    ("id", "uuid"),
    ("tenant", "int"),
    ("code", "text"),
    ("legal_name", "text"),
    ("trade_name", "text"),
    ("cnpj", "text"),
    ("state_reg", "text"),
    ("email", "text"),
    ("phone", "text"),
    ("street", "text"),
    ("number", "text"),
    ("district", "text"),
    ("city", "text"),
    ("uf", "char(2)"),
    ("zip", "text"),
    ("credit_limit", "numeric(14,2)"),
    ("discount", "numeric(5,2)"),
    ("active", "boolean"),
    ("blocked", "boolean"),
    ("since", "date"),
    ("updated_at", "timestamptz"),
    ("category_id", "int"),
)
NAMES = tuple(name for name, _ in COLUMNS)

# As DuckDB writes them, and as most files are found.
ROW_GROUP_ROWS = 122_880

_ARROW = {
    "uuid": pyarrow.string(),
    "int": pyarrow.int32(),
    "text": pyarrow.string(),
    "char(2)": pyarrow.string(),
    "numeric(14,2)": pyarrow.decimal128(14, 2),
    "numeric(5,2)": pyarrow.decimal128(5, 2),
    "boolean": pyarrow.bool_(),
    "date": pyarrow.date32(),
    "timestamptz": pyarrow.timestamp("us", "UTC"),
}

_ROWS = """
CREATE UNLOGGED TABLE src WITH (autovacuum_enabled = off) AS
SELECT md5('id' || g)::uuid AS id, 2531 AS tenant, 'F' || lpad(g::text, 8, '0') AS code,
  'FORNECEDOR ' || substr(md5('n' || g), 1, 18) || ' COMERCIO E SERVICOS LTDA' AS legal_name,
  CASE WHEN g % 3 = 0 THEN NULL ELSE 'FANTASIA ' || substr(md5('t' || g), 1, 12) END AS trade_name,
  lpad(((g::bigint * 7919) % 99999999999999)::text, 14, '0') AS cnpj,
  CASE WHEN g % 4 = 0 THEN NULL ELSE lpad((g * 31)::text, 12, '0') END AS state_reg,
  'contato' || g || '@' || substr(md5('e' || g), 1, 10) || '.com.br' AS email,
  '+55 21 9' || lpad((g % 100000000)::text, 8, '0') AS phone,
  'RUA ' || substr(md5('s' || g), 1, 22) AS street, (g % 9999)::text AS number,
  'BAIRRO ' || substr(md5('d' || g), 1, 8) AS district,
  (ARRAY['São Paulo', 'Rio de Janeiro', 'Belo Horizonte', 'Niterói', 'Goiânia'])[1 + g % 5] AS city,
  (ARRAY['SP', 'RJ', 'MG', 'RJ', 'GO'])[1 + g % 5]::char(2) AS uf,
  lpad((g % 99999999)::text, 8, '0') AS zip,
  round((g % 1000000) / 7.0, 2)::numeric(14,2) AS credit_limit,
  round((g % 900) / 10.0, 2)::numeric(5,2) AS discount,
  g % 10 <> 0 AS active, g % 50 = 0 AS blocked, date '2000-01-01' + (g % 9000) AS since,
  timestamptz '2024-01-01 00:00Z' + make_interval(secs => g) AS updated_at,
  1 + g % 500 AS category_id
FROM generate_series(1, {rows}) g
"""

# One row in a hundred is bad, five kinds in turn: no code; a credit below zero; a category that is not
# there; the cnpj of the row before; a code that a row of the target holds which the file does not bring.
_BAD_ROWS = """
CREATE UNLOGGED TABLE src_bad WITH (autovacuum_enabled = off) AS
SELECT id, tenant,
  CASE WHEN bad AND kind = 0 THEN NULL WHEN bad AND kind = 4 THEN 'T' || lpad((n / 500)::text, 8, '0')
    ELSE code END AS code,
  legal_name, trade_name,
  CASE WHEN bad AND kind = 3 THEN before ELSE cnpj END AS cnpj,
  state_reg, email, phone, street, number, district, city, uf, zip,
  CASE WHEN bad AND kind = 1 THEN -1 ELSE credit_limit END AS credit_limit,
  discount, active, blocked, since, updated_at,
  CASE WHEN bad AND kind = 2 THEN 999999 ELSE category_id END AS category_id
FROM (SELECT *, n % 100 = 0 AS bad, (n / 100) % 5 AS kind, lag(cnpj) OVER (ORDER BY n) AS before
      FROM (SELECT *, row_number() OVER () AS n FROM src) numbered) q
ORDER BY n
"""


def _select(names: tuple[str, ...], changed: dict[str, str]) -> str:
    return ", ".join(f"{changed[name]} AS {name}" if name in changed else name for name in names)


# What the target holds where everything will change, or the half of it.
_OLD_NAME = "'X' || legal_name"
_OLD_ROWS = f"SELECT {_select(NAMES, {'legal_name': _OLD_NAME})} FROM src"


def make_tables(server: Server, rows: int) -> None:
    server.sql(
        "CREATE TABLE category (id int PRIMARY KEY, name text NOT NULL)",
        "INSERT INTO category SELECT g, 'category ' || g FROM generate_series(1, 500) g",
        _ROWS.format(rows=rows),
        _BAD_ROWS,
        f"CREATE UNLOGGED TABLE old WITH (autovacuum_enabled = off) AS {_OLD_ROWS}",
        "ANALYZE",
    )


def make_files(server: Server, folder: pathlib.Path) -> None:
    """supplier.copy, .csv, .parquet; bad.parquet; one_group.parquet."""
    _copy_out(server, "src", folder / "supplier.copy", "(FORMAT binary)")
    _copy_out(server, "src", folder / "supplier.csv", "(FORMAT csv, HEADER)")
    _copy_out(server, "src_bad", folder / "bad.csv", "(FORMAT csv, HEADER)")
    table = read_csv(folder / "supplier.csv")
    write_parquet(table, folder / "supplier.parquet")
    write_parquet(table, folder / "one_group.parquet", row_group_rows=table.num_rows)
    write_parquet(read_csv(folder / "bad.csv"), folder / "bad.parquet")


def _copy_out(server: Server, table: str, path: pathlib.Path, options: str) -> None:
    statement = f"COPY (SELECT {', '.join(NAMES)} FROM {table}) TO STDOUT {options}"
    with (
        psycopg.connect(server.conninfo) as connection,
        connection.cursor() as cursor,
        path.open("wb") as file,
        cursor.copy(statement.encode()) as copy,
    ):
        for block in copy:
            file.write(block)


def read_csv(path: pathlib.Path) -> pyarrow.Table:
    options = pyarrow.csv.ConvertOptions(
        column_types={name: _ARROW[kind] for name, kind in COLUMNS},
        true_values=["t"],
        false_values=["f"],
        strings_can_be_null=True,
        null_values=[""],
        timestamp_parsers=["%Y-%m-%d %H:%M:%S+00", pyarrow.csv.ISO8601],
    )
    return pyarrow.csv.read_csv(path, convert_options=options)


def write_parquet(
    table: pyarrow.Table,
    path: pathlib.Path,
    *,
    row_group_rows: int = ROW_GROUP_ROWS,
    times: int = 1,
) -> None:
    with pyarrow.parquet.ParquetWriter(path, table.schema, compression="zstd") as writer:
        for _ in range(times):
            writer.write_table(table, row_group_size=row_group_rows)


def columns_ddl() -> str:
    required = {"tenant", "legal_name", "active", "blocked", "updated_at"}
    return ", ".join(
        f"{name} {kind}{' NOT NULL' if name in required else ''}" for name, kind in COLUMNS
    )


def merge_statement(stage: str) -> str:
    """Stage to target in one statement; rows that are equal are not touched."""
    others = NAMES[1:]
    held = ", ".join(f"t.{name}" for name in others)
    asked = ", ".join(f"s.{name}" for name in others)
    return (
        f"MERGE INTO supplier t USING {stage} s ON t.id = s.id"
        f" WHEN MATCHED AND ({held}) IS DISTINCT FROM ({asked})"
        f" THEN UPDATE SET {', '.join(f'{name} = s.{name}' for name in others)}"
        f" WHEN NOT MATCHED THEN INSERT ({', '.join(NAMES)})"
        f" VALUES ({', '.join(f's.{name}' for name in NAMES)})"
    )


def fill_target(server: Server, rows: str, *, constraints: bool = False) -> None:
    """Makes the target anew: `rows` is a query, or empty for none."""
    statements = [
        "DROP TABLE IF EXISTS supplier, stage",
        f"CREATE TABLE supplier ({columns_ddl()}) WITH (autovacuum_enabled = off)",
    ]
    if rows:
        statements.append(f"INSERT INTO supplier {rows} ORDER BY id")
    statements.append("ALTER TABLE supplier ADD PRIMARY KEY (id)")
    if constraints:
        statements += [
            "ALTER TABLE supplier ALTER code SET NOT NULL",
            "ALTER TABLE supplier ADD UNIQUE (tenant, code), ADD UNIQUE (cnpj)",
            "ALTER TABLE supplier ADD CHECK (credit_limit >= 0)",
            "ALTER TABLE supplier ADD FOREIGN KEY (category_id) REFERENCES category",
        ]
    statements += [
        f"CREATE UNLOGGED TABLE stage ({columns_ddl()}) WITH (autovacuum_enabled = off)",
        "VACUUM (ANALYZE) supplier",
        "CHECKPOINT",
    ]
    server.sql(*statements)


# Queries for fill_target.
ALL_OLD = f"SELECT {', '.join(NAMES)} FROM old"
ALL_SAME = f"SELECT {', '.join(NAMES)} FROM src"
# Half of the rows, with another name, and rows of the target alone whose codes begin with T.
_OF_TARGET_ONLY = {
    "id": "md5(id::text)::uuid",
    "code": "overlay(code PLACING 'T' FROM 1)",
    "cnpj": "overlay(cnpj PLACING 'T' FROM 1)",
}
HALF_OLD = (
    f"SELECT {', '.join(NAMES)} FROM old WHERE left(id::text, 1) < '8'"
    f" UNION ALL SELECT {_select(NAMES, _OF_TARGET_ONLY)} FROM src WHERE code <= 'F00005000'"
)
