"""eclusa convert: random documents through chains of formats, the supplier sample into tables, bad input.

    ECLUSA_READER_SEEDS=200 tools/with_postgres.sh python -m pytest tests/e2e/test_convert.py
"""

from __future__ import annotations

import decimal
import json
import os
import pathlib
import random
import re
import subprocess
import sys
from typing import Any

import fastavro
import pytest

from tests.e2e.conftest import Bench
from tests.product import ROOT, Eclusa, Run

SEEDS = range(int(os.environ.get("ECLUSA_READER_SEEDS", "12")))
CONTRACT = str(ROOT / "examples" / "contracts" / "fornecedores-documentos.yaml")
SAMPLES = ROOT / "examples" / "suppliers"
TEXTS = ("", " ", "0", "007", "1.10", "null", "true", "[]", "{}", "a,b", 'x"y', "l\nm", "r\r\n", "São", "😀", "\\", "\x1f", "'", ";", "NaN", "-0")  # fmt: skip


def convert(folder: pathlib.Path, *arguments: str) -> Run:
    return Eclusa("").run(["convert", *arguments], folder=folder)


def convert_well(folder: pathlib.Path, *arguments: str) -> None:
    run = convert(folder, *arguments)
    assert run.exit == 0, run.describe()


# --- documents of one shape, each leaf of one kind, as databases give them ---


class Shapes:
    def __init__(self, dice: random.Random) -> None:
        self.dice = dice

    def leaf(self) -> Any:
        scale = self.dice.randrange(0, 6)
        return self.dice.choice(
            [
                lambda d: d.choice(TEXTS),
                lambda d: decimal.Decimal(d.randint(-(10**20), 10**20)).scaleb(-scale),
                lambda d: d.randint(-(2**63), 2**63 - 1),
                lambda d: d.random() < 0.5,
                lambda d: decimal.Decimal(d.randint(1, 9)).scaleb(d.choice([-300, 300])),
            ]
        )

    def shape(self, depth: int) -> Any:
        """A function that makes values."""
        if depth == 0 or self.dice.random() < 0.5:
            return self.maybe(self.leaf())
        if self.dice.random() < 0.4:
            item = self.maybe(self.leaf())
            return self.maybe(lambda d: [item(d) for _ in range(d.randrange(4))])
        members = {f"m{n}": self.shape(depth - 1) for n in range(self.dice.randrange(1, 4))}
        one = lambda d: {name: make(d) for name, make in members.items()}  # noqa: E731
        if self.dice.random() < 0.5:
            return self.maybe(one)
        return self.maybe(lambda d: [one(d) for _ in range(d.randrange(4))])

    def maybe(self, make: Any) -> Any:
        return lambda d: None if d.random() < 0.15 else make(d)


def read(path: pathlib.Path) -> list[Any]:
    text = path.read_text(encoding="utf-8")
    number = decimal.Decimal
    if path.suffix == ".jsonl":
        return [json.loads(line, parse_float=number, parse_int=number) for line in text.split("\n") if line]
    return list(json.loads(text, parse_float=number, parse_int=number))


