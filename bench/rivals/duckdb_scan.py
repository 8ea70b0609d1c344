"""DuckDB with one thread reads every value of a file. duckdb_scan.py FILE COLUMN...; prints seconds.

A CSV is split into texts and no further, for that is what the scan beside it does (types are the checker's
business); of a Parquet file each value comes in its type.
"""

import sys
import time

import duckdb

path, names = sys.argv[1], sys.argv[2:]

if path.endswith(".csv"):
    options = "header = true, auto_detect = false, delim = ',', quote = '\"'"
    columns = {name: "VARCHAR" for name in names}
    source = f"read_csv('{path}', {options}, columns = {columns})"
    each = ", ".join(f"max(strlen({name}))" for name in names)
else:
    source = f"'{path}'"
    each = ", ".join(f"max({name})" for name in names)

connection = duckdb.connect(config={"threads": "1"})
begin = time.perf_counter()
connection.execute(f"SELECT count(*), {each} FROM {source}").fetchall()
print(f"seconds {time.perf_counter() - begin:.3f}")
