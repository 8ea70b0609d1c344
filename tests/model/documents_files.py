"""Writes a scenario's files: documents as NDJSON, a JSON array, or nested Parquet."""

from __future__ import annotations

import json
import pathlib
import random
from collections.abc import Mapping
from typing import Any

import pyarrow  # type: ignore[import-untyped]
import pyarrow.parquet  # type: ignore[import-untyped]

from tests.model.documents_generate import DocumentScenario
from tests.model.documents_model import DocumentFile, Item, walk
from tests.model.documents_tables import Schema
from tests.model.tables import BadText
from tests.model.write_files import ARROW_TYPES

# Values of these are numbers in JSON, where they are sound.
NUMBERS = ("integer", "small", "numeric", "numeric(6,2)")


def write(scenario: DocumentScenario, folder: pathlib.Path) -> None:
    (folder / "contract.yaml").write_text(scenario.contract())
    for number, file in enumerate(scenario.load.files):
        if file.name.endswith(".parquet"):
            order = random.Random(f"{scenario.seed} {number}")
            pyarrow.parquet.write_table(_arrow(scenario.schema, file, order), folder / file.name)
            continue
        texts = [json_text(scenario.schema, document) for document in file.documents]
        array = file.name.endswith(".json")
        text = "[" + ",\n".join(texts) + "]\n" if array else "".join(t + "\n" for t in texts)
        (folder / file.name).write_text(text)


def json_text(schema: Schema, item: Item | None, more: Mapping[str, object] = {}) -> str:
    """The document with `more` members behind its own."""
    return _object_text(schema, 0, item, more)


def _object_text(
    schema: Schema, node: int, item: Item | None, more: Mapping[str, object] = {}
) -> str:
    if item is None:
        return "null"
    members = []
    for name, cell in item.cells.items():
        kind = "text" if name == "op" else schema.nodes[node].table.column(name).type.name
        members.append(f"{json.dumps(name)}: {_value_text(schema, node, name, kind, cell)}")
    for child, items in item.lists.items():
        texts = "null"
        if items is not None:
            texts = "[" + ", ".join(_object_text(schema, child, below) for below in items) + "]"
        members.append(f"{json.dumps(schema.nodes[child].list_name)}: {texts}")
    members += [f"{json.dumps(name)}: {json.dumps(value)}" for name, value in more.items()]
    return "{" + ", ".join(members) + "}"


def _value_text(schema: Schema, node: int, name: str, kind: str, cell: str | None) -> str:
    if cell is None:
        return "null"
    if kind == "boolean" and cell in ("true", "false"):
        return cell
    if kind in NUMBERS:
        try:
            schema.nodes[node].table.column(name).type.parse(cell)
        except BadText:
            return json.dumps(cell)
        return cell
    return json.dumps(cell)


def _arrow(schema: Schema, file: DocumentFile, order: random.Random) -> pyarrow.Table:
    kind = _struct_type(schema, file, 0, order)
    rows = [_object(schema, 0, document) for document in file.documents]
    array = pyarrow.array(rows, kind)
    return pyarrow.Table.from_arrays(array.flatten(), schema=pyarrow.schema(list(kind)))


def _struct_type(
    schema: Schema, file: DocumentFile, node: int, order: random.Random
) -> pyarrow.StructType:
    """Fields in an order of the file's own; a list that no document has may not be there at all."""
    assert file.columns is not None
    table = schema.nodes[node].table
    fields = []
    for name in file.columns[node]:
        type_name = "text" if name == "op" else table.column(name).type.name
        fields.append(pyarrow.field(name, ARROW_TYPES.get(type_name, pyarrow.string())))
    for child in schema.children(node):
        stated = any(_states(document, child) for document in file.documents)
        if stated or order.random() < 0.5:
            items = _struct_type(schema, file, child, order)
            fields.append(pyarrow.field(schema.nodes[child].list_name, pyarrow.list_(items)))
    order.shuffle(fields)
    return pyarrow.struct(fields)


def _states(document: Item, child: int) -> bool:
    return any(item and item.lists.get(child) is not None for _, item in walk(document))


def _object(schema: Schema, node: int, item: Item | None) -> dict[str, Any] | None:
    if item is None:
        return None
    table = schema.nodes[node].table
    values: dict[str, Any] = {}
    for name, cell in item.cells.items():
        kind = "text" if name == "op" else table.column(name).type.name
        typed = cell is not None and kind in ARROW_TYPES
        values[name] = table.column(name).type.parse(cell) if typed and cell is not None else cell
    for child, items in item.lists.items():
        if items is not None:
            name = schema.nodes[child].list_name
            values[name] = [_object(schema, child, below) for below in items]
    return values
