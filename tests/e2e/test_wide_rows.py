"""Tables of very many columns: a row that no page holds fails alone, and the server's word is the measure."""

from __future__ import annotations

import random
import string

import psycopg
import pytest

from tests.e2e.conftest import Bench

COLUMNS = 520


def row(random_: random.Random, key: int, values: int, length: int) -> list[str]:
    letters = string.ascii_letters + string.digits
    texts = ["".join(random_.choices(letters, k=length)) for _ in range(values)]
    return [str(key), *texts, *[""] * (COLUMNS - values)]


def server_takes(bench: Bench, cells: list[str]) -> bool:
    """Whether the target takes the row, which has no columns but its own."""
    try:
        with bench.sql.transaction(force_rollback=True):
            places = ", ".join("nullif(%s, '')" for _ in cells[1:])
            bench.sql.execute(f"INSERT INTO wide VALUES (-1, {places})".encode(), cells[1:])
    except psycopg.errors.ProgramLimitExceeded:
        return False
    return True


@pytest.mark.parametrize("length", [20, 30])
def test_a_row_that_fits_no_page_fails_alone(bench: Bench, length: int) -> None:
    random_ = random.Random(length)
    columns = ", ".join(f"c{n} text" for n in range(COLUMNS))
    bench.run_sql(f"CREATE TABLE wide (id int PRIMARY KEY, {columns})")
    room = {20: 384, 30: 448}[length]
    rows = [row(random_, key, room - 12 + key, length) for key in range(24)]
    header = ",".join(["id", *(f"c{n}" for n in range(COLUMNS))])
    path = bench.write("wide.csv", "\n".join([header, *(",".join(cells) for cells in rows)]) + "\n")
    run = bench.product.load([path, "--to", "wide"])
    assert run.exit == 3, run.describe()
    assert bench.rows("SELECT DISTINCT codes FROM eclusa.failures") == [("{row.too_wide}",)]
    loaded = {int(key) for (key,) in bench.rows("SELECT id FROM wide")}
    taken = {key for key, cells in enumerate(rows) if server_takes(bench, cells)}
    # The stage's own columns take what two or three values do.
    assert loaded < taken and len(taken - loaded) <= 3
    assert loaded == set(range(len(loaded)))


def test_more_columns_than_a_stage_can_have_are_refused_by_name(bench: Bench) -> None:
    names = [f"c{n}" for n in range(1599)]
    bench.run_sql(f"CREATE TABLE full_table (id int PRIMARY KEY, {', '.join(f'{name} bool' for name in names)})")
    path = bench.write("full.csv", ",".join(["id", *names]) + "\n" + ",".join(["1"] + ["true"] * len(names)) + "\n")
    run = bench.product.load([path, "--to", "full_table"])
    assert run.exit == 1 and "load.too_many_columns" in run.output, run.describe()
    path = bench.write("fewer.csv", ",".join(["id", *names[:1593]]) + "\n" + ",".join(["1"] + ["true"] * 1593) + "\n")
    assert bench.product.load([path, "--to", "full_table"]).exit == 0
