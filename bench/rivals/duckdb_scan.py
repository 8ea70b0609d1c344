"""DuckDB with one thread reads every value of a file. duckdb_scan.py FILE COLUMN...; prints seconds.

A CSV is split into texts and no further, for that is what the scan beside it does (types are the checker's
business); so are JSON lines, into the types that are named; of a Parquet file each value comes in its type.
"""

import ast
import sys
import time

import duckdb

path, types = sys.argv[1], ast.literal_eval(sys.argv[2])
names = list(types)
# Of a list its length: comparing lists would cost more than reading them.
lists = {name for name in names if isinstance(types, dict) and str(types[name]).endswith("[]")}

if path.endswith(".csv"):
    options = "header = true, auto_detect = false, delim = ',', quote = '\"'"
    columns = {name: "VARCHAR" for name in names}
    source = f"read_csv('{path}', {options}, columns = {columns})"
    each = ", ".join(f"max(strlen({name}))" for name in names)
elif path.endswith(".ndjson"):
    source = f"read_json('{path}', format = 'newline_delimited', columns = {types})"
    each = ", ".join(f"max({'len' if name in lists else 'strlen'}({name}))" for name in names)
else:
    source = f"'{path}'"
    each = ", ".join(f"max(len({name}))" if name in lists else f"max({name})" for name in names)

connection = duckdb.connect(config={"threads": "1"})
begin = time.perf_counter()
connection.execute(f"SELECT count(*), {each} FROM {source}").fetchall()
print(f"seconds {time.perf_counter() - begin:.3f}")
