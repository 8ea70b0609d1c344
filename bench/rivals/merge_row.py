"""One MERGE for each row, in one transaction, as it is often written. merge_row.py URL CSV TABLE ROWS"""

import csv
import itertools
import sys

import psycopg2

url, path, table, rows = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])

with open(path, newline="") as file, psycopg2.connect(url) as connection:
    reader = csv.reader(file)
    names = next(reader)
    marks = ", ".join(["%s"] * len(names))
    statement = (
        f"MERGE INTO {table} t USING (SELECT (ROW({marks})::{table}).*) s ON t.id = s.id"
        f" WHEN MATCHED THEN UPDATE SET {', '.join(f'{name} = s.{name}' for name in names[1:])}"
        f" WHEN NOT MATCHED THEN INSERT ({', '.join(names)})"
        f" VALUES ({', '.join(f's.{name}' for name in names)})"
    )
    with connection.cursor() as cursor:
        for row in itertools.islice(reader, rows):
            cursor.execute(statement, [cell or None for cell in row])
