"""psycopg2's execute_values, 1,000 rows a statement, ON CONFLICT. execute_values.py URL CSV TABLE ROWS"""

import csv
import itertools
import sys

import psycopg2
import psycopg2.extras

url, path, table, rows = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])

with open(path, newline="") as file, psycopg2.connect(url) as connection:
    reader = csv.reader(file)
    names = next(reader)
    sets = ", ".join(f"{name} = excluded.{name}" for name in names[1:])
    statement = (
        f"INSERT INTO {table} ({', '.join(names)}) VALUES %s"
        f" ON CONFLICT ({names[0]}) DO UPDATE SET {sets}"
    )
    data = ([cell or None for cell in row] for row in itertools.islice(reader, rows))
    with connection.cursor() as cursor:
        psycopg2.extras.execute_values(cursor, statement, data, page_size=1000)
