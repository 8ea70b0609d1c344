"""Avro: our scan beside fastavro, each reading every value. Of bench_formats.py."""

from __future__ import annotations

import datetime
import decimal
import pathlib
import subprocess
import time

import fastavro

SCAN = pathlib.Path(__file__).resolve().parent.parent / "build" / "release" / "eclusa_scan"
SCHEMA = {
    "type": "record",
    "name": "supplier",
    "fields": [
        {"name": "id", "type": "long"},
        {"name": "name", "type": "string"},
        {"name": "document", "type": ["null", "string"]},
        {"name": "city", "type": ["null", "string"]},
        {"name": "limit", "type": ["null", "double"]},
        {"name": "total", "type": {"type": "bytes", "logicalType": "decimal", "precision": 14, "scale": 2}},
        {"name": "since", "type": ["null", {"type": "int", "logicalType": "date"}]},
        {"name": "changed", "type": {"type": "long", "logicalType": "timestamp-micros"}},
        {"name": "active", "type": "boolean"},
        {"name": "kind", "type": {"type": "enum", "name": "kind", "symbols": ["PJ", "PF", "EX"]}},
    ],
}


def make(path: pathlib.Path, rows: int, codec: str = "deflate") -> None:
    def records():  # type: ignore[no-untyped-def]
        day = datetime.date(2020, 1, 1)
        moment = datetime.datetime(2024, 1, 1, tzinfo=datetime.timezone.utc)
        for n in range(rows):
            yield {
                "id": n,
                "name": f"Fornecedor número {n * 7919 % 1_000_003}",
                "document": f"{n * 104729 % 10**14:014}" if n % 9 else None,
                "city": ("São Paulo", "Recife", "Curitiba", None)[n % 4],
                "limit": n / 8 if n % 5 else None,
                "total": decimal.Decimal(n * 31 % 10**9).scaleb(-2),
                "since": day + datetime.timedelta(days=n % 2000) if n % 3 else None,
                "changed": moment + datetime.timedelta(seconds=n),
                "active": n % 2 == 0,
                "kind": ("PJ", "PF", "EX")[n % 3],
            }

    with path.open("wb") as out:
        fastavro.writer(out, fastavro.parse_schema(SCHEMA), records(), codec=codec)


def scan(path: pathlib.Path) -> float:
    """Seconds of our scan, as it says itself."""
    said = subprocess.run([SCAN, path], check=True, capture_output=True, text=True).stdout
    return float(said.split()[-1])


def rival_fastavro(path: pathlib.Path) -> float:
    begin = time.perf_counter()
    with path.open("rb") as file:
        for _ in fastavro.reader(file):
            pass
    return time.perf_counter() - begin


CONTENDERS = {"eclusa": scan, "fastavro": rival_fastavro}
