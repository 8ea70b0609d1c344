"""The data of the formats bench: flat suppliers of 22 members, and suppliers with three contacts each.

The same for the same number of rows; about 480 bytes a flat row, 700 a document.
"""

from __future__ import annotations

import json
import pathlib
from collections.abc import Iterator
from typing import Any

import pyarrow  # type: ignore[import-untyped]
import pyarrow.parquet  # type: ignore[import-untyped]

# As DuckDB's reader is asked for them: texts, for that is what the scan beside it gives.
_FLAT = (
    "id", "tenant", "code", "legal_name", "trade_name", "cnpj", "state_reg", "email", "phone", "street",
    "number", "district", "city", "uf", "zip", "credit_limit", "discount", "active", "blocked", "since",
    "updated_at", "category_id",
)  # fmt: skip
FLAT_TYPES = repr({name: "VARCHAR" for name in _FLAT})
_CONTACT = ("id", "nome", "cpf", "nascimento", "email")
NESTED_TYPES = repr({
    **{name: "VARCHAR" for name in ("pk", "id", "codigo", "nome", "criado_em", "fornecedor")},
    "contatos": f"STRUCT({', '.join(f'{name} VARCHAR' for name in _CONTACT)})[]",
})  # fmt: skip

CITIES = ("São Paulo", "Rio de Janeiro", "Belo Horizonte", "Niterói", "Goiânia")
STATES = ("SP", "RJ", "MG", "RJ", "GO")
ROW_GROUP_ROWS = 122_880


def _hex(number: int, seed: int, digits: int) -> str:
    return f"{(number * 0x9E3779B97F4A7C15 + seed * 0xBF58476D1CE4E5B9) % 16**digits:0{digits}x}"


def _uuid(number: int, seed: int) -> str:
    text = _hex(number, seed, 32)
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def flat(rows: int) -> Iterator[dict[str, Any]]:
    for g in range(1, rows + 1):
        yield {
            "id": _uuid(g, 1),
            "tenant": 2531,
            "code": f"F{g:08d}",
            "legal_name": f"FORNECEDOR {_hex(g, 2, 18)} COMERCIO E SERVICOS LTDA",
            "trade_name": None if g % 3 == 0 else f"FANTASIA {_hex(g, 3, 12)}",
            "cnpj": f"{g * 7919 % 99999999999999:014d}",
            "state_reg": None if g % 4 == 0 else f"{g * 31:012d}",
            "email": f"contato{g}@{_hex(g, 4, 10)}.com.br",
            "phone": f"+55 21 9{g % 100000000:08d}",
            "street": f"RUA {_hex(g, 5, 22)}",
            "number": str(g % 9999),
            "district": f"BAIRRO {_hex(g, 6, 8)}",
            "city": CITIES[g % 5],
            "uf": STATES[g % 5],
            "zip": f"{g % 99999999:08d}",
            "credit_limit": round(g % 1000000 / 7, 2),
            "discount": g % 900 / 10,
            "active": g % 10 != 0,
            "blocked": g % 50 == 0,
            "since": f"20{g % 25:02d}-{1 + g % 12:02d}-{1 + g % 28:02d}",
            "updated_at": f"2024-01-{1 + g % 28:02d}T{g % 24:02d}:{g % 60:02d}:00Z",
            "category_id": 1 + g % 500,
        }


def nested(rows: int) -> Iterator[dict[str, Any]]:
    for g in range(1, rows + 1):
        yield {
            "pk": _uuid(g, 1),
            "id": f"{g * 7919 % 99999999999999:014d}",
            "codigo": f"F{g:08d}",
            "nome": f"FORNECEDOR {_hex(g, 2, 18)} COMERCIO LTDA",
            "criado_em": None if g % 5 == 0 else f"20{g % 25:02d}-{1 + g % 12:02d}-{1 + g % 28:02d}",
            "fornecedor": g % 10 != 0,
            "contatos": [
                {
                    "id": _uuid(3 * g + i, 7),
                    "nome": f"Conceição {_hex(3 * g + i, 8, 10)}",
                    "cpf": f"{(3 * g + i) * 7907 % 99999999999:011d}",
                    "nascimento": None if i == 0 else f"19{g % 99:02d}-{1 + g % 12:02d}-{1 + g % 28:02d}",
                    "email": f"contato{3 * g + i}@exemplo.com.br",
                }
                for i in range(3)
            ],
        }  # fmt: skip


def _write_lines(path: pathlib.Path, rows: Iterator[dict[str, Any]]) -> None:
    encoder = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
    with path.open("w", encoding="utf-8") as file:
        for row in rows:
            file.write(encoder.encode(row) + "\n")


def write_flat(path: pathlib.Path, rows: int) -> None:
    _write_lines(path, flat(rows))


def write_nested(path: pathlib.Path, rows: int) -> None:
    _write_lines(path, nested(rows))


def write_parquet(path: pathlib.Path, rows: int) -> None:
    table = pyarrow.Table.from_pylist(list(nested(rows)))
    pyarrow.parquet.write_table(table, path, compression="zstd", row_group_size=ROW_GROUP_ROWS)
