"""JSON is read as others read it: random documents through a load into a table, beside Python and DuckDB.

    ECLUSA_READER_SEEDS=200 tools/with_postgres.sh python -m pytest tests/e2e/test_json.py
"""

from __future__ import annotations

import gzip
import json
import os
import random
from typing import Any

import duckdb
import pytest

from tests.e2e.conftest import Bench

SEEDS = range(int(os.environ.get("ECLUSA_READER_SEEDS", "12")))

# What makes JSON hard: the characters of its grammar, escapes, other scripts, halves of characters.
WORDS = ("a", "b c", " ", "{", "}", "[", "]", ",", ":", '"', "\\", "/", "\n", "\t", "\x1f", "São", "名", "😀", "null", "0001", "\\u0041", "x" * 40)  # fmt: skip


def random_text(dice: random.Random) -> str:
    return "".join(dice.choice(WORDS) for _ in range(dice.randrange(0, 6)))


def random_scalar(dice: random.Random) -> Any:
    return dice.choice([
        random_text, lambda d: d.randint(-(10**18), 10**18), lambda d: d.uniform(-1e300, 1e300),
        lambda d: d.random() < 0.5, lambda d: None,
    ])(dice)  # fmt: skip


def random_value(dice: random.Random, depth: int = 0) -> Any:
    if depth == 3 or dice.random() < 0.5:
        return random_scalar(dice)
    if dice.random() < 0.5:
        return [random_value(dice, depth + 1) for _ in range(dice.randrange(4))]
    return {random_text(dice): random_value(dice, depth + 1) for _ in range(dice.randrange(4))}


def random_documents(dice: random.Random, columns: int) -> list[dict[str, Any]]:
    documents = []
    for number in range(dice.randrange(0, 400)):
        names = [f"t{n}" for n in range(columns)] + [f"j{n}" for n in range(columns)]
        document: dict[str, Any] = {"number": number}
        dice.shuffle(names)
        for name in names:
            if dice.random() < 0.1:
                continue
            document[name] = random_text(dice) if name[0] == "t" else random_value(dice)
        documents.append(document)
    return documents


def written(documents: list[dict[str, Any]], layout: str, dice: random.Random) -> str:
    def one(document: dict[str, Any], indent: int | None = None) -> str:
        return json.dumps(document, ensure_ascii=dice.random() < 0.5, indent=indent)

    if layout == "ndjson":
        line_end = dice.choice(["\n", "\r\n"])
        return "".join(one(document) + line_end for document in documents)
    if layout == "documents":
        return "".join(one(document, indent=2) + "\n" for document in documents)
    array = "[" + dice.choice([",", " ,\n"]).join(one(document) for document in documents) + "]"
    return array if layout == "array" else f'{{"next": null, "result": {array}, "count": 5}}'


@pytest.mark.parametrize("seed", SEEDS)
def test_random_documents_are_read_as_python_and_duckdb_read_them(bench: Bench, seed: int) -> None:
    dice = random.Random(seed)
    columns = dice.randrange(1, 4)
    documents = random_documents(dice, columns)
    layout = dice.choice(["ndjson", "array", "envelope", "documents"])
    text = written(documents, layout, dice).encode()
    if dice.random() < 0.3:
        text = b"\xef\xbb\xbf" + text
    path = bench.folder / "random.json"
    path.write_bytes(gzip.compress(text) if dice.random() < 0.3 else text)
    listed = ", ".join(f"t{n} text, j{n} json" for n in range(columns))
    bench.run_sql(f"CREATE TABLE t (number integer PRIMARY KEY, {listed})")
    run = bench.product.load([str(path), "--to", "t"])
    if not documents:
        return  # no column, no key: refused, which is tested elsewhere
    assert run.exit == 0, run.describe()
    names = ["number", *(f"{kind}{n}" for n in range(columns) for kind in "tj")]
    casts = ", ".join(f"{name}::text" if name[0] == "j" else name for name in names)
    loaded = bench.sql.execute(f"SELECT {casts} FROM t ORDER BY number".encode()).fetchall()
    for row, document in zip(loaded, documents, strict=True):
        for name, value in zip(names, row, strict=True):
            expected = document.get(name)
            if name[0] == "j" and value is not None:
                value = json.loads(value)
            assert value == expected, (document["number"], name)
    if layout in ("ndjson", "array") and not text.startswith(b"\xef\xbb\xbf"):
        (bench.folder / "plain.json").write_bytes(text)
        types = {"number": "INTEGER", **{f"t{n}": "VARCHAR" for n in range(columns)}}
        theirs = duckdb.execute(
            f"SELECT * FROM read_json('{bench.folder / 'plain.json'}', columns = {types},"
            f" format = '{'newline_delimited' if layout == 'ndjson' else 'array'}') ORDER BY number"
        ).fetchall()
        ours = ", ".join(types)
        assert bench.sql.execute(f"SELECT {ours} FROM t ORDER BY number".encode()).fetchall() == theirs


