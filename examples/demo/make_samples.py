"""Makes the sample files of the demo: what an ERP exports, mistakes included.

    python3 examples/demo/make_samples.py examples/demo

fornecedores.csv  suppliers: semicolons, decimal comma, dd/mm/yyyy, Windows-1252, masked documents
titulos.parquet   payables that refer to them
Seeded: the same files each time. Names and documents are invented; check digits are computed.
"""

import datetime
import decimal
import pathlib
import random
import sys

import pyarrow as pa
import pyarrow.parquet as pq

SUPPLIERS = 2_000
TITLES = 10_000
WORDS = ["Comércio", "Indústria", "Transportes", "Alimentação", "Construções", "Elétrica", "Pães",
         "Mecânica", "Papelaria", "Química", "Têxtil", "Logística"]
NAMES = ["São João", "Açucena", "Goiânia", "Ipê", "Paraná", "Três Irmãos", "Conceição", "Araújo",
         "Brandão", "Magalhães", "Muñoz", "Estrela"]
CITIES = [("São Paulo", "SP"), ("Niterói", "RJ"), ("Goiânia", "GO"), ("Maceió", "AL"),
          ("Florianópolis", "SC"), ("Belém", "PA"), ("Cuiabá", "MT")]


def digit(digits, weights):
    rest = sum(d * w for d, w in zip(digits, weights)) % 11
    return 0 if rest < 2 else 11 - rest


def cnpj(number):
    base = [int(c) for c in f"{number:08d}0001"]
    first = digit(base, [5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2])
    second = digit(base + [first], [6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2])
    text = "".join(map(str, base + [first, second]))
    return f"{text[:2]}.{text[2:5]}.{text[5:8]}/{text[8:12]}-{text[12:]}"


def cpf(number):
    base = [int(c) for c in f"{number:09d}"]
    first = digit(base, range(10, 1, -1))
    second = digit(base + [first], range(11, 1, -1))
    text = "".join(map(str, base + [first, second]))
    return f"{text[:3]}.{text[3:6]}.{text[6:9]}-{text[9:]}"


def money(cents):
    whole, rest = divmod(cents, 100)
    return f"{whole:,}".replace(",", ".") + f",{rest:02d}"


def supplier(code, rng):
    city, state = rng.choice(CITIES)
    day = datetime.date(2005, 1, 1) + datetime.timedelta(days=rng.randrange(7000))
    person = code % 9 == 0
    return [f"{code}", f"{rng.choice(WORDS)} {rng.choice(NAMES)} {code} Ltda",
            cpf(100_000_000 + code * 37) if person else cnpj(10_000_000 + code * 91), city, state,
            money(rng.randrange(0, 90_000_000)), day.strftime("%d/%m/%Y"),
            "S" if code % 10 else "N"]


# One mistake of each kind; the demo mends them with sed.
def spoil(rows):
    rows[101][2] = rows[101][2][:-1] + str((int(rows[101][2][-1]) + 1) % 10)  # check digit
    rows[202][6] = "31/02/2023"                                              # no such day
    rows[303][5] = "1.5OO,00"                                                # letters for zeros
    rows[404][1] = "Razão Social Muito Comprida " * 4                        # too long
    rows[505][1] = ""                                                        # required
    rows[606][4] = "XX"                                                      # no such state
    rows[707][5] = "-350,00"                                                 # against a CHECK
    rows[808][1] = rows[808][1] + "; filial"                                 # a semicolon too many
    rows[909][2] = rows[910][2]                                              # a document twice
    rows[1010][2], rows[1010][6] = "11.111.111/1111-11", "2023-13-01"        # two in one row
    rows[1111][7] = "talvez"                                                 # neither yes nor no


def write_suppliers(path):
    rng = random.Random(20261121)
    rows = [supplier(code, rng) for code in range(1, SUPPLIERS + 1)]
    spoil(rows)
    again = list(rows[1500])
    again[1] += " ME"
    rows.append(again)  # the same key once more: the later row wins
    header = ["Código", "Razão Social", "CNPJ/CPF", "Cidade", "UF", "Limite de Crédito",
              "Data de Cadastro", "Ativo"]
    text = "".join(";".join(row) + "\r\n" for row in [header] + rows)
    path.write_bytes(text.encode("cp1252"))


def write_titles(path):
    rng = random.Random(7)
    days = [datetime.date(2026, 1, 1) + datetime.timedelta(days=rng.randrange(700))
            for _ in range(TITLES)]
    codes = [rng.randrange(1, SUPPLIERS + 1) for _ in range(TITLES)]
    codes[4_999] = 9_999_999  # nobody
    values = [decimal.Decimal(rng.randrange(100, 9_000_000)) / 100 for _ in range(TITLES)]
    table = pa.table({
        "numero": pa.array(range(1, TITLES + 1), pa.int64()),
        "fornecedor": pa.array(codes, pa.int32()),
        "vencimento": pa.array(days, pa.date32()),
        "valor": pa.array(values, pa.decimal128(12, 2)),
    })
    pq.write_table(table, path, compression="zstd")


def main():
    folder = pathlib.Path(sys.argv[1])
    write_suppliers(folder / "fornecedores.csv")
    write_titles(folder / "titulos.parquet")


if __name__ == "__main__":
    main()
