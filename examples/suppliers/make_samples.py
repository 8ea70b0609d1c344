"""Makes the supplier samples: what an ERP's API gives, and what became of it in a data frame.

    python3 examples/suppliers/make_samples.py examples/suppliers [ECLUSA]

fornecedores.json            an envelope of suppliers with contacts and addresses, as the API gives it
fornecedores_pandas.parquet  the same through pandas, which guessed: documents and codes are INT64 and
                             have lost their zeros, columns without a value have the type null
fornecedores.parquet         the same by `eclusa convert` with the contract, where ECLUSA is given

Seeded: the same files each time. Everybody is invented; check digits are computed.
"""

import datetime
import json
import pathlib
import random
import subprocess
import sys
import uuid

import pandas as pd

SUPPLIERS = 50
CONTRACT = pathlib.Path(__file__).resolve().parent.parent / "contracts" / "fornecedores-documentos.yaml"
# Published as valid examples; two begin with a zero.
KNOWN = ["00000000000191", "04740714000197", "90021382000122", "11144477735", "52998224725"]
WORDS = ["Comércio", "Transportes", "Papelaria", "Química", "Pães", "Têxtil", "Elétrica"]
NAMES = ["São João", "Açucena", "Ipê", "Três Irmãos", "Conceição", "Muñoz", "Estrela"]
PEOPLE = ["Ana", "Bruno", "Cecília", "Davi", "Érica", "Fábio", "Inês"]
CITIES = [("São Paulo", "SP", "3550308"), ("Goiânia", "GO", "5208707"), ("Belém", "PA", "1501402")]


def digit(digits, weights):
    rest = sum(d * w for d, w in zip(digits, weights)) % 11
    return 0 if rest < 2 else 11 - rest


def cnpj(root):
    base = [int(c) for c in f"{root:08d}0001"]
    base.append(digit(base, [5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2]))
    base.append(digit(base, [6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2]))
    return "".join(map(str, base))


def cpf(number):
    base = [int(c) for c in f"{number:09d}"]
    base.append(digit(base, range(10, 1, -1)))
    base.append(digit(base, range(11, 1, -1)))
    return "".join(map(str, base))


def moment(dice):
    start = datetime.datetime(2024, 1, 1)
    return (start + datetime.timedelta(seconds=dice.randrange(60_000_000))).isoformat()


def identity(dice):
    return str(uuid.UUID(int=dice.getrandbits(128), version=4))


# The API writes null and the empty text as it likes.
def sometimes(dice, value):
    return dice.choice([value, value, value, None, ""])


def contact(dice):
    name = dice.choice(PEOPLE)
    return {
        "id": identity(dice),
        "nome": f"{name} {dice.choice(NAMES)}",
        "nascimento": dice.choice([None, "1899-12-30", "1980-05-17", "1991-11-02"]),
        "sexo": None,
        "primeiro_nome": sometimes(dice, name),
        "sobre_nome": None,
        "cpf": None,
        "atualizado_em": moment(dice),
    }


def address(dice):
    city, state, code = dice.choice(CITIES)
    return {
        "endereco": identity(dice),
        "tipo_logradouro": dice.choice(["R", "AV", None]),
        "logradouro": f"{dice.choice(NAMES)}, {dice.randrange(1, 999)}",
        "numero": sometimes(dice, f"{dice.randrange(1, 99):03d}"),
        "complemento": None,
        "cep": f"0{dice.randrange(1_000_000, 9_999_999)}",
        "bairro": sometimes(dice, "Centro"),
        "tipo": dice.choice(["local", "entrega", "cobranca"]),
        "uf": dice.choice([state, state.lower()]),
        "ibge": code,
        "cidade": city,
        "atualizado_em": moment(dice),
    }


def supplier(dice, number):
    document = KNOWN[number] if number < len(KNOWN) else None
    if document is None:
        # Every third one begins with a zero.
        document = cnpj(dice.randrange(1_000_000, 9_999_999) * (1 if number % 3 == 0 else 10))
        if number % 12 == 0:
            document = cpf(dice.randrange(1_000_000, 99_999_999))
    return {
        "pk": identity(dice),
        "id": document,
        "codigo": f"{number:06d}",
        "qualificacao": "juridica" if len(document) == 14 else "fisica",
        "nome": f"{dice.choice(WORDS)} {dice.choice(NAMES)} {number}",
        "criado_em": dice.choice([None, "2021-03-04", "2023-12-31"]),
        "atualizado_em": moment(dice),
        "fornecedor": True,
        "vendedor": dice.random() < 0.2,
        "inativo": number % 12 == 5,
        "contatos": [contact(dice) for _ in range(dice.choice([0, 0, 1, 2, 3, 7]))],
        "enderecos": [address(dice) for _ in range(dice.randrange(1, 5))],
        "contas_fornecedores": [],
    }


def main():
    folder = pathlib.Path(sys.argv[1])
    dice = random.Random(20261127)
    suppliers = [supplier(dice, number) for number in range(SUPPLIERS)]
    answer = {"next": None, "prev": None, "result": suppliers}
    source = folder / "fornecedores.json"
    source.write_text(json.dumps(answer, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    # As it was done: a guess at the type of each column, then Parquet.
    frame = pd.DataFrame(suppliers)
    for column in ("id", "codigo"):
        frame[column] = pd.to_numeric(frame[column])
    frame.to_parquet(folder / "fornecedores_pandas.parquet", index=False)
    if len(sys.argv) > 2:
        right = folder / "fornecedores.parquet"
        subprocess.run([sys.argv[2], "convert", source, right, "--contract", CONTRACT], check=True)


if __name__ == "__main__":
    main()