@pytest.mark.parametrize("seed", SEEDS)
def test_lines_are_good_where_python_says_so(bench: Bench, seed: int) -> None:
    """Documents with a byte changed, cut or doubled: each is a row or a failure, as Python's strict reader has it."""
    dice = random.Random(seed)
    lines = []
    for number in range(300):
        document = {"number": number, "text": random_text(dice), "value": random_value(dice)}
        line = bytearray(json.dumps(document, ensure_ascii=dice.random() < 0.5).encode())
        if dice.random() < 0.5:
            at = dice.randrange(len(line))
            line[at : at + dice.randrange(2)] = dice.choice(
                [b"", b'"', b"\\", b",", b"}", b"]", b"{", b"\xff", b"0", b"e", b"NaN", b" ", b"\t"]
            )
        lines.append(bytes(line))
    path = bench.folder / "lines.ndjson"
    path.write_bytes(b'{"number": -1, "text": "first", "value": 1}\n' + b"\n".join(lines) + b"\n")
    bench.run_sql("CREATE TABLE t (number text, text text, value text)")
    run = bench.product.load([str(path), "--to", "t", "--mode", "append"])
    assert run.exit in (0, 3), run.describe()
    good = sum(python_reads(line) for line in lines)
    # U+0000 cannot occur here; a text column takes whatever a document has.
    assert bench.value("SELECT count(*) - 1 FROM t") == str(good)


def python_reads(line: bytes) -> bool:
    def no_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len({name for name, _ in pairs}) < len(pairs):
            raise ValueError("twice")
        return dict(pairs)

    def no_constant(word: str) -> None:
        raise ValueError(word)

    try:
        document = json.loads(line.decode(), object_pairs_hook=no_twice, parse_constant=no_constant)
        json.dumps(document, ensure_ascii=False).encode()  # halves of characters
    except ValueError:
        return False
    return isinstance(document, dict)


def late(count: int, last: dict[str, Any]) -> str:
    """Documents that fill more than the head of a file, and one behind them with fields of its own."""
    lines = [json.dumps({"id": number, "name": "x" * 100}) for number in range(count)]
    return "\n".join([*lines, json.dumps({"id": count, **last})]) + "\n"


@pytest.mark.parametrize("layout", ["ndjson", "array", "gzip"])
def test_a_field_of_the_table_is_a_column_wherever_it_comes_first(bench: Bench, layout: str) -> None:
    text = late(20000, {"PRICE": 1.5, "colour": "red", "note": None}).encode()
    if layout == "array":
        text = b"[" + text.strip().replace(b"\n", b",\n") + b"]"
    path = bench.folder / "late.json"
    path.write_bytes(gzip.compress(text) if layout == "gzip" else text)
    bench.run_sql("CREATE TABLE t (id integer PRIMARY KEY, name text, price numeric, note text)")
    bench.run_sql("INSERT INTO t VALUES (1, 'old', 7, 'kept')")
    run = bench.product.load([str(path), "--to", "t"])
    assert run.exit == 0, run.describe()
    assert bench.value("SELECT count(*) FROM t WHERE price IS NULL") == "20000"
    assert bench.value("SELECT price FROM t WHERE id = 20000") == "1.5"
    # Row 1 has no price in the file, which has the column: null.
    assert bench.value("SELECT price IS NULL FROM t WHERE id = 1") == "t"
    assert run.report().document["unknown_columns"] == ["colour"], run.describe()


def test_a_field_that_nobody_knows_comes_late_and_costs_nothing(bench: Bench) -> None:
    path = bench.folder / "late.ndjson"
    path.write_text(late(20000, {"colour": "red", "size": {"x": 1}}))
    bench.run_sql("CREATE TABLE t (id integer PRIMARY KEY, name text, price numeric)")
    bench.run_sql("INSERT INTO t VALUES (1, 'old', 7)")
    run = bench.product.load([str(path), "--to", "t"])
    assert run.exit == 0, run.describe()
    assert bench.value("SELECT price FROM t WHERE id = 1") == "7"
    assert run.report().document["unknown_columns"] == ["colour", "size"], run.describe()


def test_a_proposed_contract_of_documents_loads_them(bench: Bench) -> None:
    documents = [
        {"id": 1, "address": {"city": "Recife"}, "contacts": [{"n": 1, "since": "2024-02-29", "emails": [{"to": "a@b"}]}]},
        {"id": 2, "address": None, "contacts": []},
    ]  # fmt: skip
    path = bench.write("suppliers.ndjson", "".join(json.dumps(document) + "\n" for document in documents))
    keys = "id,contacts.n,contacts.emails.to"
    proposed = bench.product.run(["contract", "from-file", path, "--key", keys])
    assert proposed.exit == 0, proposed.describe()
    bench.run_sql("CREATE TABLE suppliers (id int PRIMARY KEY, city text)")
    bench.run_sql("CREATE TABLE contacts (suppliers_id int REFERENCES suppliers, n int PRIMARY KEY, since date)")
    bench.run_sql('CREATE TABLE emails (contacts_n int REFERENCES contacts, "to" text PRIMARY KEY)')
    contract = bench.write("suppliers.yaml", proposed.stdout)
    check = bench.product.run(["contract", "check", contract, "--to", "suppliers"])
    assert check.exit == 0, check.describe()
    run = bench.product.load([path, "--contract", contract])
    assert run.exit == 0, run.describe()
    assert bench.rows("SELECT city, since, \"to\" FROM suppliers JOIN contacts ON id = suppliers_id JOIN emails ON n = contacts_n") == [
        ("Recife", "2024-02-29", "a@b")
    ]  # fmt: skip
    # Without the keys it is a draft, and the check says what is missing and where.
    draft = bench.write("draft.yaml", bench.product.run(["contract", "from-file", path]).stdout)
    check = bench.product.run(["contract", "check", draft])
    assert check.exit == 1 and "[contract.parent_key]" in check.output and "line " in check.output, check.describe()
