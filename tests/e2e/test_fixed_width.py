"""Files of fixed width: the example that ships, and the loop of their failures."""

from __future__ import annotations

import csv
import io

import pytest

from tests.e2e.conftest import Bench
from tests.product import EXIT_LOADED_WITH_FAILURES, ROOT

EXAMPLE = ROOT / "examples" / "samples" / "base_teste.txt"
CONTRACT = ROOT / "examples" / "contracts" / "base_teste.yaml"
TABLE = """CREATE TABLE compras (cpf varchar(11), private boolean, incompleto boolean,
  data_ultima_compra date, ticket_medio numeric(12,2), ticket_ultima_compra numeric(12,2),
  loja_mais_frequente varchar(14), loja_ultima_compra varchar(14))"""
LOADED = [
    ("11144477735", "f", "f", "2011-12-31", "75.00", "75.00", "44108058000129", "44108058000129"),
    ("11144477735", "t", "t", "null", "null", "null", "null", "null"),
    ("21730689116", "f", "t", "2012-02-29", "0.50", "1250.40", "04740714000197", "90021382000122"),
    ("52998224725", "f", "f", "2013-06-12", "1399.00", "227.81", "12ABC34501DE35", "12ABC34501DE35"),
    ("52998224725", "t", "t", "null", "null", "null", "null", "null"),
]
ROWS = "SELECT * FROM compras ORDER BY cpf, private"


def test_the_example_counts_characters_not_bytes(bench: Bench) -> None:
    header = EXAMPLE.read_bytes().split(b"\n")[0]
    assert (len(header.decode()), len(header)) == (152, 157)
    bench.run_sql(TABLE)
    run = bench.product.load([str(EXAMPLE), "--contract", str(CONTRACT)])
    assert run.exit == 0, run.describe()
    assert bench.rows(ROWS) == LOADED


@pytest.mark.parametrize("encoding", ["utf-8", "windows-1252"])
def test_failed_lines_come_back_as_csv_and_close_their_failures(bench: Bench, encoding: str) -> None:
    contract = bench.folder / "contract.yaml"
    contract.write_text(CONTRACT.read_text().replace("encoding: utf-8", f"encoding: {encoding}"))
    lines = EXAMPLE.read_text().splitlines()
    broken = [
        lines[0],
        lines[1].replace("529.982.247-25", "529.982.247-26"),  # a wrong check digit
        lines[2],
        lines[3].replace("1250,40", "1250.40"),  # not the contract's decimal
        lines[4][:100],  # cut off
        lines[5].replace("2011-12-31", "31 de março"),
    ]
    path = bench.folder / "base.txt"
    path.write_bytes("\r\n".join(broken).encode(encoding))
    bench.run_sql(TABLE)
    run = bench.product.load([str(path), "--contract", str(contract)])
    assert run.exit == EXIT_LOADED_WITH_FAILURES, run.describe()
    job = run.report().job_id
    failed = {row.row: row.codes for row in bench.product.failures(job)}
    assert failed == {1: {"document.cpf"}, 3: {"type.decimal"}, 4: {"row.columns"}, 5: {"type.date"}}

    output = bench.folder / "failed.csv"
    run = bench.product.run(["failures", str(job), "--output", str(output)])
    assert run.exit == 0, run.describe()
    text = output.read_bytes().decode(encoding)
    assert "31 de março" in text
    rows = {row["_eclusa_row"]: row for row in csv.DictReader(io.StringIO(text, newline=""))}
    rows["1"]["CPF"] = "529.982.247-25"
    rows["3"]["TICKET DA ÚLTIMA COMPRA"] = "1250,40"
    rows["5"]["DATA DA ÚLTIMA COMPRA"] = "2011-12-31"
    assert rows["4"]["_eclusa_raw"] == broken[4]
    # NULL is the contract's marker; in CSV an empty field does as well.
    rows["4"] |= {"CPF": "529.982.247-25", "PRIVATE": "1", "INCOMPLETO": "1", "TICKET MÉDIO": "NULL"}
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, list(rows["1"]))
    writer.writeheader()
    writer.writerows(rows.values())
    output.write_bytes(out.getvalue().encode(encoding))
    run = bench.product.run(["resubmit", str(job), str(output), "--json"])
    assert run.exit == 0, run.describe()
    assert bench.rows(ROWS) == LOADED
    assert bench.product.failures(job) == []