def dumped(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(k)}:{dumped(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(dumped(v) for v in value) + "]"
    return str(value) if isinstance(value, decimal.Decimal) else json.dumps(value)


def as_text(value: Any) -> Any:
    """What CSV keeps of a value outside of its JSON columns."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return decimal.Decimal(value)


def same_texts(found: Any, expected: Any) -> bool:
    if isinstance(expected, decimal.Decimal):
        return isinstance(found, str) and decimal.Decimal(found) == expected
    return bool(found == expected)


@pytest.mark.parametrize("seed", SEEDS)
def test_documents_come_back_through_every_chain_of_formats(tmp_path: pathlib.Path, seed: int) -> None:
    dice = random.Random(seed)
    make = {f"f{n}": Shapes(dice).shape(3) for n in range(dice.randrange(1, 6))}
    documents = [{name: one(dice) for name, one in make.items()} for _ in range(dice.randrange(1, 60))]
    (tmp_path / "0.json").write_text("[" + ",\n".join(map(dumped, documents)) + "]", encoding="utf-8")
    expected = read(tmp_path / "0.json")
    at = "0.json"
    chain = []
    for step in range(1, 6):
        ending = dice.choice(["json", "jsonl", "parquet", "avro"])
        nested = dice.choice(["native", "json"]) if ending in ("parquet", "avro") else "native"
        to = f"{step}.{ending}"
        chain.append(f"{to} {nested}")
        convert_well(tmp_path, at, to, "--nested", nested)
        at = to
    convert_well(tmp_path, at, "end.json")
    assert read(tmp_path / "end.json") == expected, chain
    # CSV knows texts only; what is nested is JSON, and whole.
    convert_well(tmp_path, at, "flat.csv")
    nested_names = [n for n in make if any(isinstance(d[n], (dict, list)) for d in expected)]
    flags = ["--json-columns", ",".join(nested_names)] if nested_names else []
    convert_well(tmp_path, "flat.csv", "flat.json", *flags)
    for found, document in zip(read(tmp_path / "flat.json"), expected, strict=True):
        for name, value in document.items():
            if name in nested_names:
                assert found[name] == value, (name, chain)
            else:
                assert same_texts(found[name], as_text(value)), (name, chain)


@pytest.mark.parametrize("ending", ["parquet", "avro"])
def test_a_number_has_its_digits_and_a_text_its_zeros(tmp_path: pathlib.Path, ending: str) -> None:
    text = '{"id":"00191","v":1.10,"n":12,"big":1e400,"e":"","z":null,"m":[1,"a"]}\n'
    (tmp_path / "a.jsonl").write_text(text)
    convert_well(tmp_path, "a.jsonl", f"a.{ending}", "--mixed", "json")
    convert_well(tmp_path, f"a.{ending}", "b.jsonl")
    assert (tmp_path / "b.jsonl").read_text() == text


def test_mixed_kinds_are_told_and_kept_where_that_is_asked(tmp_path: pathlib.Path) -> None:
    (tmp_path / "a.json").write_text('[{"a":"007"},{"a":7},{"a":true}]')
    run = convert(tmp_path, "a.json", "a.parquet")
    assert run.exit == 0 and "a holds values of several kinds (text, number, boolean)" in run.stdout
    convert_well(tmp_path, "a.parquet", "b.json")
    assert [d["a"] for d in read(tmp_path / "b.json")] == ["007", "7", "true"]
    convert_well(tmp_path, "a.json", "c.parquet", "--mixed", "json")
    convert_well(tmp_path, "c.parquet", "d.json")
    assert read(tmp_path / "d.json") == read(tmp_path / "a.json")


def test_rows_that_cannot_be_converted_are_told_and_kept(tmp_path: pathlib.Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"criado_em":"2024-02-30","nome":"x"}\n{"nome":\n{"criado_em":"2024-02-29"}\n')
    run = convert(tmp_path, "a.jsonl", "a.parquet", "--contract", CONTRACT, "--failures", "f.jsonl", "--json")
    assert run.exit == 3, run.describe()
    assert json.loads(run.stdout)["rows"] == {"read": 3, "written": 1, "failed": 2}
    assert "row 1, line 1: criado_em is not a date: 2024-02-30 [type.date]" in run.stderr
    assert "row 2, line 2" in run.stderr
    kept = [json.loads(line) for line in (tmp_path / "f.jsonl").read_text().splitlines()]
    assert kept[0]["nome"] == "x" and kept[0]["_eclusa_errors"][0]["code"] == "type.date"
    assert kept[1]["_eclusa_raw"] == '{"nome":'


def test_members_that_are_called_as_ours_are_kept(tmp_path: pathlib.Path) -> None:
    text = '{"_eclusa_row":1,"_eclusa_document":"x"}\n{"_eclusa_row":2,"_eclusa_document":null}\n'
    (tmp_path / "a.jsonl").write_text(text)
    convert_well(tmp_path, "a.jsonl", "b.jsonl")
    assert (tmp_path / "b.jsonl").read_text() == text
    convert_well(tmp_path, "a.jsonl", "a.parquet", "--failures", "f.jsonl")
    convert_well(tmp_path, "a.parquet", "c.jsonl")
    assert (tmp_path / "c.jsonl").read_text() == text


def test_a_contract_reads_csv_in_its_dialect(tmp_path: pathlib.Path) -> None:
    dialect = '{decimal: ",", thousands: ".", datePatterns: [dd/MM/yyyy], booleans: pt}'
    (tmp_path / "c.yaml").write_text(f"""
apiVersion: v3.1.0
kind: DataContract
id: urn:t
name: t
version: 1.0.0
status: active
schema:
  - name: t
    logicalType: object
    physicalName: t
    customProperties:
      - {{property: eclusa.dialect, value: {dialect}}}
    properties:
      - {{name: doc, logicalType: string}}
      - {{name: v, logicalType: number, physicalType: "numeric(14,2)"}}
      - {{name: n, logicalType: number}}
      - {{name: d, logicalType: date}}
      - {{name: b, logicalType: boolean}}
      - {{name: i, logicalType: integer, physicalType: integer}}
""")
    (tmp_path / "a.csv").write_text("doc;v;n;d;b;i;more\n00191;1.234,50;0,125;31/12/2024;S;42;1,0\n7;1,505;;;;3000000000;\n")
    run = convert(tmp_path, "a.csv", "a.parquet", "--contract", "c.yaml")
    assert run.exit == 3, run.describe()
    assert "row 2, line 3: v has more digits than numeric(14,2) keeps: 1,505 [number.scale]" in run.stderr
    assert "row 2, line 3: i does not fit into integer: 3000000000 [number.overflow]" in run.stderr
    convert_well(tmp_path, "a.parquet", "b.jsonl")
    kept = '{"doc":"00191","v":1234.50,"n":0.125,"d":"2024-12-31","b":true,"i":42,"more":"1,0"}\n'
    assert (tmp_path / "b.jsonl").read_text() == kept


@pytest.mark.parametrize("seed", SEEDS)
def test_avro_of_others_becomes_what_they_read_in_it(tmp_path: pathlib.Path, seed: int) -> None:
    """fastavro writes, eclusa converts; what comes out is what fastavro reads in the same file."""
    dice = random.Random(seed)
    item = {"type": "record", "name": "item", "fields": [{"name": "n", "type": ["null", "long"]}]}
    kinds: dict[str, tuple[Any, Any]] = {
        "text": (["null", "string"], lambda: dice.choice([None, *TEXTS])),
        "whole": ("long", lambda: dice.randint(-(2**63), 2**63 - 1)),
        "money": (
            {"type": "bytes", "logicalType": "decimal", "precision": 12, "scale": 2},
            lambda: decimal.Decimal(dice.randint(-(10**12) + 1, 10**12 - 1)).scaleb(-2),
        ),
        "yes": ("boolean", lambda: dice.random() < 0.5),
        "list": (
            {"type": "array", "items": ["null", item]},
            lambda: [dice.choice([None, {"n": None}, {"n": dice.randrange(9)}]) for _ in range(dice.randrange(4))],
        ),
    }
    fields = [{"name": name, "type": kind} for name, (kind, _) in kinds.items()]
    records = [{name: make() for name, (_, make) in kinds.items()} for _ in range(dice.randrange(1, 200))]
    with (tmp_path / "a.avro").open("wb") as file:
        codec = dice.choice(["null", "deflate", "snappy", "zstandard"])
        schema = fastavro.parse_schema({"type": "record", "name": "row", "fields": fields})
        fastavro.writer(file, schema, records, codec=codec, sync_interval=dice.choice([100, 16000]))
    convert_well(tmp_path, "a.avro", "a.jsonl")
    assert read(tmp_path / "a.jsonl") == [dict(r) for r in records]
    # And what is made of it is Avro that others read.
    convert_well(tmp_path, "a.jsonl", "b.avro")
    with (tmp_path / "b.avro").open("rb") as file:
        assert list(fastavro.reader(file)) == records


@pytest.mark.parametrize("seed", SEEDS)
def test_fixed_width_becomes_what_its_contract_says(tmp_path: pathlib.Path, seed: int) -> None:
    dice = random.Random(seed)
    widths = [dice.randrange(3, 9) for _ in range(4)]
    places = [f"{{property: eclusa.offset, value: {sum(widths[:n])}}}, {{property: eclusa.width, value: {width}}}" for n, width in enumerate(widths)]  # fmt: skip
    (tmp_path / "c.yaml").write_text(
        "apiVersion: v3.1.0\nkind: DataContract\nid: urn:t\nname: t\nversion: 1.0.0\nstatus: active\n"
        "schema:\n  - name: t\n    customProperties:\n"
        '      - {property: eclusa.dialect, value: {headerLines: 1, decimal: ",", nullMarkers: ["NIL"]}}\n'
        "    properties:\n"
        f"      - {{name: code, logicalType: string, customProperties: [{places[0]}]}}\n"
        f"      - {{name: price, logicalType: number, physicalType: 'numeric(9,2)', customProperties: [{places[1]}]}}\n"
        f"      - {{name: note, logicalType: string, customProperties: [{places[2]}]}}\n"
        f"      - {{name: n, logicalType: integer, customProperties: [{places[3]}]}}\n"
    )
    expected, lines = [], ["the header"]
    for _ in range(dice.randrange(1, 100)):
        note = dice.choice(["", "NIL", "São", "é", "x y"])[: widths[2]]
        price = decimal.Decimal(dice.randrange(0, 10 ** (widths[1] - 1))).scaleb(-1)
        row = {
            "code": "".join(dice.choice("01É") for _ in range(dice.randrange(1, widths[0] + 1))),
            "price": dice.choice([None, price]),
            "note": None if note in ("", "NIL") else note,
            "n": dice.randrange(0, 10 ** widths[3]),
        }
        expected.append(row)
        shown = "" if row["price"] is None else str(row["price"]).replace(".", ",")
        cells = [row["code"], shown, note, str(row["n"])]
        lines.append("".join(str(cell).ljust(width) for cell, width in zip(cells, widths, strict=True)))
    (tmp_path / "a.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    ending = dice.choice(["parquet", "avro", "jsonl", "csv"])
    convert_well(tmp_path, "a.txt", f"b.{ending}", "--contract", "c.yaml")
    if ending == "csv":
        plain = (tmp_path / "c.yaml").read_text().replace("headerLines: 1, ", "").replace('decimal: ",", ', "")
        (tmp_path / "plain.yaml").write_text(re.sub(r", customProperties: \[.*offset.*\]", "", plain))
        convert_well(tmp_path, "b.csv", "c.jsonl", "--contract", "plain.yaml")
    elif ending != "jsonl":
        convert_well(tmp_path, f"b.{ending}", "c.jsonl")
    assert read(tmp_path / ("b.jsonl" if ending == "jsonl" else "c.jsonl")) == expected


def test_a_binary_file_is_refused_or_told_whatever_its_name(tmp_path: pathlib.Path) -> None:
    (tmp_path / "known.csv").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)))
    dice = random.Random(1)
    (tmp_path / "noise.csv").write_bytes(bytes(dice.randrange(256) for _ in range(5000)))
    for name in ("known.csv", "noise.csv"):
        run = convert(tmp_path, name, "out.parquet")
        assert run.exit == 1 and "[file.unknown_format]" in run.stderr, run.describe()
        assert not (tmp_path / "out.parquet").exists()


@pytest.mark.parametrize("ending", ["csv", "json", "jsonl", "avro", "parquet"])
def test_a_full_disk_is_told_and_leaves_nothing(tmp_path: pathlib.Path, ending: str) -> None:
    (tmp_path / "a.csv").write_text("a,b\n" + "".join(f"{n},{n * 7919 % 10007}\n" for n in range(100_000)))
    run = convert(tmp_path, "a.csv", "/dev/full", "--to-format", ending)
    assert run.exit == 1 and "[file.disk_full]" in run.stderr and "next: " in run.stderr, run.describe()
    # In the middle: a limit on the size of files, which the system tells in the place of a full disk.
    process = subprocess.run(
        ["sh", "-c", 'ulimit -f 64; trap "" XFSZ; exec "$@"', "sh", Eclusa("").binary, "convert", "a.csv", f"out.{ending}"],
        cwd=tmp_path, capture_output=True, text=True,
    )  # fmt: skip
    assert process.returncode == 1 and f"out.{ending}" in process.stderr, process.stderr
    assert "next: " in process.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.csv"]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["in.json", "folder", "--to-format", "json"], "file.is_folder"),
        (["in.json", "in.json"], "convert.same_file"),
        (["in.json", "link.json"], "convert.same_file"),
        (["in.json", "out.csv", "--failures", "out.csv"], "convert.same_file"),
        (["in.json", "nowhere/out.csv"], "file.no_folder"),
        (["in.json", "out.xlsx"], "convert.unknown_ending"),
        (["none.json", "out.csv"], "file.not_found"),
        (["empty.json", "out.parquet"], "convert.no_columns"),
        (["twice.csv", "out.json"], "convert.duplicate_column"),
        (["twice.csv", "out.csv", "--json-columns", "c"], "convert.json_column"),
    ],
)
def test_bad_input_is_refused_and_leaves_nothing(tmp_path: pathlib.Path, arguments: list[str], code: str) -> None:
    (tmp_path / "in.json").write_text('{"a":1}')
    (tmp_path / "link.json").symlink_to("in.json")
    (tmp_path / "empty.json").write_text("")
    (tmp_path / "twice.csv").write_text("a,a\n1,2\n")
    (tmp_path / "folder").mkdir()
    before = sorted(tmp_path.iterdir())
    run = convert(tmp_path, *arguments)
    assert run.exit == 1 and f"[{code}]" in run.stderr, run.describe()
    assert sorted(tmp_path.iterdir()) == before
    portuguese = convert(tmp_path, *arguments, "--lang", "pt")
    assert f"[{code}]" in portuguese.stderr and "próximo passo" in portuguese.stderr


# --- the supplier sample ---

COLUMNS = {"ns.pessoas": "*", "ns.contatos": "*", "ns.enderecos": "*", "ns.emails": "*"}


def tables_of(bench: Bench, path: pathlib.Path, contract: str) -> tuple[Run, dict[str, list[tuple[str, ...]]]]:
    bench.run_sql("DROP SCHEMA IF EXISTS ns CASCADE")
    bench.run_sql((SAMPLES / "tables.sql").read_text(encoding="utf-8"))
    run = bench.product.load([str(path), "--to", "ns.pessoas", "--contract", contract])
    return run, {table: bench.rows(f"SELECT * FROM {table} ORDER BY 1") for table in COLUMNS}


def test_the_supplier_sample_loads_the_same_from_json_and_parquet(bench: Bench) -> None:
    made = [sys.executable, str(SAMPLES / "make_samples.py"), str(bench.folder), bench.product.binary]
    subprocess.run(made, check=True, capture_output=True)
    run, from_json = tables_of(bench, bench.folder / "fornecedores.json", CONTRACT)
    assert run.exit == 0, run.describe()
    assert len(from_json["ns.pessoas"]) == 50 and len(from_json["ns.contatos"]) > 50
    run, from_parquet = tables_of(bench, bench.folder / "fornecedores.parquet", CONTRACT)
    assert run.exit == 0, run.describe()
    assert from_parquet == from_json
    # The contract's word for lost zeros puts back those of documents, but for one that would be a CPF
    # as well as a CNPJ. The zeros of codes follow no rule: nobody can know them.
    run, from_pandas = tables_of(bench, bench.folder / "fornecedores_pandas.parquet", CONTRACT)
    assert run.exit == 3, run.describe()
    (unknown,) = bench.product.failures(run.report().job_id)
    assert [(reason.code, reason.value) for reason in unknown.reasons] == [("document.cpf_or_cnpj", "191")]
    (lost,) = [row[0] for row in from_json["ns.pessoas"] if row[1] == "00000000000191"]
    for table, rows in from_json.items():
        owner = 0 if table == "ns.pessoas" else 1
        known = [row for row in rows if row[owner] != lost]
        if table == "ns.pessoas":
            assert {row[2] for row in from_pandas[table]} == {row[2].lstrip("0") for row in known}
            known = [(*row[:2], row[2].lstrip("0"), *row[3:]) for row in known]
        assert from_pandas[table] == known, table
    # Without it they are reasons.
    text = pathlib.Path(CONTRACT).read_text(encoding="utf-8")
    strict = bench.write("strict.yaml", text.replace("eclusa.padZeros, value: true", "eclusa.padZeros, value: false"))
    run, _ = tables_of(bench, bench.folder / "fornecedores_pandas.parquet", strict)
    assert run.exit == 3, run.describe()
    failed = bench.product.failures(run.report().job_id)
    zeros = [row for row in from_json["ns.pessoas"] if row[1].startswith("0")]
    assert len(zeros) >= 10 and len(failed) == len(zeros)
    assert all(row.codes == {"document.cpf_or_cnpj"} for row in failed)


def test_the_sample_that_ships_is_what_its_script_makes(tmp_path: pathlib.Path) -> None:
    subprocess.run([sys.executable, str(SAMPLES / "make_samples.py"), str(tmp_path)], check=True)
    assert (tmp_path / "fornecedores.json").read_bytes() == (SAMPLES / "fornecedores.json").read_bytes()
