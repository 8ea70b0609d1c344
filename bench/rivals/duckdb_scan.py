"""DuckDB with one thread reads every value of a file. duckdb_scan.py FILE TYPES; prints seconds."""

import ast
import sys
import time

import duckdb

path, types = sys.argv[1], sys.argv[2]

source = f"'{path}'"
if path.endswith(".csv"):
    options = "header = true, auto_detect = false, delim = ',', quote = '\"'"
    source = f"read_csv('{path}', {options}, columns = {types})"
each = ", ".join(f"max({name})" for name in ast.literal_eval(types))

connection = duckdb.connect(config={"threads": "1"})
begin = time.perf_counter()
connection.execute(f"SELECT count(*), {each} FROM {source}").fetchall()
print(f"seconds {time.perf_counter() - begin:.3f}")
