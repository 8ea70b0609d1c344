"""pandas and SQLAlchemy, DataFrame.to_sql as it comes. pandas_to_sql.py URL CSV TABLE ROWS"""

import sys

import pandas
import sqlalchemy
import sqlalchemy.dialects.postgresql

url, path, table, rows = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])

frame = pandas.read_csv(
    path,
    nrows=rows,
    dtype=dict.fromkeys(("cnpj", "state_reg", "number", "zip"), str),
    parse_dates=["since", "updated_at"],
    true_values=["t"],
    false_values=["f"],
)
types = {"id": sqlalchemy.dialects.postgresql.UUID(as_uuid=False), "since": sqlalchemy.Date()}
engine = sqlalchemy.create_engine(url.replace("postgresql:", "postgresql+psycopg2:"))
frame.to_sql(table, engine, if_exists="append", index=False, dtype=types)
