"""Fixed width: our scan beside pandas.read_fwf and DuckDB, which splits the same lines by substring.

Of bench_formats.py."""

from __future__ import annotations

import pathlib
import subprocess
import time

import duckdb
import pandas

SCAN = pathlib.Path(__file__).resolve().parent.parent / "build" / "release" / "eclusa_scan"
# The layout of base_teste.txt; None: to the end of the line.
COLUMNS: list[tuple[str, int, int | None]] = [
    ("cpf", 0, 19),
    ("private", 19, 12),
    ("incompleto", 31, 12),
    ("data", 43, 22),
    ("ticket_medio", 65, 22),
    ("ticket_ultima", 87, 24),
    ("loja_frequente", 111, 20),
    ("loja_ultima", 131, None),
]


def make(path: pathlib.Path, rows: int) -> None:
    with path.open("w", encoding="utf-8") as out:
        for n in range(rows):
            digits = f"{n * 104729 % 10**11:011}"
            values = [
                f"{digits[:3]}.{digits[3:6]}.{digits[6:9]}-{digits[9:]}",
                str(n % 2),
                str(n // 2 % 2),
                f"2013-{n % 12 + 1:02}-{n % 28 + 1:02}" if n % 3 else "NULL",
                f"{n % 5000},{n % 100:02}" if n % 3 else "NULL",
                f"{n % 7000},{n % 100:02}" if n % 3 else "NULL",
                "79.379.491/0008-50" if n % 3 else "NULL",
                "79.379.491/0008-50" if n % 3 else "NULL",
            ]
            line = "".join(v.ljust(w or 0) for v, (_, _, w) in zip(values, COLUMNS, strict=True))
            out.write(line + "\n")


def scan(path: pathlib.Path) -> float:
    """Seconds of our scan, as it says itself."""
    places = [f"{name}@{at}" + (f"+{width}" if width else "") for name, at, width in COLUMNS]
    said = subprocess.run([SCAN, path, *places], check=True, capture_output=True, text=True).stdout
    return float(said.split()[-1])


def rival_pandas(path: pathlib.Path) -> float:
    begin = time.perf_counter()
    places = [(at, at + (width or 40)) for _, at, width in COLUMNS]
    pandas.read_fwf(path, colspecs=places, names=[name for name, _, _ in COLUMNS], dtype=str)
    return time.perf_counter() - begin


def rival_duckdb(path: pathlib.Path) -> float:
    parts = ", ".join(
        f"max(strlen(trim(substring(line, {at + 1}{f', {width}' if width else ''}))))" for _, at, width in COLUMNS
    )
    options = "header = false, auto_detect = false, delim = '\\x01', quote = '', escape = ''"
    connection = duckdb.connect(config={"threads": "1"})
    begin = time.perf_counter()
    connection.execute(f"SELECT count(*), {parts} FROM read_csv('{path}', {options}, columns = {{'line': 'VARCHAR'}})")
    connection.fetchall()
    return time.perf_counter() - begin


CONTENDERS = {"eclusa": scan, "pandas.read_fwf": rival_pandas, "duckdb": rival_duckdb}
