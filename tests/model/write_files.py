"""Writes a scenario's files: CSV as text, Parquet typed, and the contract where one is needed."""

from __future__ import annotations

import decimal
import pathlib

import pyarrow  # type: ignore[import-untyped]
import pyarrow.parquet  # type: ignore[import-untyped]

from tests.model.generate import Scenario
from tests.model.model import Cell, File
from tests.model.tables import Table

ARROW_TYPES = {
    "integer": pyarrow.int64(),
    "small": pyarrow.int32(),
    "boolean": pyarrow.bool_(),
    "date": pyarrow.date32(),
    "numeric(6,2)": pyarrow.decimal128(10, 2),
}


def write(scenario: Scenario, folder: pathlib.Path) -> None:
    for file in scenario.load.files:
        if scenario.format == "csv":
            (folder / file.name).write_bytes(csv_text(file).encode())
        else:
            pyarrow.parquet.write_table(_arrow_table(scenario.table, file), folder / file.name)
    if scenario.load.strict:
        (folder / "contract.yaml").write_text(_contract(scenario.table))


def csv_text(file: File) -> str:
    """An unquoted empty field is null, a quoted one is the empty text."""
    lines = [",".join(file.columns)]
    for row in file.rows:
        # A row that cannot be read has one field too many.
        cells = ("1",) * (len(file.columns) + 1) if row is None else row
        lines.append(",".join(_field(cell) for cell in cells))
    return "".join(line + "\n" for line in lines)


def _field(cell: Cell) -> str:
    if cell is None:
        return ""
    if cell == "" or any(character in cell for character in ',"\n'):
        return '"' + cell.replace('"', '""') + '"'
    return cell


def _arrow_table(table: Table, file: File) -> pyarrow.Table:
    columns = {}
    for index, name in enumerate(file.columns):
        type_name = "text" if name == "op" else table.column(name).type.name
        arrow_type = ARROW_TYPES.get(type_name, pyarrow.string())
        cells = [row[index] for row in file.rows if row is not None]
        values = [None if cell is None else _arrow_value(table, name, cell) for cell in cells]
        columns[name] = pyarrow.array(values, arrow_type)
    return pyarrow.table(columns)


def _arrow_value(table: Table, name: str, cell: str) -> object:
    type_name = "text" if name == "op" else table.column(name).type.name
    if type_name not in ARROW_TYPES:
        return cell
    value = table.column(name).type.parse(cell)
    if isinstance(value, decimal.Decimal):
        return value.quantize(decimal.Decimal("0.01"))
    return value


def _contract(table: Table) -> str:
    """Says of the table what the table says itself, and asks for strict operations."""
    logical = {"integer": "integer", "small": "integer", "boolean": "boolean", "date": "date"}
    lines = [
        "apiVersion: v3.1.0",
        "kind: DataContract",
        "id: urn:eclusa:model",
        "name: model",
        "version: 1.0.0",
        "status: active",
        "schema:",
        "  - name: t",
        "    logicalType: object",
        "    physicalName: t",
        "    customProperties:",
        "      - {property: eclusa.operationColumn, value: op}",
        "      - {property: eclusa.strictOperations, value: true}",
        "    properties:",
    ]
    for column in table.columns:
        kind = column.type.name
        words = [f"name: {column.name}"]
        words.append(f"logicalType: {logical.get(kind, 'number' if 'num' in kind else 'string')}")
        if column.name in table.primary_key:
            position = table.primary_key.index(column.name) + 1
            words += ["primaryKey: true", f"primaryKeyPosition: {position}"]
        if column.not_null:
            words.append("required: true")
        lines.append(f"      - {{{', '.join(words)}}}")
    return "\n".join(lines) + "\n"
